package store

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/allclear-status/allclear/notify"
)

// errMoved says that others changed what a transaction had read; it is run
// again.
var errMoved = errors.New("others were in the way")

// stretch is where a chunk's deliveries are.
type stretch struct {
	notice      int64
	channel     string
	first, last string // addresses
	number      int
}

// these are the deliveries d of a stretch that the chunk leads to, with the
// stretch's arguments (see args).
const these = `d.notice_id = $1 AND d.channel = $2 AND d.address BETWEEN $3 AND $4 AND d.chunk = $5 AND d.due_at = 0`

func (s stretch) args(more ...any) []any {
	return append([]any{s.notice, s.channel, s.first, s.last, s.number}, more...)
}

// fit are deliveries d whose own row says nothing against sending them.
const fit = `d.state = 'pending' AND d.said_id IN (0, $1) AND NOT d.only_if_open`

// sweep marks as being sent what of a leased chunk needs no second look, all at
// once: nothing else flies or waits for these people, and nothing keeps them
// from being told. Nearly everybody of a large audience is such a one. The rest
// is named, for take to decide.
//
// The threads are changed first, which locks them, and the deliveries by what
// was changed: so both are as they were read.
func (tx *Tx) sweep(ctx context.Context, s stretch) (plain []claimRow, rest []claimKey, err error) {
	var n struct {
		About string `db:"about"`
		Event string `db:"event"`
	}
	if err := tx.get(ctx, "read notice", &n, `SELECT `+about+` AS about, n.event FROM notices n WHERE n.id = $1`, s.notice); err != nil {
		return nil, nil, err
	}
	if err := tx.byKey(ctx); err != nil {
		return nil, nil, err
	}
	// Whoever had the chunk before and stopped left these.
	if err := tx.list(ctx, "read chunk", &rest, `
		SELECT d.notice_id, d.channel, d.address
		FROM deliveries d
		WHERE `+these+` AND d.state = 'sending'
		ORDER BY d.address`, s.args()...); err != nil {
		return nil, nil, err
	}
	erased, err := tx.erasedIn(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	if n.About != "" && !together(n.Event) && !erased {
		if plain, err = tx.markPlain(ctx, s, n.About); err != nil {
			return nil, nil, err
		}
	}
	for i := range plain {
		plain[i].Event, plain[i].IncidentID = n.Event, n.About
	}
	var others []claimKey
	if err := tx.list(ctx, "read chunk", &others, `
		SELECT d.notice_id, d.channel, d.address
		FROM deliveries d
		WHERE `+these+` AND d.state = 'pending'
		ORDER BY d.address`, s.args()...); err != nil {
		return nil, nil, err
	}
	rest = append(rest, others...)
	for i := range rest {
		rest[i].IncidentID = n.About
	}
	return plain, rest, nil
}

// erasedIn says whether somebody in the stretch was erased: they are known by a
// pseudonym alone, which no statement can make of an address.
func (tx *Tx) erasedIn(ctx context.Context, s stretch) (bool, error) {
	if any, err := tx.anyErased(ctx); err != nil || !any {
		return false, err
	}
	var places []Place
	if err := tx.list(ctx, "read chunk", &places, `SELECT d.channel, d.address FROM deliveries d WHERE `+these, s.args()...); err != nil {
		return false, err
	}
	erased, err := tx.erasedAmong(ctx, places)
	return len(erased) > 0, err
}

// markPlain marks what it can, and reads it. The incident stands in the
// materialized part, and what is only looked up is a value and not a join, so
// that each row is found by its whole key: beside a constant, PostgreSQL would
// rather read every thread of an incident that it has not counted yet.
func (tx *Tx) markPlain(ctx context.Context, s stretch, incident string) ([]claimRow, error) {
	marked, err := tx.execCount(ctx, "mark threads", `
		WITH people AS MATERIALIZED (
		    SELECT d.channel, d.address, CAST($6 AS TEXT) AS incident_id
		    FROM deliveries d
		    WHERE `+these+` AND `+fit+`
		      AND (SELECT 1 FROM suppressions x WHERE x.channel = d.channel AND x.address = d.address) IS NULL
		      AND (SELECT 1 FROM endpoints e WHERE e.channel = d.channel AND e.address = d.address) IS NULL
		    ORDER BY d.address)
		UPDATE threads AS t
		SET flying_id = $1
		FROM people p
		WHERE t.incident_id = p.incident_id AND t.channel = p.channel AND t.address = p.address
		  AND t.waiting_id = $1 AND t.flying_id = 0 AND t.told_id < $1`, s.args(incident)...)
	if err != nil || marked == 0 {
		return nil, err
	}
	rows := make([]claimRow, 0, marked)
	if err := tx.list(ctx, "mark sending", &rows, `
		UPDATE deliveries AS d
		SET state = 'sending', attempts = attempts + 1, said_id = notice_id, updated_at = $7
		WHERE `+these+` AND `+fit+`
		  AND (SELECT t.flying_id FROM threads t WHERE t.incident_id = $6 AND t.channel = d.channel AND t.address = d.address) = $1
		RETURNING notice_id, channel, address, person, attempts, created_at, said_id, decision`,
		s.args(incident, micros(tx.now))...); err != nil {
		return nil, err
	}
	if int64(len(rows)) != marked {
		return nil, errMoved
	}
	slices.SortFunc(rows, func(a, b claimRow) int { return cmp.Compare(a.Address, b.Address) })
	return rows, tx.completePlain(ctx, s, incident, rows)
}

// completePlain adds why each is told and in which way, and who was told before.
func (tx *Tx) completePlain(ctx context.Context, s stretch, incident string, rows []claimRow) error {
	var told []struct {
		Address string `db:"address"`
		ToldID  int64  `db:"told_id"`
	}
	if err := tx.list(ctx, "read who was told", &told, `
		SELECT t.address, t.told_id
		FROM threads t
		WHERE t.incident_id = $1 AND t.channel = $2 AND t.address BETWEEN $3 AND $4 AND t.flying_id = $5 AND t.told_id > 0`,
		incident, s.channel, s.first, s.last, s.notice); err != nil {
		return err
	}
	before := make(map[string]int64, len(told))
	for _, t := range told {
		before[t.Address] = t.ToldID
	}
	var decisions []decision
	if err := tx.list(ctx, "read decisions", &decisions, `
		SELECT notice_id, number, quadrant, rule, cell, reason, form, language, pace
		FROM decisions
		WHERE notice_id = $1`, s.notice); err != nil {
		return err
	}
	numbered := make(map[int]decision, len(decisions))
	for _, d := range decisions {
		numbered[d.Number] = d
	}
	for i := range rows {
		r := &rows[i]
		d := numbered[r.Decision]
		r.Quadrant, r.Rule, r.Form, r.Language, r.Pace = d.Quadrant, d.Rule, d.Form, d.Language, d.Pace
		r.State, r.Attempts, r.Told = string(notify.Pending), r.Attempts-1, before[r.Address]
	}
	return nil
}
