package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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
		Priority int    `db:"priority"`
		Was      string `db:"lease_owner"`
	}
	err := tx.get(ctx, "find chunk", &chunk, `
		SELECT notice_id, number, first_address, last_address, priority, lease_owner
		FROM chunks
		WHERE channel = $2 AND lease_until < $3 AND priority < $4 AND lease_owner NOT IN `+tx.dialect.names()+`
		ORDER BY priority, notice_id, number
		LIMIT 1`+tx.dialect.skipLocked, encodeNames(c.Mine), string(c.Channel), micros(tx.leaseNow), before(c))
	if errors.Is(err, status.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := tx.exec(ctx, "lease chunk", `
		UPDATE chunks
		SET lease_owner = $1, lease_until = $2
		WHERE notice_id = $3 AND number = $4`,
		b.Lease, micros(tx.leaseNow.Add(c.Lease)), chunk.NoticeID, chunk.Number); err != nil {
		return err
	}
	b.NoticeID, b.Chunk, b.Urgency = chunk.NoticeID, chunk.Number, chunk.Priority
	s := stretch{notice: chunk.NoticeID, channel: string(c.Channel), first: chunk.First, last: chunk.Last, number: chunk.Number}
	plain, rest, err := tx.sweep(ctx, s, chunk.Was != "")
	if err != nil {
		return err
	}
	if err := tx.takeRest(ctx, b, rest); err != nil {
		return err
	}
	if len(plain) > 0 {
		return tx.group(ctx, b, plain)
	}
	if b.Size() > 0 {
		return nil
	}
	b.Settled++ // the empty chunk itself: there may be more behind it
	return tx.endChunk(ctx, *b)
}

// takeRest looks at what of a chunk could not be taken at one sweep, row by row.
func (tx *Tx) takeRest(ctx context.Context, b *notify.Batch, found remains) error {
	if len(found.all) == 0 {
		return nil
	}
	keys := make([]threadKey, len(found.all))
	for i, k := range found.all {
		keys[i] = k.thread()
	}
	if err := tx.hold(ctx, keys, chunkKey{b.NoticeID, b.Chunk}); err != nil {
		return err
	}
	if err := tx.fly(ctx, found.doubtful); err != nil {
		return err
	}
	rows, err := tx.claimRows(ctx, found.all)
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(r claimRow) bool {
		return r.DueAt != 0 || r.State != string(notify.Pending) && r.State != string(notify.Sending)
	})
	return tx.take(ctx, b, rows)
}

// before is the urgency that a claim must be ahead of.
func before(c notify.Claim) int {
	if c.Before == 0 {
		return urgencies
	}
	return c.Before
}

// claimKey is a delivery that may be claimed, with what it is about. All that is
// looked up for it is looked up by these four: a join on a constant would let
// PostgreSQL, which knows little about a table that has just grown, read the
// whole incident for every row.
type claimKey struct {
	deliveryKey
	IncidentID string `db:"incident_id"`
}

var claimTypes = []string{"BIGINT", "TEXT", "TEXT", "TEXT"}

func encodeClaim(keys []claimKey) string {
	var named rows
	for _, k := range keys {
		named.add(k.NoticeID, k.Channel, k.Address, k.IncidentID)
	}
	return named.encoded()
}

// claimDue leases rows that are due by themselves, the most urgent first. It
// waits for nobody: what another transaction has is left for later.
func (tx *Tx) claimDue(ctx context.Context, b *notify.Batch, c notify.Claim) error {
	var one int
	if err := tx.get(ctx, "look for due deliveries", &one, `
		SELECT 1
		FROM due_deliveries
		WHERE channel = $1 AND priority IN (`+everyUrgency+`) AND due_at <= $2 AND lease_until < $3
		LIMIT 1`, string(c.Channel), micros(tx.now), micros(tx.leaseNow)); err != nil {
		if errors.Is(err, status.ErrNotFound) {
			return nil // most of the time
		}
		return err
	}
	var found []claimKey
	for level := 0; level < before(c) && len(found) < c.Limit; level++ {
		var keys []claimKey
		if err := tx.list(ctx, "find due deliveries", &keys, `
			SELECT t.notice_id, t.channel, t.address, `+about+` AS incident_id
			FROM due_deliveries t
			CROSS JOIN notices n
			WHERE n.id = t.notice_id AND t.channel = $2 AND t.priority = $3 AND t.due_at <= $4 AND t.lease_until < $5
			  AND t.lease_owner NOT IN `+tx.dialect.names()+`
			ORDER BY t.due_at
			LIMIT $6`+tx.dialect.lockFree, encodeNames(c.Mine), string(c.Channel), level, micros(tx.now), micros(tx.leaseNow), c.Limit-len(found)); err != nil {
			return err
		}
		if len(found) == 0 {
			b.Urgency = level
		}
		found = append(found, keys...)
	}
	if len(found) == 0 {
		return nil
	}
	free, err := tx.freeThreads(ctx, found)
	if err != nil {
		return err
	}
	if free, err = tx.withoutBusy(ctx, free); err != nil {
		return err
	}
	if len(free) == 0 {
		b.Settled++ // others have them at this moment; there may be more behind
		return nil
	}
	if err := tx.exec(ctx, "lease due deliveries", `
		UPDATE due_deliveries
		SET lease_owner = $2, lease_until = $3
		WHERE (notice_id, channel, address) IN (SELECT column1, column2, column3 FROM `+tx.dialect.table(claimTypes...)+`)`,
		encodeClaim(free), b.Lease, micros(tx.leaseNow.Add(c.Lease))); err != nil {
		return err
	}
	rows, err := tx.claimRows(ctx, free)
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(r claimRow) bool { return notify.State(r.State).Done() })
	if len(rows) < len(free) {
		b.Settled++
		if err := tx.unscheduleOthers(ctx, free, rows); err != nil {
			return err
		}
	}
	return tx.take(ctx, b, rows)
}

// claimRows reads deliveries in the order of sending. It leaves every further
// condition to the caller: PostgreSQL would take one for a reason to read the
// whole table.
func (tx *Tx) claimRows(ctx context.Context, keys []claimKey) ([]claimRow, error) {
	var found []claimRow
	if err := tx.list(ctx, "read deliveries to send", &found, `
		SELECT d.notice_id, d.channel, d.address, d.person, d.state, d.only_if_open, d.attempts, d.created_at, d.due_at, d.said_id,
		       w.quadrant, w.rule, w.form, w.language, w.pace, n.event, n.priority, `+about+` AS incident_id, COALESCE(i.status, '') AS incident_status,
		       COALESCE(i.resolved_at > 0 AND n.created_at > i.resolved_at, FALSE) AS after_end,
		       COALESCE(t.flying_id, 0) AS flying_id, COALESCE(t.waiting_id, 0) AS waiting_id,
		       COALESCE(t.told_id, 0) AS told_id,
		       COALESCE(x.reason, '') AS suppressed, COALESCE(e.sealed, '') AS sealed
		FROM `+tx.dialect.table(claimTypes...)+`
		CROSS JOIN deliveries d
		CROSS JOIN notices n
		CROSS JOIN decisions w
		LEFT JOIN incidents i ON i.id = v.column4
		LEFT JOIN threads t ON t.incident_id = v.column4 AND t.channel = v.column2 AND t.address = v.column3
		LEFT JOIN suppressions x ON x.channel = v.column2 AND x.address = v.column3
		LEFT JOIN endpoints e ON e.channel = v.column2 AND e.address = v.column3
		WHERE d.notice_id = v.column1 AND d.channel = v.column2 AND d.address = v.column3
		  AND n.id = v.column1 AND w.notice_id = v.column1 AND w.number = d.decision`, encodeClaim(keys)); err != nil {
		return nil, err
	}
	if err := tx.markErased(ctx, found); err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b claimRow) int {
		return cmp.Or(cmp.Compare(urgency(a.Priority, stakeholders.Quadrant(a.Quadrant)), urgency(b.Priority, stakeholders.Quadrant(b.Quadrant))),
			cmp.Compare(a.NoticeID, b.NoticeID), cmp.Compare(a.Address, b.Address))
	})
	return found, nil
}

// markErased marks rows to addresses that are known by their pseudonyms alone.
func (tx *Tx) markErased(ctx context.Context, found []claimRow) error {
	places := make([]Place, len(found))
	for i, r := range found {
		places[i] = r.place()
	}
	erased, err := tx.erasedAmong(ctx, places)
	for i := range found {
		if erased[places[i]] {
			found[i].Suppressed = ErasedAddress
		}
	}
	return err
}

// unscheduleOthers removes due rows of deliveries that are done.
func (tx *Tx) unscheduleOthers(ctx context.Context, leased []claimKey, live []claimRow) error {
	var done []deliveryKey
	for _, k := range leased {
		if !slices.ContainsFunc(live, func(r claimRow) bool { return r.deliveryKey == k.deliveryKey }) {
			done = append(done, k.deliveryKey)
		}
	}
	return tx.unschedule(ctx, done)
}

// claimRow is a delivery with all that decides whether it is sent now.
type claimRow struct {
	deliveryKey
	Person         string `db:"person"`
	State          string `db:"state"`
	OnlyIfOpen     bool   `db:"only_if_open"`
	Attempts       int    `db:"attempts"`
	Decision       int    `db:"decision"`
	CreatedAt      int64  `db:"created_at"`
	DueAt          int64  `db:"due_at"`
	SaidID         int64  `db:"said_id"`
	Quadrant       string `db:"quadrant"`
	Rule           string `db:"rule"`
	Form           string `db:"form"`
	Language       string `db:"language"`
	Pace           int64  `db:"pace"`
	Event          string `db:"event"`
	Priority       int    `db:"priority"`
	IncidentID     string `db:"incident_id"`
	IncidentStatus string `db:"incident_status"`
	AfterEnd       bool   `db:"after_end"` // said when it was over already
	Flying         int64  `db:"flying_id"`
	Waiting        int64  `db:"waiting_id"`
	Told           int64  `db:"told_id"`
	Suppressed     string `db:"suppressed"`
	Sealed         string `db:"sealed"`
	endpoint       string // Sealed in clear
}

func (r claimRow) key() notify.Key {
	return notify.Key{NoticeID: r.NoticeID, Channel: stakeholders.Channel(r.Channel), Address: r.Address}
}

func (r claimRow) place() Place { return Place{stakeholders.Channel(r.Channel), r.Address} }

func (r claimRow) thread() threadKey { return threadKey{r.IncidentID, r.Channel, r.Address} }

// final says what becomes of a row that is not to be sent, with the reason; an
// empty state means that it is to be sent.
func (r claimRow) final() (notify.State, string) {
	state, over := notify.State(r.State), status.IncidentStatus(r.IncidentStatus).Over()
	switch {
	case r.Suppressed != "" && !stillSent(stakeholders.Event(r.Event), r.Suppressed):
		return notify.Suppressed, r.Suppressed
	case r.IncidentID != "" && max(r.Waiting, r.Flying, r.Told) > max(r.NoticeID, r.SaidID) && !stakeholders.Event(r.Event).Lasting():
		return notify.Superseded, supersededWords
	case state == notify.Held && r.Told >= r.NoticeID && !stakeholders.Event(r.Event).Lasting():
		return notify.Superseded, "a digest said it already"
	case r.Attempts == 0 && r.IncidentID != "" && r.Told >= max(r.NoticeID, r.SaidID) && !stakeholders.Event(r.Event).Lasting():
		return notify.Superseded, "a message that was on its way said it already"
	case r.OnlyIfOpen && (over || r.IncidentStatus == string(status.Monitoring)) && (state == notify.Held || state == notify.Pending):
		return notify.Dropped, "no longer open when it fell due"
	case state == notify.Held && over && !r.AfterEnd && !stakeholders.Event(r.Event).Closes():
		return notify.Dropped, "it ended before the held message went out"
	default:
		return "", ""
	}
}

// endedRow is a delivery that ends without being sent.
type endedRow struct {
	deliveryKey
	IncidentID string `db:"incident_id"`
	state      notify.State
	reason     string
	together   bool // others were merged into it
	// Newer is the notice whose message took its place, At when this one was to
	// be sent; without it nothing is inherited.
	Newer int64 `db:"newer"`
	at    time.Time
}

// take settles what may not be sent, puts off what must wait, and marks the
// rest as being sent.
func (tx *Tx) take(ctx context.Context, b *notify.Batch, rows []claimRow) error {
	var send, lost []claimRow
	var ended []endedRow
	var later []dueRow
	var anew []deliveryKey
	digests, err := tx.digestsNow(ctx, rows)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if notify.State(r.State) == notify.Sending {
			lost = append(lost, r)
		}
		state, reason := r.final()
		if state == "" && !tx.open(&r) {
			state, reason = notify.Failed, "its address cannot be unsealed"
		}
		switch {
		case state != "":
			e := endedRow{deliveryKey: r.deliveryKey, IncidentID: r.IncidentID, state: state, reason: reason, together: together(r.Event)}
			if state == notify.Superseded && notify.State(r.State) != notify.Sending {
				e.Newer, e.at = r.Waiting, tx.now
			}
			ended = append(ended, e)
		case digests[r.deliveryKey].Busy:
			later = append(later, dueRow{r.deliveryKey, stakeholders.Quadrant(r.Quadrant), tx.now.Add(deferred)})
		case digests[r.deliveryKey].Stale:
			anew = append(anew, r.deliveryKey)
			ended = append(ended, endedRow{deliveryKey: r.deliveryKey, state: notify.Superseded, reason: staleWords})
		case r.Flying != 0 && r.Flying != r.NoticeID:
			later = append(later, dueRow{r.deliveryKey, stakeholders.Quadrant(r.Quadrant), tx.now.Add(deferred)})
		default:
			send = append(send, r)
		}
	}
	b.Settled += len(ended) + len(later)
	if err := tx.uncertain(ctx, lost); err != nil {
		return err
	}
	if err := tx.gatherAnew(ctx, anew); err != nil {
		return err
	}
	if err := tx.finish(ctx, ended); err != nil {
		return err
	}
	if err := tx.putOff(ctx, later); err != nil {
		return err
	}
	if len(send) == 0 {
		return nil
	}
	if err := tx.newestSaid(ctx, send); err != nil {
		return err
	}
	if err := tx.markSending(ctx, send); err != nil {
		return err
	}
	if err := tx.flyDigests(ctx, send); err != nil {
		return err
	}
	return tx.group(ctx, b, send)
}

// open unseals a row's secret address, if it has one.
func (tx *Tx) open(r *claimRow) bool {
	if r.Sealed == "" {
		return true
	}
	var err error
	r.endpoint, err = tx.key.Unseal(r.Sealed)
	return err == nil
}

// finish ends deliveries without sending them.
func (tx *Tx) finish(ctx context.Context, ended []endedRow) error {
	for _, some := range batches(ended, stretchSize) {
		var deliveries, threads rows
		keys := make([]deliveryKey, len(some))
		for i, r := range some {
			deliveries.add(r.NoticeID, r.Channel, r.Address, string(r.state), r.reason)
			threads.add(r.IncidentID, r.Channel, r.Address, r.NoticeID)
			keys[i] = r.deliveryKey
		}
		if err := tx.exec(ctx, "end deliveries", `
			UPDATE deliveries AS d
			SET state = v.column4, answer = v.column5, updated_at = $2, due_at = 0
			FROM `+tx.dialect.table("BIGINT", "TEXT", "TEXT", "TEXT", "TEXT")+`
			WHERE d.notice_id = v.column1 AND d.channel = v.column2 AND d.address = v.column3`,
			deliveries.encoded(), micros(tx.now)); err != nil {
			return err
		}
		if err := tx.unschedule(ctx, keys); err != nil {
			return err
		}
		if err := tx.exec(ctx, "end deliveries", `
			UPDATE threads AS t
			SET waiting_id = CASE WHEN t.waiting_id = v.column4 THEN 0 ELSE t.waiting_id END,
			    flying_id = CASE WHEN t.flying_id = v.column4 THEN 0 ELSE t.flying_id END
			FROM `+tx.dialect.table("TEXT", "TEXT", "TEXT", "BIGINT")+`
			WHERE t.incident_id = v.column1 AND t.channel = v.column2 AND t.address = v.column3`, threads.encoded()); err != nil {
			return err
		}
		var digests []mergedResult
		for _, r := range some {
			if r.together {
				digests = append(digests, mergedResult{r.deliveryKey, 0, true})
			}
		}
		if err := tx.recordMerged(ctx, digests); err != nil {
			return err
		}
		if err := tx.inherit(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// inherit gives the time of what was to be sent, and was not, to the newer
// messages that took its place (rule 6). They may be held by a limit that took
// the older one for sent; now they are owed in its stead, at the earlier of the
// two times.
func (tx *Tx) inherit(ctx context.Context, ended []endedRow) error {
	var newer rows
	for _, e := range ended {
		if e.Newer != 0 {
			newer.add(e.Newer, e.Channel, e.Address, micros(e.at))
		}
	}
	if len(newer) == 0 {
		return nil
	}
	var moved []deliveryKey
	if err := tx.list(ctx, "inherit due times", &moved, `
		UPDATE deliveries AS d
		SET state = 'pending', only_if_open = FALSE, updated_at = $2,
		    due_at = CASE WHEN d.due_at > v.column4 THEN v.column4 ELSE d.due_at END
		FROM `+tx.dialect.table("BIGINT", "TEXT", "TEXT", "BIGINT")+`
		WHERE d.notice_id = v.column1 AND d.channel = v.column2 AND d.address = v.column3
		  AND d.state = 'held' AND d.gather = ''
		RETURNING notice_id, channel, address`, newer.encoded(), micros(tx.now)); err != nil || len(moved) == 0 {
		return err
	}
	return tx.exec(ctx, "inherit due times", `
		UPDATE due_deliveries AS d
		SET due_at = v.column4
		FROM `+tx.dialect.table("BIGINT", "TEXT", "TEXT", "BIGINT")+`
		WHERE d.notice_id = v.column1 AND d.channel = v.column2 AND d.address = v.column3 AND d.due_at > v.column4`, newer.encoded())
}

// uncertain writes down attempts whose result nobody recorded: the server that
// made them stopped, or outlived its lease. Who may have been told counts as
// told: the end is owed.
func (tx *Tx) uncertain(ctx context.Context, rows []claimRow) error {
	attempts := make([]attempt, len(rows))
	for i, r := range rows {
		attempts[i] = attempt{r.deliveryKey, r.Attempts, tx.now, notify.UncertainSent,
			"the sender stopped before the result was known; repeated with the same message id"}
	}
	if err := tx.addAttempts(ctx, attempts); err != nil {
		return err
	}
	for _, r := range rows {
		if err := tx.exec(ctx, "mark uncertain", `
			UPDATE deliveries SET uncertain = TRUE WHERE notice_id = $1 AND channel = $2 AND address = $3`,
			r.NoticeID, r.Channel, r.Address); err != nil {
			return err
		}
		if err := tx.told(ctx, r.thread(), max(r.NoticeID, r.SaidID), tx.now); err != nil {
			return err
		}
		if together(r.Event) {
			if err := tx.recordMerged(ctx, []mergedResult{{r.deliveryKey, micros(tx.now), false}}); err != nil {
				return err
			}
		}
	}
	return nil
}

// besides are the events that say nothing new of how an incident stands: what a
// hold releases never carries their words.
const besides = "'retrospective', 'action_done', 'catch_up'"

// newestSaid gives what was held the incident's newest public update to carry:
// the newest whose audience is worked out, for of a later one this person may
// get a message too.
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
				SELECT COALESCE(MAX(id), 0) FROM notices WHERE incident_id = $1 AND expanded_at > 0 AND event NOT IN (`+besides+`)`, r.IncidentID); err != nil {
				return err
			}
			newest[r.IncidentID] = id
		}
		r.SaidID = max(newest[r.IncidentID], r.NoticeID)
	}
	return nil
}

// markSending writes down, before anything leaves, that it is about to.
func (tx *Tx) markSending(ctx context.Context, send []claimRow) error {
	var deliveries, threads rows
	for _, r := range send {
		deliveries.add(r.NoticeID, r.Channel, r.Address, r.SaidID)
		threads.add(r.IncidentID, r.Channel, r.Address, r.NoticeID)
	}
	if err := tx.exec(ctx, "mark sending", `
		UPDATE deliveries AS d
		SET state = 'sending', attempts = attempts + 1, said_id = v.column4, updated_at = $2
		FROM `+tx.dialect.table("BIGINT", "TEXT", "TEXT", "BIGINT")+`
		WHERE d.notice_id = v.column1 AND d.channel = v.column2 AND d.address = v.column3`,
		deliveries.encoded(), micros(tx.now)); err != nil {
		return err
	}
	return tx.exec(ctx, "mark sending", `
		UPDATE threads AS t
		SET flying_id = v.column4
		FROM `+tx.dialect.table("TEXT", "TEXT", "TEXT", "BIGINT")+`
		WHERE t.incident_id = v.column1 AND t.channel = v.column2 AND t.address = v.column3`, threads.encoded())
}

// group puts together what has one text: the same notice said in the same form
// and language.
func (tx *Tx) group(ctx context.Context, b *notify.Batch, rows []claimRow) error {
	type text struct {
		said           int64
		form, language string
		pace           int64
		first          bool
	}
	at := map[text]int{}
	for _, r := range rows {
		t := text{r.SaidID, r.Form, r.Language, r.Pace, r.IncidentID != "" && r.Told == 0}
		i, ok := at[t]
		if !ok {
			content, err := tx.content(ctx, t.said)
			if err != nil {
				return err
			}
			i = len(b.Groups)
			at[t] = i
			said := notify.NewText(content, notify.Form(t.form), t.language, time.Duration(t.pace)*time.Microsecond)
			said.First = t.first
			b.Groups = append(b.Groups, notify.Group{Text: said})
			if len(at) == 1 {
				b.Groups[i].To = make([]notify.Outgoing, 0, len(rows)) // mostly there is no other
			}
		}
		out := notify.Outgoing{Key: r.key(), IncidentID: r.IncidentID, Person: r.Person, Event: stakeholders.Event(r.Event), Quadrant: stakeholders.Quadrant(r.Quadrant),
			Rule: stakeholders.Rule(r.Rule), SaidID: r.SaidID, Endpoint: r.endpoint, Was: notify.State(r.State), Attempt: r.Attempts + 1, CreatedAt: instant(r.CreatedAt)}
		b.Groups[i].To = append(b.Groups[i].To, out)
	}
	return tx.explain(ctx, b)
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
