package stakeholders

import "time"

// Form is how much a recipient is shown of an update (ROUTING.md rule 9).
type Form string

// The forms. The parts that two of them add are never public.
const (
	FormFull   Form = "full"   // the public text whole
	FormShort  Form = "short"  // title, state, what is affected, since when, what to do, next update and link
	FormNote   Form = "note"   // the public text and the internal note
	FormAnswer Form = "answer" // the public text and the answer for customers
)

// formFor is the form that a contact of a recipient gets. What is added goes
// to those whom the company put into the register only: a subscriber, wherever
// the segment stands and whatever was asked for, is shown what is public.
func formFor(r Recipient, c Contact) Form {
	switch {
	case c.Channel == Webhook || c.EveryUpdate && r.Quadrant == KeepSatisfied:
		return FormFull
	case r.Quadrant == KeepSatisfied:
		return FormShort
	case r.Kind != FromRegister:
		return FormFull
	case r.Quadrant == ManageClosely && c.Private:
		return FormNote
	case r.Quadrant == KeepInformed:
		return FormAnswer
	default:
		return FormFull
	}
}

// PageOnly is the pace of who is owed no updates on a channel: they are on the
// page alone.
const PageOnly = -time.Microsecond

// pace is the period in which updates reach a contact at most once, while the
// impact stays as it is; 0: each comes when it is posted, PageOnly: none is
// owed. A digest comes once a day, and what is held comes that much later.
func (l reading) pace(o Occasion, r Recipient, v Verdict) time.Duration {
	next := Verdict{Contact: v.Contact}
	o.Event, o.ImpactBefore, o.Raised, o.ClosureOnly, o.Hand = Updated, o.Impact, false, false, Hand{}
	l.decide(o, r, &next)
	switch timing := next.Own; {
	case timing == nil || timing.Delayed || timing.StillOpen > 0:
		return PageOnly
	case v.rest.digest || timing.Digest:
		return 24 * time.Hour
	default:
		return max(timing.Limit, timing.Hold)
	}
}
