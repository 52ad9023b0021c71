package store

import (
	"cmp"
	"context"
	"slices"

	"github.com/allclear-status/allclear/notify"
)

// plainlySent parts the results of a chunk that say no more than that the
// message was delivered, as nearly all do, from the others.
func plainlySent(b notify.Batch, results []notify.Recorded) (sent, others []notify.Recorded) {
	if b.Chunk == 0 || len(results) == 0 {
		return nil, results
	}
	incident := results[0].IncidentID
	plainly := func(r notify.Recorded) bool {
		return r.State == notify.Sent && r.Result.Outcome == notify.Delivered && r.RetryAt.IsZero() && r.NoticeID == b.NoticeID &&
			r.SaidID == r.NoticeID && r.IncidentID == incident && !together(string(r.Event))
	}
	if !slices.ContainsFunc(results, func(r notify.Recorded) bool { return !plainly(r) }) {
		return slices.Clip(results), nil
	}
	for _, r := range results {
		if plainly(r) {
			sent = append(sent, r)
		} else {
			others = append(others, r)
		}
	}
	return sent, others
}

// recordSent writes down what plainlySent found, in few words: who, when, and
// what the server answered if that differs. What is alike for all stands in the
// statement. Changing the threads locks them, as lockThreads would.
func (tx *Tx) recordSent(ctx context.Context, b notify.Batch, results []notify.Recorded) error {
	if len(results) == 0 {
		return nil
	}
	answer, types := storable(results[0].Result.Answer), []string{"TEXT", "BIGINT"}
	same := !slices.ContainsFunc(results, func(r notify.Recorded) bool { return r.Result.Answer != results[0].Result.Answer })
	said := "CAST($5 AS TEXT)"
	if !same {
		types, said = append(types, "TEXT"), "v.column3"
	}
	values := make(rows, 0, len(results))
	for _, r := range results {
		if same {
			values.add(r.Address, micros(r.At))
		} else {
			values.add(r.Address, micros(r.At), storable(r.Result.Answer))
		}
	}
	slices.SortFunc(values, func(a, b []any) int { return cmp.Compare(a[0].(string), b[0].(string)) })
	encoded, channel := values.encoded(), string(b.Channel)
	if err := tx.exec(ctx, "record threads", `
		WITH people AS MATERIALIZED (
		    SELECT v.column1 AS address, v.column2 AS at, CAST($3 AS TEXT) AS channel, CAST($4 AS TEXT) AS incident_id
		    FROM `+tx.dialect.table("TEXT", "BIGINT")+`)
		UPDATE threads AS t
		SET told_at = p.at, told_id = CASE WHEN t.told_id < $2 THEN $2 ELSE t.told_id END,
		    flying_id = CASE WHEN t.flying_id = $2 THEN 0 ELSE t.flying_id END,
		    waiting_id = CASE WHEN t.waiting_id = $2 THEN 0 ELSE t.waiting_id END
		FROM people p
		WHERE t.incident_id = p.incident_id AND t.channel = p.channel AND t.address = p.address`,
		encoded, b.NoticeID, channel, results[0].IncidentID); err != nil {
		return err
	}
	if err := tx.exec(ctx, "record deliveries", `
		WITH people AS MATERIALIZED (
		    SELECT v.column1 AS address, v.column2 AS at, `+said+` AS answer, CAST($3 AS TEXT) AS channel, CAST($2 AS BIGINT) AS notice_id
		    FROM `+tx.dialect.table(types...)+`)
		UPDATE deliveries AS d
		SET state = 'sent', due_at = 0, sent_at = p.at, answer = p.answer, updated_at = $4, said_id = p.notice_id,
		    attempts = CASE WHEN d.state = 'pending' THEN d.attempts + 1 ELSE d.attempts END
		FROM people p
		WHERE d.notice_id = p.notice_id AND d.channel = p.channel AND d.address = p.address`,
		append([]any{encoded, b.NoticeID, channel, micros(tx.now)}, answers(same, answer)...)...); err != nil {
		return err
	}
	return tx.unscheduleSent(ctx, b, results, values[0][0], values[len(values)-1][0])
}

func answers(same bool, answer string) []any {
	if same {
		return []any{answer}
	}
	return nil
}

// unscheduleSent removes due rows of what a chunk led to, between its first and
// its last address. There are none, unless a result comes twice.
func (tx *Tx) unscheduleSent(ctx context.Context, b notify.Batch, results []notify.Recorded, first, last any) error {
	var n int
	if err := tx.get(ctx, "look for due rows", &n, `
		SELECT COUNT(*)
		FROM (SELECT 1
		      FROM due_deliveries
		      WHERE notice_id = $1 AND channel = $2 AND address BETWEEN $3 AND $4
		      LIMIT 1) AS one`, b.NoticeID, string(b.Channel), first, last); err != nil || n == 0 {
		return err
	}
	done := make([]deliveryKey, len(results))
	for i, r := range results {
		done[i] = keyOf(r.Key)
	}
	return tx.unschedule(ctx, done)
}
