package notify_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
)

// shelf is an Outbox in memory: a queue of batches, with what became of each
// delivery.
type shelf struct {
	mu        sync.Mutex
	waiting   []notify.Batch
	due       map[string]notify.Recorded // to be tried again
	states    map[string]notify.State
	released  []string
	attempts  map[string]int
	gone      map[string]string
	lost      bool          // every lease is lost
	broken    int           // how many more calls fail
	expanding int           // how many more stretches there are
	records   int           // how often results were written down
	kept      []int         // of how many deliveries the lease was kept each time
	slow      time.Duration // for one writing
	mine      []string      // leases that the last claim left out
	text      notify.Text   // of everything
}

func newShelf(addresses ...string) *shelf {
	s := &shelf{due: map[string]notify.Recorded{}, states: map[string]notify.State{}, attempts: map[string]int{}, gone: map[string]string{}}
	if len(addresses) > 0 {
		s.put(addresses...)
	}
	return s
}

func (s *shelf) put(addresses ...string) { s.putUrgent(0, addresses...) }

func (s *shelf) putUrgent(urgency int, addresses ...string) {
	var to []notify.Outgoing
	for _, a := range addresses {
		to = append(to, notify.Outgoing{Key: notify.Key{NoticeID: 1, Channel: stakeholders.Email, Address: a}, Attempt: 1})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = append(s.waiting, notify.Batch{Lease: fmt.Sprint("l", len(s.waiting)), NoticeID: 1, Chunk: 1, Channel: stakeholders.Email,
		Urgency: urgency, For: 30 * time.Second, Groups: []notify.Group{{To: to}}})
}

var errAway = errors.New("the database is away")

func (s *shelf) fails() error {
	if s.broken > 0 {
		s.broken--
		return errAway
	}
	return nil
}

func (s *shelf) Expand(context.Context) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.expanding == 0 {
		return false, nil
	}
	s.expanding--
	return true, nil
}

func (s *shelf) Claim(_ context.Context, c notify.Claim) (notify.Batch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mine = c.Mine
	slices.SortStableFunc(s.waiting, func(a, b notify.Batch) int { return cmp.Compare(a.Urgency, b.Urgency) })
	if len(s.waiting) > 0 && (c.Before == 0 || s.waiting[0].Urgency < c.Before) {
		b := s.waiting[0]
		s.waiting = s.waiting[1:]
		b.Groups[0].Text = s.text
		for i := range b.Groups[0].To {
			b.Groups[0].To[i].CreatedAt = time.Now()
		}
		return b, nil
	}
	b := notify.Batch{Lease: "due", Channel: c.Channel, For: c.Lease}
	for address, r := range s.due {
		if !r.RetryAt.After(time.Now()) {
			o := r.Outgoing
			o.Attempt++
			delete(s.due, address)
			b.Groups = append(b.Groups, notify.Group{Text: s.text, To: []notify.Outgoing{o}})
		}
	}
	return b, nil
}

func (s *shelf) Check(_ context.Context, _ notify.Batch, next []notify.Outgoing) (map[notify.Key]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost {
		return nil, notify.ErrLeaseLost
	}
	reasons := map[notify.Key]string{}
	for _, o := range next {
		if reason, ok := s.gone[o.Address]; ok {
			reasons[o.Key] = reason
		}
	}
	return reasons, nil
}

func (s *shelf) Record(_ context.Context, b notify.Batch, results []notify.Recorded) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fails(); err != nil {
		return err
	}
	s.kept = append(s.kept, b.Size())
	s.records++
	if s.slow > 0 {
		s.mu.Unlock()
		time.Sleep(s.slow)
		s.mu.Lock()
	}
	for _, r := range results {
		s.states[r.Address], s.attempts[r.Address] = r.State, r.Attempt
		if !r.RetryAt.IsZero() {
			s.due[r.Address] = r
		}
	}
	return nil
}

func (s *shelf) Release(_ context.Context, _ notify.Batch, rest []notify.Outgoing) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fails(); err != nil {
		return err
	}
	for _, o := range rest {
		s.released = append(s.released, o.Address)
	}
	return nil
}

func (s *shelf) state(address string) notify.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.states[address]
}

// post is a channel whose behaviour a test sets.
type post struct {
	retry  notify.Retry // of the route
	extra  int          // sessions
	mu     sync.Mutex
	down   error // Open fails
	opened int
	closed int
	took   time.Duration // for one slice
	each   time.Duration // for one message, one after another
	answer func(address string) notify.Result
	got    []string
	late   []bool        // whether each said that its promise was past
	active int           // at this moment
	most   int           // at the same time
	heeds  bool          // the end of the context, while it sends for ever
	began  time.Time     // when that began
	heeded time.Duration // how long that took
}

func (p *post) Open(context.Context) (notify.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.opened++
	return p, p.down
}

func (p *post) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed++
	return nil
}

func (p *post) Send(ctx context.Context, text notify.Text, to []notify.Recipient, done func(int, notify.Result)) {
	p.mu.Lock()
	took, each, answer, heeds := p.took, p.each, p.answer, p.heeds
	p.active++
	p.most = max(p.most, p.active)
	p.mu.Unlock()
	time.Sleep(took)
	defer p.set(func(p *post) { p.active-- })
	if heeds {
		began := time.Now()
		p.set(func(p *post) { p.began = began })
		<-ctx.Done()
		p.set(func(p *post) { p.heeded = time.Since(began) })
		for i := range to {
			done(i, notify.Result{Outcome: notify.Transient, Answer: "not sent"})
		}
		return
	}
	for i, r := range to {
		time.Sleep(each)
		p.mu.Lock()
		p.got, p.late = append(p.got, r.Address), append(p.late, text.Late)
		p.mu.Unlock()
		result := notify.Result{Outcome: notify.Delivered}
		if answer != nil {
			result = answer(r.Address)
		}
		done(i, result)
	}
}

func (p *post) set(change func(p *post)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
}

// settled are the settings of most tests: one session, and two messages at a
// time.
func settled() (notify.Settings, int) {
	settings := notify.DefaultSettings()
	settings.Slice = 2
	return settings, 1
}

func newWorker(s *shelf, p *post, settings notify.Settings, sessions int) *notify.Worker {
	return notify.NewWorker(notify.Config{
		Outbox: s, Channels: map[stakeholders.Channel]notify.Route{stakeholders.Email: {Channel: p, Sessions: sessions, Extra: p.extra, OneByOne: p.each > 0, Retry: p.retry}},
		Personal: func(_ notify.Text, o notify.Outgoing) notify.Recipient { return notify.Recipient{Address: o.Address} },
		Now:      time.Now, Log: slog.New(slog.DiscardHandler), Settings: settings,
	})
}

// run runs a worker while the test acts, and then until it has stopped; the
// bubble fails a test that leaves a goroutine behind.
func run(t *testing.T, s *shelf, p *post, act func(w *notify.Worker, stop func())) {
	t.Helper()
	settings, sessions := settled()
	runWith(t, s, p, settings, sessions, act)
}

func runWith(t *testing.T, s *shelf, p *post, settings notify.Settings, sessions int, act func(w *notify.Worker, stop func())) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := newWorker(s, p, settings, sessions)
		stopped := make(chan struct{})
		go func() { defer close(stopped); w.Run(ctx) }()
		act(w, cancel)
		cancel()
		<-stopped
	})
}

// rest lets time pass, and everything settle that it set off.
func rest(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestChannelThatIsDownShowsSinceWhenAndEverybodyIsToldLater(t *testing.T) {
	s, p := newShelf("ana", "bo"), &post{down: errors.New("connection refused")}
	run(t, s, p, func(w *notify.Worker, _ func()) {
		began := time.Now()
		rest(10 * time.Minute)
		health := w.Health()[stakeholders.Email]
		if health.Up || health.Error != "connection refused" || health.Since.Sub(began) > time.Second {
			t.Errorf("health %+v, down since %s", health, began)
		}
		if s.state("ana") != notify.Pending {
			t.Errorf("ana is %s", s.state("ana"))
		}
		if p.opened > 60 {
			t.Errorf("%d tries in ten minutes", p.opened)
		}
		if s.attempts["ana"] > 1 {
			t.Errorf("the outage cost ana %d attempts", s.attempts["ana"])
		}
		p.set(func(p *post) { p.down = nil })
		rest(time.Minute)
		if s.state("ana") != notify.Sent || s.state("bo") != notify.Sent {
			t.Errorf("a minute after it is back: ana %s, bo %s", s.state("ana"), s.state("bo"))
		}
		if health := w.Health()[stakeholders.Email]; !health.Up {
			t.Errorf("health %+v", health)
		}
	})
}

func TestChannelThatFailsWhileSendingKeepsTheRestForLater(t *testing.T) {
	s := newShelf("a", "b", "c", "d", "e", "f")
	p := &post{answer: func(string) notify.Result { return notify.Result{Outcome: notify.Unavailable, Answer: "gone"} }}
	run(t, s, p, func(w *notify.Worker, _ func()) {
		rest(500 * time.Millisecond)
		if len(s.released) != 4 {
			t.Errorf("%d given back, want the 4 that were not tried", len(s.released))
		}
		if health := w.Health()[stakeholders.Email]; health.Up || health.Error != "gone" {
			t.Errorf("health %+v", health)
		}
	})
}

func TestPermanentFailureIsNotTriedAgain(t *testing.T) {
	s := newShelf("ana", "bo")
	p := &post{answer: func(a string) notify.Result {
		if a == "ana" {
			return notify.Result{Outcome: notify.Permanent, Answer: "550 no such user"}
		}
		return notify.Result{Outcome: notify.Delivered}
	}}
	run(t, s, p, func(*notify.Worker, func()) {
		rest(25 * time.Hour)
		if s.state("ana") != notify.Failed || s.state("bo") != notify.Sent || len(p.got) != 2 {
			t.Errorf("ana %s, bo %s, sent %v", s.state("ana"), s.state("bo"), p.got)
		}
	})
}

func TestTransientFailureIsTriedAgainUntilTheGreatestAge(t *testing.T) {
	s := newShelf("ana")
	p := &post{answer: func(string) notify.Result { return notify.Result{Outcome: notify.Transient, Answer: "451 later"} }}
	run(t, s, p, func(*notify.Worker, func()) {
		rest(23 * time.Hour)
		if s.state("ana") != notify.Pending {
			t.Errorf("after 23 hours ana is %s", s.state("ana"))
		}
		rest(2 * time.Hour)
		if s.state("ana") != notify.Failed {
			t.Errorf("after 25 hours ana is %s", s.state("ana"))
		}
		if n := len(p.got); n < 80 || n > 130 {
			t.Errorf("%d attempts in a day", n)
		}
	})
}

// What must be tried again promises the next update only as long as it is to come.
func TestWhatIsSentLateSaysSo(t *testing.T) {
	s := newShelf("ana")
	p := &post{answer: func(string) notify.Result { return notify.Result{Outcome: notify.Transient, Answer: "451 later"} }}
	settings, sessions := settled()
	synctest.Test(t, func(t *testing.T) {
		s.text.Content.NextUpdateDueAt = time.Now().Add(10 * time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		stopped := make(chan struct{})
		w := newWorker(s, p, settings, sessions)
		go func() { defer close(stopped); w.Run(ctx) }()
		rest(9 * time.Minute)
		var early int
		p.set(func(p *post) { early = len(p.late) })
		rest(2 * time.Hour)
		cancel()
		<-stopped
		if early == 0 || slices.Contains(p.late[:early], true) || !p.late[len(p.late)-1] {
			t.Errorf("late: %v, the first %d in time", p.late, early)
		}
	})
}

// Each channel has a schedule of its own.
func TestChatIsTriedAgainSoonerThanTheRest(t *testing.T) {
	for retry, want := range map[notify.Retry]int{{}: 4, notify.ChatRetry(): 6} { // within 2 minutes
		s := newShelf("ana")
		p := &post{retry: retry, answer: func(string) notify.Result { return notify.Result{Outcome: notify.Transient, Answer: "503 later"} }}
		run(t, s, p, func(*notify.Worker, func()) {
			rest(2 * time.Minute)
			if n := len(p.got); n < want-1 || n > want {
				t.Errorf("%v: %d attempts, want about %d", retry, n, want)
			}
		})
	}
}

// However long the database is away: what was sent is written down when it is
// back, and not sent again by its own sender. A stop does not wait for ever.
func TestResultsWaitForTheDatabaseAndKeepTheirLease(t *testing.T) {
	for _, back := range []bool{true, false} {
		s, p := newShelf("ana"), &post{}
		s.broken = 1_000_000
		run(t, s, p, func(*notify.Worker, func()) {
			rest(10 * time.Minute)
			s.mu.Lock()
			if !slices.Equal(s.mine, []string{"l0"}) {
				t.Errorf("of what is in hand it says %q", s.mine)
			}
			if back {
				s.broken = 0
			}
			s.mu.Unlock()
			rest(10 * time.Second)
			if sent := s.state("ana") == notify.Sent; sent != back || len(p.got) != 1 {
				t.Errorf("ana %s, sent %v", s.state("ana"), p.got)
			}
		})
	}
}

func TestResultsAreRecordedAlthoughTheDatabaseWasAway(t *testing.T) {
	s := newShelf("ana", "bo")
	s.broken = 2
	p := &post{}
	run(t, s, p, func(*notify.Worker, func()) {
		rest(5 * time.Second)
		if s.state("ana") != notify.Sent || s.state("bo") != notify.Sent || len(p.got) != 2 {
			t.Errorf("ana %s, bo %s, sent %v", s.state("ana"), s.state("bo"), p.got)
		}
	})
}

// The lease of rows due by themselves is kept by their keys: the batch must name
// all of them until the last is written down.
func TestTheLeaseOfABatchIsKeptWhole(t *testing.T) {
	s := newShelf("a", "b", "c", "d", "e")
	run(t, s, &post{took: 3 * time.Second}, func(*notify.Worker, func()) { rest(time.Minute) })
	if len(s.kept) == 0 || slices.ContainsFunc(s.kept, func(n int) bool { return n != 5 }) {
		t.Errorf("the lease was kept for %v of 5 deliveries", s.kept)
	}
}

func TestShutdownFinishesTheSliceInHandAndReleasesTheRest(t *testing.T) {
	s := newShelf("a", "b", "c", "d", "e")
	p := &post{took: 3 * time.Second}
	run(t, s, p, func(_ *notify.Worker, stop func()) {
		rest(4 * time.Second) // within the second slice
		stop()
	})
	if fmt.Sprint(p.got) != "[a b c d]" {
		t.Errorf("sent %v", p.got)
	}
	if fmt.Sprint(s.released) != "[e]" || s.state("d") != notify.Sent {
		t.Errorf("released %v, d %s", s.released, s.state("d"))
	}
	if p.closed != p.opened {
		t.Errorf("%d sessions opened, %d closed", p.opened, p.closed)
	}
}

// A mail server that takes its time, or none, holds a stop up for so long only.
func TestShutdownEndsWithinALimit(t *testing.T) {
	s, p := newShelf("ana", "bo"), &post{heeds: true}
	run(t, s, p, func(_ *notify.Worker, stop func()) {
		rest(time.Minute)
		p.set(func(p *post) { p.heeded = 0 })
		began := time.Now()
		stop()
		rest(6 * time.Second)
		p.set(func(p *post) {
			if over := p.heeded - began.Sub(p.began); over < 4*time.Second || over > 6*time.Second {
				t.Errorf("what was being sent was cut off after %v", over)
			}
		})
	})
	if s.state("ana") != notify.Pending || s.state("bo") != notify.Pending {
		t.Errorf("what was not sent is %s and %s", s.state("ana"), s.state("bo"))
	}
}

func TestWhoLeftBeforeTheSliceIsNotSentTo(t *testing.T) {
	s := newShelf("a", "b", "c", "d")
	p := &post{took: 3 * time.Second}
	run(t, s, p, func(*notify.Worker, func()) {
		rest(time.Second)
		s.mu.Lock()
		s.gone["d"] = "unsubscribed"
		s.mu.Unlock()
		rest(time.Minute)
	})
	if fmt.Sprint(p.got) != "[a b c]" || s.state("d") != notify.Suppressed {
		t.Errorf("sent %v, d %s", p.got, s.state("d"))
	}
}

func TestNothingMoreIsSentUnderALostLease(t *testing.T) {
	s := newShelf("a", "b", "c", "d")
	p := &post{took: 3 * time.Second}
	run(t, s, p, func(*notify.Worker, func()) {
		rest(time.Second)
		s.mu.Lock()
		s.lost = true
		s.mu.Unlock()
		rest(time.Minute)
	})
	if fmt.Sprint(p.got) != "[a b]" {
		t.Errorf("sent %v", p.got)
	}
}

func TestWakingIsNotWaitingForTheTick(t *testing.T) {
	s, p := newShelf(), &post{}
	run(t, s, p, func(w *notify.Worker, _ func()) {
		rest(300 * time.Millisecond)
		s.put("ana")
		s.mu.Lock()
		s.expanding = 1
		s.mu.Unlock()
		w.Wake()
		synctest.Wait()
		if s.state("ana") != notify.Sent {
			t.Errorf("ana is %q", s.state("ana"))
		}
	})
}

func many(prefix string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint(prefix, i)
	}
	return all
}

// A huge audience does not delay a small important one: what is more urgent is
// claimed although there is enough in hand, and goes with the next slice.
func TestUrgentNoticeDoesNotWaitForAHugeAudience(t *testing.T) {
	s, p := newShelf(), &post{took: 500 * time.Millisecond}
	for i := range 40 {
		s.putUrgent(8, many(fmt.Sprint("minor", i, "-"), 500)...)
	}
	runWith(t, s, p, notify.DefaultSettings(), 4, func(w *notify.Worker, _ func()) {
		rest(5 * time.Second)
		s.mu.Lock()
		before, urgent := len(s.states), many("urgent", 5)
		s.mu.Unlock()
		if before == 0 || before > 10_000 {
			t.Fatalf("%d were told in five seconds", before)
		}
		s.putUrgent(0, urgent...)
		s.mu.Lock()
		s.expanding = 1
		s.mu.Unlock()
		w.Wake()
		rest(1100 * time.Millisecond) // the slice in hand, and their own
		for _, a := range urgent {
			if s.state(a) != notify.Sent {
				t.Errorf("%s is %q", a, s.state(a))
			}
		}
	})
}

// TestUrgentNoticeWaitsForTheMessagesUnderWayAlone has 20,000 wait at a mail
// server that was fast and is slow now: three who matter wait for one message.
func TestUrgentNoticeWaitsForTheMessagesUnderWayAlone(t *testing.T) {
	for _, sessions := range []int{1, 4} {
		s, p := newShelf(), &post{each: time.Microsecond}
		for i := range 40 {
			s.putUrgent(3, many(fmt.Sprint("customer", i, "-"), 500)...)
		}
		runWith(t, s, p, notify.DefaultSettings(), sessions, func(w *notify.Worker, _ func()) {
			time.Sleep(time.Millisecond) // slices and portions are large by now
			p.set(func(p *post) { p.each = time.Second })
			rest(5 * time.Second)
			s.mu.Lock()
			before := len(s.states)
			s.mu.Unlock()
			if before == 0 || before > 10_000 {
				t.Fatalf("%d were told so far", before)
			}
			s.putUrgent(0, many("urgent", 3)...)
			s.mu.Lock()
			s.expanding = 1
			s.mu.Unlock()
			w.Wake()
			rest(4100 * time.Millisecond) // the message under way, and their own
			for _, a := range many("urgent", 3) {
				if s.state(a) != notify.Sent {
					t.Errorf("%d sessions: %s is %q", sessions, a, s.state(a))
				}
			}
		})
	}
}

// TestReceiversThatHangHoldUpNobodyElse has 2,000 of them, a minute for each
// slice, and then somebody who answers and matters more. No more sessions are
// begun than there may be.
func TestReceiversThatHangHoldUpNobodyElse(t *testing.T) {
	for _, c := range []struct {
		extra int
		told  time.Duration // after how long it is certain
	}{{0, time.Minute}, {8, 4 * time.Second}, {100, 4 * time.Second}} {
		s, p := newShelf(), &post{extra: c.extra, took: time.Minute}
		s.putUrgent(8, many("hangs", 2000)...)
		runWith(t, s, p, notify.DefaultSettings(), 4, func(w *notify.Worker, _ func()) {
			rest(time.Second)
			p.set(func(p *post) { p.took = 0 })
			s.putUrgent(0, "urgent")
			s.mu.Lock()
			s.expanding = 1
			s.mu.Unlock()
			w.Wake()
			rest(c.told - 2*time.Second)
			if got := s.state("urgent"); c.extra == 0 && got == notify.Sent {
				t.Error("the test shows nothing: even without extra sessions nobody waits")
			}
			rest(2 * time.Second)
			if s.state("urgent") != notify.Sent {
				t.Errorf("with %d extra sessions who matters most waits for who hangs", c.extra)
			}
			p.set(func(p *post) { p.took = time.Minute })
			s.putUrgent(8, many("again", 2000)...)
			rest(time.Minute)
			if p.set(func(*post) {}); p.most > 4+c.extra {
				t.Errorf("%d sessions at the same time with %d extra ones", p.most, c.extra)
			}
		})
	}
}

// Sessions do not wait for the database, and it is not asked for every message.
func TestResultsAreWrittenDownTogetherAndBesideTheSending(t *testing.T) {
	s, p := newShelf(), &post{took: time.Millisecond}
	s.slow = 30 * time.Millisecond
	for i := range 4 {
		s.put(many(fmt.Sprint("a", i, "-"), 500)...)
	}
	runWith(t, s, p, notify.DefaultSettings(), 4, func(*notify.Worker, func()) {
		rest(300 * time.Millisecond)
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.states) != 2000 || s.records > 12 {
			t.Errorf("%d results in %d writings", len(s.states), s.records)
		}
	})
}

func TestServerThatWantsLessGetsFewerConnections(t *testing.T) {
	s, p := newShelf(), &post{took: 10 * time.Millisecond}
	p.answer = func(string) notify.Result { return notify.Result{Outcome: notify.Permanent, Answer: "421", Busy: true} }
	s.put(many("a", 500)...)
	s.put(many("b", 500)...)
	settings := notify.DefaultSettings()
	settings.Slice = 5
	runWith(t, s, p, settings, 8, func(*notify.Worker, func()) {
		rest(200 * time.Millisecond)
		p.set(func(p *post) { p.most = 0 })
		rest(500 * time.Millisecond)
		if p.most != 1 {
			t.Errorf("%d at the same time", p.most)
		}
		p.set(func(p *post) { p.answer = nil })
		rest(time.Second)
		if p.most < 2 {
			t.Errorf("%d at the same time after it is well again", p.most)
		}
	})
}

// A slow channel keeps its lease; one whose lease cannot be kept, because the
// database is away, ends before another server may take over.
func TestSendingEndsBeforeTheLeaseDoes(t *testing.T) {
	s, p := newShelf("ana"), &post{heeds: true}
	run(t, s, p, func(_ *notify.Worker, stop func()) {
		rest(5 * time.Minute)
		if p.set(func(p *post) {}); p.heeded != 0 {
			t.Errorf("a slow channel was cut off after %v", p.heeded)
		}
		s.mu.Lock()
		s.broken = 1000
		s.mu.Unlock()
		rest(2 * time.Minute)
		stop()
	})
	if over := p.heeded - 5*time.Minute; over <= 0 || over >= notify.DefaultSettings().Lease {
		t.Errorf("with the database away it went on for %v", over)
	}
}
