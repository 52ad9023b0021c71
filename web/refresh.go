package web

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// buildTimeout ends a build whose database does not answer.
const buildTimeout = 10 * time.Second

// builds runs one build at a time and lets everybody who asks meanwhile share
// the one that follows: a burst of changes costs two builds, not one each.
type builds struct {
	mu      sync.Mutex
	running *build
	next    *build // waits for running to finish; nil when nobody asked since
	hands   sync.WaitGroup
}

type build struct {
	done chan struct{}
	err  error
}

// Refresh makes sure that the snapshot shows at least the given version: at
// once if it does, else after a build that began after this call. The error
// says why it does not; the old snapshot then stays.
func (s *Site) Refresh(ctx context.Context, version int64) error {
	if s.current.Load() != nil && s.Version() >= version {
		return nil
	}
	b := s.ask()
	select {
	case <-b.done:
	case <-ctx.Done():
		return fmt.Errorf("wait for the page: %w", ctx.Err())
	}
	if b.err != nil {
		return fmt.Errorf("refresh the page: %w", b.err)
	}
	if at := s.Version(); at < version {
		return fmt.Errorf("refresh the page: the database shows version %d, not yet %d", at, version)
	}
	return nil
}

// Version is the version that visitors see; 0 before the first snapshot.
func (s *Site) Version() int64 {
	if sn := s.current.Load(); sn != nil {
		return sn.Version()
	}
	return 0
}

// Snapshot is what visitors see now; nil before the first build.
func (s *Site) Snapshot() *Snapshot { return s.current.Load() }

// ask returns a build that begins after this call.
func (s *Site) ask() *build {
	s.builds.mu.Lock()
	defer s.builds.mu.Unlock()
	if s.builds.running == nil {
		s.start(&build{done: make(chan struct{})})
		return s.builds.running
	}
	if s.builds.next == nil {
		s.builds.next = &build{done: make(chan struct{})}
	}
	return s.builds.next
}

// start runs a build apart from whoever asked first, so that their giving up
// does not take it from the others. The caller holds the lock; Run waits for
// what is in hand when it ends.
func (s *Site) start(b *build) {
	s.builds.running = b
	s.builds.hands.Go(func() {
		b.err = s.buildOnce()
		close(b.done)
		s.builds.mu.Lock()
		defer s.builds.mu.Unlock()
		s.builds.running = nil
		if next := s.builds.next; next != nil {
			s.builds.next = nil
			s.start(next)
		}
	})
}

// buildOnce reads the record, makes a snapshot and puts it in place.
func (s *Site) buildOnce() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), buildTimeout)
	defer cancel()
	defer recovered(&err)
	record, err := s.options.Load(ctx)
	if err != nil {
		return fmt.Errorf("read the record: %w", err)
	}
	sn, err := s.newSnapshot(record, s.options.Now())
	if err != nil {
		return err
	}
	s.swap(sn)
	return nil
}

// swap puts a snapshot in place unless a newer one stands there: a lower
// version never replaces a higher one, nor an earlier reading of the same
// version a later one.
func (s *Site) swap(sn *Snapshot) {
	s.swapping.Lock()
	defer s.swapping.Unlock()
	old := s.current.Load()
	if old != nil && (old.Version() > sn.Version() || old.Version() == sn.Version() && old.builtAt.After(sn.builtAt)) {
		return
	}
	s.current.Store(sn)
}

// recovered turns a panic into an error: a build must never take the server
// down, since the old page can still be served.
func recovered(err *error) {
	if fault := recover(); fault != nil {
		*err = fmt.Errorf("panic: %v\n%s", fault, debug.Stack())
	}
}
