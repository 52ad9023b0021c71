package store

import (
	"context"
	"fmt"
	"time"

	"github.com/allclear-status/allclear/notify"
)

// Record implements notify.Outbox.
func (s *Store) Record(ctx context.Context, b notify.Batch, results []notify.Recorded) error {
	err := s.inTxAgain(ctx, func(tx *Tx) error {
		if len(results) == 0 {
			return tx.extend(ctx, b)
		}
		if err := tx.recordAttempts(ctx, results); err != nil {
			return err
		}
		if err := tx.recordDeliveries(ctx, results); err != nil {
			return err
		}
		if err := tx.recordThreads(ctx, results); err != nil {
			return err
		}
		if err := tx.yield(ctx, results); err != nil {
			return err
		}
		return tx.extend(ctx, b)
	})
	if err != nil {
		return fmt.Errorf("record results: %w", err)
	}
	return nil
}

// recordAttempts writes down every attempt that did not deliver.
func (tx *Tx) recordAttempts(ctx context.Context, results []notify.Recorded) error {
	for _, r := range results {
		if r.Result.Outcome == notify.Delivered {
			continue
		}
		if err := tx.addAttempt(ctx, r.Key, r.Attempt, r.At, r.Result.Outcome, r.Result.Answer); err != nil {
			return err
		}
	}
	return nil
}

// recordDeliveries writes the states, and when to try again.
func (tx *Tx) recordDeliveries(ctx context.Context, results []notify.Recorded) error {
	var args []any
	for _, r := range results {
		sent := time.Time{}
		if r.State == notify.Sent {
			sent = r.At
		}
		args = append(args, r.NoticeID, string(r.Channel), r.Address, string(r.State), r.State == notify.Uncertain,
			micros(r.RetryAt), micros(sent), r.Result.Answer)
	}
	args = append(args, micros(tx.now))
	if err := tx.exec(ctx, "record deliveries", fmt.Sprintf(`
		UPDATE deliveries AS d
		SET state = v.column4, uncertain = (d.uncertain OR v.column5), due_at = v.column6,
		    sent_at = v.column7, answer = v.column8, updated_at = $%d
		FROM (VALUES %s) AS v
		WHERE d.notice_id = v.column1 AND d.channel = v.column2 AND d.address = v.column3 AND d.state <> 'sent'`,
		len(args), values(1, len(results), "BIGINT", "TEXT", "TEXT", "TEXT", "BOOLEAN", "BIGINT", "BIGINT", "TEXT")), args...); err != nil {
		return err
	}
	for _, r := range results {
		var err error
		if r.RetryAt.IsZero() {
			err = tx.unschedule(ctx, r.Key)
		} else {
			err = tx.schedule(ctx, r.Key, r.RetryAt)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// recordThreads notes who was told. An uncertain message counts as told: its
// end is owed.
func (tx *Tx) recordThreads(ctx context.Context, results []notify.Recorded) error {
	var args []any
	for _, r := range results {
		var told time.Time
		if r.State == notify.Sent || r.State == notify.Uncertain {
			told = r.At
		}
		waits := !r.State.Done()
		args = append(args, r.IncidentID, string(r.Channel), r.Address, r.NoticeID, micros(told), waits)
	}
	return tx.exec(ctx, "record threads", `
		UPDATE threads AS t
		SET told_at = CASE WHEN v.column5 > 0 THEN v.column5 ELSE t.told_at END,
		    told_id = CASE WHEN v.column5 > 0 AND v.column4 > t.told_id THEN v.column4 ELSE t.told_id END,
		    flying_id = CASE WHEN t.flying_id = v.column4 THEN 0 ELSE t.flying_id END,
		    waiting_id = CASE WHEN t.waiting_id = v.column4 AND NOT v.column6 THEN 0 ELSE t.waiting_id END
		FROM (VALUES `+values(1, len(results), "TEXT", "TEXT", "TEXT", "BIGINT", "BIGINT", "BOOLEAN")+`) AS v
		WHERE t.incident_id = v.column1 AND t.channel = v.column2 AND t.address = v.column3`, args...)
}

// yield ends what would be tried again although a newer message to the same
// person waits already: a newer word is never overtaken by an older one.
func (tx *Tx) yield(ctx context.Context, results []notify.Recorded) error {
	for _, r := range results {
		if r.RetryAt.IsZero() {
			continue
		}
		var waiting int64
		if err := tx.get(ctx, "read thread", &waiting, `
			SELECT COALESCE(MAX(waiting_id), 0)
			FROM threads
			WHERE incident_id = $1 AND channel = $2 AND address = $3`, r.IncidentID, string(r.Channel), r.Address); err != nil {
			return err
		}
		if waiting <= r.NoticeID {
			continue
		}
		row := claimRow{NoticeID: r.NoticeID, Channel: string(r.Channel), Address: r.Address, IncidentID: r.IncidentID}
		if err := tx.finish(ctx, row, notify.Superseded, "a newer message about the incident took its place"); err != nil {
			return err
		}
	}
	return nil
}

// extend keeps the lease of what is still being sent, and ends a chunk that
// has nothing left.
func (tx *Tx) extend(ctx context.Context, b notify.Batch) error {
	until := micros(tx.now.Add(b.For))
	if b.Chunk == 0 {
		return tx.exec(ctx, "extend lease", `
			UPDATE due_deliveries SET lease_until = $1 WHERE channel = $2 AND lease_owner = $3`, until, string(b.Channel), b.Lease)
	}
	if err := tx.exec(ctx, "extend lease", `
		UPDATE chunks SET lease_until = $1 WHERE notice_id = $2 AND number = $3 AND lease_owner = $4`,
		until, b.NoticeID, b.Chunk, b.Lease); err != nil {
		return err
	}
	return tx.exec(ctx, "end chunk", `
		DELETE FROM chunks
		WHERE notice_id = $1 AND number = $2 AND lease_owner = $3
		  AND NOT EXISTS (
		      SELECT 1 FROM deliveries d
		      WHERE d.notice_id = chunks.notice_id AND d.channel = chunks.channel AND d.chunk = chunks.number
		        AND d.address BETWEEN chunks.first_address AND chunks.last_address AND d.state = 'sending')`,
		b.NoticeID, b.Chunk, b.Lease)
}

// Release implements notify.Outbox.
func (s *Store) Release(ctx context.Context, b notify.Batch, rest []notify.Outgoing) error {
	err := s.inTxAgain(ctx, func(tx *Tx) error {
		for _, o := range rest {
			if err := tx.exec(ctx, "release delivery", `
				UPDATE deliveries
				SET state = 'pending', attempts = attempts - 1, updated_at = $1
				WHERE notice_id = $2 AND channel = $3 AND address = $4 AND state = 'sending'`,
				micros(tx.now), o.NoticeID, string(o.Channel), o.Address); err != nil {
				return err
			}
			if err := tx.exec(ctx, "release delivery", `
				UPDATE threads
				SET flying_id = 0
				WHERE incident_id = $1 AND channel = $2 AND address = $3 AND flying_id = $4`,
				o.IncidentID, string(o.Channel), o.Address, o.NoticeID); err != nil {
				return err
			}
		}
		if err := tx.exec(ctx, "release chunk", `
			UPDATE chunks SET lease_until = 0 WHERE notice_id = $1 AND number = $2 AND lease_owner = $3`,
			b.NoticeID, b.Chunk, b.Lease); err != nil {
			return err
		}
		return tx.exec(ctx, "release due deliveries", `
			UPDATE due_deliveries SET lease_until = 0 WHERE channel = $1 AND lease_owner = $2`, string(b.Channel), b.Lease)
	})
	if err != nil {
		return fmt.Errorf("release deliveries: %w", err)
	}
	return nil
}

// Unfinished counts the deliveries of a channel that are not done; it is what
// waits while a channel is down.
func (q queries) Unfinished(ctx context.Context) (map[string]int64, error) {
	var rows []struct {
		Channel string `db:"channel"`
		N       int64  `db:"n"`
	}
	if err := q.list(ctx, "count unfinished deliveries", &rows, `
		SELECT channel, COUNT(*) AS n
		FROM deliveries
		WHERE state IN ('held', 'pending', 'sending', 'uncertain')
		GROUP BY channel`); err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for _, r := range rows {
		counts[r.Channel] = r.N
	}
	return counts, nil
}
