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

func (r settled) place() Place { return placeOf(r.Verdict.Contact) }

// settle takes what each candidate was told so far into account and writes
// what follows: deliveries, the chunks to claim them by, and what they replace.
func (e *expansion) settle(ctx context.Context, candidates []stakeholders.Candidate) error {
	places, keys := make([]Place, len(candidates)), make([]threadKey, len(candidates))
	for i, c := range candidates {
		p := placeOf(c.Verdict.Contact)
		places[i], keys[i] = p, threadKey{e.notice.About(), string(p.Channel), p.Address}
	}
	if err := e.tx.hold(ctx, keys, chunkKey{}); err != nil {
		return err
	}
	threads, err := e.tx.threads(ctx, e.notice.About(), places)
	if err != nil {
		return err
	}
	facts := func(c stakeholders.Contact) stakeholders.Thread { return threads[placeOf(c)].facts() }
	var chosen []settled
	for _, s := range stakeholders.Settle(e.notice.Occasion, candidates, facts, e.notice.CreatedAt) {
		if s.Outcome.Action != stakeholders.Skip {
			chosen = append(chosen, settled{Settled: s})
		}
	}
	slices.SortStableFunc(chosen, bySending)
	for _, some := range batches(chosen, stretchSize) {
		if some, err = e.unwritten(ctx, some); err != nil {
			return err
		}
		if len(some) == 0 {
			continue
		}
		if err := e.number(ctx, some); err != nil {
			return err
		}
		if err := e.replace(ctx, some, threads); err != nil {
			return err
		}
		if err := e.write(ctx, some, threads); err != nil {
			return err
		}
	}
	return nil
}

// bySending is the order in which deliveries of one notice are written: by
// quadrant, then by address.
func bySending(a, b settled) int {
	return cmp.Or(cmp.Compare(a.Quadrant.Rank(), b.Quadrant.Rank()),
		cmp.Compare(a.place().Channel, b.place().Channel), cmp.Compare(a.place().Address, b.place().Address))
}

// unwritten leaves out the addresses that have a delivery of this notice
// already, from an earlier stretch.
func (e *expansion) unwritten(ctx context.Context, written []settled) ([]settled, error) {
	keys := make([]deliveryKey, len(written))
	for i, r := range written {
		keys[i] = deliveryKey{e.notice.ID, string(r.place().Channel), r.place().Address}
	}
	var have []Place
	if err := e.tx.list(ctx, "read deliveries", &have, `
		SELECT channel, address
		FROM deliveries
		WHERE (notice_id, channel, address) IN `+e.tx.dialect.keyTable(), encodeKeys(keys)); err != nil || len(have) == 0 {
		return written, err
	}
	return slices.DeleteFunc(written, func(r settled) bool { return slices.Contains(have, r.place()) }), nil
}

// number gives the rows their decision and their chunk: one chunk for each
// channel and quadrant, in the order of sending.
func (e *expansion) number(ctx context.Context, rows []settled) error {
	known, err := e.decisions(ctx)
	if err != nil {
		return err
	}
	chunks := map[[2]string]int{}
	for i := range rows {
		r := &rows[i]
		part := [2]string{string(r.Quadrant), string(r.place().Channel)}
		if chunks[part] == 0 {
			e.row.Chunks++
			chunks[part] = e.row.Chunks
		}
		r.chunk = chunks[part]
		if r.decision, err = e.decisionNumber(ctx, known, *r); err != nil {
			return err
		}
	}
	return nil
}

// decisionNumber finds or writes why a delivery exists.
func (e *expansion) decisionNumber(ctx context.Context, known map[decision]int, r settled) (int, error) {
	d := decision{e.notice.ID, 0, string(r.Quadrant), string(r.Outcome.Rule), r.Outcome.Cell, r.Outcome.Reason,
		string(cmp.Or(r.Verdict.Form, stakeholders.FormFull)), r.Verdict.Language, r.Verdict.Pace.Microseconds()}
	if number, ok := known[d]; ok {
		return number, nil
	}
	number := len(known) + 1
	known[d] = number
	return number, e.tx.exec(ctx, "write decision", `
		INSERT INTO decisions (notice_id, number, quadrant, rule, cell, reason, form, language, pace)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		d.NoticeID, number, d.Quadrant, d.Rule, d.Cell, d.Reason, d.Form, d.Language, d.Pace)
}

// decision is why a delivery exists.
type decision struct {
	NoticeID int64  `db:"notice_id"`
	Number   int    `db:"number"`
	Quadrant string `db:"quadrant"`
	Rule     string `db:"rule"`
	Cell     string `db:"cell"`
	Reason   string `db:"reason"`
	Form     string `db:"form"`
	Language string `db:"language"`
	Pace     int64  `db:"pace"`
}

// decisions reads those of this notice, by what they say.
func (e *expansion) decisions(ctx context.Context) (map[decision]int, error) {
	var rows []decision
	if err := e.tx.list(ctx, "read decisions", &rows, `
		SELECT notice_id, number, quadrant, rule, cell, reason, form, language, pace
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
// (rule 6): superseded by the newer message, or dropped with it. What is being
// sent at this moment is left alone, and so is its due row: should the sender
// die, that row is what leads back to it.
func (e *expansion) replace(ctx context.Context, newer []settled, threads map[Place]thread) error {
	var older rows
	for _, r := range newer {
		t := threads[r.place()]
		if t.WaitingID == 0 || r.Outcome.Gather == stakeholders.GatherDay {
			continue
		}
		state, words := notify.Superseded, supersededWords
		if r.Outcome.Action == stakeholders.Drop {
			state, words = notify.Dropped, r.Outcome.Reason
		}
		older.add(t.WaitingID, t.Channel, t.Address, string(state), words)
	}
	if len(older) == 0 {
		return nil
	}
	var ended []deliveryKey
	if err := e.tx.list(ctx, "supersede deliveries", &ended, `
		UPDATE deliveries AS d
		SET state = v.column4, answer = v.column5, updated_at = $2, due_at = 0
		FROM `+e.tx.dialect.table("BIGINT", "TEXT", "TEXT", "TEXT", "TEXT")+`
		WHERE d.notice_id = v.column1 AND d.channel = v.column2 AND d.address = v.column3
		  AND d.state IN ('held', 'pending', 'uncertain')
		RETURNING notice_id, channel, address`, older.encoded(), micros(e.tx.now)); err != nil {
		return err
	}
	return e.tx.unschedule(ctx, ended)
}

// write inserts deliveries, threads, due rows and chunks.
func (e *expansion) write(ctx context.Context, fresh []settled, threads map[Place]thread) error {
	if err := e.insert(ctx, fresh, func(r settled) notify.State { return r.state(threads[r.place()]) }); err != nil {
		return err
	}
	var told rows
	var due, gathered []dueRow
	for _, r := range fresh {
		p, waiting := r.place(), e.notice.ID
		if r.Outcome.Action == stakeholders.Drop {
			waiting = 0
		}
		if r.Outcome.Gather == stakeholders.GatherDay { // takes nobody's place
			waiting = threads[p].WaitingID
		}
		told.add(e.notice.About(), string(p.Channel), p.Address, r.Person, waiting)
		if r.Outcome.Action != stakeholders.Hold {
			continue
		}
		row := dueRow{deliveryKey{e.notice.ID, string(p.Channel), p.Address}, r.Quadrant, r.Outcome.DueAt}
		if r.Outcome.Gather == "" {
			due = append(due, row)
		} else {
			gathered = append(gathered, row)
		}
	}
	if err := e.tx.exec(ctx, "write threads", `
		INSERT INTO threads (incident_id, channel, address, person, waiting_id, told_at, told_id, flying_id)
		SELECT column1, column2, column3, column4, column5, 0, 0, 0
		FROM `+e.tx.dialect.table("TEXT", "TEXT", "TEXT", "TEXT", "BIGINT")+`
		WHERE TRUE
		ON CONFLICT (incident_id, channel, address) DO UPDATE SET waiting_id = excluded.waiting_id`, told.encoded()); err != nil {
		return err
	}
	if err := e.tx.schedule(ctx, due); err != nil {
		return err
	}
	if err := e.tx.gather(ctx, gathered); err != nil {
		return err
	}
	return e.writeChunks(ctx, fresh)
}

// state is in which a row is written.
func (r settled) state(t thread) notify.State {
	switch {
	case r.Outcome.Action == stakeholders.Drop:
		return notify.Dropped
	case r.Outcome.Action == stakeholders.Hold && (r.Outcome.Gather != "" || !t.retries(r.Outcome.DueAt)):
		return notify.Held
	default:
		return notify.Pending
	}
}

// insert writes the deliveries alone.
func (e *expansion) insert(ctx context.Context, fresh []settled, state func(settled) notify.State) error {
	now := micros(e.tx.now)
	var deliveries rows
	for _, r := range fresh {
		p := r.place()
		deliveries.add(e.notice.ID, string(p.Channel), p.Address, r.Person, r.decision, r.chunk, string(state(r)),
			r.Outcome.OnlyIfOpen, micros(r.Outcome.DueAt), now, now, droppedWords(r.Outcome), string(r.Outcome.Gather))
	}
	if err := e.tx.exec(ctx, "write deliveries", `
		INSERT INTO deliveries (notice_id, channel, address, person, decision, chunk, state, only_if_open, due_at, created_at,
		                        updated_at, answer, gather, uncertain, attempts, sent_at, said_id, merged_id)
		SELECT column1, column2, column3, column4, column5, column6, column7, column8, column9, column10, column11, column12, column13,
		       FALSE, 0, 0, 0, 0
		FROM `+e.tx.dialect.table("BIGINT", "TEXT", "TEXT", "TEXT", "INTEGER", "INTEGER", "TEXT", "BOOLEAN", "BIGINT", "BIGINT", "BIGINT", "TEXT", "TEXT"),
		deliveries.encoded()); err != nil {
		return err
	}
	return e.tx.wrote(ctx, e.notice.ID, int64(len(fresh)))
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
			INSERT INTO chunks (notice_id, number, channel, priority, first_address, last_address, size, lease_owner, lease_until)
			VALUES ($1, $2, $3, $4, $5, $6, $7, '', 0)`,
			e.notice.ID, first.chunk, string(first.place().Channel),
			urgency(e.notice.Priority, first.Quadrant),
			first.place().Address, last.place().Address, sending); err != nil {
			return err
		}
	}
	return nil
}
