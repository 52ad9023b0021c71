package store

import (
	"context"
	"time"
)

// Queue is what waits to be sent on one channel.
type Queue struct {
	// Chunks are the pieces of first passes, First the deliveries in them when
	// they were written.
	Chunks, First int64
	// Due are the deliveries whose own time has come, Later those whose time has
	// not, Gathered the addresses for which a digest is gathered.
	Due, Later, Gathered int64
	// Oldest is since when the longest waiting should have been sent; zero: none.
	Oldest time.Time
}

// Queues reads what waits, by channel. It reads the small tables that lead to
// deliveries, and never the ledger.
func (s *Store) Queues(ctx context.Context) (map[string]Queue, error) {
	var found []struct {
		Channel  string `db:"channel"`
		Chunks   int64  `db:"chunks"`
		First    int64  `db:"first"`
		Due      int64  `db:"due"`
		Later    int64  `db:"later"`
		Gathered int64  `db:"gathered"`
		Oldest   int64  `db:"oldest"`
	}
	if err := s.list(ctx, "count what waits", &found, `
		SELECT c.channel, COUNT(*) AS chunks, SUM(c.size) AS first, 0 AS due, 0 AS later, 0 AS gathered, MIN(n.created_at) AS oldest
		FROM chunks c
		JOIN notices n ON n.id = c.notice_id
		GROUP BY c.channel
		UNION ALL
		SELECT channel, 0, 0, SUM(CASE WHEN due_at <= $1 THEN 1 ELSE 0 END), SUM(CASE WHEN due_at > $1 THEN 1 ELSE 0 END), 0,
		       COALESCE(MIN(CASE WHEN due_at <= $1 THEN due_at END), 0)
		FROM due_deliveries
		GROUP BY channel
		UNION ALL
		SELECT channel, 0, 0, 0, 0, COUNT(*), 0
		FROM gatherings
		GROUP BY channel`, micros(s.Now())); err != nil {
		return nil, err
	}
	queues := map[string]Queue{}
	for _, f := range found {
		q := queues[f.Channel]
		q.Chunks, q.First, q.Due, q.Later, q.Gathered = q.Chunks+f.Chunks, q.First+f.First, q.Due+f.Due, q.Later+f.Later, q.Gathered+f.Gathered
		if oldest := instant(f.Oldest); !oldest.IsZero() && (q.Oldest.IsZero() || oldest.Before(q.Oldest)) {
			q.Oldest = oldest
		}
		queues[f.Channel] = q
	}
	return queues, nil
}

// DueTimers counts the timers that are due, whether or not somebody is carrying
// them out.
func (s *Store) DueTimers(ctx context.Context) (n int64, err error) {
	err = s.get(ctx, "count due timers", &n, `SELECT COUNT(*) FROM timers WHERE due_at <= $1`, micros(s.Now()))
	return n, err
}
