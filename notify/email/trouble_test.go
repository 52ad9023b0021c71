package email_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/allclear-status/allclear/notify/email"
)

// Whatever happens while a connection is opened: it is said in words, nobody
// waits longer than the time limit, nothing is left open, and the next
// connection is used. In virtual time, as the next.
func TestEveryStepOfOpeningMayFail(t *testing.T) {
	const timeout = 30 * time.Second
	for _, verb := range []string{"GREETING", "EHLO", "STARTTLS", "AUTH"} { // EHLO: and HELO, which is tried then
		for says, words := range map[string]string{
			"421 4.3.2 shutting down": "421 4.3.2", "454 4.7.0 not now": "454 4.7.0", "554 5.3.2 no service": "554 5.3.2",
			drop: "closed the connection", hang: "timed out",
		} {
			virtually(t, verb+" "+says, func(t *testing.T) {
				s := startPiped(t, false, func(p at) string {
					switch {
					case p.verb == verb && p.connection == 1, p.verb == "HELO" && verb == "EHLO" && p.connection == 1:
						return says
					case p.verb == "EHLO" && verb == "STARTTLS" && p.connection == 1:
						return "250-mail.example.net\r\n250 STARTTLS"
					case p.verb == "EHLO":
						return "250-mail.example.net\r\n250 AUTH PLAIN"
					case p.verb == "AUTH":
						return "235 2.7.0 welcome"
					default:
						return ""
					}
				})
				c := newChannel(t, email.Config{URL: "smtp://user:" + password + "@" + s.Addr, Timeout: timeout, Dial: s.dial})
				began := time.Now()
				if _, err := c.Open(context.Background()); err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), password) {
					t.Errorf("opened, or without its words: %v", err)
				}
				if took := time.Since(began); took > 2*timeout {
					t.Errorf("it took %v", took)
				}
				if got := outcomes(sendAll(t, c, opened(), person(1))); got != "delivered" {
					t.Errorf("over the next connection: %s", got)
				}
			})
		}
	}
}

// virtually runs a subtest in virtual time.
func virtually(t *testing.T, name string, test func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
}

// A server that is silent at RSET or QUIT, or says no, changes no result and
// holds nobody up for longer than the time limit.
func TestTroubleBetweenMessagesChangesNoResult(t *testing.T) {
	const timeout = 30 * time.Second
	for _, verb := range []string{"RSET", "QUIT"} {
		for _, says := range []string{hang, "451 4.3.0 later", "500 5.5.1 what?", "421 4.3.2 bye"} {
			virtually(t, verb+" "+says, func(t *testing.T) {
				s := startPiped(t, false, func(p at) string {
					switch {
					case p.verb == "RCPT" && p.connection == 1 && p.message == 2:
						return "550 5.1.1 no such user"
					case p.verb == verb:
						return says
					default:
						return ""
					}
				})
				c := newChannel(t, email.Config{URL: "smtp://" + s.Addr, Timeout: timeout, Dial: s.dial})
				began := time.Now()
				if got := outcomes(sendAll(t, c, opened(), person(1), person(2), person(3))); got != "delivered permanent delivered" {
					t.Error(got)
				}
				if took := time.Since(began); took > timeout {
					t.Errorf("it took %v", took)
				}
				if _, n, _ := s.seen(); n != 2 {
					t.Errorf("%d messages", n)
				}
			})
		}
	}
}

// Nothing is handed over to a server that does not show who it is, or with which
// no secret can be agreed on.
func TestTLSThatGoesWrong(t *testing.T) {
	t.Parallel()
	_, trusting := certificate(t)
	plain := func(conn net.Conn, r *bufio.Reader) {
		_, _ = r.Peek(1)
		_, _ = conn.Write([]byte("220 mail.example.net, in the clear\r\n"))
	}
	closes := func(conn net.Conn, _ *bufio.Reader) { _ = conn.Close() }
	silent := func(conn net.Conn, r *bufio.Reader) { _, _ = r.ReadString(0) }
	shows := func(change func(*x509.Certificate)) (func(net.Conn, *bufio.Reader), *tls.Config) {
		cert, trusted := certificateWith(t, change)
		return func(conn net.Conn, _ *bufio.Reader) {
			_ = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{*cert}}).Handshake()
		}, trusted
	}
	stranger, itself := shows(func(c *x509.Certificate) { c.IPAddresses = nil; c.DNSNames = []string{"mail.other.example"} })
	expired, old := shows(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	unknown, _ := shows(func(*x509.Certificate) {})
	outdated := func(conn net.Conn, _ *bufio.Reader) {
		_ = tls.Server(conn, &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}).Handshake()
	}
	for name, test := range map[string]struct {
		talk  func(net.Conn, *bufio.Reader) // where TLS was to begin
		trust *tls.Config
		words string
	}{
		"another name":   {stranger, itself, "certificate"},
		"expired":        {expired, old, "expired"},
		"unknown signer": {unknown, trusting, "certificate"},
		"an old version": {outdated, trusting, "tls"},
		"no TLS at all":  {plain, trusting, "TLS"},
		"a closed door":  {closes, trusting, "closed the connection"},
		"silence":        {silent, trusting, "timed out"},
	} {
		for _, form := range []string{"smtp://%?tls=mandatory", "smtps://%"} {
			t.Run(name+" "+form[:5], func(t *testing.T) {
				t.Parallel()
				said := make(chan []byte, 1) // all that came afterwards
				address := talker(t, func(conn net.Conn, r *bufio.Reader) {
					if !strings.HasPrefix(form, "smtps") {
						for _, answer := range []string{"220 mail.example.net", "250-mail.example.net\r\n250 STARTTLS", "220 go on"} {
							if answer[:3] != "220" || answer == "220 go on" {
								_, _ = r.ReadString('\n')
							}
							_, _ = conn.Write([]byte(answer + "\r\n"))
						}
					}
					test.talk(conn, r)
					after, _ := io.ReadAll(r)
					said <- after
				})
				patience := time.Minute
				if name == "silence" {
					patience = 300 * time.Millisecond
				}
				c := newChannel(t, email.Config{URL: strings.Replace(form, "%", "user:"+password+"@"+address, 1), TLSConfig: test.trust, Timeout: patience})
				if _, err := c.Open(context.Background()); err == nil || !strings.Contains(err.Error(), test.words) {
					t.Errorf("got %v, want %q", err, test.words)
				}
				if bytes.Contains(<-said, []byte("AUTH")) {
					t.Error("it signed in all the same")
				}
			})
		}
	}
}

// A server that reads slowly gets its time; one that stops reading in the middle
// of a message, or is gone without a word, may have it all; one that closes its
// side only is not waited for.
func TestServerThatReadsSlowlyOrHalf(t *testing.T) {
	for name, test := range map[string]struct {
		timeout time.Duration
		body    func(conn net.Conn, r *bufio.Reader) (goesOn bool)
		want    string
	}{
		"slowly": {time.Minute, func(_ net.Conn, r *bufio.Reader) bool {
			for {
				line, err := r.ReadString('\n')
				if err != nil || line == ".\r\n" {
					return err == nil
				}
				time.Sleep(50 * time.Microsecond)
			}
		}, "delivered delivered"},
		"half of the message": {2 * time.Second, func(conn net.Conn, r *bufio.Reader) bool {
			_, _ = r.ReadString('\n')
			time.Sleep(2100 * time.Millisecond)
			return false
		}, "uncertain delivered"},
		"all, with its own side closed": {time.Minute, func(conn net.Conn, r *bufio.Reader) bool {
			_ = conn.(*net.TCPConn).CloseWrite()
			for line := ""; line != ".\r\n"; {
				var err error
				if line, err = r.ReadString('\n'); err != nil {
					return false
				}
			}
			return false
		}, "uncertain delivered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connections := 0
			address := talker(t, func(conn net.Conn, r *bufio.Reader) {
				if connections++; connections > 1 {
					say(conn, r, func() bool { return true })
					return
				}
				_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
				_, _ = conn.Write([]byte("220 mail.example.net\r\n"))
				for {
					line, err := r.ReadString('\n')
					answer := "250 ok"
					switch {
					case err != nil:
						return
					case strings.HasPrefix(line, "DATA"):
						_, _ = conn.Write([]byte("354 go on\r\n"))
						if !test.body(conn, r) {
							return
						}
					case strings.HasPrefix(line, "QUIT"):
						return
					}
					_, _ = conn.Write([]byte(answer + "\r\n"))
				}
			})
			c := newChannel(t, email.Config{URL: "smtp://" + address, Timeout: test.timeout})
			if got := outcomes(sendAll(t, c, opened(), person(1), person(2))); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// byPiece writes one byte at a time.
type byPiece struct{ net.Conn }

func (b byPiece) Write(p []byte) (int, error) {
	for i := range p {
		if _, err := b.Conn.Write(p[i : i+1]); err != nil {
			return i, err
		}
		if i%7 == 0 {
			time.Sleep(100 * time.Microsecond)
		}
	}
	return len(p), nil
}

func TestRepliesInPiecesAreRepliesAllTheSame(t *testing.T) {
	taken := 0
	address := talker(t, func(conn net.Conn, r *bufio.Reader) {
		_ = conn.(*net.TCPConn).SetNoDelay(true)
		say(byPiece{conn}, r, func() bool { taken++; return true })
	})
	c := newChannel(t, email.Config{URL: "smtp://" + address})
	results := sendAll(t, c, opened(), person(1), person(2), person(3))
	if got := outcomes(results); got != "delivered delivered delivered" || results[2].Answer != "250 2.0.0 taken" || taken != 3 {
		t.Errorf("%d taken: %+v", taken, results)
	}
}

// Some servers count recipients over a whole connection, and say 452 from then
// on. Another connection takes as many again; a mailbox that is full stays full.
func TestConnectionThatIsFullIsReplacedByAnother(t *testing.T) {
	both(t, func(t *testing.T, pipelining bool) {
		for _, test := range []struct {
			verb, says, want string
			connections      int
		}{
			{"RCPT", "452 4.5.3 too many recipients", "delivered delivered delivered delivered delivered", 3},
			{"RCPT", "452 too many recipients", "delivered delivered delivered delivered delivered", 3},
			{"MAIL", "452 4.5.3 too many messages", "delivered delivered delivered delivered delivered", 3},
			{"RCPT", "452 4.2.2 mailbox full", "delivered delivered transient transient transient", 1},
		} {
			s := startRaw(t, pipelining, func(p at) string {
				if p.verb == test.verb && p.message > 2 {
					return test.says
				}
				return ""
			})
			c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
			if got := outcomes(sendAll(t, c, opened(), person(1), person(2), person(3), person(4), person(5))); got != test.want {
				t.Errorf("%s %s: %s", test.verb, test.says, got)
			}
			if connections, _, _ := s.seen(); connections != test.connections {
				t.Errorf("%s %s: %d connections", test.verb, test.says, connections)
			}
		}
		always := startRaw(t, pipelining, firstAlways("RCPT", "452 4.5.3 too many recipients"))
		c := newChannel(t, email.Config{URL: "smtp://" + always.Addr})
		if got := outcomes(sendAll(t, c, opened(), person(1))); got != "transient" {
			t.Errorf("full from the start: %s", got)
		}
		if connections, _, _ := always.seen(); connections != 1 {
			t.Errorf("%d connections", connections)
		}
	})
}

// A server that offers PIPELINING and then complains of the order gets one
// command at a time, on the same connection.
func TestServerThatLosesCountGetsOneCommandAtATime(t *testing.T) {
	address := talker(t, func(conn net.Conn, r *bufio.Reader) {
		_, _ = conn.Write([]byte("220 mail.example.net\r\n"))
		for {
			line, err := r.ReadString('\n')
			together := r.Buffered() > 0
			answer := "250 ok"
			switch {
			case err != nil:
				return
			case strings.HasPrefix(line, "EHLO"):
				answer = "250-mail.example.net\r\n250 PIPELINING"
			case strings.HasPrefix(line, "RCPT") && together:
				answer = "503 5.5.0 improper command pipelining"
			case strings.HasPrefix(line, "DATA") && together:
				answer = "503 5.5.1 no valid recipients"
			case strings.HasPrefix(line, "DATA"):
				_, _ = conn.Write([]byte("354 go on\r\n"))
				for line != ".\r\n" {
					if line, err = r.ReadString('\n'); err != nil {
						return
					}
				}
			}
			_, _ = conn.Write([]byte(answer + "\r\n"))
		}
	})
	c := newChannel(t, email.Config{URL: "smtp://" + address, Timeout: time.Minute})
	if got := outcomes(sendAll(t, c, opened(), person(1), person(2), person(3))); got != "transient delivered delivered" {
		t.Error(got)
	}
	if got := outcomes(sendAll(t, c, opened(), person(1))); got != "delivered" {
		t.Errorf("later: %s", got)
	}
}
