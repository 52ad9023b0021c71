package store_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// counter is a channel that counts what it is given, by address, in order.
type counter struct {
	mu  sync.Mutex
	got map[string][]int64
	// fail says how an attempt ends; nil: delivered.
	fail func(n int) notify.Outcome
	n    int
}

func (c *counter) Open(context.Context) (notify.Session, error) { return c, nil }
func (c *counter) Close() error                                 { return nil }
func (c *counter) Send(_ context.Context, text notify.Text, to []notify.Recipient, done func(int, notify.Result)) {
	for i, r := range to {
		c.mu.Lock()
		c.n++
		outcome := notify.Delivered
		if c.fail != nil {
			outcome = c.fail(c.n)
		}
		if outcome == notify.Delivered {
			c.got[r.Address] = append(c.got[r.Address], text.Content.PostedAt.UnixMicro())
		}
		c.mu.Unlock()
		done(i, notify.Result{Outcome: outcome})
	}
}

// replicas runs workers as three servers would, until nothing is left to do.
func (w *world) replicas(c *counter, post func()) {
	w.f.Helper()
	ctx, stop := context.WithCancel(w.t.Context())
	var servers sync.WaitGroup
	for range 3 {
		worker := notify.NewWorker(notify.Config{
			Outbox: w.store, Channels: map[stakeholders.Channel]notify.Route{stakeholders.Email: {Channel: c, Sessions: 2}},
			Personal: func(_ notify.Text, o notify.Outgoing) notify.Recipient { return notify.Recipient{Address: o.Address} },
			Now:      w.clock.Now, Log: slog.New(slog.DiscardHandler),
			Settings: notify.Settings{Poll: 5 * time.Millisecond, Lease: time.Hour, Slice: 50, Due: 100, Retry: notify.Retry{First: time.Millisecond, Most: time.Millisecond, MaxAge: 24 * time.Hour}},
		})
		servers.Go(func() { worker.Run(ctx) })
	}
	post()
	for deadline := time.Now().Add(2 * time.Minute); ; {
		waiting, err := w.store.Unexpanded(w.t.Context())
		w.must(err)
		unfinished, err := w.store.Unfinished(w.t.Context())
		w.must(err)
		if waiting == 0 && len(unfinished) == 0 {
			break
		}
		if time.Now().After(deadline) {
			w.f.Fatalf("not done in time: %d unexpanded, unfinished %v", waiting, unfinished)
		}
		w.clock.Advance(2 * time.Second) // what waits a moment falls due
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	servers.Wait()
}

func TestEverybodyIsToldExactlyOnceByThreeReplicas(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		n := 3000
		if underRace {
			n = 600
		}
		w.many(n, `{"every_update":true}`)
		c := &counter{got: map[string][]int64{}}
		var opened int64
		w.replicas(c, func() { opened = w.post(stakeholders.Opened, status.ImpactCritical) })
		if len(c.got) != n {
			t.Errorf("%d were told, want %d", len(c.got), n)
		}
		for address, times := range c.got {
			if len(times) != 1 {
				t.Errorf("%s was told %d times", address, len(times))
			}
		}
		sent, err := w.store.Deliveries(t.Context(), store.LedgerFilter{NoticeID: opened, State: notify.Sent, Limit: 2 * n})
		w.must(err)
		if len(sent) != n {
			t.Errorf("%d in the ledger as sent, want %d", len(sent), n)
		}
		w.whole()
	})
}

// Posts, audiences, claims and results of three replicas meet at every moment;
// what is tried in vain now and then must not let an older word pass a newer.
func TestNoOlderWordOvertakesANewerBetweenReplicas(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		const n, updates = 60, 8
		w.many(n, `{"every_update":true}`)
		c := &counter{got: map[string][]int64{}, fail: func(n int) notify.Outcome {
			if n%5 == 0 {
				return notify.Transient
			}
			return notify.Delivered
		}}
		w.replicas(c, func() {
			w.post(stakeholders.Opened, status.ImpactCritical)
			for range updates {
				time.Sleep(15 * time.Millisecond)
				w.clock.Advance(time.Second)
				w.post(stakeholders.Updated, status.ImpactCritical)
			}
			w.clock.Advance(time.Second)
			w.post(stakeholders.Resolved, status.ImpactCritical)
		})
		end := w.incident.UpdatedAt.UnixMicro()
		if len(c.got) != n {
			t.Errorf("%d were told anything, want %d", len(c.got), n)
		}
		for address, times := range c.got {
			for i := 1; i < len(times); i++ {
				if times[i] <= times[i-1] {
					t.Errorf("%s was told %v", address, times)
					break
				}
			}
			if times[len(times)-1] != end {
				t.Errorf("%s did not hear the end", address)
			}
		}
		w.whole()
	})
}

// TestFewAreWorkedOutBeforeTheManyOfOthers has a huge audience being worked out
// when something as urgent is posted for a few.
func TestFewAreWorkedOutBeforeTheManyOfOthers(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.stakeholder("board", stakeholders.High, stakeholders.High, nil, "board@acme.example")
		w.many(3000, `{"every_update":true}`)
		huge := w.post(stakeholders.Opened, status.ImpactCritical)
		for range 2 { // the register, and the first of many stretches
			if _, err := w.store.Expand(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		small := w.post(stakeholders.Opened, status.ImpactCritical)
		if _, err := w.store.Expand(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.state(small, "board@acme.example", notify.Pending)
		if n := len(w.ledger(huge)); n >= 3001 {
			t.Fatalf("all %d of the huge audience were worked out before", n)
		}
		w.expand()
		if n := len(w.ledger(huge)) + len(w.ledger(small)); n != 2*3001 {
			t.Errorf("%d were worked out in the end", n)
		}
	})
}
