package email_test

import (
	"net"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/notify/email"
	"github.com/allclear-status/allclear/notify/notifytest"
)

func TestSuite(t *testing.T) {
	notifytest.Run(t, func(t *testing.T, b notifytest.Behaviour) notifytest.Rig {
		recipientAt := 0 // of RefusesP2; one connection, one message after another
		s := startRaw(t, b != notifytest.Postpones, func(p at) string {
			switch {
			case p.verb == "EHLO":
				return "250-mail.example.net\r\n250-PIPELINING\r\n250 AUTH PLAIN"
			case p.verb == "AUTH":
				return "235 2.7.0 welcome"
			case p.verb == "DOT" && b == notifytest.Forgets, p.verb == "MAIL" && b == notifytest.Stays:
				return hang
			case p.verb != "RCPT":
				return ""
			}
			switch b {
			case notifytest.Postpones:
				return "451 4.3.0 not now, " + password
			case notifytest.Limits:
				return "450 4.7.1 too many from you, " + password
			case notifytest.Refuses:
				return "550 5.1.1 nobody here, " + password
			case notifytest.RefusesP2:
				if recipientAt++; recipientAt == 2 {
					return "550 5.1.1 nobody here, " + password
				}
			}
			return ""
		})
		address := s.Addr
		if b == notifytest.Away {
			address = closedPort(t)
		}
		return notifytest.Rig{
			Channel:   newChannel(t, email.Config{URL: "smtp://user:" + password + "@" + address, Timeout: b.Timeout()}),
			Recipient: person,
			Received:  func() int { _, n, _ := s.seen(); return n },
			Secrets:   []string{password, "user:"},
		}
	})
}

// closedPort is an address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return strings.TrimSpace(l.Addr().String())
}
