package publish

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// Audience is who will be told of one notice, in counts.
type Audience struct {
	Told    []Count // sent at once
	Waiting []Count // held until a time
	Texts   []TextCount
}

// TextCount is how many of the told and the waiting get one text.
type TextCount struct {
	Channel   stakeholders.Channel
	Form      stakeholders.Form
	Language  string // empty: the page's
	Pace      time.Duration
	Quadrants []stakeholders.Quadrant
	N         int64
}

// Count is how many are told in one quadrant by one channel.
type Count struct {
	Quadrant stakeholders.Quadrant
	Channel  stakeholders.Channel
	N        int64
	DueAt    time.Time // of what waits: the earliest
}

// add counts n more.
func add(counts []Count, q stakeholders.Quadrant, c stakeholders.Channel, n int64, due time.Time) []Count {
	for i := range counts {
		if counts[i].Quadrant == q && counts[i].Channel == c {
			counts[i].N += n
			if due.Before(counts[i].DueAt) {
				counts[i].DueAt = due
			}
			return counts
		}
	}
	return append(counts, Count{q, c, n, due})
}

// take counts an outcome for n people of one quadrant.
func (a *Audience) take(q stakeholders.Quadrant, v stakeholders.Verdict, out stakeholders.Outcome, n int64) {
	switch {
	case n <= 0:
		return
	case out.Action == stakeholders.Send:
		a.Told = add(a.Told, q, v.Contact.Channel, n, time.Time{})
	case out.Action == stakeholders.Hold:
		a.Waiting = add(a.Waiting, q, v.Contact.Channel, n, out.DueAt)
	default:
		return
	}
	at := slices.IndexFunc(a.Texts, func(t TextCount) bool {
		return t.Channel == v.Contact.Channel && t.Form == v.Form && t.Language == v.Language && t.Pace == v.Pace
	})
	if at < 0 {
		at = len(a.Texts)
		a.Texts = append(a.Texts, TextCount{Channel: v.Contact.Channel, Form: v.Form, Language: v.Language, Pace: v.Pace})
	}
	text := &a.Texts[at]
	text.N += n
	if !slices.Contains(text.Quadrants, q) {
		text.Quadrants = append(text.Quadrants, q)
	}
}

func (a *Audience) sort() {
	order := func(x, y Count) int {
		return cmp.Or(cmp.Compare(x.Quadrant.Rank(), y.Quadrant.Rank()), cmp.Compare(x.Channel, y.Channel))
	}
	slices.SortFunc(a.Told, order)
	slices.SortFunc(a.Waiting, order)
}

// audienceInputs is what an audience is worked out from.
type audienceInputs struct {
	store.Listed
	policy  *stakeholders.Policy
	classes []store.SubscriberClass
	left    map[store.Place]bool // addresses of the register that nothing is sent to
	begun   bool                 // there was a notice about the incident
	earlier []earlier
}

// earlier is a notice about the same incident, with the policy of its time.
type earlier struct {
	notify.Notice
	policy *stakeholders.Policy
}

// audienceReader is the part of the store that is read.
type audienceReader interface {
	Listed(ctx context.Context, before time.Time) (store.Listed, error)
	SubscriberClasses(ctx context.Context) ([]store.SubscriberClass, error)
	Notices(ctx context.Context, incidentID string) ([]notify.Notice, error)
	PolicyVersion(ctx context.Context, version int64) (*stakeholders.Policy, error)
}

func readAudience(ctx context.Context, q audienceReader, policy *stakeholders.Policy, n notify.Notice) (in audienceInputs, err error) {
	in.policy = policy
	if in.Listed, err = q.Listed(ctx, n.CreatedAt); err != nil {
		return in, err
	}
	in.left = in.Suppressed
	if in.classes, err = q.SubscriberClasses(ctx); err != nil {
		return in, err
	}
	notices, err := q.Notices(ctx, n.IncidentID)
	in.begun = len(notices) > 0
	for _, past := range notices {
		if past.Occasion.Event == stakeholders.CatchUp || past.TakenBack {
			continue // for a few only, or for nobody
		}
		e := earlier{Notice: past}
		if e.policy, err = q.PolicyVersion(ctx, past.PolicyVersion); err != nil {
			return in, err
		}
		in.earlier = append(in.earlier, e)
	}
	return in, err
}

// audienceOf counts who will be told: the register person by person, the
// subscribers class by class, so that the time does not grow with them. each, if
// given, is called for every contact of the register.
func audienceOf(ctx context.Context, tx *store.Tx, policy *stakeholders.Policy, n notify.Notice, each func(*stakeholders.Settled)) (a Audience, in audienceInputs, err error) {
	if in, err = readAudience(ctx, tx, policy, n); err != nil {
		return a, in, err
	}
	guests, err := in.formerGuests(ctx, tx, n.Occasion)
	if err != nil {
		return a, in, err
	}
	changed, err := in.changedSince(ctx, tx, n)
	if err != nil {
		return a, in, err
	}
	readers := in.Readers
	if len(guests) > 0 {
		readers = stakeholders.NewReaders(slices.Concat(readers.All, guests))
	}
	told := func() (func(stakeholders.Contact) stakeholders.Thread, error) {
		return in.threads(ctx, tx, n, guests, changed.threads)
	}
	if err := readers.Settle(policy, n.Occasion, n.CreatedAt, changed.owed, told, func(s *stakeholders.Settled) {
		if len(in.left) == 0 || !in.left[store.Place{Channel: s.Verdict.Contact.Channel, Address: s.Verdict.Contact.Address}] {
			a.take(s.Quadrant, s.Verdict, s.Outcome, 1)
		}
		if each != nil {
			each(s)
		}
	}); err != nil {
		return a, in, err
	}
	for _, class := range in.classes {
		if class.Confirmed == 0 {
			continue
		}
		r := store.ClassRecipient(in.Segments, class)
		thread := in.forecast(r, n.CreatedAt)
		verdicts := stakeholders.Decide(policy, n.Occasion, r)
		for _, v := range verdicts {
			a.take(r.Quadrant, v, v.Settle(n.Occasion, thread, n.CreatedAt), class.Confirmed-in.ByClass[class.ID]-changed.byClass[class.ID])
		}
		for _, s := range changed.subscribers {
			if s.ClassID != class.ID {
				continue
			}
			for _, v := range verdicts {
				a.take(r.Quadrant, v, v.Settle(n.Occasion, changed.threads[s.Place], n.CreatedAt), 1)
			}
		}
	}
	a.sort()
	return a, in, nil
}

// threads reads what the register's people were told about the incident;
// nothing, before the first notice about it.
func (in audienceInputs) threads(ctx context.Context, tx *store.Tx, n notify.Notice, guests []stakeholders.Recipient, changed map[store.Place]stakeholders.Thread) (func(stakeholders.Contact) stakeholders.Thread, error) {
	told := func(stakeholders.Contact) stakeholders.Thread { return stakeholders.Thread{} }
	if in.begun {
		var err error
		if told, err = tx.RegisterThreads(ctx, n.IncidentID); err != nil {
			return nil, err
		}
	}
	return func(c stakeholders.Contact) stakeholders.Thread {
		for _, guest := range guests {
			if guest.Contacts[0].Channel == c.Channel && guest.Contacts[0].Address == c.Address {
				return in.forecast(guest, n.CreatedAt)
			}
		}
		if thread, ok := changed[store.Place{Channel: c.Channel, Address: c.Address}]; ok {
			return thread
		}
		return told(c)
	}, nil
}

// formerGuests are those whom the manager added to an earlier notice and whom no
// list leads to: at the end they are owed it. Of those who left it takes a note.
func (in *audienceInputs) formerGuests(ctx context.Context, tx *store.Tx, o stakeholders.Occasion) ([]stakeholders.Recipient, error) {
	var guests []stakeholders.Recipient
	var places []store.Place
	if !o.Event.Closes() {
		return nil, nil
	}
	for _, n := range in.earlier {
		for _, also := range n.Occasion.Hand.Also {
			place := store.Place{Channel: also.Channel, Address: also.Address}
			if slices.Contains(places, place) || slices.ContainsFunc(in.Readers.All, func(r stakeholders.Recipient) bool { return somebody{recipient: r}.has(also.Recipient().Contacts[0]) }) {
				continue
			}
			guests, places = append(guests, also.Recipient()), append(places, place)
		}
	}
	if len(guests) == 0 {
		return nil, nil
	}
	return guests, in.note(ctx, tx, places)
}

// note adds which of some places nothing is sent to.
func (in *audienceInputs) note(ctx context.Context, tx *store.Tx, places []store.Place) error {
	left, err := tx.SuppressedAmong(ctx, places)
	if err != nil {
		return err
	}
	in.left = maps.Clone(in.left) // others read it, too
	maps.Copy(in.left, left)
	return nil
}

// forecast works out what a member of a class was told by a time, through the
// earlier notices about the incident: the rules are pure, so they give the same
// answer again. It takes every message as sent when it was due.
func (in audienceInputs) forecast(r stakeholders.Recipient, at time.Time) stakeholders.Thread {
	var course stakeholders.Course
	for _, n := range in.earlier {
		for _, v := range stakeholders.Decide(n.policy, n.Occasion, r) {
			course.Post(n.ID, n.Occasion, v, n.Content.Status, n.CreatedAt)
		}
	}
	course.Elapse(at)
	return course.Thread()
}

// NotTold is one person, or a few alike, whom a notice does not reach.
type NotTold struct {
	Who    string
	Rule   stakeholders.Rule
	Reason string
}

// notToldSample bounds how many members of one class are named.
const notToldSample = 3

// WhoIsNotTold names people whom a notice does not reach, and why: the
// register's, and a few subscribers of each class and of those who never
// confirmed. It answers from the notice's frozen inputs and the present
// register.
func (p *Publisher) WhoIsNotTold(ctx context.Context, noticeID int64) ([]NotTold, error) {
	n, err := p.store.Notice(ctx, noticeID)
	if err != nil {
		return nil, err
	}
	policy, err := p.store.PolicyVersion(ctx, n.PolicyVersion)
	if err != nil {
		return nil, err
	}
	in, err := readAudience(ctx, p.store, policy, n)
	if err != nil {
		return nil, err
	}
	return in.silent(ctx, p.store, n.Occasion)
}

// memberReader is the part of the store that names people.
type memberReader interface {
	Components(ctx context.Context) ([]status.Component, error)
	SampleSubscribers(ctx context.Context, classID int64, limit int) ([]stakeholders.Subscriber, error)
}

// silent names those whom an occasion does not reach.
func (in audienceInputs) silent(ctx context.Context, q memberReader, o stakeholders.Occasion) ([]NotTold, error) {
	components, err := q.Components(ctx)
	if err != nil {
		return nil, err
	}
	silent, known := []NotTold{}, byID(components)
	for _, r := range in.Readers.All {
		if reason, ok := unreached(in.policy, o, r, known); ok {
			silent = append(silent, NotTold{r.Name, reason.Rule, reason.Reason})
		}
	}
	for _, class := range in.classes {
		reason, ok := unreached(in.policy, o, store.ClassRecipient(in.Segments, class), known)
		if !ok || class.Confirmed == 0 {
			continue
		}
		members, err := q.SampleSubscribers(ctx, class.ID, notToldSample)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			silent = append(silent, NotTold{m.Contact.Shown(), reason.Rule, reason.Reason})
		}
	}
	unconfirmed, err := q.SampleSubscribers(ctx, 0, notToldSample)
	for _, m := range unconfirmed {
		silent = append(silent, NotTold{m.Contact.Shown(), stakeholders.RuleConsent, "never confirmed"})
	}
	return silent, err
}

// unreached says why nothing goes to a recipient at all; false when something
// does, now or later.
func unreached(policy *stakeholders.Policy, o stakeholders.Occasion, r stakeholders.Recipient, components map[string]status.Component) (stakeholders.Verdict, bool) {
	verdicts := stakeholders.Decide(policy, o, r)
	if len(verdicts) == 0 {
		return stakeholders.Verdict{Rule: stakeholders.RuleTable, Reason: "has no contact"}, true
	}
	for _, v := range verdicts {
		if v.Own != nil || v.CatchUp != nil {
			return v, false
		}
	}
	first := verdicts[0]
	if first.Rule == stakeholders.RuleScope {
		names := make([]string, len(r.Components))
		for i, id := range r.Components {
			names[i] = cmp.Or(components[id].Name, id)
		}
		first.Reason = fmt.Sprintf("only follows %s", strings.Join(names, ", "))
	}
	return first, true
}
