package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/idna"

	"github.com/allclear-status/allclear/notify"
)

// DefaultTimeout is how long the server may take for one step.
const DefaultTimeout = 30 * time.Second

// Config is what the channel needs.
type Config struct {
	URL  string // of the mail server, see ParseURL
	From string // RFC 5322 address, with or without a name
	// Timeout bounds connecting as a whole, and then every step by itself;
	// 0: DefaultTimeout.
	Timeout time.Duration
	// HelloName is how we introduce ourselves; empty: this machine's name
	// where it is a full one, else the domain of From.
	HelloName string
	// TLSConfig is for tests with certificates of their own.
	TLSConfig *tls.Config
}

// Channel sends mail through one server.
type Channel struct {
	server    Server
	from      *mail.Address
	hello     string
	timeout   time.Duration
	tlsConfig *tls.Config
	designs   designs
	letters   letters
	doubted   atomic.Int64 // until when, in nanoseconds (see doubt)
}

// New checks the config; it does not connect.
func New(cfg Config) (*Channel, error) {
	server, err := ParseURL(cfg.URL)
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
	c := &Channel{server: server, from: from, hello: helloName(cfg.HelloName, from), timeout: cfg.Timeout, designs: designs}
	if c.timeout <= 0 {
		c.timeout = DefaultTimeout
	}
	if strings.ContainsFunc(c.hello, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, fmt.Errorf("the name for HELO is %q; it must be a host name", c.hello)
	}
	c.tlsConfig = c.newTLSConfig(cfg.TLSConfig)
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
	if err := checkAddress(from.Address); err != nil {
		return nil, fmt.Errorf("the sender %q cannot be used: %w", raw, err)
	}
	return from, nil
}

// checkAddress refuses an address that could not stand alone in a command or a
// header: mail is only ever sent to the plain form.
func checkAddress(address string) error {
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || parsed.Name != "" || len(address) > 254 ||
		strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"(),:;<>[\]`, r) }) {
		return errors.New("not a plain email address")
	}
	return nil
}

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

func (c *Channel) newTLSConfig(given *tls.Config) *tls.Config {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if given != nil {
		cfg = given.Clone()
	} else if c.server.TLS == TLSOpportunistic && c.server.Loopback() {
		// A mail server on this machine usually has a certificate that it made
		// itself, and nobody stands in between.
		cfg.InsecureSkipVerify = true
	}
	if cfg.ServerName == "" {
		cfg.ServerName = c.server.Host
	}
	return cfg
}

// Open connects, secures the connection and signs in.
func (c *Channel) Open(ctx context.Context) (notify.Session, error) {
	line, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	return &session{channel: c, line: line}, nil
}

// connect dials, and leaves out what the server offers and does not do.
func (c *Channel) connect(ctx context.Context) (*line, error) {
	line, err := c.dial(ctx)
	if err == nil && time.Now().UnixNano() < c.doubted.Load() {
		line.pipelining = false
	}
	return line, err
}

// doubtFor is how long a server is sent one command at a time that fell silent
// when it was sent several.
const doubtFor = time.Hour

// doubt notes that the server offered PIPELINING and fell silent in the midst
// of it: some throw away what they did not wait for.
func (c *Channel) doubt() { c.doubted.Store(time.Now().Add(doubtFor).UnixNano()) }
