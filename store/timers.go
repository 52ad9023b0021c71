package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/allclear-status/allclear/status"
)

// TimerKey names a timer. There is at most one of each name, so that setting it
// again moves it.
type TimerKey struct {
	Kind    string // what is to be done, such as "reminder"
	Subject string // what it is about, such as an incident's id
	Name    string // tells those of one kind and subject apart; may be empty
}

// Timer is an act that is due at a time. It lives in the database alone, and
// any server may carry it out.
type Timer struct {
	TimerKey
	ID      int64
	DueAt   time.Time
	Payload json.RawMessage
	// Attempts counts how often the act failed.
	Attempts  int
	CreatedAt time.Time
	lease     string
}

// ErrTimerLost is a timer that was moved, removed or taken by another server
// since it was claimed.
var ErrTimerLost = errors.New("the timer is another's or no more")

// farOff is longer than any lease or pause of a timer: one that seems to last
// longer was written before the clock was put back, and holds nobody up.
const farOff = 15 * time.Minute

// SetTimer sets a timer, or moves the one that there is; its payload is
// anything that encodes to JSON. Who is carrying the old one out at this moment
// finds out and undoes it.
func (tx *Tx) SetTimer(ctx context.Context, key TimerKey, due time.Time, payload any) error {
	return tx.SetTimers(ctx, []NewTimer{{key, due, payload}})
}

// NewTimer is a timer that is to be set.
type NewTimer struct {
	TimerKey
	DueAt   time.Time
	Payload any
}

// SetTimers is SetTimer for several of different names, in one statement.
func (tx *Tx) SetTimers(ctx context.Context, timers []NewTimer) error {
	var set rows
	for _, t := range timers {
		encoded, err := json.Marshal(t.Payload)
		if err != nil {
			return fmt.Errorf("set timer: %w", err)
		}
		set.add(t.Kind, t.Subject, t.Name, micros(t.DueAt), string(encoded))
	}
	if len(set) == 0 {
		return nil
	}
	return tx.exec(ctx, "set timer", `
		INSERT INTO timers (kind, subject, name, due_at, payload, attempts, lease_owner, lease_until, created_at)
		SELECT column1, column2, column3, column4, column5, 0, '', 0, CAST($2 AS BIGINT)
		FROM `+tx.dialect.table("TEXT", "TEXT", "TEXT", "BIGINT", "TEXT")+`
		WHERE TRUE
		ON CONFLICT (kind, subject, name) DO UPDATE
		SET due_at = excluded.due_at, payload = excluded.payload, attempts = 0, lease_owner = '', lease_until = 0`,
		set.encoded(), micros(tx.now))
}

// ClearTimer removes a timer; none is no error.
func (tx *Tx) ClearTimer(ctx context.Context, key TimerKey) error {
	return tx.exec(ctx, "clear timer", `
		DELETE FROM timers
		WHERE kind = $1 AND subject = $2 AND name = $3`, key.Kind, key.Subject, key.Name)
}

// ClearTimers removes all timers of a kind about a subject.
func (tx *Tx) ClearTimers(ctx context.Context, kind, subject string) error {
	return tx.exec(ctx, "clear timers", `
		DELETE FROM timers
		WHERE kind = $1 AND subject = $2`, kind, subject)
}

// EndTimer removes a timer that was carried out in this transaction, or puts it
// to its next time where that is not zero. It comes last: the error
// ErrTimerLost undoes the act.
func (tx *Tx) EndTimer(ctx context.Context, t Timer, next time.Time) error {
	statement, args := `DELETE FROM timers WHERE id = $1 AND lease_owner = $2`, []any{t.ID, t.lease}
	if !next.IsZero() {
		statement = `
			UPDATE timers
			SET due_at = $3, attempts = 0, lease_owner = '', lease_until = 0
			WHERE id = $1 AND lease_owner = $2`
		args = append(args, micros(next))
	}
	err := tx.execOne(ctx, "end timer", statement, args...)
	if errors.Is(err, status.ErrNotFound) {
		return fmt.Errorf("end timer: %w", ErrTimerLost)
	}
	return err
}

type timerRow struct {
	ID        int64  `db:"id"`
	Kind      string `db:"kind"`
	Subject   string `db:"subject"`
	Name      string `db:"name"`
	DueAt     int64  `db:"due_at"`
	Payload   string `db:"payload"`
	Attempts  int    `db:"attempts"`
	Lease     string `db:"lease_owner"`
	CreatedAt int64  `db:"created_at"`
}

func (r timerRow) timer() Timer {
	return Timer{
		TimerKey: TimerKey{r.Kind, r.Subject, r.Name}, ID: r.ID, DueAt: instant(r.DueAt), Payload: json.RawMessage(r.Payload),
		Attempts: r.Attempts, CreatedAt: instant(r.CreatedAt), lease: r.Lease,
	}
}

const timerColumns = `id, kind, subject, name, due_at, payload, attempts, lease_owner, created_at`

// Timers lists the timers of a kind about a subject by due time; an empty
// subject stands for all.
func (q queries) Timers(ctx context.Context, kind, subject string) ([]Timer, error) {
	var rows []timerRow
	err := q.list(ctx, "list timers", &rows, `
		SELECT `+timerColumns+`
		FROM timers
		WHERE kind = $1 AND ($2 = '' OR subject = $2)
		ORDER BY due_at, id`, kind, subject)
	return convert(rows, timerRow.timer), err
}

// ClaimTimers leases timers of the given kinds that are due, the longest due
// first. It takes each from whoever held it too long.
func (s *Store) ClaimTimers(ctx context.Context, kinds []string, lease time.Duration, limit int) ([]Timer, error) {
	due, err := s.anyTimerDue(ctx)
	if err != nil || !due || len(kinds) == 0 {
		return nil, err
	}
	var known rows
	for _, kind := range kinds {
		known.add(kind)
	}
	var found []timerRow
	err = s.inTxAgain(ctx, func(tx *Tx) error {
		found = nil
		return tx.list(ctx, "claim timers", &found, `
			WITH next AS MATERIALIZED (
			    SELECT id
			    FROM timers
			    WHERE due_at <= $4 AND (lease_until <= $4 OR lease_until > $5)
			      AND kind IN (SELECT column1 FROM `+tx.dialect.table("TEXT")+`)
			    ORDER BY due_at, id
			    LIMIT $6`+tx.dialect.skipLocked+`)
			UPDATE timers
			SET lease_owner = $2, lease_until = $3
			WHERE id IN (SELECT id FROM next)
			RETURNING `+timerColumns,
			known.encoded(), NewID(), micros(tx.now.Add(lease)), micros(tx.now), micros(tx.now.Add(farOff)), limit)
	})
	claimed := convert(found, timerRow.timer)
	slices.SortFunc(claimed, func(a, b Timer) int { return cmp.Or(a.DueAt.Compare(b.DueAt), cmp.Compare(a.ID, b.ID)) })
	return claimed, err
}

// anyTimerDue looks without locking anything: most of the time nothing is due.
func (s *Store) anyTimerDue(ctx context.Context) (bool, error) {
	var one int
	now := s.Now()
	err := s.get(ctx, "look for due timers", &one, `
		SELECT 1
		FROM timers
		WHERE due_at <= $1 AND (lease_until <= $1 OR lease_until > $2)
		LIMIT 1`, micros(now), micros(now.Add(farOff)))
	if errors.Is(err, status.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// PutTimerOff gives back a timer whose act failed; nobody takes it before the
// pause is over. When it is another's by now, nothing happens.
func (s *Store) PutTimerOff(ctx context.Context, t Timer, pause time.Duration) error {
	return s.InTx(ctx, func(tx *Tx) error {
		return tx.exec(ctx, "put timer off", `
			UPDATE timers
			SET attempts = attempts + 1, lease_owner = '', lease_until = $3
			WHERE id = $1 AND lease_owner = $2`, t.ID, t.lease, micros(tx.now.Add(pause)))
	})
}
