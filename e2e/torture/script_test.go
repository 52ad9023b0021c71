package torture

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	dice "math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// What the scripted server may do instead of taking a step, besides a reply.
const (
	drops    = "drop"                 // closes the connection
	hangs    = "hang"                 // says nothing more, and waits
	vanishes = "vanish"               // does not even read: half-open
	splits   = "split"                // replies as usual, a byte at a time
	forgets  = "forget"               // throws away what came together with this, in spite of PIPELINING
	slows    = "read slowly"          //
	closes   = "close its side only"  // half-closed
	garbles  = "no TLS"               //
	imposes  = "a wrong certificate"  //
	taken    = "taken, and then "     // at the final dot: it takes the message and …
	refuses  = "554 5.7.1 not wanted" // for good
)

// script is what goes wrong at each step.
var script = map[string][]string{
	"GREETING": {"421 4.3.2 shutting down", "454 4.3.0 later", "554 5.3.2 no service", drops, hangs, vanishes, splits},
	"EHLO":     {"421 4.3.2 shutting down", "502 5.5.1 what?", drops, hangs, splits},
	"STARTTLS": {"454 4.7.0 not now", "501 5.5.4 no", drops, hangs, garbles, imposes},
	"MAIL":     {"421 4.3.2 bye", "450 4.2.0 later", "451 4.7.1 too fast", "452 4.5.3 too many", "550 5.7.1 not you", drops, hangs, vanishes, splits, closes},
	"RCPT":     {"421 4.3.2 bye", "450 4.2.1 busy", "452 4.5.3 too many recipients", "452 4.2.2 full", "503 5.5.1 bad sequence", refuses, drops, hangs, vanishes, splits, forgets},
	"DATA":     {"421 4.3.2 bye", "451 4.3.0 later", "503 5.5.1 bad sequence", refuses, drops, hangs, vanishes, splits},
	"BODY":     {drops, vanishes, slows},
	"DOT":      {"421 4.3.2 bye", "451 4.3.0 disk full", "452 4.3.1 no room", refuses, drops, hangs, taken + drops, taken + hangs, taken + vanishes, taken + closes, splits},
	"RSET":     {"421 4.3.2 bye", "500 5.5.1 what?", drops, hangs},
	"QUIT":     {"500 5.5.1 what?", drops, hangs},
}

// trickster is a mail server that does everything of the script once, in an
// order of its own, and remembers whom it refused for good.
type trickster struct {
	*mailServer
	good, wrong *tls.Config
	ended       chan struct{}

	mu      sync.Mutex
	dice    *dice.Rand
	todo    map[string][]string
	refused map[string]bool // by recipient: what followed is not owed by us
}

func newTrickster(t *testing.T, number uint64) (*trickster, *tls.Config) {
	t.Helper()
	good, trust := certificate(t, "127.0.0.1")
	wrong, _ := certificate(t, "127.0.0.2")
	s := &trickster{good: good, wrong: wrong, ended: make(chan struct{}), dice: dice.New(dice.NewPCG(number, 2)), todo: map[string][]string{}, refused: map[string]bool{}}
	for verb, list := range script {
		s.todo[verb] = slices.Clone(list)
		s.dice.Shuffle(len(list), func(i, j int) { s.todo[verb][i], s.todo[verb][j] = s.todo[verb][j], s.todo[verb][i] })
	}
	s.mailServer = newMailServerOf(t, s.talk)
	t.Cleanup(func() { close(s.ended) }) // before the server waits for its connections
	return s, trust
}

// certificate is one for an address, and a config that trusts it.
func certificate(t *testing.T, address string) (shows, trusts *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: address}, IPAddresses: []net.IP{net.ParseIP(address)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(c)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

// next is what goes wrong at this step, most of the time nothing.
func (s *trickster) next(verb string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.todo[verb]
	if len(list) == 0 || verb != "RSET" && s.dice.IntN(5) > 0 { // it is rare by itself
		return ""
	}
	s.todo[verb] = list[1:]
	return list[0]
}

// left is what has not been done yet.
func (s *trickster) left() (steps []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for verb, list := range s.todo {
		for _, trick := range list {
			steps = append(steps, verb+": "+trick)
		}
	}
	return steps
}

func (s *trickster) refuse(to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused[to] = true
}

// trickTalk is one connection to the trickster.
type trickTalk struct {
	*trickster
	conn net.Conn
	r    *bufio.Reader
	from bool   // MAIL was accepted
	to   string // whom RCPT named last and was accepted
}

func (s *trickster) talk(conn net.Conn) {
	t := &trickTalk{trickster: s, conn: conn, r: bufio.NewReader(conn)}
	if !t.step("GREETING", "220 mail.example.net") {
		return
	}
	for {
		line, err := t.r.ReadString('\n')
		if err != nil || !t.command(strings.TrimSpace(line)) {
			return
		}
	}
}

func (t *trickTalk) command(line string) (goesOn bool) {
	verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
	switch _, secured := t.conn.(*tls.Conn); {
	case verb == "EHLO" && !secured:
		return t.step(verb, "250-mail.example.net\r\n250-PIPELINING\r\n250 STARTTLS")
	case verb == "EHLO":
		return t.step("EHLO", "250-mail.example.net\r\n250-PIPELINING\r\n250 8BITMIME")
	case verb == "STARTTLS":
		return t.secure()
	case verb == "MAIL":
		t.from, t.to = true, ""
		return t.step(verb, "250 ok")
	case verb == "RCPT" && !t.from:
		return t.say("503 5.5.1 no sender")
	case verb == "RCPT":
		_, t.to, _ = strings.Cut(line, "<")
		t.to, _, _ = strings.Cut(t.to, ">")
		return t.step(verb, "250 ok")
	case verb == "DATA" && t.to == "":
		return t.say("503 5.5.1 no recipient")
	case verb == "DATA":
		return t.message()
	case verb == "QUIT":
		t.step(verb, "221 bye")
		return false
	default:
		t.from, t.to = false, ""
		return t.step(verb, "250 ok")
	}
}

// step replies as usual, unless something goes wrong; false ends the
// connection.
func (t *trickTalk) step(verb, usual string) bool { return t.do(t.next(verb), usual) }

func (t *trickTalk) do(trick, usual string) bool {
	switch trick {
	case "":
		return t.say(usual)
	case drops:
		return false
	case hangs:
		_, _ = t.r.WriteTo(nowhere{})
		return false
	case vanishes:
		select {
		case <-t.ended:
		case <-time.After(time.Second):
		}
		return false
	case splits:
		for _, c := range []byte(usual + "\r\n") {
			if _, err := t.conn.Write([]byte{c}); err != nil {
				return false
			}
			time.Sleep(100 * time.Microsecond)
		}
		return true
	case forgets:
		_, _ = t.r.Discard(t.r.Buffered())
		return t.say(usual)
	case closes:
		if half, ok := t.conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
		_, _ = t.r.WriteTo(nowhere{})
		return false
	case refuses:
		t.refuse(t.to)
	}
	if !strings.HasPrefix(trick, "2") {
		t.from, t.to = t.from && t.to != "", "" // what follows has no recipient, or no sender either
	}
	return t.say(trick) && !strings.HasPrefix(trick, "421")
}

func (t *trickTalk) say(words string) bool {
	_, err := t.conn.Write([]byte(words + "\r\n"))
	return err == nil
}

type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }

// secure begins TLS, or does not.
func (t *trickTalk) secure() bool {
	show, usual := t.good, "220 go on"
	switch trick := t.next("STARTTLS"); trick {
	case "":
		t.say(usual)
	case garbles:
		t.say(usual)
		_, _ = t.r.Peek(1)
		return t.say("220 this is mail.example.net")
	case imposes:
		show = t.wrong
		t.say(usual)
	default:
		return t.do(trick, usual)
	}
	secured := tls.Server(t.conn, show)
	if secured.Handshake() != nil {
		return false
	}
	t.conn, t.r = secured, bufio.NewReader(secured)
	return true
}

// message takes one message.
func (t *trickTalk) message() bool {
	to := t.to
	trick := t.next("DATA")
	if !t.do(trick, "354 go on") {
		return false
	}
	if trick != "" && trick != splits {
		return true
	}
	switch t.next("BODY") {
	case drops:
		_, _ = t.r.ReadString('\n')
		return false
	case vanishes:
		return t.do(vanishes, "")
	case slows:
		time.Sleep(20 * time.Millisecond)
	}
	id, whole := readMessage(t.r)
	if !whole {
		return false
	}
	t.to = to
	trick = t.next("DOT")
	trick, took := strings.CutPrefix(trick, taken)
	if took || trick == "" || trick == splits {
		t.take(to, id)
	}
	return t.do(trick, "250 2.0.0 taken")
}

// A mail server that does everything wrong that one can do, at each step, delays
// some and repeats some, marked: nobody is missed but whom it refuses for good,
// and nobody hears an older word after a newer one.
func TestTricksterLosesNobody(t *testing.T) {
	number := chosenSeed(t)
	eachDatabase(t, func(t *testing.T, url string) {
		if isPostgres(url) && !*long {
			t.Skip("what a mail server does is the same for both databases: make torture")
		}
		t.Parallel()
		s, trust := newTrickster(t, number)
		c := newCompany(t, url, 100)
		o := newOffice(c, "smtp://"+s.listener.Addr().String()+"?tls=mandatory&connections=4", trust)
		var sum tally
		rounds, steps := 0, len(s.left())
		for ; rounds == 0 || len(s.left()) > 0 && rounds < 12; rounds++ {
			incident := o.opens()
			for _, more := range []func(){o.updates, o.resolves} {
				before := s.taken()
				wait(t, "the trickster to take some", func() bool { return s.taken() >= before+20 })
				more()
			}
			c.done(incident, 3)
			c.refused = s.refused
			sum = sum.plus(c.account(incident, s.messages()))
			if t.Failed() {
				break
			}
		}
		t.Logf("%d incidents and %d tricks: %s; %d people were refused", rounds, steps-len(s.left()), sum, len(s.refused))
		if left := s.left(); len(left) > 0 && !t.Failed() {
			t.Errorf("never came to %q", left)
		}
		o.stop()
	})
}
