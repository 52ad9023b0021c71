package email_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/email"
)

func TestTLSPolicyIsKept(t *testing.T) {
	cert, trusting := certificate(t)
	tests := []struct {
		name, url string
		cert      *tls.Certificate
		implicit  bool
		secured   int
		err       string
	}{
		{"mandatory with STARTTLS", "smtp://%?tls=mandatory", cert, false, 1, ""},
		{"mandatory without STARTTLS", "smtp://%?tls=mandatory", nil, false, 0, "does not offer STARTTLS"},
		{"opportunistic with STARTTLS", "smtp://%?tls=opportunistic", cert, false, 1, ""},
		{"opportunistic without STARTTLS", "smtp://%?tls=opportunistic", nil, false, 0, ""},
		{"none although STARTTLS is offered", "smtp://%?tls=none", cert, false, 0, ""},
		{"smtps", "smtps://%", cert, true, 1, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := startServer(t, &server{}, test.cert, test.implicit)
			c := newChannel(t, email.Config{URL: strings.Replace(test.url, "%", s.Addr, 1), TLSConfig: trusting})
			session, err := c.Open(context.Background())
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("got %v, want %q", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = session.Close() }()
			if got := outcomes(send(t, context.Background(), session, opened(), person(1))); got != "delivered" {
				t.Fatal(got)
			}
			_, secured, _ := s.counts()
			if secured != test.secured && !test.implicit { // go-smtp does not see a listener's TLS
				t.Errorf("%d messages over TLS, want %d", secured, test.secured)
			}
		})
	}
}

func TestUnknownCertificateIsRefusedExceptOpportunisticallyOnThisMachine(t *testing.T) {
	cert, _ := certificate(t)
	s := startServer(t, &server{}, cert, false)
	if _, err := newChannel(t, email.Config{URL: "smtp://" + s.Addr + "?tls=mandatory"}).Open(context.Background()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("mandatory: %v", err)
	}
	if got := outcomes(sendAll(t, newChannel(t, email.Config{URL: "smtp://" + s.Addr}), opened(), person(1))); got != "delivered" {
		t.Error(got)
	}
	implicit := startServer(t, &server{}, cert, true)
	if _, err := newChannel(t, email.Config{URL: "smtps://" + implicit.Addr}).Open(context.Background()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("smtps: %v", err)
	}
}

func TestSignsInByPlainAndLogin(t *testing.T) {
	cert, trusting := certificate(t)
	for _, mechanism := range []string{"PLAIN", "LOGIN"} {
		for _, form := range []string{"smtp://%?tls=mandatory", "smtp://%?tls=none", "smtps://%"} {
			t.Run(mechanism+" "+form, func(t *testing.T) {
				s := startServer(t, &server{mechanisms: []string{mechanism}}, cert, strings.HasPrefix(form, "smtps"))
				who := url.UserPassword(user, password).String() + "@"
				c := newChannel(t, email.Config{URL: strings.Replace(form, "%", who+s.Addr, 1), TLSConfig: trusting})
				if got := outcomes(sendAll(t, c, opened(), person(1))); got != "delivered" {
					t.Error(got)
				}
				if _, _, n := s.counts(); n != 1 {
					t.Errorf("signed in %d times", n)
				}
			})
		}
	}
}

// Loopback is an exception in many places; a server elsewhere is the rule.
func TestSignsInElsewhereOnlyOverTLS(t *testing.T) {
	host := otherAddress(t)
	cert, trusting := certificate(t, host)
	for _, mechanism := range []string{"PLAIN", "LOGIN"} {
		for _, form := range []string{"smtp://%", "smtp://%?tls=opportunistic", "smtps://%"} {
			s := startServer(t, &server{host: host, mechanisms: []string{mechanism}}, cert, strings.HasPrefix(form, "smtps"))
			who := url.UserPassword(user, password).String() + "@"
			c := newChannel(t, email.Config{URL: strings.Replace(form, "%", who+s.Addr, 1), TLSConfig: trusting})
			if got := outcomes(sendAll(t, c, opened(), person(1))); got != "delivered" {
				t.Errorf("%s %s: %s", mechanism, form, got)
			}
			if _, _, n := s.counts(); n != 1 {
				t.Errorf("%s %s: signed in %d times", mechanism, form, n)
			}
		}
	}
}

func TestBadPasswordIsTheChannelsFaultAndStaysSecret(t *testing.T) {
	cert, trusting := certificate(t)
	const wrong = "wr0ng-Pa55word"
	for _, mechanism := range []string{"PLAIN", "LOGIN"} {
		s := startServer(t, &server{mechanisms: []string{mechanism}}, cert, false)
		c := newChannel(t, email.Config{URL: "smtp://" + url.UserPassword(user, wrong).String() + "@" + s.Addr + "?tls=mandatory", TLSConfig: trusting})
		_, err := c.Open(context.Background())
		if err == nil || !strings.Contains(err.Error(), "535") { // the server's answer repeats the password
			t.Fatalf("%s: %v", mechanism, err)
		}
		if strings.Contains(err.Error(), wrong) || strings.Contains(err.Error(), base64.StdEncoding.EncodeToString([]byte(wrong))) {
			t.Errorf("%s: the password is in the error: %v", mechanism, err)
		}
	}
}

// A server elsewhere that offers no TLS must not get the password just because
// TLS was only asked for where possible.
func TestPasswordIsNotSentInTheClear(t *testing.T) {
	host := otherAddress(t)
	s := startRawOn(t, host, func(p at) string {
		if p.verb == "EHLO" {
			return "250-mail.example.net\r\n250 AUTH PLAIN LOGIN"
		}
		return ""
	})
	c := newChannel(t, email.Config{URL: "smtp://user:" + password + "@" + s.Addr + "?tls=opportunistic"})
	if _, err := c.Open(context.Background()); err == nil || !strings.Contains(err.Error(), "not sent in the clear") || strings.Contains(err.Error(), password) {
		t.Errorf("got %v", err)
	}
	if _, _, verbs := s.seen(); strings.Contains(strings.Join(verbs, " "), "AUTH") {
		t.Errorf("verbs: %v", verbs)
	}
}

// A server that signs in by OAuth alone, and one that begins with TLS where
// nobody was told so, are named with what to do.
func TestWhatCannotWorkSaysWhatWould(t *testing.T) {
	s := startRaw(t, false, func(p at) string {
		if p.verb == "EHLO" {
			return "250-mail.example.net\r\n250 AUTH XOAUTH2"
		}
		return ""
	})
	if _, err := newChannel(t, email.Config{URL: "smtp://user:" + password + "@" + s.Addr + "?tls=none"}).Open(context.Background()); err == nil || !strings.Contains(err.Error(), "no way of signing in that is known here") {
		t.Errorf("OAuth alone: %v", err)
	}
	cert, _ := certificate(t)
	implicit := startServer(t, &server{}, cert, true)
	if _, err := newChannel(t, email.Config{URL: "smtp://" + implicit.Addr, Timeout: time.Second}).Open(context.Background()); err == nil || !strings.Contains(err.Error(), "write smtps://") {
		t.Errorf("TLS from the first byte: %v", err)
	}
}

// otherAddress is an address of this machine that is not a loopback one.
func otherAddress(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if ip, ok := a.(*net.IPNet); ok && ip.IP.To4() != nil && !ip.IP.IsLoopback() {
			return ip.IP.String()
		}
	}
	t.Skip("this machine has loopback addresses only")
	return ""
}

func TestUnreachableServerIsNamedWithoutThePassword(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	c := newChannel(t, email.Config{URL: "smtp://user:" + password + "@" + address})
	_, err = c.Open(context.Background())
	if err == nil || !strings.Contains(err.Error(), address) || strings.Contains(err.Error(), password) {
		t.Errorf("got %v", err)
	}
}

func TestGreetingThatRefusesIsQuoted(t *testing.T) {
	s := startRaw(t, false, firstAlways("GREETING", "554 5.7.1 you are on a list"))
	_, err := newChannel(t, email.Config{URL: "smtp://" + s.Addr}).Open(context.Background())
	if err == nil || !strings.Contains(err.Error(), "it answered 554 5.7.1 you are on a list") {
		t.Errorf("got %v", err)
	}
}

func TestServerThatEchoesThePasswordDoesNotPutItIntoTheLedger(t *testing.T) {
	s := startRaw(t, false, func(p at) string {
		switch p.verb {
		case "EHLO":
			return "250-mail.example.net\r\n250 AUTH PLAIN"
		case "AUTH":
			return "235 ok"
		case "RCPT":
			return "550 no " + password
		default:
			return ""
		}
	})
	c := newChannel(t, email.Config{URL: "smtp://user:" + password + "@" + s.Addr})
	r := sendAll(t, c, opened(), person(1))[0]
	if r.Outcome != notify.Permanent || strings.Contains(r.Answer, password) {
		t.Errorf("%+v", r)
	}
}
