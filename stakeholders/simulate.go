package stakeholders

import (
	"slices"
	"time"

	"github.com/allclear-status/allclear/status"
)

// Step is one post in the life of an incident, for those who are told.
type Step struct {
	At       time.Time
	Occasion Occasion
	State    status.IncidentStatus // after the post
}

// Heard is one message that one contact of a simulation gets.
type Heard struct {
	Recipient int // its place in the list that was given
	Contact   Contact
	Quadrant  Quadrant
	Message
}

// Simulate lives through one incident as the rules have it when everything is
// sent the moment it may be, until a time. What falls due at the very moment of a
// post is still held then, and the post takes its place (rule 6), as it does where
// it is sent: audiences are worked out before what is due is looked for. Recipients who stand for several
// people must differ in their addresses. Messages are in the order in which
// they are sent.
func Simulate(p *Policy, steps []Step, recipients []Recipient, until time.Time) []Heard {
	type place struct {
		channel Channel
		address string
	}
	courses := map[place]*Course{}
	at := map[place]int{} // of whose contact it is
	var order []place
	for i, r := range recipients {
		for _, c := range r.Contacts {
			here := place{c.Channel, c.Address}
			if courses[here] == nil {
				courses[here], at[here] = &Course{}, i
				order = append(order, here)
			}
		}
	}
	var heard []Heard
	hear := func(here place, messages []Message) {
		r := recipients[at[here]]
		for _, m := range messages {
			heard = append(heard, Heard{at[here], Contact{Channel: here.channel, Address: here.address}, r.Quadrant, m})
		}
	}
	for n, step := range steps {
		for _, here := range order {
			hear(here, courses[here].Elapse(step.At.Add(-time.Nanosecond)))
			courses[here].become(step.State, step.Occasion.Highest)
		}
		thread := func(c Contact) Thread { return courses[place{c.Channel, c.Address}].Thread() }
		for _, s := range Settle(step.Occasion, Candidates(p, step.Occasion, recipients), thread, step.At) {
			here := place{s.Verdict.Contact.Channel, s.Verdict.Contact.Address}
			hear(here, courses[here].take(int64(n+1), step.Occasion.Event, s.Outcome, step.At))
		}
	}
	for _, here := range order {
		hear(here, courses[here].Elapse(until))
	}
	slices.SortStableFunc(heard, func(a, b Heard) int {
		if !a.At.Equal(b.At) {
			return a.At.Compare(b.At)
		}
		return a.Quadrant.Rank() - b.Quadrant.Rank()
	})
	return heard
}
