package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

// Servers on one PostgreSQL have clocks that differ; all go by the database's.
func TestServersShareTheTimeOfTheDatabase(t *testing.T) {
	url := storetest.Postgres(t)
	plain := storetest.Open(t, url, nil)
	if off := time.Since(plain.Now()).Abs(); off > 5*time.Second {
		t.Errorf("on one machine the times are %v apart", off)
	}
	// A database whose clock is five minutes ahead of ours.
	if _, err := plain.Raw().Exec(`
		CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
		$$ SELECT pg_catalog.clock_timestamp() + INTERVAL '5 minutes' $$`); err != nil {
		t.Fatal(err)
	}
	ahead := storetest.Open(t, url+"&search_path=public,pg_catalog", nil)
	if off := time.Until(ahead.Now()); off < 4*time.Minute || off > 6*time.Minute {
		t.Errorf("the server is %v ahead of its machine, not 5 minutes as its database", off)
	}
}

// A clock that is put forward or back neither gives a lease away nor keeps it
// for ever; what is due by the time of day follows it.
func TestLeaseOutlivesAClockThatIsPutForwardOrBack(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		wall, leases := clock.NewManual(storetest.Start), clock.NewManual(storetest.Start)
		s, err := store.Open(t.Context(), store.Config{URL: url, Key: storetest.Key(t), Clock: wall, Leases: leases})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		w := newWorld(t, t, s, wall)
		w.subscribe("ana@customer.example", everyUpdate)
		wall.Advance(time.Second)
		w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		first := w.claim()
		for _, jump := range []time.Duration{time.Hour, -2 * time.Hour, time.Hour} {
			wall.Advance(jump)
			if b := w.claim(); b.Size() != 0 {
				t.Errorf("the clock moved by %v and gave the lease away", jump)
			}
		}
		w.record(first, notify.Transient)
		wall.Advance(-time.Hour)
		if b := w.claim(); b.Size() != 0 {
			t.Error("an hour early, a retry was due")
		}
		wall.Advance(2 * time.Hour)
		second := w.claim()
		if second.Size() != 1 {
			t.Fatal("the retry was not due")
		}
		wall.Advance(-3 * time.Hour)
		leases.Advance(leaseTime + time.Second) // its holder is dead
		if b := w.claim(); b.Size() != 0 {
			t.Error("a retry that is due in two hours was taken")
		}
		wall.Advance(3 * time.Hour)
		third := w.claim()
		if third.Size() != 1 {
			t.Fatal("the dead server's lease holds")
		}
		w.record(third, notify.Delivered)
		w.record(second, notify.Delivered) // it was not dead after all
		w.idle()
	})
}

// A server that hangs in the middle of a transaction keeps nobody waiting for
// long: the database ends it.
func TestHungServerHoldsNoLocks(t *testing.T) {
	url := storetest.Postgres(t)
	var bound string
	if err := storetest.Open(t, url, nil).Raw().Get(&bound, `SHOW idle_in_transaction_session_timeout`); err != nil || bound != "10s" {
		t.Errorf("the bound is %q, %v", bound, err)
	}
	hung, other := storetest.Open(t, url+"&idle_in_transaction_session_timeout=200", nil), storetest.Open(t, url, nil)
	bump := func(s *store.Store, then func()) error {
		return s.InTx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.BumpPage(t.Context())
			then()
			return err
		})
	}
	err := bump(hung, func() {
		if err := bump(other, func() {}); err != nil {
			t.Errorf("the other server waits: %v", err)
		}
	})
	if err == nil {
		t.Error("what the hung server did was committed in spite of the end of its transaction")
	}
}

// A server that slept through its lease is told so, also when another has taken
// the work and finished it meanwhile.
func TestLeaseIsLostToWhoFinishedTheWork(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("ana@customer.example", everyUpdate)
		w.clock.Advance(time.Second)
		w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		for _, outcome := range []notify.Outcome{notify.Transient, notify.Delivered} { // of a chunk, then of a due row
			asleep := w.claim()
			w.clock.Advance(leaseTime + time.Second)
			w.record(w.claim(), outcome)
			if _, err := w.store.Check(t.Context(), asleep, all(asleep)); !errors.Is(err, notify.ErrLeaseLost) {
				t.Errorf("after another's %s result: %v", outcome, err)
			}
			w.clock.Advance(time.Minute)
		}
		w.idle()
	})
}

// A server whose database was away for longer than its lease has the results
// still in hand: it writes them down instead of taking its own work over. For
// everybody else the lease has run out.
func TestNobodyTakesOverFromThemselves(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("ana@customer.example", everyUpdate)
		w.clock.Advance(time.Second)
		w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		for _, outcome := range []notify.Outcome{notify.Transient, notify.Delivered} { // of a chunk, then of a due row
			mine := w.claim()
			w.clock.Advance(leaseTime + time.Second)
			ask := notify.Claim{Channel: stakeholders.Email, Lease: leaseTime, Limit: 100, Mine: []string{"another", mine.Lease}}
			for range 2 {
				if b, err := w.store.Claim(t.Context(), ask); err != nil || b.Size()+b.Settled > 0 {
					t.Fatalf("%v took over from itself, %v", b, err)
				}
				ask.DueFirst = true
			}
			w.record(mine, outcome)
			w.clock.Advance(time.Minute)
		}
		w.idle()
		for address, d := range w.ledger(0) {
			if d.Uncertain || d.State != notify.Sent {
				t.Errorf("%s: %+v", address, d)
			}
		}
	})
}
