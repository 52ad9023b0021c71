package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// deferred is how long a message waits when an older one to the same person is
// being sent at that moment.
const deferred = time.Second

// Claim implements notify.Outbox.
func (s *Store) Claim(ctx context.Context, c notify.Claim) (batch notify.Batch, err error) {
	err = s.inTxAgain(ctx, func(tx *Tx) error {
		batch = notify.Batch{Lease: NewID(), Channel: c.Channel, For: c.Lease}
		first, second := tx.claimChunk, tx.claimDue
		if c.DueFirst {
			first, second = second, first
		}
		if err := first(ctx, &batch, c); err != nil || batch.Size()+batch.Settled > 0 {
			return err
		}
		return second(ctx, &batch, c)
	})
	if err != nil {
		return notify.Batch{}, fmt.Errorf("claim deliveries: %w", err)
	}
	return batch, nil
}

// claimChunk leases the most urgent chunk and reads what of it is to be sent.
func (tx *Tx) claimChunk(ctx context.Context, b *notify.Batch, c notify.Claim) error {
	var chunk struct {
		NoticeID int64  `db:"notice_id"`
		Number   int    `db:"number"`
		First    string `db:"first_address"`
		Last     string `db:"last_address"`
	}
	err := tx.get(ctx, "lease chunk", &chunk, `
		UPDATE chunks
		SET lease_owner = $1, lease_until = $2
		WHERE (notice_id, number) IN (
		    SELECT notice_id, number
		    FROM chunks
		    WHERE channel = $3 AND lease_until < $4
		    ORDER BY priority, notice_id, number
		    LIMIT 1`+tx.dialect.skipLocked+`)
		RETURNING notice_id, number, first_address, last_address`,
		b.Lease, micros(tx.now.Add(c.Lease)), string(c.Channel), micros(tx.now))
	if errors.Is(err, status.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	b.NoticeID, b.Chunk = chunk.NoticeID, chunk.Number
	var rows []claimRow
	if err := tx.list(ctx, "read chunk", &rows, claimColumns+`
		FROM deliveries d
		`+claimJoins+`
		WHERE d.notice_id = $1 AND d.channel = $2 AND d.address BETWEEN $3 AND $4 AND d.chunk = $5
		  AND d.state IN ('pending', 'sending')
		  AND NOT EXISTS (
		      SELECT 1 FROM due_deliveries due
		      WHERE due.notice_id = d.notice_id AND due.channel = d.channel AND due.address = d.address)
		ORDER BY d.address`,
		chunk.NoticeID, string(c.Channel), chunk.First, chunk.Last, chunk.Number); err != nil {
		return err
	}
	if len(rows) == 0 {
		b.Settled++ // the empty chunk itself: there may be more behind it
		return tx.endChunk(ctx, *b)
	}
	return tx.take(ctx, b, rows)
}

// claimDue leases rows that are due by themselves.
func (tx *Tx) claimDue(ctx context.Context, b *notify.Batch, c notify.Claim) error {
	if err := tx.exec(ctx, "lease due deliveries", `
		UPDATE due_deliveries
		SET lease_owner = $1, lease_until = $2
		WHERE (notice_id, channel, address) IN (
		    SELECT notice_id, channel, address
		    FROM due_deliveries
		    WHERE channel = $3 AND due_at <= $4 AND lease_until < $4
		    ORDER BY due_at
		    LIMIT $5`+tx.dialect.skipLocked+`)`,
		b.Lease, micros(tx.now.Add(c.Lease)), string(c.Channel), micros(tx.now), c.Limit); err != nil {
		return err
	}
	var rows []claimRow
	if err := tx.list(ctx, "read due deliveries", &rows, claimColumns+`
		FROM due_deliveries due
		JOIN deliveries d ON d.notice_id = due.notice_id AND d.channel = due.channel AND d.address = due.address
		`+claimJoins+`
		WHERE due.channel = $1 AND due.lease_owner = $2
		ORDER BY n.priority, d.notice_id, d.address`, string(c.Channel), b.Lease); err != nil {
		return err
	}
	return tx.take(ctx, b, rows)
}

// claimRow is a delivery with all that decides whether it is sent now.
type claimRow struct {
	NoticeID       int64  `db:"notice_id"`
	Channel        string `db:"channel"`
	Address        string `db:"address"`
	Person         string `db:"person"`
	State          string `db:"state"`
	OnlyIfOpen     bool   `db:"only_if_open"`
	Attempts       int    `db:"attempts"`
	CreatedAt      int64  `db:"created_at"`
	SaidID         int64  `db:"said_id"`
	Quadrant       string `db:"quadrant"`
	Rule           string `db:"rule"`
	Event          string `db:"event"`
	IncidentID     string `db:"incident_id"`
	IncidentStatus string `db:"incident_status"`
	Flying         int64  `db:"flying_id"`
	Waiting        int64  `db:"waiting_id"`
	Suppressed     string `db:"suppressed"`
	Sealed         string `db:"sealed"`
}

const claimColumns = `
	SELECT d.notice_id, d.channel, d.address, d.person, d.state, d.only_if_open, d.attempts, d.created_at, d.said_id,
	       w.quadrant, w.rule, n.event, COALESCE(n.incident_id, '') AS incident_id, COALESCE(i.status, '') AS incident_status,
	       COALESCE(t.flying_id, 0) AS flying_id, COALESCE(t.waiting_id, 0) AS waiting_id,
	       COALESCE(x.reason, '') AS suppressed, COALESCE(e.sealed, '') AS sealed`

const claimJoins = `
	JOIN notices n ON n.id = d.notice_id
	JOIN decisions w ON w.notice_id = d.notice_id AND w.number = d.decision
	LEFT JOIN incidents i ON i.id = n.incident_id
	LEFT JOIN threads t ON t.incident_id = n.incident_id AND t.channel = d.channel AND t.address = d.address
	LEFT JOIN suppressions x ON x.channel = d.channel AND x.address = d.address
	LEFT JOIN endpoints e ON e.channel = d.channel AND e.address = d.address`

func (r claimRow) key() notify.Key {
	return notify.Key{NoticeID: r.NoticeID, Channel: stakeholders.Channel(r.Channel), Address: r.Address}
}

// final says what becomes of a row that is not to be sent, with the reason; an
// empty state means that it is to be sent.
func (r claimRow) final() (notify.State, string) {
	over := status.IncidentStatus(r.IncidentStatus).Over()
	switch {
	case r.Suppressed != "":
		return notify.Suppressed, r.Suppressed
	case r.Waiting > r.NoticeID:
		return notify.Superseded, "a newer message about the incident took its place"
	case notify.State(r.State) != notify.Held:
		return "", ""
	case r.OnlyIfOpen && (over || r.IncidentStatus == string(status.Monitoring)):
		return notify.Dropped, "no longer open when it fell due"
	case over && !stakeholders.Event(r.Event).Ends():
		return notify.Dropped, "it ended before the held message went out"
	default:
		return "", ""
	}
}

// take settles what may not be sent, puts off what must wait, and marks the
// rest as being sent.
func (tx *Tx) take(ctx context.Context, b *notify.Batch, rows []claimRow) error {
	var send []claimRow
	for _, r := range rows {
		state, reason := r.final()
		var err error
		switch {
		case state != "":
			b.Settled++
			err = tx.finish(ctx, r, state, reason)
		case r.Flying != 0 && r.Flying != r.NoticeID:
			b.Settled++
			err = tx.schedule(ctx, r.key(), tx.now.Add(deferred))
		default:
			if notify.State(r.State) == notify.Sending {
				err = tx.uncertain(ctx, r)
			}
			send = append(send, r)
		}
		if err != nil {
			return err
		}
	}
	if len(send) == 0 {
		if b.Chunk != 0 {
			return tx.endChunk(ctx, *b)
		}
		return nil
	}
	if err := tx.newestSaid(ctx, send); err != nil {
		return err
	}
	if err := tx.markSending(ctx, send); err != nil {
		return err
	}
	return tx.group(ctx, b, send)
}

// finish ends a delivery without sending it.
func (tx *Tx) finish(ctx context.Context, r claimRow, state notify.State, reason string) error {
	if err := tx.exec(ctx, "end delivery", `
		UPDATE deliveries
		SET state = $1, answer = $2, updated_at = $3, due_at = 0
		WHERE notice_id = $4 AND channel = $5 AND address = $6`,
		string(state), reason, micros(tx.now), r.NoticeID, r.Channel, r.Address); err != nil {
		return err
	}
	if err := tx.unschedule(ctx, r.key()); err != nil {
		return err
	}
	return tx.exec(ctx, "end delivery", `
		UPDATE threads
		SET waiting_id = CASE WHEN waiting_id = $1 THEN 0 ELSE waiting_id END,
		    flying_id = CASE WHEN flying_id = $1 THEN 0 ELSE flying_id END
		WHERE incident_id = $2 AND channel = $3 AND address = $4`,
		r.NoticeID, r.IncidentID, r.Channel, r.Address)
}

// schedule makes a delivery due at a time, free to be leased.
func (tx *Tx) schedule(ctx context.Context, k notify.Key, at time.Time) error {
	return tx.exec(ctx, "schedule delivery", `
		INSERT INTO due_deliveries (notice_id, channel, address, due_at, lease_owner, lease_until)
		VALUES ($1, $2, $3, $4, '', 0)
		ON CONFLICT (notice_id, channel, address) DO UPDATE
		SET due_at = excluded.due_at, lease_owner = '', lease_until = 0`,
		k.NoticeID, string(k.Channel), k.Address, micros(at))
}

func (tx *Tx) unschedule(ctx context.Context, k notify.Key) error {
	return tx.exec(ctx, "unschedule delivery", `
		DELETE FROM due_deliveries WHERE notice_id = $1 AND channel = $2 AND address = $3`,
		k.NoticeID, string(k.Channel), k.Address)
}

// uncertain writes down an attempt whose result nobody recorded: the server
// that made it stopped, or outlived its lease.
func (tx *Tx) uncertain(ctx context.Context, r claimRow) error {
	if err := tx.addAttempt(ctx, r.key(), r.Attempts, tx.now, notify.UncertainSent,
		"the sender stopped before the result was known; repeated with the same message id"); err != nil {
		return err
	}
	return tx.exec(ctx, "mark uncertain", `
		UPDATE deliveries SET uncertain = TRUE WHERE notice_id = $1 AND channel = $2 AND address = $3`,
		r.NoticeID, r.Channel, r.Address)
}

func (tx *Tx) addAttempt(ctx context.Context, k notify.Key, number int, at time.Time, o notify.Outcome, answer string) error {
	return tx.exec(ctx, "write attempt", `
		INSERT INTO attempts (notice_id, channel, address, number, at, outcome, answer)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (notice_id, channel, address, number) DO NOTHING`,
		k.NoticeID, string(k.Channel), k.Address, number, micros(at), string(o), answer)
}

// newestSaid gives what was held the incident's newest public update to carry.
func (tx *Tx) newestSaid(ctx context.Context, rows []claimRow) error {
	newest := map[string]int64{}
	for i := range rows {
		r := &rows[i]
		if r.SaidID == 0 {
			r.SaidID = r.NoticeID
		}
		if notify.State(r.State) != notify.Held || r.IncidentID == "" {
			continue
		}
		if newest[r.IncidentID] == 0 {
			var id int64
			if err := tx.get(ctx, "find newest notice", &id, `
				SELECT MAX(id) FROM notices WHERE incident_id = $1`, r.IncidentID); err != nil {
				return err
			}
			newest[r.IncidentID] = id
		}
		r.SaidID = newest[r.IncidentID]
	}
	return nil
}

// markSending writes down, before anything leaves, that it is about to.
func (tx *Tx) markSending(ctx context.Context, rows []claimRow) error {
	var deliveries, threads []any
	for _, r := range rows {
		deliveries = append(deliveries, r.NoticeID, r.Channel, r.Address, r.SaidID)
		threads = append(threads, r.IncidentID, r.Channel, r.Address, r.NoticeID)
	}
	args := append(deliveries, micros(tx.now))
	if err := tx.exec(ctx, "mark sending", fmt.Sprintf(`
		UPDATE deliveries AS d
		SET state = 'sending', attempts = attempts + 1, said_id = v.column4, due_at = 0, updated_at = $%d
		FROM (VALUES %s) AS v
		WHERE d.notice_id = v.column1 AND d.channel = v.column2 AND d.address = v.column3`,
		len(args), values(1, len(rows), "BIGINT", "TEXT", "TEXT", "BIGINT")), args...); err != nil {
		return err
	}
	return tx.exec(ctx, "mark sending", `
		UPDATE threads AS t
		SET flying_id = v.column4
		FROM (VALUES `+values(1, len(rows), "TEXT", "TEXT", "TEXT", "BIGINT")+`) AS v
		WHERE t.incident_id = v.column1 AND t.channel = v.column2 AND t.address = v.column3`, threads...)
}

// group puts together what has one text: the same notice said in the same form
// and language.
func (tx *Tx) group(ctx context.Context, b *notify.Batch, rows []claimRow) error {
	type text struct {
		said int64
		form notify.Form
	}
	at := map[text]int{}
	for _, r := range rows {
		t := text{r.SaidID, notify.FormFor(stakeholders.Quadrant(r.Quadrant))}
		i, ok := at[t]
		if !ok {
			content, err := tx.content(ctx, t.said)
			if err != nil {
				return err
			}
			i = len(b.Groups)
			at[t] = i
			b.Groups = append(b.Groups, notify.Group{Text: notify.Text{Content: content, Form: t.form, Language: content.Language}})
		}
		out := notify.Outgoing{Key: r.key(), IncidentID: r.IncidentID, Person: r.Person, Quadrant: stakeholders.Quadrant(r.Quadrant),
			Rule: stakeholders.Rule(r.Rule), Attempt: r.Attempts + 1, CreatedAt: instant(r.CreatedAt)}
		if r.Sealed != "" {
			var err error
			if out.Endpoint, err = tx.key.Unseal(r.Sealed); err != nil {
				return fmt.Errorf("read endpoint: %w", err)
			}
		}
		b.Groups[i].To = append(b.Groups[i].To, out)
	}
	return nil
}

func (q queries) content(ctx context.Context, noticeID int64) (content notify.Content, err error) {
	var encoded string
	if err := q.get(ctx, "read notice", &encoded, `SELECT content FROM notices WHERE id = $1`, noticeID); err != nil {
		return content, err
	}
	if err := json.Unmarshal([]byte(encoded), &content); err != nil {
		return content, fmt.Errorf("read notice %d: %w", noticeID, err)
	}
	return content, nil
}

// endChunk removes a chunk whose rows are all accounted for.
func (tx *Tx) endChunk(ctx context.Context, b notify.Batch) error {
	return tx.exec(ctx, "end chunk", `
		DELETE FROM chunks WHERE notice_id = $1 AND number = $2 AND lease_owner = $3`, b.NoticeID, b.Chunk, b.Lease)
}
