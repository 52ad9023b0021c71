package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/allclear-status/allclear/notify"
)

// supersededWords is why a message was not sent: rule 6.
const supersededWords = "a newer message about the incident took its place"

// Record implements notify.Outbox. What a lease covers is recorded as it was
// reported; of what the lease no longer covers only that it arrived, because
// whoever holds it now says what follows.
func (s *Store) Record(ctx context.Context, b notify.Batch, results []notify.Recorded) error {
	err := s.inTxAgain(ctx, func(tx *Tx) error {
		ours, err := tx.extend(ctx, b)
		if err != nil || len(results) == 0 {
			return err
		}
		var sent, held, late []notify.Recorded
		if ours.chunk {
			sent, held = plainlySent(b, results)
		}
		if len(sent) < len(results) {
			if err := tx.lockThreads(ctx, threadsOf(results)); err != nil {
				return err
			}
		}
		if !ours.chunk {
			for _, r := range results {
				if ours.covers(r.Key) {
					held = append(held, r)
				} else {
					late = append(late, r)
				}
			}
		}
		if err := tx.recordSent(ctx, b, sent); err != nil {
			return err
		}
		if err := tx.flyOwn(ctx, b, held); err != nil {
			return err
		}
		if err := tx.record(ctx, held); err != nil {
			return err
		}
		if err := tx.recordReceivers(ctx, b, sent, held); err != nil {
			return err
		}
		if err := tx.recordLate(ctx, late); err != nil {
			return err
		}
		return tx.endEmptyChunk(ctx, b)
	})
	if err != nil {
		return fmt.Errorf("record results: %w", err)
	}
	return nil
}

// lease is what of a batch its lease still covers.
type lease struct {
	chunk bool // all of the chunk
	rows  map[deliveryKey]bool
}

func (l lease) covers(k notify.Key) bool { return l.chunk || l.rows[keyOf(k)] }

// extend keeps the lease of a batch and says what it still covers.
func (tx *Tx) extend(ctx context.Context, b notify.Batch) (l lease, err error) {
	until := micros(tx.leaseNow.Add(b.For))
	var keys []deliveryKey
	if b.Chunk != 0 {
		err := tx.list(ctx, "extend lease", &keys, `
			UPDATE chunks
			SET lease_until = $1
			WHERE notice_id = $2 AND number = $3 AND lease_owner = $4
			RETURNING notice_id, channel`, until, b.NoticeID, b.Chunk, b.Lease)
		return lease{chunk: len(keys) > 0}, err
	}
	l.rows = map[deliveryKey]bool{}
	for _, some := range batches(everything(b), stretchSize) {
		if err := tx.list(ctx, "extend lease", &keys, `
			UPDATE due_deliveries
			SET lease_until = $2
			WHERE lease_owner = $3 AND (notice_id, channel, address) IN `+tx.dialect.keyTable()+`
			RETURNING notice_id, channel, address`, encodeKeys(some), until, b.Lease); err != nil {
			return l, err
		}
		for _, k := range keys {
			l.rows[k] = true
		}
	}
	return l, nil
}

// everything is the keys of a batch.
func everything(b notify.Batch) []deliveryKey {
	var keys []deliveryKey
	for _, g := range b.Groups {
		keys = append(keys, keysOf(g.To)...)
	}
	return keys
}

func keysOf(deliveries []notify.Outgoing) []deliveryKey {
	keys := make([]deliveryKey, len(deliveries))
	for i, o := range deliveries {
		keys[i] = keyOf(o.Key)
	}
	return keys
}

func threadsOf(results []notify.Recorded) []threadKey {
	keys := make([]threadKey, len(results))
	for i, r := range results {
		keys[i] = threadKey{r.IncidentID, string(r.Channel), r.Address}
	}
	return keys
}

// record writes results that are the caller's to write.
func (tx *Tx) record(ctx context.Context, results []notify.Recorded) error {
	if len(results) == 0 {
		return nil
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
	return tx.yield(ctx, results)
}

// recordAttempts writes down every attempt that did not deliver.
func (tx *Tx) recordAttempts(ctx context.Context, results []notify.Recorded) error {
	var attempts []attempt
	for _, r := range results {
		if r.Result.Outcome != notify.Delivered && r.State != notify.Suppressed {
			attempts = append(attempts, attempt{keyOf(r.Key), r.Attempt, r.At, r.Result.Outcome, r.Result.Answer})
		}
	}
	return tx.addAttempts(ctx, attempts)
}

// attempt is one try that did not deliver.
type attempt struct {
	deliveryKey
	number  int
	at      time.Time
	outcome notify.Outcome
	answer  string
}

func (tx *Tx) addAttempts(ctx context.Context, attempts []attempt) error {
	for _, some := range batches(attempts, stretchSize) {
		var values rows
		for _, a := range some {
			values.add(a.NoticeID, a.Channel, a.Address, a.number, micros(a.at), string(a.outcome), storable(a.answer))
		}
		if err := tx.exec(ctx, "write attempts", `
			INSERT INTO attempts (notice_id, channel, address, number, at, outcome, answer)
			SELECT column1, column2, column3, column4, column5, column6, column7
			FROM `+tx.dialect.table("BIGINT", "TEXT", "TEXT", "INTEGER", "BIGINT", "TEXT", "TEXT")+`
			WHERE TRUE
			ON CONFLICT (notice_id, channel, address, number) DO NOTHING`, values.encoded()); err != nil {
			return err
		}
	}
	return nil
}

// recordDeliveries writes the states, and when to try again.
func (tx *Tx) recordDeliveries(ctx context.Context, results []notify.Recorded) error {
	var values rows
	var again []dueRow
	var done []deliveryKey
	for _, r := range results {
		sent := time.Time{}
		if r.State == notify.Sent {
			sent = r.At
		}
		values.add(r.NoticeID, string(r.Channel), r.Address, string(r.State), r.State == notify.Uncertain,
			micros(r.RetryAt), micros(sent), storable(r.Result.Answer))
		if r.RetryAt.IsZero() {
			done = append(done, keyOf(r.Key))
		} else {
			again = append(again, dueRow{keyOf(r.Key), r.Quadrant, r.RetryAt})
		}
	}
	if err := tx.exec(ctx, "record deliveries", `
		UPDATE deliveries AS d
		SET state = v.column4, uncertain = (d.uncertain OR v.column5), due_at = v.column6,
		    sent_at = v.column7, answer = v.column8, updated_at = $2,
		    attempts = d.attempts - CASE WHEN v.column4 = 'suppressed' THEN 1 ELSE 0 END
		FROM `+tx.dialect.table("BIGINT", "TEXT", "TEXT", "TEXT", "BOOLEAN", "BIGINT", "BIGINT", "TEXT")+`
		WHERE d.notice_id = v.column1 AND d.channel = v.column2 AND d.address = v.column3`,
		values.encoded(), micros(tx.now)); err != nil {
		return err
	}
	if err := tx.unschedule(ctx, done); err != nil {
		return err
	}
	return tx.schedule(ctx, again)
}

// recordThreads notes who was told. An uncertain message counts as told: its
// end is owed.
func (tx *Tx) recordThreads(ctx context.Context, results []notify.Recorded) error {
	var values rows
	var digests []mergedResult
	for _, r := range results {
		var told time.Time
		if r.State == notify.Sent || r.Result.Outcome == notify.UncertainSent {
			told = r.At
		}
		if together(string(r.Event)) {
			digests = append(digests, mergedResult{keyOf(r.Key), micros(told), true})
		}
		values.add(r.IncidentID, string(r.Channel), r.Address, r.NoticeID, micros(told), !r.RetryAt.IsZero(), max(r.NoticeID, r.SaidID))
	}
	if err := tx.recordMerged(ctx, digests); err != nil {
		return err
	}
	return tx.exec(ctx, "record threads", `
		UPDATE threads AS t
		SET told_at = CASE WHEN v.column5 > 0 THEN v.column5 ELSE t.told_at END,
		    told_id = CASE WHEN v.column5 > 0 AND v.column7 > t.told_id THEN v.column7 ELSE t.told_id END,
		    flying_id = CASE WHEN t.flying_id = v.column4 THEN 0 ELSE t.flying_id END,
		    waiting_id = CASE WHEN t.waiting_id = v.column4 AND NOT v.column6 THEN 0 ELSE t.waiting_id END
		FROM `+tx.dialect.table("TEXT", "TEXT", "TEXT", "BIGINT", "BIGINT", "BOOLEAN", "BIGINT")+`
		WHERE t.incident_id = v.column1 AND t.channel = v.column2 AND t.address = v.column3`, values.encoded())
}

// yield ends what would be tried again although a newer message to the same
// person waits already: a newer word is never overtaken by an older one. The
// newer one takes over the time of the next try.
func (tx *Tx) yield(ctx context.Context, results []notify.Recorded) error {
	var again rows
	at := map[deliveryKey]time.Time{}
	for _, r := range results {
		if !r.RetryAt.IsZero() {
			at[keyOf(r.Key)] = r.RetryAt
			again.add(r.IncidentID, string(r.Channel), r.Address, r.NoticeID)
		}
	}
	if len(again) == 0 {
		return nil
	}
	var ended []endedRow
	if err := tx.list(ctx, "read threads", &ended, `
		SELECT v.column4 AS notice_id, t.channel, t.address, t.incident_id, t.waiting_id AS newer
		FROM `+tx.dialect.table("TEXT", "TEXT", "TEXT", "BIGINT")+`
		CROSS JOIN threads t
		WHERE t.incident_id = v.column1 AND t.channel = v.column2 AND t.address = v.column3 AND t.waiting_id > v.column4`, again.encoded()); err != nil {
		return err
	}
	for i := range ended {
		ended[i].state, ended[i].reason, ended[i].at = notify.Superseded, supersededWords, at[ended[i].deliveryKey]
	}
	return tx.finish(ctx, ended)
}

// recordLate takes the results of a worker that outlived its lease: somebody
// else has the work now, or has finished it. That the message arrived is true
// all the same; it is owed its end.
func (tx *Tx) recordLate(ctx context.Context, results []notify.Recorded) error {
	for _, r := range results {
		if r.Result.Outcome != notify.Delivered && r.Result.Outcome != notify.UncertainSent {
			continue
		}
		if err := tx.told(ctx, threadKey{r.IncidentID, string(r.Channel), r.Address}, max(r.NoticeID, r.SaidID), r.At); err != nil {
			return err
		}
		if together(string(r.Event)) {
			if err := tx.recordMerged(ctx, []mergedResult{{keyOf(r.Key), micros(r.At), r.State == notify.Sent}}); err != nil {
				return err
			}
		}
		if r.State != notify.Sent {
			continue
		}
		var ended []deliveryKey
		if err := tx.list(ctx, "record late result", &ended, `
			UPDATE deliveries
			SET state = 'sent', sent_at = $1, answer = $2, updated_at = $3, due_at = 0
			WHERE notice_id = $4 AND channel = $5 AND address = $6 AND state NOT IN ('sending', 'sent')
			RETURNING notice_id, channel, address`,
			micros(r.At), storable(r.Result.Answer), micros(tx.now), r.NoticeID, string(r.Channel), r.Address); err != nil {
			return err
		}
		if err := tx.unschedule(ctx, ended); err != nil || len(ended) == 0 {
			return err
		}
		if err := tx.exec(ctx, "record late result", `
			UPDATE threads
			SET waiting_id = 0
			WHERE incident_id = $1 AND channel = $2 AND address = $3 AND waiting_id = $4`,
			r.IncidentID, string(r.Channel), r.Address, r.NoticeID); err != nil {
			return err
		}
	}
	return nil
}

// storable is text as both databases take it: a server's answer may hold
// anything.
func storable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "")
}

// told notes in a thread that a message arrived, or may have, and which notice's
// words it carried.
func (tx *Tx) told(ctx context.Context, k threadKey, noticeID int64, at time.Time) error {
	return tx.exec(ctx, "note who was told", `
		UPDATE threads
		SET told_at = $1, told_id = CASE WHEN told_id > $2 THEN told_id ELSE $2 END
		WHERE incident_id = $3 AND channel = $4 AND address = $5`,
		micros(at), noticeID, k.incident, k.channel, k.address)
}

// endEmptyChunk removes a chunk that has nothing left to send.
func (tx *Tx) endEmptyChunk(ctx context.Context, b notify.Batch) error {
	if b.Chunk == 0 {
		return nil
	}
	return tx.exec(ctx, "end chunk", `
		DELETE FROM chunks
		WHERE notice_id = $1 AND number = $2 AND lease_owner = $3
		  AND NOT EXISTS (
		      SELECT 1 FROM deliveries d
		      WHERE d.notice_id = chunks.notice_id AND d.channel = chunks.channel AND d.chunk = chunks.number
		        AND d.address BETWEEN chunks.first_address AND chunks.last_address AND d.state IN ('pending', 'sending') AND d.due_at = 0)`,
		b.NoticeID, b.Chunk, b.Lease)
}

// Release implements notify.Outbox.
func (s *Store) Release(ctx context.Context, b notify.Batch, rest []notify.Outgoing) error {
	err := s.inTxAgain(ctx, func(tx *Tx) error {
		ours, err := tx.extend(ctx, b)
		if err != nil {
			return err
		}
		var held []notify.Outgoing
		for _, o := range rest {
			if ours.covers(o.Key) {
				held = append(held, o)
			}
		}
		for _, some := range batches(held, stretchSize) {
			if err := tx.giveBack(ctx, some); err != nil {
				return err
			}
		}
		if err := tx.flyUnrecorded(ctx, b, ours, held); err != nil {
			return err
		}
		return tx.endLease(ctx, b)
	})
	if err != nil {
		return fmt.Errorf("release deliveries: %w", err)
	}
	return nil
}

// giveBack makes deliveries what they were before they were claimed.
func (tx *Tx) giveBack(ctx context.Context, rest []notify.Outgoing) error {
	keys := make([]threadKey, len(rest))
	var deliveries, threads rows
	for i, o := range rest {
		keys[i] = threadKey{o.IncidentID, string(o.Channel), o.Address}
		was := o.Was
		if was == "" || was == notify.Sending {
			was = notify.Pending
		}
		deliveries.add(o.NoticeID, string(o.Channel), o.Address, string(was))
		threads.add(o.IncidentID, string(o.Channel), o.Address, o.NoticeID)
	}
	if err := tx.lockThreads(ctx, keys); err != nil {
		return err
	}
	if err := tx.exec(ctx, "release deliveries", `
		UPDATE deliveries AS d
		SET state = v.column4, attempts = d.attempts - 1, updated_at = $2
		FROM `+tx.dialect.table("BIGINT", "TEXT", "TEXT", "TEXT")+`
		WHERE d.notice_id = v.column1 AND d.channel = v.column2 AND d.address = v.column3 AND d.state = 'sending'`,
		deliveries.encoded(), micros(tx.now)); err != nil {
		return err
	}
	if err := tx.exec(ctx, "release deliveries", `
		UPDATE threads AS t
		SET flying_id = 0
		FROM `+tx.dialect.table("TEXT", "TEXT", "TEXT", "BIGINT")+`
		WHERE t.incident_id = v.column1 AND t.channel = v.column2 AND t.address = v.column3 AND t.flying_id = v.column4`, threads.encoded()); err != nil {
		return err
	}
	// What is newer was held because this one was on its way: it is owed now.
	given := make([]notify.Recorded, len(rest))
	for i, o := range rest {
		given[i] = notify.Recorded{Outgoing: o, RetryAt: tx.now}
	}
	return tx.yield(ctx, given)
}

// endLease frees the chunk or the due rows of a batch for everybody.
func (tx *Tx) endLease(ctx context.Context, b notify.Batch) error {
	if b.Chunk != 0 {
		return tx.exec(ctx, "end lease", `
			UPDATE chunks
			SET lease_owner = '', lease_until = 0
			WHERE notice_id = $1 AND number = $2 AND lease_owner = $3`,
			b.NoticeID, b.Chunk, b.Lease)
	}
	for _, some := range batches(everything(b), stretchSize) {
		if err := tx.exec(ctx, "end lease", `
			UPDATE due_deliveries
			SET lease_owner = '', lease_until = 0
			WHERE lease_owner = $2 AND (notice_id, channel, address) IN `+tx.dialect.keyTable(), encodeKeys(some), b.Lease); err != nil {
			return err
		}
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
		WHERE state IN ('held', 'pending', 'sending') OR (state = 'uncertain' AND due_at > 0)
		GROUP BY channel`); err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for _, r := range rows {
		counts[r.Channel] = r.N
	}
	return counts, nil
}
