package email_test

import (
	"context"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/email"
)

// What the first server cannot take goes over another that can, on one
// connection; everybody else's goes over the first.
func TestWhatOneServerCannotTakeGoesOverAnother(t *testing.T) {
	jörg, anna := person(2), person(4)
	jörg.Address, anna.Address = "jörg@customer.example", "анна@customer.example"
	everybody := []notify.Recipient{person(1), jörg, person(3), anna, person(5)}
	for _, c := range []struct {
		name, first, third string // what they offer
		want               string
		atFirst, atThird   int // messages
		connections        int // to the third
	}{
		{"letters", "PIPELINING,8BITMIME", "PIPELINING,8BITMIME,SMTPUTF8", "delivered delivered delivered delivered delivered", 3, 2, 1},
		{"letters, one command at a time", "8BITMIME", "8BITMIME,SMTPUTF8", "delivered delivered delivered delivered delivered", 3, 2, 1},
		{"size", "PIPELINING,SIZE 1000,SMTPUTF8", "SIZE 900000,SMTPUTF8", "delivered delivered delivered delivered delivered", 0, 5, 1},
		{"nobody can", "PIPELINING", "PIPELINING", "delivered permanent delivered permanent delivered", 3, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			first, second, third := startWire(t, c.first), startWire(t, c.first), startWire(t, c.third)
			ch := newChannel(t, email.Config{URL: "smtp://" + first.addr + ",smtp://" + second.addr + ",smtp://" + third.addr})
			got := sendAll(t, ch, opened(), everybody...)
			if outcomes(got) != c.want {
				t.Fatalf("got %s: %+v", outcomes(got), got)
			}
			if n, m := len(first.said("DATA")), len(third.said("DATA")); n != c.atFirst || m != c.atThird {
				t.Errorf("%d messages over the first and %d over the third, want %d and %d", n, m, c.atFirst, c.atThird)
			}
			if n := len(third.said("EHLO")); n != c.connections {
				t.Errorf("%d connections to the third, want %d", n, c.connections)
			}
			if n := len(third.said("QUIT")); n != c.connections {
				t.Errorf("%d of them were left politely", n)
			}
		})
	}
}

// A server that might take it and is away may be back later.
func TestWhatAnotherServerMayTakeWaitsForIt(t *testing.T) {
	jörg := person(1)
	jörg.Address = "jörg@customer.example"
	first := startWire(t, "PIPELINING")
	gone := startRaw(t, false, func(p at) string {
		if p.verb == "GREETING" {
			return "554 5.3.2 not in service"
		}
		return ""
	})
	session, err := newChannel(t, email.Config{URL: "smtp://" + first.addr + ",smtp://" + gone.Addr}).Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = session.Close() }()
	got := send(t, context.Background(), session, opened(), jörg, person(2))
	if outcomes(got) != "transient delivered" || !strings.Contains(got[0].Answer, "SMTPUTF8") {
		t.Errorf("%+v", got)
	}
}
