package email_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/email"
)

func TestTheFirstRelayThatAnswersIsUsed(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))
	var down atomic.Bool
	down.Store(true)
	first := startRaw(t, false, func(p at) string {
		if p.verb == "GREETING" && down.Load() {
			return "554 5.3.2 not in service"
		}
		return ""
	})
	second := startRaw(t, false, func(at) string { return "" })
	c := newChannel(t, email.Config{URL: "smtp://" + first.Addr + ",smtp://" + second.Addr, Now: now.Now})
	seen := func() string {
		n, a, _ := first.seen()
		m, b, _ := second.seen()
		return fmt.Sprintf("%d/%d %d/%d", n, a, m, b)
	}
	for _, step := range []struct {
		what string
		want string // connections/messages of each
		do   func()
	}{
		{"the first is down", "1/0 1/1", func() {}},
		{"and left alone for a while", "1/0 2/2", func() {}},
		{"it is tried again", "2/0 3/3", func() { now.Advance(2 * time.Second) }},
		{"and left alone for longer", "2/0 4/4", func() { now.Advance(time.Second) }},
		{"it is back", "3/1 4/4", func() { now.Advance(time.Minute); down.Store(false) }},
		{"and used from then on", "4/2 4/4", func() {}},
	} {
		step.do()
		if r := sendAll(t, c, opened(), person(1)); r[0].Outcome != notify.Delivered {
			t.Fatalf("%s: %+v", step.what, r[0])
		}
		if got := seen(); got != step.want {
			t.Errorf("%s: %s, want %s", step.what, got, step.want)
		}
	}
}

// A relay that goes away in the middle of many is replaced without anybody
// being told late.
func TestRelayThatIsLostIsReplacedWithinASession(t *testing.T) {
	first := startRaw(t, false, func(p at) string {
		if p.connection > 1 || p.message > 2 {
			return drop
		}
		return ""
	})
	second := startRaw(t, false, func(at) string { return "" })
	c := newChannel(t, email.Config{URL: "smtp://" + first.Addr + ",smtp://" + second.Addr})
	if got := outcomes(sendAll(t, c, opened(), person(1), person(2), person(3), person(4))); got != "delivered delivered delivered delivered" {
		t.Error(got)
	}
	if _, a, _ := first.seen(); a != 2 {
		t.Errorf("the first took %d", a)
	}
	if _, b, _ := second.seen(); b != 2 {
		t.Errorf("the second took %d", b)
	}
}

func TestRelayThatTakesNothingIsPassedOver(t *testing.T) {
	first := startRaw(t, false, func(p at) string {
		if p.verb == "MAIL" {
			return drop
		}
		return ""
	})
	second := startRaw(t, false, func(at) string { return "" })
	c := newChannel(t, email.Config{URL: "smtp://" + first.Addr + ",smtp://" + second.Addr})
	sendAll(t, c, opened(), person(1))
	if got := outcomes(sendAll(t, c, opened(), person(1), person(2))); got != "delivered delivered" {
		t.Error(got)
	}
}

func TestNoRelayAnswersNamesThemAll(t *testing.T) {
	one, two := closedPort(t), closedPort(t)
	c := newChannel(t, email.Config{URL: "smtp://u:" + password + "@" + one + ",smtp://" + two})
	_, err := c.Open(context.Background())
	if err == nil || !strings.Contains(err.Error(), one) || !strings.Contains(err.Error(), two) || strings.Contains(err.Error(), password) {
		t.Errorf("%v", err)
	}
	// Both rest now; they are tried all the same, for there is no other.
	if _, err := c.Open(context.Background()); err == nil || !strings.Contains(err.Error(), one) {
		t.Errorf("%v", err)
	}
}

func TestConnectionsAreLimited(t *testing.T) {
	var open, most atomic.Int64
	s := startRaw(t, false, func(p at) string {
		switch p.verb {
		case "GREETING":
			if n := open.Add(1); n > most.Load() {
				most.Store(n)
			}
		case "QUIT":
			open.Add(-1)
		}
		return ""
	})
	c := newChannel(t, email.Config{URL: "smtp://" + s.Addr + "?connections=2"})
	if c.Sessions() != 2 {
		t.Errorf("%d sessions", c.Sessions())
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got := outcomes(sendAll(t, c, opened(), person(1))); got != "delivered" {
				t.Error(got)
			}
		})
	}
	all.Wait()
	if most.Load() > 2 {
		t.Errorf("%d connections at once", most.Load())
	}
}

func TestConnectionsCarryAsManyMessagesAsTheURLSays(t *testing.T) {
	s := startRaw(t, true, func(at) string { return "" })
	c := newChannel(t, email.Config{URL: "smtp://" + s.Addr + "?messages=3&connections=1"})
	to := []notify.Recipient{}
	for i := range 8 {
		to = append(to, person(i))
	}
	for i, r := range sendAll(t, c, opened(), to...) {
		if r.Outcome != notify.Delivered {
			t.Errorf("%d: %+v", i, r)
		}
	}
	connections, n, verbs := s.seen()
	if connections != 3 || n != 8 || strings.Count(strings.Join(verbs, " "), "QUIT") != 3 {
		t.Errorf("%d connections, %d messages, %v", connections, n, verbs)
	}
}

func TestServerThatIsOverrunIsSpared(t *testing.T) {
	for name, test := range map[string]struct {
		says string
		slow bool
	}{
		"overrun":        {"450 4.7.1 too fast", true},
		"busy":           {"451 4.3.2 try later", true},
		"closing":        {"421 4.3.2 too many", true},
		"no code at all": {"450 not now", true},
		"one mailbox":    {"450 4.2.2 the mailbox is full", false},
		"nobody there":   {"550 5.1.1 no such user", false},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := startPiped(t, false, func(p at) string {
				if p.verb == "RCPT" && p.connection == 1 && p.message == 1 {
					return test.says
				}
				return ""
			})
			c := newChannel(t, email.Config{URL: "smtp://" + s.Addr + "?rate=20", Dial: s.dial})
			began := time.Now()
			sendAll(t, c, opened(), person(1), person(2), person(3))
			// At 20 a second the third goes after 100 ms; at 10 after 150 ms.
			if took := time.Since(began); (took > 140*time.Millisecond) != test.slow {
				t.Errorf("%s: took %v", name, took)
			}
		})
	}
}
