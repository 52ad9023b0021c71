package stakeholders

import (
	"fmt"
	"slices"
	"time"

	"github.com/allclear-status/allclear/status"
)

// Rule names what decided, so that "why would she (not) get this?" has an
// answer: a cell of the table or one of the rules over it (ROUTING.md).
type Rule string

// The rules over the table, by their numbers, and the table itself.
const (
	RuleTable     Rule = "table"
	RuleConsent   Rule = "1 consent"
	RuleClosure   Rule = "2 closure"
	RuleScope     Rule = "3 scope"
	RuleOnePerson Rule = "4 one message per person"
	RuleSupersede Rule = "6 supersede"
	RuleNarrowing Rule = "8 widening"
	RuleRaised    Rule = "table, catch-up"
)

// Verdict is what Decide says of one contact of a recipient. It holds for
// everybody with the same place and preferences; Settle adds what this person
// was told so far on this channel.
type Verdict struct {
	Contact Contact
	// Own is the timing of the cell's entry for this channel; nil: none.
	Own *Timing
	// CatchUp is the timing of the row "opened" for who was not told on this
	// channel yet, when impact was raised or scope widened; nil: none.
	CatchUp *Timing
	// Closure says that who was told is owed this end, whatever else holds.
	Closure bool
	// Rule and Cell say what decided, Reason why in a sentence.
	Rule   Rule
	Cell   string
	Reason string
}

// Thread is what one person was told so far about one incident on one channel.
type Thread struct {
	ToldAt     time.Time // last time something was sent; zero: never
	WaitingDue time.Time // when what is held or queued falls due; zero: nothing waits
	Held       bool      // what waits was held by a timing
	Conditions bool      // what waits is dropped unless still open
	InFlight   bool      // something is being sent at this moment
}

// Told says whether anything was sent.
func (t Thread) Told() bool { return !t.ToldAt.IsZero() }

// begun says whether something was sent, is being sent, or is queued to be
// sent at once: what no timing holds back will be heard.
func (t Thread) begun() bool {
	return t.Told() || t.InFlight || (!t.WaitingDue.IsZero() && !t.Held)
}

// Action is what is done about one contact for one notice.
type Action string

// The actions.
const (
	Skip Action = "skip" // nothing is sent, and nothing changes
	Send Action = "send" // send now
	Hold Action = "hold" // send at DueAt
	Drop Action = "drop" // send nothing, and drop what waits (rule 6)
)

// Outcome is the decision for one contact, with the thread taken into account.
type Outcome struct {
	Action Action
	DueAt  time.Time
	// OnlyIfOpen drops the message at DueAt unless the incident is still open
	// and not in monitoring.
	OnlyIfOpen bool
	Rule       Rule
	Cell       string
	Reason     string
}

// last is when something was last sent; what is being sent counts as now.
func (t Thread) last(now time.Time) (time.Time, bool) {
	if t.InFlight {
		return now, true
	}
	return t.ToldAt, t.Told()
}

// Decide says, for one occasion and one recipient, what each of its channels
// is owed: one verdict for every channel the recipient can be reached on, in
// the order of the contacts. It is a pure function and the only place of the
// rules 1 to 4 and 8 and of the table; consent is the caller's to check last,
// at sending too.
func Decide(p *Policy, o Occasion, r Recipient) []Verdict {
	var verdicts []Verdict
	for _, contact := range reachable(r) {
		v := Verdict{Contact: contact, Closure: o.Event.Ends()}
		decideContact(p, o, r, &v)
		verdicts = append(verdicts, v)
	}
	return verdicts
}

// reachable is the first contact of each channel class (rule 4).
func reachable(r Recipient) []Contact {
	var first []Contact
	for _, c := range r.Contacts {
		if !slices.ContainsFunc(first, func(f Contact) bool { return f.Channel.Class() == c.Channel.Class() }) {
			first = append(first, c)
		}
	}
	return first
}

// decideContact fills in one verdict.
func decideContact(p *Policy, o Occasion, r Recipient, v *Verdict) {
	if o.ClosureOnly {
		v.Rule, v.Reason = RuleTable, "the sender asked for no notifications"
		return
	}
	if !inScope(o, r) {
		v.Rule, v.Reason = RuleScope, "follows other components than those touched"
		return
	}
	if reason := narrowed(o, r); reason != "" {
		v.Rule, v.Reason = RuleNarrowing, reason
		return
	}
	quadrant, everything := r.Quadrant, false
	if r.Kind == FromSubscription && r.Preferences.EveryUpdate {
		quadrant, everything = KeepInformed, true
	}
	if quadrant == Monitor && !v.Contact.OptedIn {
		v.Rule, v.Reason = RuleConsent, "did not ask to be told; in monitor only who asked is"
		return
	}
	v.Own = v.read(p, o.Event, quadrant, impactRead(o, everything), r, everything)
	if o.Raised && !o.Event.Starts() && !o.Event.Ends() {
		catchUp := Verdict{Contact: v.Contact}
		if v.CatchUp = catchUp.read(p, Opened, quadrant, o.Impact, r, everything); v.CatchUp != nil && v.Own == nil {
			v.Rule, v.Cell, v.Reason = RuleRaised, catchUp.Cell, catchUp.Reason
		}
	}
}

// inScope is rule 3: who named components hears of what touches one of them.
func inScope(o Occasion, r Recipient) bool {
	if len(r.Components) == 0 {
		return true
	}
	return slices.ContainsFunc(r.Components, func(id string) bool { return slices.Contains(o.Components, id) })
}

// narrowed says how a subscriber narrowed this event away; empty: not.
func narrowed(o Occasion, r Recipient) string {
	if r.Kind != FromSubscription {
		return ""
	}
	least := status.Impact(r.Preferences.LeastImpact)
	if least.ValidGrade() && max(o.Impact.Level(), o.ImpactBefore.Level()) < least.Level() {
		return fmt.Sprintf("asked for %s impact or worse", least)
	}
	if r.Preferences.StartAndEndOnly && !o.Event.Starts() && !o.Event.Ends() && !o.Raised {
		return "asked for start and end only"
	}
	return ""
}

// impactRead is the impact by which the cell is read: the one before for a
// lowering, minor for impact none where the recipient asked for everything.
func impactRead(o Occasion, everything bool) status.Impact {
	impact := o.Impact
	if o.Event == ImpactLowered {
		impact = o.ImpactBefore
	}
	if impact == status.ImpactNone && everything {
		impact = status.ImpactMinor
	}
	return impact
}

// read finds the timing that the table gives the verdict's contact.
func (v *Verdict) read(p *Policy, event Event, q Quadrant, impact status.Impact, r Recipient, everything bool) *Timing {
	v.Rule = RuleTable
	if impact == status.ImpactNone {
		v.Reason = "impact none is shown on the page only"
		return nil
	}
	cell, _ := p.Cell(event, q, impact)
	v.Cell = fmt.Sprintf("%s, %s, %s: %s", event.Row(), q, impact, cell.Text)
	entry := cell.entryFor(v.Contact, r)
	if entry == nil && len(cell.Entries) > 0 && !cell.reaches(r) {
		entry = v.standIn(p, event, q, impact, r)
	}
	if entry == nil {
		v.Reason = "the policy gives nothing here"
		return nil
	}
	timing := entry.Timing
	if everything {
		timing = Timing{Told: timing.Told, Delayed: timing.Delayed}
	}
	v.Reason = "the policy's cell for this place and impact"
	return &timing
}

// standIn looks at the nearest higher impact of the same row and column for an
// entry on a channel that the person has.
func (v *Verdict) standIn(p *Policy, event Event, q Quadrant, impact status.Impact, r Recipient) *Entry {
	for level := impact.Level() + 1; level < len(status.Grades()); level++ {
		higher := status.Grades()[level]
		cell, _ := p.Cell(event, q, higher)
		if entry := cell.entryFor(v.Contact, r); entry != nil {
			v.Cell = fmt.Sprintf("%s, %s, %s: %s, standing in for a channel that the person lacks", event.Row(), q, higher, cell.Text)
			return entry
		}
		if cell.reaches(r) {
			return nil
		}
	}
	return nil
}

// entryFor finds the entry that speaks to one contact of a person.
func (c Cell) entryFor(contact Contact, r Recipient) *Entry {
	class := contact.Channel.Class()
	preferred := len(r.Contacts) > 0 && reachable(r)[0].Channel == contact.Channel
	for i, e := range c.Entries {
		if len(e.Classes) == 0 || slices.Contains(e.Classes, class) || (preferred && slices.Contains(e.Classes, ClassPreferred)) {
			return &c.Entries[i]
		}
	}
	return nil
}

// reaches says whether any entry of the cell speaks to a channel that the
// person has.
func (c Cell) reaches(r Recipient) bool {
	return slices.ContainsFunc(reachable(r), func(contact Contact) bool { return c.entryFor(contact, r) != nil })
}

// Candidate is one contact of one person with what the rules say of it.
type Candidate struct {
	Person   string // "stakeholder:<id>" or "subscriber:<id>"
	Name     string
	Quadrant Quadrant
	// Components are those the person named, to explain rule 3.
	Components []string
	Verdict    Verdict
}

// Candidates decides for every recipient and lists the verdicts one by one, in
// the recipients' order.
func Candidates(p *Policy, o Occasion, recipients []Recipient) []Candidate {
	var all []Candidate
	for _, r := range recipients {
		for _, v := range Decide(p, o, r) {
			all = append(all, Candidate{string(r.Kind) + ":" + r.ID, r.Name, r.Quadrant, r.Components, v})
		}
	}
	return all
}

// Settled is a candidate with the outcome for its thread.
type Settled struct {
	Candidate
	Outcome Outcome
}

// Settle takes what everybody was told so far into account, and lets one
// message through for each address (rule 4): the first that speaks to it, in
// the candidates' order. Those for whom nothing is done are listed too, as
// Skip with the reason.
func Settle(o Occasion, candidates []Candidate, thread func(Contact) Thread, at time.Time) []Settled {
	type place struct {
		channel Channel
		address string
	}
	taken := map[place]bool{}
	all := make([]Settled, len(candidates))
	for i, c := range candidates {
		contact := c.Verdict.Contact
		out := c.Verdict.Settle(o, thread(contact), at)
		if here := (place{contact.Channel, contact.Address}); out.Action != Skip {
			if taken[here] {
				out = Outcome{Action: Skip, Rule: RuleOnePerson, Cell: out.Cell, Reason: "the address is told already, through another entry"}
			}
			taken[here] = true
		}
		all[i] = Settled{c, out}
	}
	return all
}

// Settle turns a verdict into what is done for a person with this thread, for
// an event at the given time (rules 2 and 6, and the cell's timing).
func (v Verdict) Settle(o Occasion, t Thread, at time.Time) Outcome {
	if o.Event.Ends() {
		return v.settleEnd(t, at)
	}
	out := v.outcome(v.Own, t, at)
	if v.CatchUp != nil && !t.begun() {
		if late := v.outcome(v.CatchUp, t, at); earlier(late, out) {
			out = late
			out.Rule = RuleRaised
		}
	}
	// The newer message inherits the earlier due time, so that frequent
	// updates never starve a hold; and it waits on no condition that the
	// older one did not have.
	if out.Action == Hold && !t.WaitingDue.IsZero() && t.WaitingDue.Before(out.DueAt) {
		out.DueAt = t.WaitingDue
		out.OnlyIfOpen = out.OnlyIfOpen && t.Conditions
		if !out.DueAt.After(at) {
			out.Action, out.DueAt = Send, time.Time{}
		}
	}
	return out
}

// settleEnd decides an end: who heard of the start hears of it; where the
// start was held and never sent, both are dropped.
func (v Verdict) settleEnd(t Thread, at time.Time) Outcome {
	switch {
	case t.begun():
		out := v.outcome(v.Own, t, at)
		if out.Action == Skip && v.Closure {
			return Outcome{Action: Send, Rule: RuleClosure, Cell: v.Cell, Reason: "heard of the start on this channel"}
		}
		return out
	case t.Held:
		return Outcome{Action: Drop, Rule: RuleSupersede, Cell: v.Cell, Reason: "it ended before the held message went out"}
	default:
		return v.outcome(v.Own, t, at)
	}
}

// outcome applies one timing to a thread.
func (v Verdict) outcome(timing *Timing, t Thread, at time.Time) Outcome {
	out := Outcome{Action: Skip, Rule: v.Rule, Cell: v.Cell, Reason: v.Reason}
	if timing == nil {
		return out
	}
	if (timing.Told || timing.Delayed) && !t.begun() {
		out.Reason = "only for those who were told already"
		return out
	}
	due := at
	if timing.Hold > 0 {
		due = at.Add(timing.Hold)
	}
	if timing.StillOpen > 0 {
		due, out.OnlyIfOpen = at.Add(timing.StillOpen), true
	}
	if last, told := t.last(at); timing.Limit > 0 && told && last.Add(timing.Limit).After(due) {
		due = last.Add(timing.Limit)
	}
	out.Action = Send
	if due.After(at) {
		out.Action, out.DueAt = Hold, due
	}
	return out
}

// earlier says whether a reaches the person before b does.
func earlier(a, b Outcome) bool {
	switch {
	case a.Action == Skip || a.Action == Drop:
		return false
	case b.Action == Skip || b.Action == Drop:
		return true
	case a.Action == Send:
		return b.Action == Hold
	default:
		return b.Action == Hold && a.DueAt.Before(b.DueAt)
	}
}
