package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// stretchSize is how many subscribers one transaction of an expansion takes.
const stretchSize = 500

// Expand implements notify.Outbox: one stretch of the most urgent waiting
// notice, in a transaction that locks the notice. The few of the register come
// before the subscribers, whosever notice these are of: a small audience does not
// wait until a huge one is worked out. When no notice waits it puts together the
// digests that fell due. Notices about one incident, or about one component, are
// expanded one after another, in their order.
func (s *Store) Expand(ctx context.Context) (found bool, err error) {
	err = s.inTxAgain(ctx, func(tx *Tx) error {
		if err := tx.byKey(ctx); err != nil {
			return err
		}
		found, err = tx.expandNext(ctx)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("expand audience: %w", err)
	}
	if found {
		return true, nil
	}
	err = s.inTxAgain(ctx, func(tx *Tx) error {
		found, err = tx.gatherNext(ctx)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("put digests together: %w", err)
	}
	return found, nil
}

// byKey tells a database that plans by what it counted that everything from
// here on is looked up by keys: tables that have just grown look small to it.
func (tx *Tx) byKey(ctx context.Context) error {
	if tx.dialect.byKey == "" {
		return nil
	}
	return tx.exec(ctx, "plan by keys", tx.dialect.byKey)
}

func (tx *Tx) expandNext(ctx context.Context) (bool, error) {
	var row noticeRow
	err := tx.get(ctx, "take notice", &row, `
		SELECT `+noticeColumns+`
		FROM notices n
		WHERE n.expanded_at = 0 AND n.start_at <= $1
		  AND NOT EXISTS (
		      SELECT 1 FROM notices o
		      WHERE COALESCE(o.incident_id, o.component_id) = `+about+` AND o.id < n.id AND o.expanded_at = 0)
		ORDER BY CASE n.stage WHEN 'register' THEN 0 ELSE 1 END, n.priority, n.id
		LIMIT 1`+tx.dialect.skipLocked, micros(tx.now))
	if errors.Is(err, status.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	n, err := row.notice()
	if err != nil {
		return false, err
	}
	e := expansion{tx: tx, notice: n, row: row}
	return true, e.run(ctx)
}

// expansion is one stretch of one notice's audience.
type expansion struct {
	tx     *Tx
	notice notify.Notice
	row    noticeRow
	policy *stakeholders.Policy
}

func (e *expansion) run(ctx context.Context) (err error) {
	if e.policy, err = e.tx.PolicyVersion(ctx, e.notice.PolicyVersion); err != nil {
		return err
	}
	switch {
	case e.notice.About() == "":
		e.next("") // nothing to tell of
	case e.row.Stage == stageRegister:
		err = e.expandRegister(ctx)
	case e.row.Stage == stageSubscribers:
		err = e.expandSubscribers(ctx)
	default:
		err = e.expandClosure(ctx)
	}
	if err != nil {
		return err
	}
	if e.row.Stage == "" {
		if err := e.tx.exec(ctx, "end expansion", `DELETE FROM audience_classes WHERE notice_id = $1`, e.notice.ID); err != nil {
			return err
		}
	}
	return e.tx.exec(ctx, "move expansion on", `
		UPDATE notices
		SET stage = $1, cursor_channel = $2, cursor_address = $3, expanded_at = $4, chunks = $5
		WHERE id = $6`,
		e.row.Stage, e.row.CursorChannel, e.row.CursorAddress, e.expandedAt(), e.row.Chunks, e.notice.ID)
}

// next moves to a stage; the empty one ends the expansion.
func (e *expansion) next(stage string) {
	e.row.Stage, e.row.CursorChannel, e.row.CursorAddress = stage, "", ""
}

func (e *expansion) expandedAt() int64 {
	if e.row.Stage == "" {
		return micros(e.tx.now)
	}
	return 0
}

// afterSubscribers is the stage that follows the subscribers: an end is owed
// to everybody who was told, whoever still belongs to the audience or not.
func (e *expansion) afterSubscribers() string {
	if e.notice.Occasion.Event.Closes() {
		return stageClosure
	}
	return ""
}

// expandRegister decides for the stakeholders.
func (e *expansion) expandRegister(ctx context.Context) error {
	known, err := e.tx.Listed(ctx, e.notice.CreatedAt)
	if err != nil {
		return err
	}
	e.next(stageSubscribers)
	return e.settle(ctx, stakeholders.Candidates(e.policy, e.notice.Occasion, known.Readers.All))
}

// decidedClass is a subscriber class with what the rules say of its members.
type decidedClass struct {
	channel  stakeholders.Channel
	quadrant stakeholders.Quadrant
	verdicts []stakeholders.Verdict
}

func (e *expansion) decideClasses(ctx context.Context) (map[int64]decidedClass, error) {
	register, err := e.tx.Register(ctx)
	if err != nil {
		return nil, err
	}
	classes, err := e.tx.SubscriberClasses(ctx)
	if err != nil {
		return nil, err
	}
	decided := map[int64]decidedClass{}
	for _, c := range classes {
		if c.Confirmed == 0 {
			continue
		}
		r := ClassRecipient(register, c)
		decided[c.ID] = decidedClass{c.Channel, r.Quadrant, stakeholders.Decide(e.policy, e.notice.Occasion, r)}
	}
	return decided, nil
}

// ClassRecipient is a member of a class as the rules see it.
func ClassRecipient(register []stakeholders.Stakeholder, c SubscriberClass) stakeholders.Recipient {
	return stakeholders.SubscriberRecipient("", stakeholders.Contact{Channel: c.Channel},
		stakeholders.SegmentQuadrant(register, c.Segment), c.Preferences)
}

// expandClosure is rule 2 for those whom the audience no longer holds: who was
// told anything about the incident on a channel, or is about to be, and has no
// delivery yet.
func (e *expansion) expandClosure(ctx context.Context) error {
	var end Place
	err := e.tx.get(ctx, "read told threads", &end, `
		SELECT channel, address
		FROM (SELECT t.channel, t.address
		      FROM threads t
		      WHERE t.incident_id = $1 AND (t.channel, t.address) > ($2, $3)
		      ORDER BY t.channel, t.address
		      LIMIT $4) AS people
		ORDER BY channel DESC, address DESC
		LIMIT 1`, e.notice.IncidentID, e.row.CursorChannel, e.row.CursorAddress, mostCrowd)
	if errors.Is(err, status.ErrNotFound) {
		e.next("")
		return nil
	}
	if err != nil {
		return err
	}
	var rows []thread
	who := ""
	if !e.notice.Occasion.Event.Ends() {
		who = ` AND ` + delayedThread // the end of a maintenance is owed to them alone
	}
	if err := e.tx.list(ctx, "read told threads", &rows, `
		SELECT t.channel, t.address, t.person, t.told_at, t.told_id, t.waiting_id, t.flying_id,
		       '' AS waiting_state, 0 AS waiting_due, FALSE AS only_if_open, '' AS gather
		FROM threads t
		WHERE t.incident_id = $1 AND (t.channel, t.address) > ($2, $3) AND (t.channel, t.address) <= ($4, $5)
		  AND (t.told_id > 0 OR t.flying_id > 0 OR t.waiting_id > 0)
		  AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.notice_id = $6 AND d.channel = t.channel AND d.address = t.address)`+who+`
		ORDER BY t.channel, t.address`,
		e.notice.IncidentID, e.row.CursorChannel, e.row.CursorAddress, string(end.Channel), end.Address, e.notice.ID); err != nil {
		return err
	}
	register, err := e.tx.Register(ctx)
	if err != nil {
		return err
	}
	whose := map[Place][]stakeholders.Recipient{}
	for _, r := range stakeholders.Recipients(register, nil) {
		for _, c := range r.Contacts {
			whose[placeOf(c)] = append(whose[placeOf(c)], r)
		}
	}
	candidates := make([]stakeholders.Candidate, len(rows))
	for i, row := range rows {
		contact := stakeholders.Contact{Channel: stakeholders.Channel(row.Channel), Address: row.Address}
		candidates[i] = stakeholders.Owed(e.policy, e.notice.Occasion, whose[placeOf(contact)], row.Person, contact)
	}
	e.row.CursorChannel, e.row.CursorAddress = string(end.Channel), end.Address
	return e.settle(ctx, candidates)
}
