package email

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"os"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/allclear-status/allclear/notify"
)

// DefaultTimeout is how long the server may take for one step.
const DefaultTimeout = 30 * time.Second

// Config is what the channel needs.
type Config struct {
	URL  string // of the mail server, or of several, divided by commas; see ParseURL
	From string // RFC 5322 address, with or without a name
	// Timeout bounds connecting as a whole, and then every step by itself;
	// 0: DefaultTimeout.
	Timeout time.Duration
	// HelloName is how we introduce ourselves; empty: this machine's name
	// where it is a full one, else the domain of From.
	HelloName string
	// DKIM is what messages are signed with; nil: they are not.
	DKIM *Signer
	// TLSConfig is for tests with certificates of their own.
	TLSConfig *tls.Config
	// Now is the time for pauses; nil: the system's.
	Now func() time.Time
	// Dial makes connections; nil: over the network. It is for tests in virtual
	// time.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Channel sends mail through one server, or through the first of several that
// answers.
type Channel struct {
	relays  []*relay
	from    *mail.Address
	hello   string
	timeout time.Duration
	signer  *Signer
	connect func(ctx context.Context, network, address string) (net.Conn, error)
	designs designs
	letters letters
}

// New checks the config; it does not connect.
func New(cfg Config) (*Channel, error) {
	servers, err := ParseURLs(cfg.URL)
	if err != nil {
		return nil, err
	}
	from, err := sender(cfg.From)
	if err != nil {
		return nil, err
	}
	designs, err := parseDesigns()
	if err != nil {
		return nil, fmt.Errorf("parse the mail templates: %w", err)
	}
	c := &Channel{from: from, hello: helloName(cfg.HelloName, from), timeout: cfg.Timeout, signer: cfg.DKIM, connect: cfg.Dial, designs: designs}
	if c.connect == nil {
		c.connect = (&net.Dialer{}).DialContext
	}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	if strings.ContainsFunc(c.hello, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, fmt.Errorf("the name for HELO is %q; it must be a host name", c.hello)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	for _, server := range servers {
		c.relays = append(c.relays, newRelay(server, cfg.TLSConfig, cfg.Now))
	}
	return c, nil
}

// sender reads the From address. Its domain is written in ASCII, so that no
// server on the way needs SMTPUTF8.
func sender(raw string) (*mail.Address, error) {
	from, err := mail.ParseAddress(raw)
	if err != nil {
		return nil, fmt.Errorf("the sender %q is not an address such as status@example.com or \"Acme <status@example.com>\"", raw)
	}
	at := strings.LastIndexByte(from.Address, '@')
	domain, err := idna.Lookup.ToASCII(from.Address[at+1:])
	if err != nil {
		return nil, fmt.Errorf("the sender %q has a domain that is not one", raw)
	}
	from.Address = from.Address[:at] + "@" + domain
	if err := checkAddress(from.Address); err != nil || strings.ContainsFunc(from.Address, notASCII) {
		err = cmp.Or(err, errors.New("it must be in ASCII, for servers that take nothing else"))
		return nil, fmt.Errorf("the sender %q cannot be used: %w", raw, err)
	}
	return from, nil
}

// checkAddress refuses an address that could not stand alone in a command or a
// header: mail is only ever sent to the plain form. Its domain is in ASCII; what
// stands before the @ may be in any script, for servers that take that.
func checkAddress(address string) error {
	if everydayAddress(address) {
		return nil
	}
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || len(address) > 254 || !utf8.ValidString(address) || strings.ContainsFunc(address[at:], notASCII) ||
		strings.ContainsFunc(address, func(r rune) bool {
			return r <= ' ' || r == 0x7f || strings.ContainsRune(`"(),:;<>[\]`, r) || notASCII(r) && !unicode.IsGraphic(r)
		}) {
		return errors.New("not a plain email address")
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || parsed.Name != "" {
		return errors.New("not a plain email address")
	}
	return nil
}

// everydayAddress says whether an address is one of those that need no second
// look, as nearly all are: letters, digits and the signs between them.
func everydayAddress(address string) bool {
	if len(address) > 254 {
		return false
	}
	ats, before := 0, byte('.') // what stood before the character
	for i := range len(address) {
		c := address[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '+' && ats == 0:
		case c == '@' && before != '.':
			ats++
			c = '.' // what follows is no dot
		case c == '.' && before != '.':
		default:
			return false
		}
		before = c
	}
	return ats == 1 && before != '.'
}

func notASCII(r rune) bool { return r >= utf8.RuneSelf }

// helloName prefers a name that servers accept: some refuse one without a dot,
// as containers have.
func helloName(chosen string, from *mail.Address) string {
	if chosen != "" {
		return chosen
	}
	if host, err := os.Hostname(); err == nil && strings.Contains(host, ".") {
		return host
	}
	return from.Address[strings.LastIndexByte(from.Address, '@')+1:]
}

// Sessions is how many sessions side by side the first server is to get.
func (c *Channel) Sessions() int { return c.relays[0].server.Connections }

// Open connects, secures the connection and signs in.
func (c *Channel) Open(ctx context.Context) (notify.Session, error) {
	line, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	return &session{channel: c, line: line}, nil
}
