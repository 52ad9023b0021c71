package stakeholders

import (
	"time"

	"github.com/allclear-status/allclear/status"
)

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

// pace is the period in which updates reach a contact at most once, while the
// impact stays as it is; 0: each comes when it is posted. A digest comes once a
// day.
func (l reading) pace(c Contact, impact status.Impact, digest bool) time.Duration {
	timing := l.owed(&Verdict{Contact: c}, Updated, impact)
	switch {
	case timing == nil:
		return 0
	case digest || timing.Digest:
		return 24 * time.Hour
	default:
		return timing.Limit
	}
}
