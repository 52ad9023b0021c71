package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// gatherSize bounds for how many addresses one transaction puts messages
// together.
const gatherSize = 200

// gather notes when what waits for addresses is to be put together.
func (tx *Tx) gather(ctx context.Context, due []dueRow) error {
	for _, some := range batches(due, stretchSize) {
		var values rows
		for _, r := range slices.CompactFunc(slices.SortedFunc(slices.Values(some), byPlaceAndTime), samePlace) {
			values.add(r.Channel, r.Address, micros(r.at))
		}
		if err := tx.exec(ctx, "note digests", `
			INSERT INTO gatherings (channel, address, due_at)
			SELECT column1, column2, column3
			FROM `+tx.dialect.table("TEXT", "TEXT", "BIGINT")+`
			WHERE TRUE
			ON CONFLICT (channel, address) DO UPDATE
			SET due_at = CASE WHEN excluded.due_at < gatherings.due_at THEN excluded.due_at ELSE gatherings.due_at END`, values.encoded()); err != nil {
			return err
		}
	}
	return nil
}

func byPlaceAndTime(a, b dueRow) int {
	return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Address, b.Address), a.at.Compare(b.at))
}

func samePlace(a, b dueRow) bool { return a.Channel == b.Channel && a.Address == b.Address }

// gatheredRow is a message that waits to be put together with others.
type gatheredRow struct {
	claimKey
	Person     string `db:"person"`
	Gather     string `db:"gather"`
	Event      string `db:"event"`
	OnlyIfOpen bool   `db:"only_if_open"`
	Quadrant   string `db:"quadrant"`
	Form       string `db:"form"`
	Language   string `db:"language"`
	State      string `db:"incident_status"`
	Highest    string `db:"highest_impact"`
	Withdrawn  bool   `db:"withdrawn"`
	Told       int64  `db:"told_id"`
	Flying     int64  `db:"flying_id"`
	Waiting    int64  `db:"waiting_id"`
	Newest     int64  `db:"newest_id"`
	Ended      int64  `db:"ended_id"`
}

func (r gatheredRow) place() Place {
	return Place{stakeholders.Channel(r.Channel), r.Address}
}

func (r gatheredRow) gathered() stakeholders.Gathered {
	return stakeholders.Gathered{
		NoticeID: r.NoticeID, IncidentID: r.IncidentID, Gather: stakeholders.Gather(r.Gather), Event: stakeholders.Event(r.Event),
		OnlyIfOpen: r.OnlyIfOpen, State: status.IncidentStatus(r.State), Highest: status.Impact(r.Highest), Withdrawn: r.Withdrawn,
		ToldID: r.Told, Flying: r.Flying != 0, WaitingID: r.Waiting, Newest: r.Newest, EndID: r.Ended,
	}
}

// said is the notice whose text the message carries: the incident's newest,
// but for what stays as it was said.
func (r gatheredRow) said() int64 {
	if stakeholders.Event(r.Event).Lasting() {
		return r.NoticeID
	}
	return max(r.NoticeID, r.Newest)
}

// gatherNext puts together what fell due for some addresses, in a transaction
// that locks them. It reports false when nothing is due.
func (tx *Tx) gatherNext(ctx context.Context) (bool, error) {
	var due []Place
	if err := tx.list(ctx, "find digests", &due, `
		SELECT t.channel, t.address
		FROM gatherings t
		WHERE t.due_at <= $1
		ORDER BY t.due_at
		LIMIT $2`+tx.dialect.lockFree, micros(tx.now), gatherSize); err != nil || len(due) == 0 {
		return false, err
	}
	waiting, err := tx.gathered(ctx, due)
	if err != nil {
		return false, err
	}
	keys := make([]threadKey, len(waiting))
	for i, r := range waiting {
		keys[i] = threadKey{r.IncidentID, r.Channel, r.Address}
	}
	if err := tx.hold(ctx, keys, chunkKey{}); err != nil {
		return false, err
	}
	if waiting, err = tx.gathered(ctx, due); err != nil { // as it is now that nobody else changes it
		return false, err
	}
	g := gathering{tx: tx, byPlace: map[Place][]gatheredRow{}, contents: map[int64]notify.Content{}, digests: map[string]*digest{}}
	for _, r := range waiting {
		g.byPlace[r.place()] = append(g.byPlace[r.place()], r)
	}
	if err := g.run(ctx, due); err != nil {
		return false, err
	}
	return true, tx.gatherAgain(ctx, due, g.later)
}

// gathered reads what is due to be put together for some addresses.
func (tx *Tx) gathered(ctx context.Context, places []Place) ([]gatheredRow, error) {
	var named rows
	for _, p := range places {
		named.add(string(p.Channel), p.Address)
	}
	var found []gatheredRow
	err := tx.list(ctx, "read what waits for digests", &found, `
		SELECT d.notice_id, d.channel, d.address, n.incident_id, d.person, d.gather, n.event, d.only_if_open,
		       w.quadrant, w.form, w.language, i.status AS incident_status, i.highest_impact, i.withdrawn_at > 0 AS withdrawn,
		       COALESCE(t.told_id, 0) AS told_id, COALESCE(t.flying_id, 0) AS flying_id, COALESCE((
		           SELECT m.notice_id FROM deliveries m
		           WHERE m.notice_id = t.waiting_id AND m.channel = t.channel AND m.address = t.address AND m.gather = '' AND NOT m.only_if_open), 0) AS waiting_id,
		       COALESCE((SELECT MAX(m.id) FROM notices m WHERE m.incident_id = n.incident_id AND m.expanded_at > 0 AND m.event NOT IN (`+besides+`)), 0) AS newest_id,
		       COALESCE((SELECT MAX(m.id) FROM notices m WHERE m.incident_id = n.incident_id AND m.expanded_at > 0
		                 AND (m.event IN ('resolved', 'withdrawn', 'maintenance_cancelled') OR m.event = 'maintenance_completed' AND `+delayedThread+`)), 0) AS ended_id
		FROM `+tx.dialect.table("TEXT", "TEXT")+`
		CROSS JOIN deliveries d
		CROSS JOIN notices n
		CROSS JOIN incidents i
		CROSS JOIN decisions w
		LEFT JOIN threads t ON t.incident_id = n.incident_id AND t.channel = d.channel AND t.address = d.address
		WHERE d.channel = v.column1 AND d.address = v.column2 AND d.state = 'held' AND d.gather <> '' AND d.due_at <= $2
		  AND n.id = d.notice_id AND i.id = n.incident_id AND w.notice_id = d.notice_id AND w.number = d.decision
		ORDER BY d.channel, d.address, d.notice_id`, named.encoded(), micros(tx.now))
	return found, err
}

// gatherAgain says when the addresses are next looked at: at once after what
// flew, or when what is left falls due; never, if nothing is left.
func (tx *Tx) gatherAgain(ctx context.Context, due, later []Place) error {
	var done, postponed rows
	for _, p := range due {
		if slices.Contains(later, p) {
			postponed.add(string(p.Channel), p.Address)
		} else {
			done.add(string(p.Channel), p.Address)
		}
	}
	if len(postponed) > 0 {
		if err := tx.exec(ctx, "put digests off", `
			UPDATE gatherings
			SET due_at = $2
			WHERE (channel, address) IN (SELECT column1, column2 FROM `+tx.dialect.table("TEXT", "TEXT")+`)`,
			postponed.encoded(), micros(tx.now.Add(deferred))); err != nil {
			return err
		}
	}
	if len(done) == 0 {
		return nil
	}
	if err := tx.exec(ctx, "note next digests", `
		UPDATE gatherings
		SET due_at = COALESCE((SELECT MIN(d.due_at) FROM deliveries d
		                       WHERE d.channel = gatherings.channel AND d.address = gatherings.address
		                         AND d.state = 'held' AND d.gather <> ''), 0)
		WHERE (channel, address) IN (SELECT column1, column2 FROM `+tx.dialect.table("TEXT", "TEXT")+`)`, done.encoded()); err != nil {
		return err
	}
	return tx.exec(ctx, "note next digests", `DELETE FROM gatherings WHERE due_at = 0`)
}

// gathering is one transaction's work of putting together.
type gathering struct {
	tx       *Tx
	byPlace  map[Place][]gatheredRow
	contents map[int64]notify.Content // by notice
	digests  map[string]*digest       // by what they say
	order    []string                 // of digests, by their keys
	ended    []endedRow
	released []gatheredRow
	merged   []mergedRow
	later    []Place // where something is being sent at this moment
}

// mergedRow is a message that became part of another.
type mergedRow struct {
	gatheredRow
	into, said int64
}

// digest is one text about several incidents, and who gets it.
type digest struct {
	event stakeholders.Event
	items []digestItem
	to    []settled
	parts [][]gatheredRow // of each recipient
}

// digestItem is what one text says of one incident.
type digestItem struct {
	Said   int64                `json:"said"`
	Events []stakeholders.Event `json:"events"`
}

func (g *gathering) run(ctx context.Context, due []Place) error {
	for _, p := range due {
		g.decide(p, g.byPlace[p])
	}
	if err := g.tx.finish(ctx, g.ended); err != nil {
		return err
	}
	for _, key := range g.order {
		if err := g.send(ctx, key, g.digests[key]); err != nil {
			return err
		}
	}
	if err := g.release(ctx); err != nil {
		return err
	}
	return g.merge(ctx)
}

// decide asks the rules what one address is sent.
func (g *gathering) decide(p Place, rows []gatheredRow) {
	waiting := make([]stakeholders.Gathered, len(rows))
	byNotice := map[int64]gatheredRow{}
	for i, r := range rows {
		waiting[i], byNotice[r.NoticeID] = r.gathered(), r
	}
	together := stakeholders.PutTogether(waiting)
	if together.Event != "" && slices.ContainsFunc(rows, func(r gatheredRow) bool { return r.Flying != 0 }) {
		g.later = append(g.later, p)
		return
	}
	for _, l := range together.Left {
		state := notify.Dropped
		if l.Superseded {
			state = notify.Superseded
		}
		r := byNotice[l.NoticeID]
		g.ended = append(g.ended, endedRow{deliveryKey: r.deliveryKey, IncidentID: r.IncidentID, state: state, reason: l.Reason})
	}
	if together.Event == "" {
		for _, parts := range together.Incidents {
			newest := byNotice[parts[len(parts)-1].NoticeID]
			g.released = append(g.released, newest)
			for _, part := range parts[:len(parts)-1] {
				g.merged = append(g.merged, mergedRow{byNotice[part.NoticeID], newest.NoticeID, newest.said()})
			}
		}
		return
	}
	g.add(p, together, byNotice)
}

// add makes an address a recipient of a digest, whose text is shared by all
// for whom the same is put together.
func (g *gathering) add(p Place, together stakeholders.Together, byNotice map[int64]gatheredRow) {
	var items []digestItem
	var parts []gatheredRow
	best := stakeholders.Monitor
	for _, incident := range together.Incidents {
		var item digestItem
		for _, part := range incident {
			r := byNotice[part.NoticeID]
			parts = append(parts, r)
			item.Said = max(item.Said, r.said())
			item.Events = append(item.Events, part.Event)
			if q := stakeholders.Quadrant(r.Quadrant); q.Rank() < best.Rank() {
				best = q
			}
		}
		items = append(items, item)
	}
	encoded, err := json.Marshal([]any{together.Event, items})
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	sum := sha256.Sum256(encoded)
	key := hex.EncodeToString(sum[:16])
	d := g.digests[key]
	if d == nil {
		d = &digest{event: together.Event, items: items}
		g.digests[key] = d
		g.order = append(g.order, key)
	}
	rule, reason := stakeholders.RuleQuiet, "the summary when quiet hours end"
	if d.event == stakeholders.DailyDigest {
		rule, reason = stakeholders.RuleTable, "the daily digest"
	}
	first := parts[0]
	d.parts = append(d.parts, parts)
	d.to = append(d.to, settled{Settled: stakeholders.Settled{
		Candidate: stakeholders.Candidate{Person: first.Person, Quadrant: best, Verdict: stakeholders.Verdict{
			Contact: stakeholders.Contact{Channel: p.Channel, Address: p.Address}, Form: stakeholders.FormFull, Language: first.Language}},
		Outcome: stakeholders.Outcome{Action: stakeholders.Send, Rule: rule, Reason: fmt.Sprintf("%s: %d incidents", reason, len(items))},
	}})
}

// send stores a digest and its deliveries.
func (g *gathering) send(ctx context.Context, key string, d *digest) error {
	n, err := g.notice(ctx, d)
	if err != nil {
		return err
	}
	e := expansion{tx: g.tx, notice: n}
	if e.notice.ID, e.row.Chunks, err = g.tx.sharedNotice(ctx, key, n); err != nil {
		return err
	}
	slices.SortFunc(d.to, bySending)
	if err := e.number(ctx, d.to); err != nil {
		return err
	}
	if err := e.insert(ctx, d.to, func(settled) notify.State { return notify.Pending }); err != nil {
		return err
	}
	if err := e.writeChunks(ctx, d.to); err != nil {
		return err
	}
	if err := g.tx.letterThreads(ctx, d.to); err != nil {
		return err
	}
	said := map[string]int64{}
	for i, item := range d.items {
		said[n.Content.Items[i].IncidentID] = item.Said
	}
	for _, parts := range d.parts {
		for _, r := range parts {
			g.merged = append(g.merged, mergedRow{r, e.notice.ID, said[r.IncidentID]})
		}
	}
	return g.tx.exec(ctx, "count chunks", `UPDATE notices SET chunks = $1 WHERE id = $2`, e.row.Chunks, e.notice.ID)
}

// notice is what a digest says: of each incident the newest public update.
func (g *gathering) notice(ctx context.Context, d *digest) (n notify.Notice, err error) {
	worst := status.ImpactNone
	for i, item := range d.items {
		c, ok := g.contents[item.Said]
		if !ok {
			said, err := g.tx.Notice(ctx, item.Said)
			if err != nil {
				return n, err
			}
			c = said.Content
			c.IncidentID = said.IncidentID
			g.contents[item.Said] = c
			n.PolicyVersion = max(n.PolicyVersion, said.PolicyVersion)
		}
		if i == 0 {
			n.Content = notify.Content{PageName: c.PageName, PageURL: c.PageURL, TimeZone: c.TimeZone, Language: c.Language,
				Event: d.event, URL: c.PageURL + "/", Affected: []notify.AffectedComponent{}, PostedAt: g.tx.now}
		}
		if !c.Status.Over() && c.Impact.ValidGrade() {
			worst = worst.Worse(c.Impact)
		}
		n.Content.Items = append(n.Content.Items, itemOf(c, item.Events))
	}
	n.Content.Impact = worst
	n.Occasion = stakeholders.Occasion{Event: d.event, Impact: worst}
	n.Priority, n.CreatedAt = notify.Priority(worst), g.tx.now
	if n.PolicyVersion == 0 {
		policy, err := g.tx.Policy(ctx)
		if err != nil {
			return n, err
		}
		n.PolicyVersion = policy.Version
	}
	return n, nil
}

func itemOf(c notify.Content, events []stakeholders.Event) notify.Item {
	return notify.Item{IncidentID: c.IncidentID, Reference: c.Reference, URL: c.URL, Title: c.Title, Status: c.Status, Impact: c.Impact, Body: c.Body, WhatToDo: c.WhatToDo,
		Affected: c.Affected, Events: events, StartedAt: c.StartedAt, PostedAt: c.PostedAt, ResolvedAt: c.ResolvedAt, NextUpdateDueAt: c.NextUpdateDueAt,
		ScheduledFor: c.ScheduledFor, ScheduledUntil: c.ScheduledUntil}
}

// release lets a message go by itself that had only others about the same
// incident to be put together with.
func (g *gathering) release(ctx context.Context) error {
	var values, waiting rows
	var due []dueRow
	for _, r := range g.released {
		if !stakeholders.Event(r.Event).Lasting() { // what is queued takes its place in the thread
			waiting.add(r.IncidentID, r.NoticeID, r.Channel, r.Address)
		}
		values.add(r.NoticeID, r.Channel, r.Address, r.said())
		due = append(due, dueRow{r.deliveryKey, stakeholders.Quadrant(r.Quadrant), g.tx.now})
	}
	if len(values) == 0 {
		return nil
	}
	if err := g.tx.exec(ctx, "release gathered deliveries", `
		UPDATE threads AS t
		SET waiting_id = v.column2
		FROM `+g.tx.dialect.table("TEXT", "BIGINT", "TEXT", "TEXT")+`
		WHERE t.incident_id = v.column1 AND t.channel = v.column3 AND t.address = v.column4 AND t.waiting_id < v.column2`, waiting.encoded()); err != nil {
		return err
	}
	if err := g.tx.exec(ctx, "release gathered deliveries", `
		UPDATE deliveries AS d
		SET state = 'pending', gather = '', due_at = $2, said_id = v.column4, updated_at = $2
		FROM `+g.tx.dialect.table("BIGINT", "TEXT", "TEXT", "BIGINT")+`
		WHERE d.notice_id = v.column1 AND d.channel = v.column2 AND d.address = v.column3`, values.encoded(), micros(g.tx.now)); err != nil {
		return err
	}
	return g.tx.schedule(ctx, due)
}

// mergedWords is what became of a message that was put together with others.
const mergedWords = "put together with others in one message"

// merge ends the messages that became part of another. What is sent in their
// stead flies in their incidents' threads, so that nothing newer overtakes it.
func (g *gathering) merge(ctx context.Context) error {
	for _, some := range batches(g.merged, stretchSize) {
		var deliveries, threads rows
		for _, r := range some {
			deliveries.add(r.NoticeID, r.Channel, r.Address, r.into, r.said)
			threads.add(r.IncidentID, r.Channel, r.Address, r.NoticeID, r.said, slices.ContainsFunc(g.released, func(o gatheredRow) bool { return o.NoticeID == r.into }))
		}
		if err := g.tx.exec(ctx, "merge deliveries", `
			UPDATE deliveries AS d
			SET state = 'merged', merged_id = v.column4, said_id = v.column5, answer = $3, due_at = 0, updated_at = $2
			FROM `+g.tx.dialect.table("BIGINT", "TEXT", "TEXT", "BIGINT", "BIGINT")+`
			WHERE d.notice_id = v.column1 AND d.channel = v.column2 AND d.address = v.column3`,
			deliveries.encoded(), micros(g.tx.now), mergedWords); err != nil {
			return err
		}
		if err := g.tx.exec(ctx, "merge deliveries", `
			UPDATE threads AS t
			SET waiting_id = CASE WHEN t.waiting_id = v.column4 THEN 0 ELSE t.waiting_id END,
			    flying_id = CASE WHEN v.column6 THEN t.flying_id ELSE v.column5 END
			FROM `+g.tx.dialect.table("TEXT", "TEXT", "TEXT", "BIGINT", "BIGINT", "BOOLEAN")+`
			WHERE t.incident_id = v.column1 AND t.channel = v.column2 AND t.address = v.column3`, threads.encoded()); err != nil {
			return err
		}
	}
	return nil
}

// mergedResult is what became of a message that others were merged into.
type mergedResult struct {
	deliveryKey
	toldAt int64 // 0: nobody was told
	done   bool  // nothing of it flies any more
}

// recordMerged notes in the threads of all that a digest is about what became
// of it.
func (tx *Tx) recordMerged(ctx context.Context, results []mergedResult) error {
	for _, some := range batches(results, stretchSize) {
		var values rows
		for _, r := range some {
			values.add(r.NoticeID, r.Channel, r.Address, r.toldAt, r.done)
		}
		if err := tx.exec(ctx, "record digests", `
			UPDATE threads AS t
			SET told_at = CASE WHEN x.told_at > 0 THEN x.told_at ELSE t.told_at END,
			    told_id = CASE WHEN x.told_at > 0 AND x.said_id > t.told_id THEN x.said_id ELSE t.told_id END,
			    flying_id = CASE WHEN x.done AND t.flying_id = x.said_id THEN 0 ELSE t.flying_id END
			FROM (SELECT n.incident_id, m.channel, m.address, MAX(m.said_id) AS said_id, v.column4 AS told_at, v.column5 AS done
			      FROM `+tx.dialect.table("BIGINT", "TEXT", "TEXT", "BIGINT", "BOOLEAN")+`
			      CROSS JOIN deliveries m
			      CROSS JOIN notices n
			      WHERE m.merged_id = v.column1 AND m.merged_id > 0 AND m.channel = v.column2 AND m.address = v.column3 AND n.id = m.notice_id
			      GROUP BY n.incident_id, m.channel, m.address, v.column4, v.column5) AS x
			WHERE t.incident_id = x.incident_id AND t.channel = x.channel AND t.address = x.address`, values.encoded()); err != nil {
			return err
		}
	}
	return nil
}

// together says whether an event is that of a message that others are merged
// into.
func together(event string) bool {
	return event == string(stakeholders.DailyDigest) || event == string(stakeholders.QuietSummary)
}
