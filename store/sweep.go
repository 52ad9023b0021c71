package store

import (
	"context"
	"slices"

	"github.com/allclear-status/allclear/notify"
)

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

// remains are what of a chunk is looked at row by row.
type remains struct {
	all []claimKey
	// doubtful had been leased before, by somebody who stopped: nobody knows
	// whether they were sent.
	doubtful []claimKey
}

// sweep reads what of a leased chunk needs no second look: nothing else flies or
// waits for these people, and nothing keeps them from being told. Nearly
// everybody of a large audience is such a one, and from now on is being sent,
// because the chunk is leased. The rest is named, for take to decide.
func (tx *Tx) sweep(ctx context.Context, s stretch, wasLeased bool) (plain []claimRow, rest remains, err error) {
	var n struct {
		About string `db:"about"`
		Event string `db:"event"`
	}
	if err := tx.get(ctx, "read notice", &n, `SELECT `+about+` AS about, n.event FROM notices n WHERE n.id = $1`, s.notice); err != nil {
		return nil, rest, err
	}
	if err := tx.byKey(ctx); err != nil {
		return nil, rest, err
	}
	erased, err := tx.erasedIn(ctx, s)
	if err != nil {
		return nil, rest, err
	}
	found, err := tx.stretchRows(ctx, s, n.About)
	if err != nil {
		return nil, rest, err
	}
	atOnce := n.About != "" && !together(n.Event) && !erased && !wasLeased
	for i := range found {
		r := &found[i]
		r.NoticeID, r.Channel, r.IncidentID, r.Event = s.notice, s.channel, n.About, n.Event
		if atOnce && r.Told >= 0 {
			continue
		}
		key := claimKey{r.deliveryKey, n.About}
		rest.all = append(rest.all, key)
		if wasLeased && r.State == string(notify.Pending) {
			rest.doubtful = append(rest.doubtful, key)
		}
	}
	if len(rest.all) == len(found) {
		return nil, rest, nil
	}
	plain = slices.DeleteFunc(found, func(r claimRow) bool { return r.Told < 0 })
	return plain, rest, tx.completePlain(ctx, s, plain)
}

// stretchRows reads what of a stretch is not done, with what each person was told
// before; -1 stands for whoever needs a second look. What is only looked up is a
// value and not a join, so that each row is found by its whole key: beside a
// constant, PostgreSQL would rather read every thread of an incident that it has
// not counted yet.
func (tx *Tx) stretchRows(ctx context.Context, s stretch, incident string) (found []claimRow, err error) {
	found = make([]claimRow, 0, crowdChunk)
	err = tx.list(ctx, "read chunk", &found, `
		SELECT d.address, d.person, d.state, d.attempts, d.created_at, d.decision, CASE WHEN `+fit+`
		         AND (SELECT 1 FROM suppressions x WHERE x.channel = d.channel AND x.address = d.address) IS NULL
		         AND (SELECT 1 FROM endpoints e WHERE e.channel = d.channel AND e.address = d.address) IS NULL
		       THEN COALESCE((
		           SELECT t.told_id
		           FROM threads t
		           WHERE t.incident_id = $6 AND t.channel = d.channel AND t.address = d.address
		             AND t.waiting_id = $1 AND t.flying_id = 0 AND t.told_id < $1), -1)
		       ELSE -1 END AS told_id
		FROM deliveries d
		WHERE `+these+` AND d.state IN ('pending', 'sending')
		ORDER BY d.address`, s.args(incident)...)
	return found, err
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

// completePlain adds why each is told and in which way.
func (tx *Tx) completePlain(ctx context.Context, s stretch, rows []claimRow) error {
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
		r.Quadrant, r.Rule, r.Form, r.Language, r.Pace, r.SaidID = d.Quadrant, d.Rule, d.Form, d.Language, d.Pace, s.notice
	}
	return nil
}
