package stakeholders

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Readers are recipients, with who of them is alike: of those Decide says the
// same, address for address. They are worked out once and used for many
// decisions, and nobody changes them.
type Readers struct {
	All []Recipient
	// alike gives, for every recipient, the first who is like it.
	alike []int
	// crowded are the addresses that lead to more than one of them.
	crowded map[inbox]bool
}

// NewReaders finds out who is alike. What tells two recipients apart is
// everything but their names and addresses.
func NewReaders(all []Recipient) Readers {
	r := Readers{All: slices.Clip(all), alike: make([]int, len(all)), crowded: map[inbox]bool{}}
	first, led := map[string]int{}, map[inbox]bool{}
	for i, one := range all {
		one.ID, one.Name, one.Contacts = "", "", slices.Clone(one.Contacts)
		for n := range one.Contacts {
			c := &one.Contacts[n]
			if here := inboxOf(*c); led[here] {
				r.crowded[here] = true
			} else {
				led[here] = true
			}
			c.ID, c.Address, c.Label, c.Contractual = "", "", "", ""
		}
		shape := fmt.Sprintf("%#v", one)
		if _, ok := first[shape]; !ok {
			first[shape] = i
		}
		r.alike[i] = first[shape]
	}
	return r
}

// Settle does what Settle does with the Candidates of these recipients and some
// more behind them, one after the other, and decides once for all who are alike.
// What people were told is asked for once, and only if it matters to somebody.
// The Settled is the caller's until do returns.
func (r Readers) Settle(p *Policy, o Occasion, at time.Time, more []Candidate, told func() (func(Contact) Thread, error), do func(*Settled)) error {
	if guests := o.Hand.guests(r.All); len(guests) > 0 {
		r = NewReaders(slices.Concat(r.All, guests))
	}
	s := settling{policy: p, occasion: o, at: at, known: make([][]foreseen, len(r.All)), crowded: r.crowded, taken: map[inbox]bool{}}
	if len(more) > 0 {
		s.crowded = map[inbox]bool{}
		maps.Copy(s.crowded, r.crowded) // others read it, too
	}
	for _, c := range more {
		s.crowded[inboxOf(c.Verdict.Contact)] = true
	}
	s.told = sync.OnceValues(told)
	this := &Settled{}
	for i := range r.All {
		one, like := &r.All[i], r.alike[i]
		if len(o.Hand.Also) > 0 {
			like = i // the manager's hand goes by addresses
		}
		verdicts, contacts := s.decide(like, r.All[like]), one.Contacts
		if len(contacts) > 1 {
			contacts = one.reached(p)
		}
		for n, v := range verdicts {
			this.Candidate = Candidate{string(one.Kind) + ":" + one.ID, one.Name, one.Quadrant, one.Components, v.Verdict}
			this.Verdict.Contact, this.Outcome = contacts[n], v.outcome
			if err := s.settle(this, v.sure); err != nil {
				return err
			}
			do(this)
		}
	}
	for _, c := range more {
		this.Candidate = c
		if err := s.settle(this, false); err != nil {
			return err
		}
		do(this)
	}
	return nil
}

// settling is one settlement of many readers.
type settling struct {
	policy   *Policy
	occasion Occasion
	at       time.Time
	known    [][]foreseen
	told     func() (func(Contact) Thread, error)
	crowded  map[inbox]bool
	taken    map[inbox]bool
}

// settle fills in the outcome for one candidate: for what was told, unless it is
// there and sure.
func (s *settling) settle(c *Settled, sure bool) error {
	contact := c.Verdict.Contact
	if !sure {
		thread, err := s.told()
		if err != nil {
			return err
		}
		c.Outcome = c.Verdict.Settle(s.occasion, thread(contact), s.at)
	}
	c.Outcome = s.once(contact, c.Outcome)
	return nil
}

// foreseen is a verdict with the outcome, where that is sure.
type foreseen struct {
	Verdict
	outcome Outcome
	sure    bool
}

// decide decides for a recipient, and for all who are like it.
func (s *settling) decide(like int, r Recipient) []foreseen {
	if s.known[like] == nil {
		decided := []foreseen{}
		for _, v := range Decide(s.policy, s.occasion, r) {
			out, sure := v.Foreseen(s.occasion, s.at)
			decided = append(decided, foreseen{v, out, sure})
		}
		s.known[like] = decided
	}
	return s.known[like]
}

// once is rule 4: the first who is spoken to at an address is the only one. Most
// addresses lead to one recipient alone.
func (s *settling) once(c Contact, out Outcome) Outcome {
	here := inboxOf(c)
	if out.Action == Skip || !s.crowded[here] {
		return out
	}
	if s.taken[here] {
		return out.another()
	}
	s.taken[here] = true
	return out
}

// another is the outcome for an address that is told through another entry.
func (out Outcome) another() Outcome {
	return Outcome{Action: Skip, Rule: RuleOnePerson, Cell: out.Cell, Reason: "the address is told already, through another entry"}
}
