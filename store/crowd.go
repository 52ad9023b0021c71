package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// How many subscribers one transaction of an expansion takes: few at first, so
// that the first messages leave at once, then many, and yet so few that whoever
// claims or posts meanwhile does not wait long for the one writer of SQLite. How
// many of them one statement takes is the dialect's.
const (
	firstCrowd = 500
	mostCrowd  = 4_000
	// crowdChunk is how many of them one lease covers.
	crowdChunk = 500
)

// standing is how somebody stands with an incident, as far as a whole class can
// be decided about at once.
type standing int

const (
	fresh standing = iota // was told nothing, and nothing waits
	told                  // was told, and nothing waits
	busy                  // something waits or is being sent: decided one by one
)

// crowd is one stretch of subscribers that SQL joins to what the rules say of
// their class: the rules run once for each class and standing, and nobody is
// read who can be written.
type crowd struct {
	*expansion
	who string // condition on subscribers s, beyond being confirmed
	// The stretch is behind the cursor, up to and including the last.
	lastChannel, lastAddress string
	size                     int64 // subscribers in it, whoever they are
	base                     int   // chunks before it
	classes                  map[int64]decidedClass
	parts                    []part
	holds                    bool // some class is held
}

// part is what shares chunks: one channel and one quadrant.
type part struct {
	channel  string
	quadrant stakeholders.Quadrant
}

// expandSubscribers decides for the next stretch of the subscribers who were
// confirmed before the post.
func (e *expansion) expandSubscribers(ctx context.Context) error {
	// People are told by incidents only, and who stands in the register was told
	// as a stakeholder.
	who := `NOT EXISTS (SELECT 1 FROM contacts k WHERE k.channel = s.channel AND k.address = s.address)`
	if e.notice.IncidentID == "" {
		who = `s.channel = 'webhook'`
	}
	c := crowd{expansion: e, who: who}
	classes, err := c.decideClasses(ctx)
	if err != nil {
		return err
	}
	c.classes = classes
	most, at := mostCrowd, e.tx.dialect.crowd
	if e.row.CursorAddress == "" {
		most = firstCrowd
	}
	found, err := c.pass(ctx)
	if err == nil && found {
		err = c.join(ctx)
	}
	for done := 0; err == nil && found && done < most; done += at {
		if found, err = c.stretch(ctx, min(most, at)); found {
			found, err = c.pass(ctx)
		}
	}
	if err == nil && !found {
		e.next(e.afterSubscribers())
	}
	return err
}

// stretch decides for the next few; false: there is none left.
func (c *crowd) stretch(ctx context.Context, size int) (found bool, err error) {
	c.base = c.row.Chunks
	if found, err = c.measure(ctx, size); err != nil || !found {
		return false, err
	}
	touched, err := c.touched(ctx)
	if err != nil {
		return false, err
	}
	written, err := c.write(ctx, touched)
	if err != nil {
		return false, err
	}
	if written < c.size {
		if err := c.oneByOne(ctx); err != nil {
			return false, err
		}
	}
	c.row.CursorChannel, c.row.CursorAddress = c.lastChannel, c.lastAddress
	return true, nil
}

// pass moves the cursor over everybody who hears nothing, as far as that is seen
// without a look at them; false: there is nobody else.
func (c *crowd) pass(ctx context.Context) (bool, error) {
	if !c.passSilent() {
		return false, nil
	}
	return c.passUntold(ctx)
}

// passSilent moves the cursor over the channels on which nobody hears anything,
// however many they are; false: there is no other.
func (c *crowd) passSilent() bool {
	heard := ""
	for _, class := range c.classes {
		channel := string(class.channel)
		if channel < c.row.CursorChannel || heard != "" && heard <= channel || class.silent(c.notice) {
			continue
		}
		heard = channel
	}
	if heard > c.row.CursorChannel {
		c.row.CursorChannel, c.row.CursorAddress = heard, ""
	}
	return heard != ""
}

// passUntold moves the cursor to the next subscriber who was told of the incident,
// or is about to be, where nobody else hears anything, as of most ends; false:
// there is none.
func (c *crowd) passUntold(ctx context.Context) (bool, error) {
	for _, class := range c.classes {
		if !class.owed(c.notice) {
			return true, nil
		}
	}
	var next Place
	err := c.tx.get(ctx, "find told subscriber", &next, `
		SELECT t.channel, t.address
		FROM threads t
		WHERE t.incident_id = $1 AND (t.channel, t.address) > ($2, $3)
		  AND NOT EXISTS (SELECT 1 FROM contacts k WHERE k.channel = t.channel AND k.address = t.address)
		ORDER BY t.channel, t.address
		LIMIT 1`, c.notice.About(), c.row.CursorChannel, c.row.CursorAddress)
	if errors.Is(err, status.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var before string
	err = c.tx.get(ctx, "find subscriber before", &before, `
		SELECT COALESCE(MAX(address), '') FROM subscribers WHERE channel = $1 AND address < $2`, string(next.Channel), next.Address)
	if string(next.Channel) > c.row.CursorChannel || before > c.row.CursorAddress {
		c.row.CursorChannel, c.row.CursorAddress = string(next.Channel), before
	}
	return err == nil, err
}

// owed says that members hear of a notice only if they were told before.
func (d decidedClass) owed(n notify.Notice) bool {
	return !slices.ContainsFunc(d.verdicts, func(v stakeholders.Verdict) bool {
		return v.Settle(n.Occasion, stakeholders.Thread{}, n.CreatedAt).Action != stakeholders.Skip
	})
}

// silent says that no member hears anything, whatever they were told.
func (d decidedClass) silent(n notify.Notice) bool {
	return !slices.ContainsFunc(d.verdicts, func(v stakeholders.Verdict) bool { return !v.Silent(n.Occasion) })
}

// measure finds the last subscriber of a stretch; false: there is none left.
func (c *crowd) measure(ctx context.Context, size int) (bool, error) {
	const people = `
		FROM subscribers s
		WHERE (s.channel, s.address) > ($1, $2)`
	var last Place
	err := c.tx.get(ctx, "read subscribers", &last, `
		SELECT s.channel, s.address`+people+`
		ORDER BY s.channel, s.address
		LIMIT 1 OFFSET $3`, c.row.CursorChannel, c.row.CursorAddress, size-1)
	c.size = int64(size)
	if errors.Is(err, status.ErrNotFound) { // there are fewer
		if err = c.tx.get(ctx, "count subscribers", &c.size, `SELECT COUNT(*)`+people, c.row.CursorChannel, c.row.CursorAddress); err != nil || c.size == 0 {
			return false, err
		}
		err = c.tx.get(ctx, "read subscribers", &last, `
			SELECT s.channel, s.address`+people+`
			ORDER BY s.channel DESC, s.address DESC
			LIMIT 1`, c.row.CursorChannel, c.row.CursorAddress)
	}
	c.lastChannel, c.lastAddress = string(last.Channel), last.Address
	return err == nil, err
}

// join works out, for every class and standing, what its members get.
func (c *crowd) join(ctx context.Context) error {
	known, err := c.decisions(ctx)
	if err != nil {
		return err
	}
	var rows rows
	parts := map[part]int{}
	for _, id := range sortedClasses(c.classes) {
		class := c.classes[id]
		for _, s := range []standing{fresh, told} {
			out, ok := class.outcome(c.notice, s)
			if !ok {
				continue
			}
			p, number := part{string(class.channel), class.quadrant}, 0
			if _, ok := parts[p]; !ok {
				parts[p] = len(parts)
				c.parts = append(c.parts, p)
			}
			if out.Action != stakeholders.Skip {
				if number, err = c.decisionNumber(ctx, known, settled{Settled: stakeholders.Settled{
					Candidate: stakeholders.Candidate{Quadrant: class.quadrant, Verdict: class.verdicts[0]}, Outcome: out}}); err != nil {
					return err
				}
			}
			rows.add(c.notice.ID, id, int(s), parts[p], number, string(stateOf(out)), out.OnlyIfOpen, micros(out.DueAt), string(out.Gather))
			c.holds = c.holds || out.Action == stakeholders.Hold
		}
	}
	if err := c.tx.exec(ctx, "write audience classes", `DELETE FROM audience_classes WHERE notice_id = $1`, c.notice.ID); err != nil {
		return err
	}
	return c.tx.exec(ctx, "write audience classes", `
		INSERT INTO audience_classes (notice_id, class_id, standing, part, decision, state, only_if_open, due_at, gather)
		SELECT column1, column2, column3, column4, column5, column6, column7, column8, column9
		FROM `+c.tx.dialect.table("BIGINT", "BIGINT", "INTEGER", "INTEGER", "INTEGER", "TEXT", "BOOLEAN", "BIGINT", "TEXT"), rows.encoded())
}

// stateOf is the state in which a delivery with an outcome is written; ” for
// none.
func stateOf(out stakeholders.Outcome) notify.State {
	switch out.Action {
	case stakeholders.Send:
		return notify.Pending
	case stakeholders.Hold:
		return notify.Held
	default:
		return ""
	}
}

// outcome is what all members of a class get who stand alike with the
// incident; false when it depends on more than that.
func (d decidedClass) outcome(n notify.Notice, s standing) (stakeholders.Outcome, bool) {
	switch len(d.verdicts) {
	case 0:
		return stakeholders.Outcome{Action: stakeholders.Skip}, true
	case 1:
	default:
		return stakeholders.Outcome{}, false
	}
	settle := func(t stakeholders.Thread) stakeholders.Outcome {
		return d.verdicts[0].Settle(n.Occasion, t, n.CreatedAt)
	}
	if s == fresh {
		out := settle(stakeholders.Thread{})
		return out, out.Action != stakeholders.Drop
	}
	// What depends on when they were told, or of what, differs between these.
	out := settle(stakeholders.Thread{ToldAt: n.CreatedAt})
	long := settle(stakeholders.Thread{ToldAt: n.CreatedAt.Add(-100 * 365 * 24 * time.Hour), Delayed: true})
	return out, out == long && out.Action != stakeholders.Drop
}

// some is the stretch, with its arguments (see args). Who was touched by the
// incident before is looked up; else everybody is fresh.
func (c *crowd) some(touched bool) string {
	stands := "0"
	if touched {
		stands = `COALESCE((SELECT CASE WHEN t.waiting_id <> 0 OR t.flying_id <> 0 THEN 2 WHEN t.told_at > 0 THEN 1 ELSE 0 END
		                   FROM threads t
		                   WHERE t.incident_id = (SELECT ` + about + ` FROM notices n WHERE n.id = $6) AND t.channel = s.channel AND t.address = s.address), 0)`
	}
	return `
		WITH people AS ` + c.tx.dialect.first + ` (
		    SELECT s.id, s.channel, s.address, s.class_id, ` + stands + ` AS standing
		    FROM subscribers s
		    WHERE (s.channel, s.address) > ($1, $2) AND (s.channel, s.address) <= ($3, $4)
		      AND s.confirmed_at > 0 AND s.confirmed_at <= $5 AND s.unsubscribed_at = 0 AND s.quarantined_at = 0
		      AND ` + c.who + `)`
}

func (c *crowd) args(more ...any) []any {
	return append([]any{c.row.CursorChannel, c.row.CursorAddress, c.lastChannel, c.lastAddress,
		micros(c.notice.CreatedAt), c.notice.ID}, more...)
}

// touched says whether anybody of the stretch has to do with the incident
// already.
func (c *crowd) touched(ctx context.Context) (bool, error) {
	var n int
	err := c.tx.get(ctx, "look for threads", &n, `
		SELECT COUNT(*)
		FROM (SELECT 1
		      FROM threads
		      WHERE incident_id = $1 AND (channel, address) > ($2, $3) AND (channel, address) <= ($4, $5)
		      LIMIT 1) AS one`, c.notice.About(), c.row.CursorChannel, c.row.CursorAddress, c.lastChannel, c.lastAddress)
	return n > 0, err
}

// write inserts what the classes say for everybody whom they can say it for.
// Each run of subscribers makes one chunk for every part that occurs in it.
// It returns how many were written.
func (c *crowd) write(ctx context.Context, touched bool) (int64, error) {
	now := micros(c.tx.now)
	written, err := c.tx.execCount(ctx, "write deliveries", `
		INSERT INTO deliveries (notice_id, channel, address, person, decision, chunk, state, only_if_open, due_at, created_at,
		                        updated_at, answer, gather, uncertain, attempts, sent_at, said_id, merged_id)`+c.some(touched)+`
		SELECT $6, people.channel, people.address, 'subscriber:' || people.id, class.decision,
		       $7 + `+c.tx.dialect.run+` * $9 + class.part + 1,
		       class.state, class.only_if_open, class.due_at, $10, $10, '', class.gather, FALSE, 0, 0, 0, 0
		FROM people
		CROSS JOIN audience_classes class
		WHERE class.notice_id = $6 AND class.class_id = people.class_id AND class.standing = people.standing AND class.state <> ''`, c.args(c.base, crowdChunk, len(c.parts), now)...)
	if err != nil || written == 0 {
		return 0, err
	}
	c.row.Chunks = c.base + (c.tx.dialect.crowd/crowdChunk+1)*len(c.parts)
	if err := c.tx.wrote(ctx, c.notice.ID, written); err != nil {
		return 0, err
	}
	return written, c.follow(ctx)
}

// follow writes what belongs to the deliveries of the stretch: threads, due
// rows and chunks.
func (c *crowd) follow(ctx context.Context) error {
	const these = `
		FROM deliveries d
		WHERE d.notice_id = $1 AND (d.channel, d.address) > ($2, $3) AND (d.channel, d.address) <= ($4, $5) AND d.chunk > $6`
	args := func(more ...any) []any {
		return append([]any{c.notice.ID, c.row.CursorChannel, c.row.CursorAddress, c.lastChannel, c.lastAddress, c.base}, more...)
	}
	if err := c.tx.exec(ctx, "write threads", `
		INSERT INTO threads (incident_id, channel, address, person, waiting_id, told_at, told_id, flying_id)
		SELECT $7, d.channel, d.address, d.person, CASE WHEN d.gather = 'day' THEN 0 ELSE d.notice_id END, 0, 0, 0`+these+`
		ON CONFLICT (incident_id, channel, address) DO UPDATE
		SET waiting_id = CASE WHEN excluded.waiting_id = 0 THEN threads.waiting_id ELSE excluded.waiting_id END`, args(c.notice.About())...); err != nil {
		return err
	}
	ranks := make([]string, len(c.parts))
	for i, p := range c.parts {
		ranks[i] = fmt.Sprintf("WHEN %d THEN %d", i, urgency(c.notice.Priority, p.quadrant))
	}
	if len(ranks) == 0 {
		return nil
	}
	if err := c.tx.exec(ctx, "write chunks", fmt.Sprintf(`
		INSERT INTO chunks (notice_id, number, channel, priority, first_address, last_address, size, lease_owner, lease_until)
		SELECT d.notice_id, d.chunk, d.channel, MIN(CASE (d.chunk - $6 - 1) %% $7 %s END), MIN(d.address), MAX(d.address), COUNT(*), '', 0`, strings.Join(ranks, " "))+these+`
		  AND d.state = 'pending'
		GROUP BY d.notice_id, d.chunk, d.channel`, args(len(c.parts))...); err != nil {
		return err
	}
	if !c.holds {
		return nil
	}
	if err := c.tx.exec(ctx, "schedule deliveries", fmt.Sprintf(`
		INSERT INTO due_deliveries (notice_id, channel, address, due_at, priority, lease_owner, lease_until)
		SELECT d.notice_id, d.channel, d.address, d.due_at, CASE (d.chunk - $6 - 1) %% $7 %s END, '', 0`, strings.Join(ranks, " "))+these+`
		  AND d.state = 'held' AND d.gather = ''`, args(len(c.parts))...); err != nil {
		return err
	}
	return c.tx.exec(ctx, "note digests", `
		INSERT INTO gatherings (channel, address, due_at)
		SELECT d.channel, d.address, d.due_at`+these+`
		  AND d.state = 'held' AND d.gather <> ''
		ON CONFLICT (channel, address) DO UPDATE
		SET due_at = CASE WHEN excluded.due_at < gatherings.due_at THEN excluded.due_at ELSE gatherings.due_at END`, args()...)
}

// oneByOne decides for those of the stretch for whom more counts than their
// class: something waits for them, or it matters when they were told.
func (c *crowd) oneByOne(ctx context.Context) error {
	var rows []struct {
		ID      string `db:"id"`
		Channel string `db:"channel"`
		Address string `db:"address"`
		ClassID int64  `db:"class_id"`
	}
	if err := c.tx.list(ctx, "read subscribers", &rows, c.some(true)+`
		SELECT people.id, people.channel, people.address, people.class_id
		FROM people
		LEFT JOIN audience_classes class ON class.notice_id = $6 AND class.class_id = people.class_id AND class.standing = people.standing
		WHERE COALESCE(class.state, '-') <> ''
		  AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.notice_id = $6 AND d.channel = people.channel AND d.address = people.address)
		ORDER BY people.channel, people.address`, c.args()...); err != nil {
		return err
	}
	candidates := make([]stakeholders.Candidate, 0, len(rows))
	for _, row := range rows {
		class, ok := c.classes[row.ClassID]
		if !ok { // joined a moment ago
			var err error
			if c.classes, err = c.decideClasses(ctx); err != nil {
				return err
			}
			class = c.classes[row.ClassID]
		}
		for _, v := range class.verdicts {
			v.Contact = stakeholders.Contact{Channel: stakeholders.Channel(row.Channel), Address: row.Address}
			candidates = append(candidates, stakeholders.Candidate{
				Person: string(stakeholders.FromSubscription) + ":" + row.ID, Quadrant: class.quadrant, Verdict: v})
		}
	}
	for _, some := range batches(candidates, stretchSize) {
		if err := c.settle(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

func sortedClasses(classes map[int64]decidedClass) []int64 {
	ids := make([]int64, 0, len(classes))
	for id := range classes {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
