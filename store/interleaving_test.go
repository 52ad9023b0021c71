package store_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

// life is a random run of everything that may happen to one incident, with a
// model of what reached whom.
type life struct {
	*world
	t       *rapid.T
	order   []stakeholders.Event    // of the notices, by their place
	place   map[int64]int           // of a notice in the order
	batches []notify.Batch          // in the hands of workers
	claimed map[string]time.Time    // by lease: when
	heard   map[string][]int        // places of the notices, by address, as the server accepted them
	times   map[string]map[int]int  // how often each
	left    map[string]bool         // who unsubscribed
	doubt   map[string]map[int]bool // whose acceptance was not recorded in time
	subject map[string]stakeholders.Preferences
	late    []report      // sent, and not written down yet
	leases  *clock.Manual // by which they run out
	ahead   bool          // the clock was put forward
	back    bool          // and back
}

// report is what became of a batch.
type report struct {
	batch   notify.Batch
	results []notify.Recorded
}

func (l *life) accept(o notify.Outgoing) {
	p := l.said(o)
	if heard := l.heard[o.Address]; len(heard) > 0 && heard[len(heard)-1] > p {
		l.t.Fatalf("%s hears notice %d after %v", o.Address, p, heard)
	}
	l.heard[o.Address] = append(l.heard[o.Address], p)
	if l.times[o.Address] == nil {
		l.times[o.Address] = map[int]int{}
	}
	l.times[o.Address][p]++
	if n := l.times[o.Address][p]; n > 1 && !l.doubt[o.Address][p] {
		l.t.Fatalf("%s hears notice %d %d times, and no result was in doubt", o.Address, p, n)
	}
}

// said is the place of the words that a message carries.
func (l *life) said(o notify.Outgoing) int { return l.place[max(o.NoticeID, o.SaidID)] }

func (l *life) uncertain(o notify.Outgoing) {
	if l.doubt[o.Address] == nil {
		l.doubt[o.Address] = map[int]bool{}
	}
	l.doubt[o.Address][l.said(o)] = true
}

func (l *life) say(event stakeholders.Event) {
	id := l.post(event, status.ImpactCritical)
	l.place[id] = len(l.order)
	l.order = append(l.order, event)
}

// take removes a random batch from the workers' hands; expired says that its
// lease ran out, so that the worker would be told before sending.
func (l *life) take() (b notify.Batch, ok bool) {
	if len(l.batches) == 0 {
		return b, false
	}
	i := rapid.IntRange(0, len(l.batches)-1).Draw(l.t, "batch")
	b = l.batches[i]
	l.batches = append(l.batches[:i], l.batches[i+1:]...)
	return b, true
}

func (l *life) expired(b notify.Batch) bool {
	return l.leases.Now().Sub(l.claimed[b.Lease]) > leaseTime
}

var outcomes = []notify.Outcome{notify.Delivered, notify.Delivered, notify.Transient, notify.RateLimited, notify.UncertainSent, notify.Unavailable}

// send lets a worker send a batch and report; where dies says so it does not get
// so far, and somebody else finds the batch. It may report later all the same.
func (l *life) send(b notify.Batch, dies bool) {
	if l.expired(b) {
		return // it is told so by Check
	}
	gone, err := l.store.Check(l.world.t.Context(), b, all(b))
	l.must(err)
	var results []notify.Recorded
	for _, g := range b.Groups {
		for _, o := range g.To {
			if reason, left := gone[o.Key]; left {
				results = append(results, notify.Recorded{Outgoing: o, State: notify.Suppressed, At: l.clock.Now(), Result: notify.Result{Outcome: notify.Permanent, Answer: reason}})
				continue
			}
			if l.left[o.Address] {
				l.t.Fatalf("%s left and is sent to", o.Address)
			}
			outcome := rapid.SampledFrom(outcomes).Draw(l.t, "outcome")
			if outcome == notify.Delivered || outcome == notify.UncertainSent {
				l.accept(o)
			}
			if outcome == notify.UncertainSent || dies {
				l.uncertain(o)
			}
			results = append(results, notify.DefaultRetry().Follow(o, notify.Result{Outcome: outcome}, l.clock.Now()))
		}
	}
	if dies {
		l.late = append(l.late, report{b, results})
		return
	}
	l.must(l.store.Record(l.world.t.Context(), b, results))
}

// report lets a worker report that hung after it had sent, if there is one.
func (l *life) report() {
	if len(l.late) == 0 {
		return
	}
	i := rapid.IntRange(0, len(l.late)-1).Draw(l.t, "report")
	r := l.late[i]
	l.late = slices.Delete(l.late, i, i+1)
	l.must(l.store.Record(l.world.t.Context(), r.batch, r.results))
}

// pass lets time pass, for clocks and leases.
func (l *life) pass(d time.Duration) {
	l.clock.Advance(d)
	l.leases.Advance(d)
}

func TestNobodyIsMissedOrToldTwiceWhateverTheOrder(t *testing.T) {
	sqlite, postgres := "25", "4" // a few seconds; more with -rapid.checks
	if underRace {
		sqlite, postgres = "6", "2"
	}
	t.Run("sqlite", func(t *testing.T) {
		empty := emptyDatabase(t)
		path := filepath.Join(t.TempDir(), "allclear.db")
		lives(t, sqlite, "sqlite://"+path, func() error {
			for _, more := range []string{"-wal", "-shm"} {
				_ = os.Remove(path + more) // there may be none
			}
			return os.WriteFile(path, empty, 0o600)
		})
	})
	t.Run("postgres", func(t *testing.T) {
		url := storetest.Postgres(t)
		db := storetest.Open(t, url, nil).Raw()
		var tables []string
		if err := db.Select(&tables, `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'goose%'`); err != nil {
			t.Fatal(err)
		}
		lives(t, postgres, url, func() error {
			_, err := db.Exec(`TRUNCATE ` + strings.Join(tables, ", ") + ` RESTART IDENTITY CASCADE`)
			return err
		})
	})
}

// lives are random lives on a database that is emptied before each.
func lives(t *testing.T, few, url string, clear func() error) {
	checks := flag.Lookup("rapid.checks")
	if checks.Value.String() == checks.DefValue {
		_ = checks.Value.Set(few)
		defer func() { _ = checks.Value.Set(checks.DefValue) }()
	}
	rapid.Check(t, func(rt *rapid.T) {
		if err := clear(); err != nil {
			rt.Fatal(err)
		}
		c, leases := clock.NewManual(storetest.Start), clock.NewManual(storetest.Start)
		s, err := store.Open(t.Context(), store.Config{URL: url, Key: storetest.Key(t), Clock: c, Leases: leases})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		l := &life{world: newWorld(rt, t, s, c), t: rt, place: map[int64]int{}, claimed: map[string]time.Time{}, heard: map[string][]int{},
			times: map[string]map[int]int{}, left: map[string]bool{}, doubt: map[string]map[int]bool{}, subject: map[string]stakeholders.Preferences{}, leases: leases}
		for i := range 3 {
			l.subject[fmt.Sprintf("all%d@customer.example", i)] = everyUpdate
			l.subject[fmt.Sprintf("policy%d@customer.example", i)] = stakeholders.Preferences{}
			l.subject[fmt.Sprintf("asleep%d@customer.example", i)] = stakeholders.Preferences{EveryUpdate: i == 0, QuietHours: "11:00-13:00", TimeZone: "UTC"}
			l.subject[fmt.Sprintf("digest%d@customer.example", i)] = stakeholders.Preferences{DailyDigest: true, TimeZone: []string{"UTC", "Asia/Kolkata", "America/Sao_Paulo"}[i]}
		}
		for address, preferences := range l.subject {
			l.subscribe(address, preferences)
		}
		l.pass(time.Second)
		l.say(stakeholders.Opened)
		l.expand()
		acts := []string{"claim", "claim", "claim", "record", "record", "record", "advance", "post", "expand", "die", "report", "abandon", "release", "restart", "leave", "clock"}
		for range rapid.IntRange(5, 40).Draw(rt, "length") {
			l.act(rapid.SampledFrom(acts).Draw(rt, "act"))
			l.whole()
		}
		l.finish()
	})
}

// emptyDatabase is a migrated database file.
func emptyDatabase(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "allclear.db")
	s, err := store.Open(t.Context(), store.Config{URL: "sqlite://" + path, Key: storetest.Key(t)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func (l *life) act(act string) {
	switch act {
	case "claim":
		if b := l.claim(); b.Size() > 0 {
			l.claimed[b.Lease] = l.leases.Now()
			l.batches = append(l.batches, b)
		}
	case "record":
		if b, ok := l.take(); ok {
			l.send(b, false)
		}
	case "die": // between the sending and the record
		if b, ok := l.take(); ok {
			l.send(b, true)
		}
	case "abandon": // between the claim and the sending
		if b, ok := l.take(); ok {
			for _, o := range all(b) {
				l.uncertain(o)
			}
		}
	case "release":
		if b, ok := l.take(); ok {
			l.must(l.store.Release(l.world.t.Context(), b, all(b)))
		}
	case "report": // by who seemed dead
		l.report()
	case "restart": // of all servers, with all they had in hand
		for _, b := range l.batches {
			for _, o := range all(b) {
				l.uncertain(o)
			}
		}
		l.batches, l.late = nil, nil
		l.must(l.store.TakeOverLeases(l.world.t.Context()))
	case "clock": // put forward an hour, and back another time
		if l.ahead = !l.ahead; l.ahead {
			l.clock.Advance(time.Hour)
		} else {
			l.clock.Advance(-time.Hour)
			l.back = true
		}
	case "advance":
		l.pass(time.Duration(rapid.SampledFrom([]int{1, 5, 31, 600, 3600}).Draw(l.t, "seconds")) * time.Second)
	case "post":
		l.say(rapid.SampledFrom([]stakeholders.Event{stakeholders.Updated, stakeholders.Identified, stakeholders.Monitoring}).Draw(l.t, "event"))
	case "expand":
		l.expand()
	case "leave":
		address := fmt.Sprintf("all%d@customer.example", rapid.IntRange(0, 2).Draw(l.t, "who"))
		l.left[address] = true
		l.do(func(tx *store.Tx) error {
			if err := tx.Suppress(l.world.t.Context(), stakeholders.Email, address, "unsubscribed"); err != nil {
				return err
			}
			return tx.Unsubscribe(l.world.t.Context(), stakeholders.Email, address)
		})
	}
}

// finish ends the incident, lets every worker that is still out vanish, sends
// what is left, and looks at who heard what.
func (l *life) finish() {
	l.say(stakeholders.Resolved)
	for _, b := range l.batches {
		for _, o := range all(b) {
			l.uncertain(o)
		}
	}
	for len(l.late) > 0 {
		l.report()
	}
	for range 50 { // two mornings
		l.expand()
		for {
			b := l.claim()
			if b.Size() == 0 {
				break
			}
			for _, g := range b.Groups {
				for _, o := range g.To {
					l.accept(o)
				}
			}
			l.record(b, notify.Delivered)
		}
		l.pass(time.Hour)
	}
	l.idle()
	end := len(l.order) - 1
	for address := range l.subject {
		heard := l.heard[address]
		if l.left[address] {
			continue
		}
		if l.back && len(heard) == 0 && strings.HasPrefix(address, "asleep") {
			continue // held by quiet hours that had not begun when it was over
		}
		if len(heard) == 0 || heard[len(heard)-1] != end {
			l.t.Fatalf("%s heard %v and not the end, %d: %s", address, heard, end, l.states(address))
		}
	}
	var doubtful []string
	l.must(l.store.Raw().Select(&doubtful, `SELECT address FROM deliveries WHERE uncertain`))
	for address, heard := range l.times {
		for p, times := range heard {
			if times > 1 && !slices.Contains(doubtful, address) {
				l.t.Fatalf("%s heard notice %d %d times, and the ledger does not show a doubt", address, p, times)
			}
		}
	}
}
