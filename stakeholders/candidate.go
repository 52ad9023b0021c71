package stakeholders

import "time"

// Candidate is one contact of one person with what the rules say of it.
type Candidate struct {
	Person   string // "stakeholder:<id>", "subscriber:<id>" or "one_off:<address>"
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
	for _, r := range append(recipients[:len(recipients):len(recipients)], o.Hand.guests(recipients)...) {
		for _, v := range Decide(p, o, r) {
			all = append(all, Candidate{string(r.Kind) + ":" + r.ID, r.Name, r.Quadrant, r.Components, v})
		}
	}
	return all
}

// Entered lists who belongs to the audience of an incident's start after a
// change and did not before (rule 7), for an occasion of the event CatchUp.
func Entered(p *Policy, o Occasion, before, after []Recipient) []Candidate {
	there := map[inbox]bool{}
	for _, c := range Candidates(p, o, before) {
		if c.Verdict.Own != nil {
			there[inboxOf(c.Verdict.Contact)] = true
		}
	}
	var entered []Candidate
	for _, c := range Candidates(p, o, after) {
		if c.Verdict.Own == nil || there[inboxOf(c.Verdict.Contact)] {
			continue
		}
		c.Verdict.Rule, c.Verdict.Reason = RuleCatchUp, "entered the audience while the incident was open"
		entered = append(entered, c)
	}
	return entered
}

// Owed is the candidate for a contact that is decided for in no other way, and
// may be owed an end (rule 2). Whoever of the recipients has it is left alone
// in their quiet hours all the same.
func Owed(p *Policy, o Occasion, recipients []Recipient, person string, contact Contact) Candidate {
	c := Candidate{Person: person, Quadrant: Monitor, Verdict: Verdict{Contact: contact, Closure: true, Rule: RuleClosure, Reason: "heard of it on this channel"}}
	for _, r := range recipients {
		for _, have := range r.Contacts {
			if inboxOf(have) == inboxOf(contact) {
				c.Name, c.Quadrant, c.Components = r.Name, r.Quadrant, r.Components
				c.Verdict.Contact, c.Verdict.Form, c.Verdict.Language, c.Verdict.rest = have, formFor(r, have), r.Preferences.Language, restOf(p, o, r, have)
				return c
			}
		}
	}
	return c
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
	taken := map[inbox]bool{}
	all := make([]Settled, len(candidates))
	for i, c := range candidates {
		contact := c.Verdict.Contact
		out := c.Verdict.Settle(o, thread(contact), at)
		if here := inboxOf(contact); out.Action != Skip {
			if taken[here] {
				out = out.another()
			}
			taken[here] = true
		}
		all[i] = Settled{c, out}
	}
	return all
}
