// Package store keeps everything in one of two databases, SQLite or
// PostgreSQL. All SQL stands here, beside the method that runs it; driver
// errors leave as domain errors. It decides nothing.
package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/status"
)

// Store is the open database. Its methods read; what writes more than one row
// does so inside InTx.
type Store struct {
	queries
	writer *sqlx.DB
	reader *sqlx.DB
	clock  clock.Clock
	leases clock.Clock // measures leases
	shared *sharedTime // the clock where several servers share it, else nil
	// prepared keeps the writer's statements; nil where the database does.
	prepared *statements
	room     *room // of the database's disk; nil where it is another machine's
}

// Config says which database to open.
type Config struct {
	// URL is sqlite://PATH, or postgres://… as libpq takes it.
	URL string
	// Key seals secrets at rest and signs links; its fingerprint must be the
	// database's own.
	Key *auth.Key
	// Clock is the time; nil means the system's, or with PostgreSQL the
	// database's.
	Clock clock.Clock
	// Leases is the time by which leases run out; nil means Clock where that is
	// given, and else one that nobody can put forward or back.
	Leases clock.Clock
	// CheckOnly refuses an old schema instead of migrating it.
	CheckOnly bool
}

// Open opens the database, brings its schema up to date and makes the page
// when there is none. An error says in a sentence what would be right.
func Open(ctx context.Context, c Config) (*Store, error) {
	var s *Store
	var err error
	switch {
	case strings.HasPrefix(c.URL, "sqlite://"):
		s, err = openSQLite(ctx, strings.TrimPrefix(c.URL, "sqlite://"), c.CheckOnly)
	case strings.HasPrefix(c.URL, "postgres://"), strings.HasPrefix(c.URL, "postgresql://"):
		s, err = openPostgres(ctx, c.URL, c.CheckOnly)
	default:
		return nil, errors.New("database URL: it must begin with sqlite:// or postgres://")
	}
	if err != nil {
		return nil, err
	}
	s.key, s.policies, s.register, s.listed = c.Key, &policyCache{}, &registerCache{}, &listedCache{}
	s.setClocks(ctx, c)
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// setClocks decides whose time it is. One server alone on its database goes by
// its machine; several go by the database.
func (s *Store) setClocks(ctx context.Context, c Config) {
	s.clock, s.leases = c.Clock, c.Leases
	switch {
	case s.clock != nil:
	case s.dialect.shared:
		s.shared = &sharedTime{}
		s.shared.follow(ctx, s.writer)
		s.clock = s.shared
	default:
		s.clock = clock.System{}
	}
	switch {
	case s.leases != nil:
	case c.Clock == nil && s.shared == nil:
		s.leases = clock.NewSteady()
	default:
		s.leases = s.clock
	}
}

// Close closes the database.
func (s *Store) Close() error {
	err := s.writer.Close()
	if s.reader != s.writer {
		err = errors.Join(err, s.reader.Close())
	}
	return err
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	return s.wrap(ctx, "ping", s.writer.PingContext(ctx))
}

// Room says whether there is room for what is posted, as far as this machine can
// know: of a database on another one it says nothing.
func (s *Store) Room() error {
	if s.room == nil {
		return nil
	}
	return s.room.look()
}

// Now is the time as rows record it.
func (s *Store) Now() time.Time { return s.clock.Now() }

// Dialect names the database: "sqlite" or "postgres".
func (s *Store) Dialect() string { return s.dialect.name }

// queries are the statements; the same methods run on the store and inside a
// transaction.
type queries struct {
	db       sqlx.ExtContext
	dialect  *dialect
	key      *auth.Key
	policies *policyCache
	register *registerCache
	listed   *listedCache
}

// Tx is an open transaction. Only its own methods may be used inside it.
type Tx struct {
	queries
	clock clock.Clock
	now   time.Time
	// leaseNow is the time by which leases run out.
	leaseNow time.Time
}

// Now is the time of the transaction: everything it writes bears it.
func (tx *Tx) Now() time.Time { return tx.now }

// InTx runs fn in a transaction: committed when fn returns nil, else rolled
// back with nothing done.
func (s *Store) InTx(ctx context.Context, fn func(tx *Tx) error) error {
	return s.inTx(ctx, s.writer, nil, fn)
}

// transactionTries bounds how often a transaction is run again that another one
// was in the way of.
const transactionTries = 5

// InTxAgain is InTx for an act that strangers may do many times at once: one
// that met a deadlock is run again.
func (s *Store) InTxAgain(ctx context.Context, fn func(tx *Tx) error) error {
	return s.inTxAgain(ctx, fn)
}

// inTxAgain is InTx for work that may meet other replicas: a deadlock is tried
// again.
func (s *Store) inTxAgain(ctx context.Context, fn func(tx *Tx) error) (err error) {
	for range transactionTries {
		if err = s.InTx(ctx, fn); err == nil || !s.dialect.retryable(err) {
			return err
		}
	}
	return err
}

// inView runs fn in a transaction that sees one state of the database and
// writes nothing.
func (s *Store) inView(ctx context.Context, fn func(q queries) error) error {
	return s.inTx(ctx, s.reader, s.dialect.viewOptions, func(tx *Tx) error { return fn(tx.queries) })
}

func (s *Store) inTx(ctx context.Context, db *sqlx.DB, options *sql.TxOptions, fn func(tx *Tx) error) error {
	if s.shared != nil {
		s.shared.follow(ctx, db)
	}
	prepared := s.prepared != nil && db == s.writer
	if prepared {
		s.prepared.prepare(ctx)
	}
	raw, err := db.BeginTxx(ctx, options)
	if err != nil {
		return s.wrap(ctx, "begin", err)
	}
	var ext sqlx.ExtContext = raw
	if prepared {
		ext = preparing{raw, s.prepared}
	}
	defer func() { _ = raw.Rollback() }() // after a commit it does nothing; after a panic it frees the connection
	if err := fn(&Tx{queries: queries{ext, s.dialect, s.key, s.policies, s.register, s.listed}, clock: s.clock, now: s.clock.Now(), leaseNow: s.leases.Now()}); err != nil {
		return err
	}
	return s.wrap(ctx, "commit", raw.Commit())
}

// wrap turns a driver's error into a domain error and says what was being
// done. A query that the context ended says so with the context's own error:
// lib/pq reports such a query as SQLSTATE 57014 only.
func (q queries) wrap(ctx context.Context, act string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%s: %w", act, status.ErrNotFound)
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		return fmt.Errorf("%s: %w", act, errors.Join(ctx.Err(), err))
	case ctx.Err() == nil && q.dialect.busy(err):
		return fmt.Errorf("%s: %w: %w", act, status.ErrBusy, err)
	case ctx.Err() == nil && q.dialect.unavailable(err):
		return fmt.Errorf("%s: %w: %w", act, status.ErrUnavailable, err)
	case q.dialect.uniqueViolation(err):
		return fmt.Errorf("%s: %w: %w", act, status.ErrConflict, err)
	default:
		return fmt.Errorf("%s: %w", act, err)
	}
}

func (q queries) get(ctx context.Context, act string, into any, query string, args ...any) error {
	defer tally(ctx, nil)
	return q.wrap(ctx, act, sqlx.GetContext(ctx, q.db, into, query, args...))
}

func (q queries) list(ctx context.Context, act string, into any, query string, args ...any) error {
	defer tally(ctx, into)
	return q.wrap(ctx, act, sqlx.SelectContext(ctx, q.db, into, query, args...))
}

func (q queries) exec(ctx context.Context, act string, query string, args ...any) error {
	defer tally(ctx, nil)
	_, err := q.db.ExecContext(ctx, query, args...)
	return q.wrap(ctx, act, err)
}

// execCount runs a statement and says how many rows it changed.
func (q queries) execCount(ctx context.Context, act string, query string, args ...any) (int64, error) {
	result, err := q.db.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, q.wrap(ctx, act, err)
	}
	n, err := result.RowsAffected()
	return n, q.wrap(ctx, act, err)
}

// execOne runs a statement that must change exactly one row; none is
// status.ErrNotFound.
func (q queries) execOne(ctx context.Context, act string, query string, args ...any) error {
	defer tally(ctx, nil)
	result, err := q.db.ExecContext(ctx, query, args...)
	if err != nil {
		return q.wrap(ctx, act, err)
	}
	if n, err := result.RowsAffected(); err == nil && n == 0 {
		return fmt.Errorf("%s: %w", act, status.ErrNotFound)
	}
	return nil
}

// in expands list arguments, which stand as ? in the query; both drivers take
// the numbered placeholders that come out.
func (q queries) in(query string, args ...any) (string, []any, error) {
	expanded, flat, err := sqlx.In(query, args...)
	return sqlx.Rebind(sqlx.DOLLAR, expanded), flat, err
}

// NewID makes a public id: 12 random digits and lower-case consonants.
func NewID() string {
	id := make([]byte, status.IDLength)
	limit := big.NewInt(int64(len(status.IDAlphabet)))
	for i := range id {
		n, err := rand.Int(rand.Reader, limit)
		if err != nil {
			panic(err) // crypto/rand never fails since Go 1.24
		}
		id[i] = status.IDAlphabet[n.Int64()]
	}
	return string(id)
}

// micros is a time as the database keeps it; 0 for the zero time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// instant is a time from the database.
func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
