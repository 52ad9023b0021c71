package web

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/allclear-status/allclear/status"
)

func TestRefreshShowsAtLeastTheVersionAskedFor(t *testing.T) {
	b := newBench(t, calmRecord())
	b.set(troubledRecord())
	if err := b.Refresh(t.Context(), 9); err != nil {
		t.Fatal(err)
	}
	if b.Version() != 9 {
		t.Errorf("version %d after Refresh(9)", b.Version())
	}
	before := b.loads.Load()
	if err := b.Refresh(t.Context(), 8); err != nil || b.loads.Load() != before {
		t.Errorf("a version already shown was built again (%v)", err)
	}
	if err := b.Refresh(t.Context(), 10); err == nil || !strings.Contains(err.Error(), "version 9, not yet 10") {
		t.Errorf("a version that the database does not have gives %v", err)
	}
}

func TestLowerVersionNeverReplacesAHigherOne(t *testing.T) {
	b := newBench(t, troubledRecord())
	old, err := b.newSnapshot(calmRecord(), testNow().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	b.swap(old)
	if b.Version() != 9 {
		t.Errorf("version 7 replaced version 9")
	}
	earlier, err := b.newSnapshot(troubledRecord(), testNow().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	b.swap(earlier)
	if !b.Snapshot().builtAt.Equal(testNow()) {
		t.Errorf("an earlier reading of the same version replaced a later one")
	}
}

func TestFailedBuildKeepsTheOldPage(t *testing.T) {
	fail := false
	b := newBench(t, calmRecord())
	load := b.options.Load
	b.options.Load = func(ctx context.Context) (status.Record, error) {
		if fail {
			return status.Record{}, errors.New("disk on fire")
		}
		return load(ctx)
	}
	fail = true
	b.set(troubledRecord())
	if err := b.Refresh(t.Context(), 9); err == nil || !strings.Contains(err.Error(), "disk on fire") {
		t.Errorf("Refresh gives %v", err)
	}
	if code, body, _ := get(t, b.Site, "GET", "/"); code != 200 || !strings.Contains(body, "All systems operational") {
		t.Errorf("the old page is gone: %d", code)
	}
	fail = false
	if err := b.Refresh(t.Context(), 9); err != nil || b.Version() != 9 {
		t.Errorf("after the fault: version %d, %v", b.Version(), err)
	}
}

func TestPanicInABuildIsAnError(t *testing.T) {
	b := newBench(t, calmRecord())
	b.options.Load = func(context.Context) (status.Record, error) { panic("boom") }
	if err := b.Refresh(t.Context(), 9); err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("Refresh gives %v", err)
	}
}

// gate is a Load that stops until it is let through, and counts.
type gate struct {
	mu      sync.Mutex
	started int
	enter   chan int      // says that a load began, by its number
	pass    chan struct{} // one value lets one load through
	version int64
}

func (g *gate) load(context.Context) (status.Record, error) {
	g.mu.Lock()
	g.started++
	n, version := g.started, g.version
	g.mu.Unlock()
	g.enter <- n
	<-g.pass
	r := calmRecord()
	r.Page.Version = version
	return r, nil
}

func (g *gate) commit(version int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.version = version
}

func TestBurstOfChangesSharesOneBuild(t *testing.T) {
	g := &gate{enter: make(chan int, 10), pass: make(chan struct{}, 10), version: 1}
	s := New(Options{Load: g.load, Now: testNow, Log: slog.New(slog.DiscardHandler)})
	first := make(chan error, 1)
	go func() { first <- s.Refresh(context.Background(), 1) }()
	<-g.enter // the first build has read version 1

	g.commit(51)
	others := make(chan error, 50)
	var asked sync.WaitGroup
	for n := range 50 {
		asked.Go(func() { others <- s.Refresh(context.Background(), int64(n+2)) })
	}
	waitFor(t, func() bool {
		s.builds.mu.Lock()
		defer s.builds.mu.Unlock()
		return s.builds.next != nil
	})
	g.pass <- struct{}{}
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	g.pass <- struct{}{}
	g.pass <- struct{}{} // for a straggler, who asks after the second began
	asked.Wait()
	for range 50 {
		if err := <-others; err != nil {
			t.Fatal(err)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.started > 3 || s.Version() != 51 {
		t.Errorf("50 changes took %d builds and show version %d", g.started-1, s.Version())
	}
}

func TestGivingUpDoesNotStopTheBuild(t *testing.T) {
	g := &gate{enter: make(chan int, 10), pass: make(chan struct{}, 10), version: 1}
	s := New(Options{Load: g.load, Now: testNow, Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- s.Refresh(ctx, 1) }()
	<-g.enter
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("giving up gives %v", err)
	}
	g.pass <- struct{}{}
	waitFor(t, func() bool { return s.Version() == 1 })
}

func TestPageIsMadeAnewWhenAPromiseFallsDueAndAtMidnight(t *testing.T) {
	b := newBench(t, troubledRecord())
	b.options.PollEvery = time.Millisecond
	run(t, b.Site)
	loads := b.loads.Load()
	page := func() string { return string(b.Snapshot().answer("/").plain) }
	if !strings.Contains(page(), "Next update by <time") {
		t.Fatal("the promise is not on the page")
	}
	b.setNow(at(10, 59))
	waitFor(t, func() bool { return strings.Contains(page(), "The next update was due at <time") })
	if strings.Contains(page(), "Next update by") {
		t.Error("the overdue promise is still promised")
	}
	b.setNow(at(24, 1))
	waitFor(t, func() bool { return strings.Contains(page(), "Sunday, 22 November") })
	if b.loads.Load() != loads {
		t.Errorf("that read the database %d times", b.loads.Load()-loads)
	}
}

func TestRunSeesWhatOtherProcessesWrite(t *testing.T) {
	var b *bench
	b = newBench(t, calmRecord(), func(o *Options) {
		o.PollVersion = func(context.Context) (int64, error) { return b.record.Load().Page.Version, nil }
		o.PollEvery = time.Millisecond
	})
	run(t, b.Site)
	b.set(troubledRecord())
	waitFor(t, func() bool { return b.Version() == 9 })
}

func TestRunMakesTheFirstPageWhenTheDatabaseComesLate(t *testing.T) {
	g := &gate{enter: make(chan int, 10), pass: make(chan struct{}, 10), version: 3}
	s := New(Options{Load: g.load, Now: testNow, Log: slog.New(slog.DiscardHandler), PollEvery: time.Millisecond})
	if code, body, header := get(t, s, "GET", "/"); code != 503 || header("Retry-After") == "" || !strings.Contains(body, "not available right now") {
		t.Errorf("before the first snapshot: %d, Retry-After %q", code, header("Retry-After"))
	}
	g.pass <- struct{}{}
	run(t, s)
	waitFor(t, func() bool { return s.Version() == 3 })
}

// run runs the site until the test ends, and waits for its end.
func run(t *testing.T, s *Site) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

func waitFor(t *testing.T, ready func() bool) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !ready() {
		if time.Now().After(deadline) {
			t.Fatal("waited two minutes in vain")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestAPanicInOneAnswerFailsTheBuildAlone(t *testing.T) {
	b := newBench(t, calmRecord())
	calm := func(*Snapshot, string) (*answer, error) { return robotsAnswer(), nil }
	made, err := makeAll(b.Snapshot(), "en", map[string]maker{"/a": calm, "/b": func(*Snapshot, string) (*answer, error) { panic("no such view") }, "/c": calm})
	if err == nil || !strings.Contains(err.Error(), "make /b: panic: no such view") || made["/a"] == nil || made["/c"] == nil {
		t.Errorf("made %v, %v", made, err)
	}
}
