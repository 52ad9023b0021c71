package store

import (
	"context"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/allclear-status/allclear/internal/clock"
)

// sharedTime is the time of the database's machine, by which all servers on one
// PostgreSQL go: their own clocks may be minutes apart, and then one would take
// another's lease for run out. It is read from time to time; in between passes
// what this machine counts, however its clock is put forward or back.
type sharedTime struct {
	mu    sync.Mutex
	read  time.Time // the database's time …
	since time.Time // … when this machine's clock said so
}

const (
	readEvery = 30 * time.Second
	// readWithin is how long the answer may take, or it says too little.
	readWithin = time.Second
)

// Now is the database's time, and this machine's until it was read first.
func (s *sharedTime) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.since.IsZero() {
		return clock.System{}.Now()
	}
	return s.read.Add(time.Since(s.since)).UTC().Truncate(time.Microsecond)
}

// follow reads the database's time again when that is due. Where it cannot be
// read the time passes on as before, and what is to be done with the database
// fails by itself.
func (s *sharedTime) follow(ctx context.Context, db *sqlx.DB) {
	s.mu.Lock()
	due := time.Since(s.since) >= readEvery
	s.mu.Unlock()
	if !due {
		return
	}
	var micros int64
	asked := time.Now()
	err := db.GetContext(ctx, &micros, `SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)`)
	took := time.Since(asked)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && (took <= readWithin || s.since.IsZero()) {
		s.read, s.since = time.UnixMicro(micros), asked.Add(took/2)
	}
}
