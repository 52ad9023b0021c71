package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
)

// Addressee is the one person whom a notice about no incident is for.
type Addressee struct {
	Contact  stakeholders.Contact
	Person   string // "subscriber:<id>"
	Quadrant stakeholders.Quadrant
	Language string // empty: the page's
	Reason   string // for the ledger
}

// EnqueueTo stores a notice that one person asked for, such as the question
// whether they want to subscribe, with its delivery: there is no audience to
// work out, and the worker finds it after the commit like any other.
func (tx *Tx) EnqueueTo(ctx context.Context, n notify.Notice, to Addressee) (id int64, err error) {
	if id, err = tx.directNotice(ctx, n); err != nil {
		return 0, err
	}
	channel, address := string(to.Contact.Channel), to.Contact.Address
	if err := tx.exec(ctx, "write decision", `
		INSERT INTO decisions (notice_id, number, quadrant, rule, cell, reason, form, language, pace)
		VALUES ($1, 1, $2, $3, '', $4, 'full', $5, 0)`, id, string(to.Quadrant), string(stakeholders.RuleConsent), to.Reason, to.Language); err != nil {
		return 0, err
	}
	if err := tx.exec(ctx, "write delivery", `
		INSERT INTO deliveries (notice_id, channel, address, person, decision, chunk, state, only_if_open, due_at, created_at,
		                        updated_at, answer, gather, uncertain, attempts, sent_at, said_id, merged_id)
		VALUES ($1, $2, $3, $4, 1, 1, 'pending', FALSE, 0, $5, $5, '', '', FALSE, 0, 0, 0, 0)`,
		id, channel, address, to.Person, micros(tx.now)); err != nil {
		return 0, err
	}
	if err := tx.letterThreads(ctx, []settled{{Settled: stakeholders.Settled{Candidate: stakeholders.Candidate{
		Person: to.Person, Verdict: stakeholders.Verdict{Contact: to.Contact}}}}}); err != nil {
		return 0, err
	}
	return id, tx.exec(ctx, "write chunk", `
		INSERT INTO chunks (notice_id, number, channel, priority, first_address, last_address, size, lease_owner, lease_until)
		VALUES ($1, 1, $2, $3, $4, $4, 1, '', 0)`, id, channel, urgency(n.Priority, to.Quadrant), address)
}

// directNotice stores a notice whose expansion is done.
func (tx *Tx) directNotice(ctx context.Context, n notify.Notice) (id int64, err error) {
	occasion, err := json.Marshal(n.Occasion)
	if err != nil {
		return 0, fmt.Errorf("enqueue notice: %w", err)
	}
	content, err := json.Marshal(n.Content)
	if err != nil {
		return 0, fmt.Errorf("enqueue notice: %w", err)
	}
	err = tx.get(ctx, "enqueue notice", &id, `
		INSERT INTO notices (incident_id, component_id, update_id, event, occasion, content, policy_version, priority, created_at,
		                     stage, start_at, cursor_channel, cursor_address, expanded_at, chunks, written)
		VALUES (NULL, '', '', $1, $2, $3, $4, $5, $6, '', 0, '', '', $6, 1, 1)
		RETURNING id`,
		string(n.Occasion.Event), string(occasion), string(content), n.PolicyVersion, n.Priority, micros(tx.now))
	return id, err
}

// letterThreads makes the rows that those who claim and record lock for what is
// about no incident, or about several. Nothing waits in them, so that no such
// message takes another's place.
func (tx *Tx) letterThreads(ctx context.Context, to []settled) error {
	for _, some := range batches(to, stretchSize) {
		var values rows
		for _, r := range some {
			values.add(string(r.place().Channel), r.place().Address, r.Person)
		}
		if err := tx.exec(ctx, "write threads", `
			INSERT INTO threads (incident_id, channel, address, person, waiting_id, told_at, told_id, flying_id)
			SELECT '', column1, column2, column3, 0, 0, 0, 0
			FROM `+tx.dialect.table("TEXT", "TEXT", "TEXT")+`
			WHERE TRUE
			ON CONFLICT (incident_id, channel, address) DO UPDATE SET person = excluded.person`, values.encoded()); err != nil { // so that nobody forgets them meanwhile
			return err
		}
	}
	return nil
}

// sharedNotice stores a notice that needs no expansion, once for all who are
// told the same, and keeps everybody else from adding to it until the
// transaction ends. It returns how many chunks the notice has so far.
func (tx *Tx) sharedNotice(ctx context.Context, key string, n notify.Notice) (id int64, chunks int, err error) {
	occasion, err := json.Marshal(n.Occasion)
	if err != nil {
		return 0, 0, fmt.Errorf("enqueue notice: %w", err)
	}
	content, err := json.Marshal(n.Content)
	if err != nil {
		return 0, 0, fmt.Errorf("enqueue notice: %w", err)
	}
	var row struct {
		ID     int64 `db:"id"`
		Chunks int   `db:"chunks"`
	}
	err = tx.get(ctx, "enqueue notice", &row, `
		INSERT INTO notices (incident_id, component_id, update_id, event, occasion, content, policy_version, priority, created_at,
		                     stage, start_at, cursor_channel, cursor_address, expanded_at, chunks, share_key)
		VALUES ($1, '', $2, $3, $4, $5, $6, $7, $8, '', 0, '', '', $8, 0, $9)
		ON CONFLICT (share_key) DO UPDATE SET share_key = excluded.share_key
		RETURNING id, chunks`,
		nullable(n.IncidentID), n.UpdateID, string(n.Occasion.Event), string(occasion), string(content), n.PolicyVersion, n.Priority, micros(tx.now), key)
	return row.ID, row.Chunks, err
}

// EnqueueShared stores a notice for some candidates alone, once for all who are
// told the same (by its key), with the deliveries that follow for them now.
func (tx *Tx) EnqueueShared(ctx context.Context, key string, n notify.Notice, candidates []stakeholders.Candidate) (err error) {
	e := expansion{tx: tx, notice: n}
	if e.notice.ID, e.row.Chunks, err = tx.sharedNotice(ctx, key, n); err != nil {
		return err
	}
	if err := e.settle(ctx, candidates); err != nil {
		return err
	}
	return tx.exec(ctx, "count chunks", `UPDATE notices SET chunks = $1 WHERE id = $2`, e.row.Chunks, e.notice.ID)
}
