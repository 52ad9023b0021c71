package publish_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

// bell is a timed act that writes down what it did.
type bell struct {
	mu   sync.Mutex
	rung []string
	fail func(t store.Timer) error
	next func(tx *store.Tx) time.Time
}

func (b *bell) act(public bool) publish.TimedAct {
	return publish.TimedAct{Public: public, Do: func(ctx context.Context, tx *store.Tx, _ status.Page, t store.Timer) (again time.Time, err error) {
		if b.fail != nil {
			err = b.fail(t)
		}
		if b.next != nil {
			again = b.next(tx)
		}
		if err == nil {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.rung = append(b.rung, t.Subject+t.Name)
		}
		return again, err
	}}
}

// heard is what rang since the last call.
func (b *bell) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	rung := b.rung
	b.rung = nil
	return rung
}

func setTimer(t *testing.T, s *store.Store, key store.TimerKey, due time.Time) {
	t.Helper()
	if err := s.InTx(t.Context(), func(tx *store.Tx) error { return tx.SetTimer(t.Context(), key, due, "payload") }); err != nil {
		t.Fatal(err)
	}
}

// runOut steps a timekeeper until nothing is due.
func runOut(t *testing.T, k *publish.Timekeeper) {
	t.Helper()
	for n := 0; k.Step(t.Context()); n++ {
		if n > 100 {
			t.Fatal("the timekeeper never finds an end")
		}
	}
}

func TestTimersRingOnceInOrderAndWhenDue(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		b := &bell{}
		k := publish.NewTimekeeper(w.publisher, map[string]publish.TimedAct{"bell": b.act(true)})
		before, _ := s.PageVersion(t.Context())
		setTimer(t, s, store.TimerKey{Kind: "bell", Subject: "late"}, c.Now().Add(72*time.Hour))
		setTimer(t, s, store.TimerKey{Kind: "bell", Subject: "soon"}, c.Now().Add(time.Minute))
		setTimer(t, s, store.TimerKey{Kind: "bell", Subject: "soon", Name: "er"}, c.Now().Add(time.Hour))
		setTimer(t, s, store.TimerKey{Kind: "bell", Subject: "soon", Name: "er"}, c.Now().Add(30*time.Second)) // moved
		setTimer(t, s, store.TimerKey{Kind: "other server's", Subject: "x"}, c.Now())
		c.Advance(30*time.Second - time.Microsecond)
		runOut(t, k)
		equal(t, "before anything is due", b.heard())
		c.Advance(time.Microsecond)
		runOut(t, k)
		equal(t, "at the very moment", b.heard(), "sooner")
		c.Advance(100 * time.Hour) // the clock jumps
		runOut(t, k)
		if got := b.heard(); !slices.Equal(got, []string{"soon", "late"}) {
			t.Errorf("after a jump rang, in this order, %q", got)
		}
		c.Advance(-100 * time.Hour) // and back
		setTimer(t, s, store.TimerKey{Kind: "bell", Subject: "soon"}, c.Now().Add(time.Minute))
		runOut(t, k)
		equal(t, "after a jump back", b.heard())
		c.Advance(time.Minute)
		runOut(t, k)
		equal(t, "a minute later", b.heard(), "soon")
		if after, _ := s.PageVersion(t.Context()); after != before+4 {
			t.Errorf("the page went from version %d to %d with four public acts", before, after)
		}
		if left, err := s.Timers(t.Context(), "bell", ""); err != nil || len(left) != 0 {
			t.Errorf("left: %v, %v", left, err)
		}
	})
}

func TestATimerThatFailsWaitsAndHoldsNobodyUp(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		broken := 0
		b := &bell{fail: func(timer store.Timer) error {
			switch {
			case timer.Subject != "broken":
				return nil
			case broken == 0:
				broken++
				panic("quite broken")
			default:
				broken++
				return errors.New("broken")
			}
		}}
		k := publish.NewTimekeeper(w.publisher, map[string]publish.TimedAct{"bell": b.act(false)})
		setTimer(t, s, store.TimerKey{Kind: "bell", Subject: "broken"}, c.Now())
		for n := range 9 {
			setTimer(t, s, store.TimerKey{Kind: "bell", Subject: fmt.Sprint("fine", n)}, c.Now())
		}
		runOut(t, k)
		if got := b.heard(); len(got) != 9 {
			t.Errorf("beside the broken one rang %q", got)
		}
		for range 60 {
			c.Advance(time.Minute)
			runOut(t, k)
		}
		if broken < 12 || broken > 20 {
			t.Errorf("in an hour the broken one was tried %d times", broken)
		}
		c.Advance(-48 * time.Hour) // put back, also the pause
		setTimer(t, s, store.TimerKey{Kind: "bell", Subject: "fine"}, c.Now())
		runOut(t, k)
		equal(t, "after the clock went back", b.heard(), "fine")
		broken, b.fail = 0, nil
		c.Advance(48*time.Hour + 5*time.Minute)
		runOut(t, k)
		equal(t, "when it is mended", b.heard(), "broken")
	})
}

func TestATimerComesAgainWhenItsActSaysSo(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		b := &bell{next: func(tx *store.Tx) time.Time { return tx.Now().Add(24 * time.Hour) }}
		k := publish.NewTimekeeper(w.publisher, map[string]publish.TimedAct{"bell": b.act(false)})
		setTimer(t, s, store.TimerKey{Kind: "bell", Subject: "daily"}, c.Now())
		for range 3 {
			runOut(t, k)
			equal(t, "each day", b.heard(), "daily")
			c.Advance(24 * time.Hour)
		}
	})
}

func TestTwoServersRingATimerOnceAndTakeOverFromOneThatDied(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		c, first, second, s := servers(t, url)
		b := &bell{}
		acts := map[string]publish.TimedAct{"bell": b.act(true)}
		one, two := publish.NewTimekeeper(first, acts), publish.NewTimekeeper(second, acts)
		var want []string
		for n := range 20 {
			want = append(want, fmt.Sprintf("timer %02d", n))
			setTimer(t, s, store.TimerKey{Kind: "bell", Subject: want[n]}, c.Now())
		}
		var group sync.WaitGroup
		for _, k := range []*publish.Timekeeper{one, two} {
			group.Go(func() { runOut(t, k) })
		}
		group.Wait()
		got := b.heard()
		slices.Sort(got)
		equal(t, "rung by two servers", got, want...)

		setTimer(t, s, store.TimerKey{Kind: "bell", Subject: "orphan"}, c.Now())
		held, err := s.ClaimTimers(t.Context(), []string{"bell"}, time.Minute, 10) // by one that dies now
		if err != nil || len(held) != 1 {
			t.Fatal(held, err)
		}
		runOut(t, two)
		equal(t, "while the lease lasts", b.heard())
		c.Advance(time.Minute)
		runOut(t, two)
		equal(t, "when it has run out", b.heard(), "orphan")
		if err := s.InTx(t.Context(), func(tx *store.Tx) error { return tx.EndTimer(t.Context(), held[0], time.Time{}) }); !errors.Is(err, store.ErrTimerLost) {
			t.Errorf("the one that came back from the dead: %v", err)
		}
	})
}

func TestATimerThatIsMovedWhileItRingsDoesNotRing(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		c, first, _, s := servers(t, url)
		key := store.TimerKey{Kind: "bell", Subject: "moved"}
		setTimer(t, s, key, c.Now())
		held, err := s.ClaimTimers(t.Context(), []string{"bell"}, time.Minute, 10)
		if err != nil || len(held) != 1 {
			t.Fatal(held, err)
		}
		setTimer(t, s, key, c.Now().Add(time.Hour))
		if err := s.InTx(t.Context(), func(tx *store.Tx) error { return tx.EndTimer(t.Context(), held[0], time.Time{}) }); !errors.Is(err, store.ErrTimerLost) {
			t.Errorf("the old one ended the new one: %v", err)
		}
		b := &bell{}
		k := publish.NewTimekeeper(first, map[string]publish.TimedAct{"bell": b.act(false)})
		c.Advance(time.Hour)
		runOut(t, k)
		equal(t, "at its new time", b.heard(), "moved")
	})
}

func TestTimekeeperIsWokenAndStops(t *testing.T) {
	c, first, _, s := servers(t, storetest.SQLite(t))
	var rung atomic.Int64
	act := publish.TimedAct{Do: func(context.Context, *store.Tx, status.Page, store.Timer) (time.Time, error) {
		rung.Add(1)
		return time.Time{}, nil
	}}
	k := publish.NewTimekeeper(first, map[string]publish.TimedAct{"bell": act})
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { k.Run(ctx) })
	setTimer(t, s, store.TimerKey{Kind: "bell", Subject: "x"}, c.Now())
	k.Wake()
	for deadline := time.Now().Add(2 * time.Minute); rung.Load() == 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	stop()
	running.Wait()
	if rung.Load() != 1 {
		t.Errorf("rung %d times", rung.Load())
	}
}
