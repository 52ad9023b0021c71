package publish_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

// servers are two that share one database and one clock.
func servers(t *testing.T, url string) (c *clock.Manual, first, second *publish.Publisher, one *store.Store) {
	t.Helper()
	c = clock.NewManual(storetest.Start)
	make := func() (*publish.Publisher, *store.Store) {
		s := storetest.Open(t, url, c)
		return publish.New(s, publish.Config{PublicURL: "https://status.acme.example", Key: storetest.Key(t), Log: slog.New(slog.DiscardHandler)}), s
	}
	first, one = make()
	second, _ = make()
	return c, first, second, one
}

func TestLimitsHoldAcrossServers(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		c, first, second, s := servers(t, url)
		ask := func(n int, address, from string) error {
			p := first
			if n%2 == 1 {
				p = second
			}
			return p.Subscribe(t.Context(), publish.SubscribeForm{Address: address, From: netip.MustParseAddr(from)})
		}
		letters := func() int {
			ledger, err := s.Deliveries(t.Context(), store.LedgerFilter{Limit: 1000})
			if err != nil {
				t.Fatal(err)
			}
			return len(ledger)
		}
		for n := range 5 { // from everywhere, to one address: no error, three letters
			if err := ask(n, "ana@customer.example", fmt.Sprintf("203.0.%d.9", n)); err != nil {
				t.Fatalf("%d: %v", n, err)
			}
		}
		if got := letters(); got != 3 {
			t.Errorf("%d letters to one address in an hour, want 3", got)
		}
		for n := range 30 {
			if err := ask(n, fmt.Sprintf("a%d@customer.example", n), fmt.Sprintf("198.51.100.%d", n)); err != nil {
				t.Fatalf("%d: %v", n, err)
			}
		}
		for _, from := range []string{"198.51.100.77", "::ffff:198.51.100.78"} {
			var many *publish.TooMany
			if err := ask(1, "b@customer.example", from); !errors.As(err, &many) || many.Wait != 15*time.Minute+58*time.Second {
				t.Errorf("the 31st from one network: %v", err)
			}
		}
		if err := ask(0, "c@customer.example", "198.51.101.1"); err != nil {
			t.Errorf("the next network: %v", err)
		}
		for n := range 31 {
			err := ask(n, fmt.Sprintf("d%d@customer.example", n), fmt.Sprintf("2001:db8:5:%x::1", n))
			if (err != nil) != (n == 30) {
				t.Errorf("%d from one IPv6 network: %v", n, err)
			}
		}
		c.Advance(16 * time.Minute)
		if err := ask(1, "b@customer.example", "198.51.100.77"); err != nil {
			t.Errorf("in the next hour: %v", err)
		}
	})
}

func TestALetterIsTriedAgain(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.sink.answer = func(string) notify.Result { return notify.Result{Outcome: notify.Transient, Answer: "451 later"} }
		w.ask("new@customer.example", publish.Wishes{})
		equal(t, "the first try", w.step(), "10:45 new@customer.example: subscription_confirm")
		w.sink.answer = nil
		c.Advance(10 * time.Minute)
		equal(t, "the second", w.step(), "10:55 new@customer.example: subscription_confirm")
		c.Advance(time.Hour)
		equal(t, "no third", w.step())
	})
}
