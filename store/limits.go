package store

import (
	"context"
	"fmt"
	"time"
)

// Limit is how often something may be done in a window of time. Windows are
// fixed: they begin at whole multiples of their length.
type Limit struct {
	Name   string
	Window time.Duration
	Most   int
}

// limitsKept is how long counts stay after their window began; no window is
// longer.
const limitsKept = 24 * time.Hour

// Take counts one use of each limit, in order, until one is used up. It says
// which that was (len(limits): none) and how long its window still lasts. The
// count is the database's, so it holds across servers.
func (s *Store) Take(ctx context.Context, limits ...Limit) (at int, wait time.Duration, err error) {
	err = s.inTxAgain(ctx, func(tx *Tx) error {
		for at = range limits {
			l := limits[at]
			start := tx.now.Truncate(l.Window)
			count, err := tx.countUse(ctx, l.Name, start)
			if err != nil {
				return err
			}
			if count > l.Most {
				wait = start.Add(l.Window).Sub(tx.now)
				return nil
			}
		}
		at = len(limits)
		return nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("count uses: %w", err)
	}
	return at, wait, nil
}

// countUse adds one to the uses in a window. The first one of a window sweeps
// the old windows out.
func (tx *Tx) countUse(ctx context.Context, name string, start time.Time) (count int, err error) {
	if err := tx.get(ctx, "count use", &count, `
		INSERT INTO rate_limits (name, window_start, count)
		VALUES ($1, $2, 1)
		ON CONFLICT (name, window_start) DO UPDATE SET count = rate_limits.count + 1
		RETURNING count`, name, micros(start)); err != nil || count > 1 {
		return count, err
	}
	return count, tx.exec(ctx, "remove old counts", `DELETE FROM rate_limits WHERE window_start < $1`, micros(tx.now.Add(-limitsKept)))
}
