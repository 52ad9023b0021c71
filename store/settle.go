package store

import (
	"cmp"
	"context"
	"slices"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
)

// settled is a delivery about to be written.
type settled struct {
	stakeholders.Settled
	decision int
	chunk    int
}

func (r settled) place() place { return placeOf(r.Verdict.Contact) }

// settle takes what each candidate was told so far into account and writes
// what follows: deliveries, the chunks to claim them by, and what they replace.
func (e *expansion) settle(ctx context.Context, candidates []stakeholders.Candidate) error {
	if e.notice.IncidentID == "" || len(candidates) == 0 {
		return nil // only events about incidents are pushed
	}
	places := make([]place, len(candidates))
	for i, c := range candidates {
		places[i] = placeOf(c.Verdict.Contact)
	}
	threads, err := e.tx.threads(ctx, e.notice.IncidentID, places)
	if err != nil {
		return err
	}
	facts := func(c stakeholders.Contact) stakeholders.Thread { return threads[placeOf(c)].facts() }
	var rows []settled
	for _, s := range stakeholders.Settle(e.notice.Occasion, candidates, facts, e.notice.CreatedAt) {
		if s.Outcome.Action != stakeholders.Skip {
			rows = append(rows, settled{Settled: s})
		}
	}
	if rows, err = e.unwritten(ctx, rows); err != nil || len(rows) == 0 {
		return err
	}
	if err := e.number(ctx, rows); err != nil {
		return err
	}
	if err := e.replace(ctx, rows, threads); err != nil {
		return err
	}
	return e.write(ctx, rows)
}

// unwritten leaves out the addresses that have a delivery of this notice
// already, from an earlier stretch.
func (e *expansion) unwritten(ctx context.Context, rows []settled) ([]settled, error) {
	if len(rows) == 0 {
		return rows, nil
	}
	addresses := make([]string, len(rows))
	for i, r := range rows {
		addresses[i] = r.place().Address
	}
	query, args, err := e.tx.in(`
		SELECT channel, address
		FROM deliveries
		WHERE notice_id = ? AND address IN (?)`, e.notice.ID, addresses)
	if err != nil {
		return nil, err
	}
	var have []place
	if err := e.tx.list(ctx, "read deliveries", &have, query, args...); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(rows, func(r settled) bool { return slices.Contains(have, r.place()) }), nil
}

// number gives the rows their decision and their chunk: one chunk for each
// channel and quadrant, in the order of sending.
func (e *expansion) number(ctx context.Context, rows []settled) error {
	slices.SortStableFunc(rows, func(a, b settled) int {
		return cmp.Or(cmp.Compare(a.Quadrant.Rank(), b.Quadrant.Rank()),
			cmp.Compare(a.place().Channel, b.place().Channel), cmp.Compare(a.place().Address, b.place().Address))
	})
	var nextChunk, nextDecision int
	if err := e.tx.get(ctx, "number chunks", &nextChunk, `
		SELECT COALESCE(MAX(chunk), 0) + 1 FROM deliveries WHERE notice_id = $1`, e.notice.ID); err != nil {
		return err
	}
	known, err := e.decisions(ctx)
	if err != nil {
		return err
	}
	nextDecision = len(known) + 1
	chunks := map[[2]string]int{}
	for i := range rows {
		r := &rows[i]
		part := [2]string{string(r.Quadrant), string(r.place().Channel)}
		if chunks[part] == 0 {
			chunks[part], nextChunk = nextChunk, nextChunk+1
		}
		r.chunk = chunks[part]
		d := decision{e.notice.ID, 0, string(r.Quadrant), string(r.Outcome.Rule), r.Outcome.Cell, r.Outcome.Reason}
		number, ok := known[d]
		if !ok {
			number, nextDecision = nextDecision, nextDecision+1
			known[d] = number
			if err := e.tx.exec(ctx, "write decision", `
				INSERT INTO decisions (notice_id, number, quadrant, rule, cell, reason)
				VALUES ($1, $2, $3, $4, $5, $6)`, d.NoticeID, number, d.Quadrant, d.Rule, d.Cell, d.Reason); err != nil {
				return err
			}
		}
		r.decision = number
	}
	return nil
}

// decision is why a delivery exists.
type decision struct {
	NoticeID int64  `db:"notice_id"`
	Number   int    `db:"number"`
	Quadrant string `db:"quadrant"`
	Rule     string `db:"rule"`
	Cell     string `db:"cell"`
	Reason   string `db:"reason"`
}

// decisions reads those of this notice, by what they say.
func (e *expansion) decisions(ctx context.Context) (map[decision]int, error) {
	var rows []decision
	if err := e.tx.list(ctx, "read decisions", &rows, `
		SELECT notice_id, number, quadrant, rule, cell, reason
		FROM decisions
		WHERE notice_id = $1`, e.notice.ID); err != nil {
		return nil, err
	}
	known := map[decision]int{}
	for _, d := range rows {
		number := d.Number
		d.Number = 0
		known[d] = number
	}
	return known, nil
}

// replace ends what waits for the same people about the same incident
// (rule 6): superseded by the newer message, or dropped with it.
func (e *expansion) replace(ctx context.Context, rows []settled, threads map[place]thread) error {
	for _, r := range rows {
		t := threads[r.place()]
		if t.WaitingID == 0 {
			continue
		}
		state, words := notify.Superseded, "a newer message about the incident took its place"
		if r.Outcome.Action == stakeholders.Drop {
			state, words = notify.Dropped, r.Outcome.Reason
		}
		if err := e.tx.exec(ctx, "supersede delivery", `
			UPDATE deliveries
			SET state = $1, answer = $2, updated_at = $3, due_at = 0
			WHERE notice_id = $4 AND channel = $5 AND address = $6 AND state IN ('held', 'pending', 'uncertain')`,
			string(state), words, micros(e.tx.now), t.WaitingID, t.Channel, t.Address); err != nil {
			return err
		}
		if err := e.tx.exec(ctx, "supersede delivery", `
			DELETE FROM due_deliveries
			WHERE notice_id = $1 AND channel = $2 AND address = $3`, t.WaitingID, t.Channel, t.Address); err != nil {
			return err
		}
	}
	return nil
}

// write inserts deliveries, threads, due rows and chunks.
func (e *expansion) write(ctx context.Context, rows []settled) error {
	now := micros(e.tx.now)
	var deliveries, threads, due []any
	dueRows := 0
	for _, r := range rows {
		p, state, waiting := r.place(), notify.Pending, e.notice.ID
		switch r.Outcome.Action {
		case stakeholders.Hold:
			state = notify.Held
		case stakeholders.Drop:
			state, waiting = notify.Dropped, 0
		}
		deliveries = append(deliveries, e.notice.ID, string(p.Channel), p.Address, r.Person, r.decision, r.chunk, string(state),
			r.Outcome.OnlyIfOpen, micros(r.Outcome.DueAt), now, now, droppedWords(r.Outcome))
		threads = append(threads, e.notice.IncidentID, string(p.Channel), p.Address, r.Person, waiting)
		if state == notify.Held {
			due = append(due, e.notice.ID, string(p.Channel), p.Address, micros(r.Outcome.DueAt))
			dueRows++
		}
	}
	if err := e.tx.exec(ctx, "write deliveries", `
		INSERT INTO deliveries (notice_id, channel, address, person, decision, chunk, state, only_if_open, due_at, created_at,
		                        updated_at, answer, uncertain, attempts, sent_at, said_id)
		SELECT column1, column2, column3, column4, column5, column6, column7, column8, column9, column10, column11, column12,
		       FALSE, 0, 0, 0
		FROM (VALUES `+values(1, len(rows), "BIGINT", "TEXT", "TEXT", "TEXT", "INTEGER", "INTEGER", "TEXT", "BOOLEAN", "BIGINT", "BIGINT", "BIGINT", "TEXT")+`) AS v`,
		deliveries...); err != nil {
		return err
	}
	if err := e.tx.exec(ctx, "write threads", `
		INSERT INTO threads (incident_id, channel, address, person, waiting_id, told_at, told_id, flying_id)
		SELECT column1, column2, column3, column4, column5, 0, 0, 0
		FROM (VALUES `+values(1, len(rows), "TEXT", "TEXT", "TEXT", "TEXT", "BIGINT")+`) AS v
		WHERE TRUE
		ON CONFLICT (incident_id, channel, address) DO UPDATE SET waiting_id = excluded.waiting_id`, threads...); err != nil {
		return err
	}
	if dueRows > 0 {
		if err := e.tx.exec(ctx, "write due deliveries", `
			INSERT INTO due_deliveries (notice_id, channel, address, due_at, lease_owner, lease_until)
			SELECT column1, column2, column3, column4, '', 0
			FROM (VALUES `+values(1, dueRows, "BIGINT", "TEXT", "TEXT", "BIGINT")+`) AS v`, due...); err != nil {
			return err
		}
	}
	return e.writeChunks(ctx, rows)
}

func droppedWords(o stakeholders.Outcome) string {
	if o.Action == stakeholders.Drop {
		return o.Reason
	}
	return ""
}

// writeChunks makes one chunk for each run of rows to send now.
func (e *expansion) writeChunks(ctx context.Context, rows []settled) error {
	for start := 0; start < len(rows); {
		end, sending := start, 0
		for ; end < len(rows) && rows[end].chunk == rows[start].chunk; end++ {
			if rows[end].Outcome.Action == stakeholders.Send {
				sending++
			}
		}
		first, last := rows[start], rows[end-1]
		start = end
		if sending == 0 {
			continue
		}
		if err := e.tx.exec(ctx, "write chunk", `
			INSERT INTO chunks (notice_id, number, channel, priority, first_address, last_address, lease_owner, lease_until)
			VALUES ($1, $2, $3, $4, $5, $6, '', 0)`,
			e.notice.ID, first.chunk, string(first.place().Channel),
			e.notice.Priority*len(stakeholders.Quadrants())+first.Quadrant.Rank(),
			first.place().Address, last.place().Address); err != nil {
			return err
		}
	}
	return nil
}
