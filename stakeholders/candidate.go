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
	type place struct {
		channel Channel
		address string
	}
	there := map[place]bool{}
	for _, c := range Candidates(p, o, before) {
		if c.Verdict.Own != nil {
			there[place{c.Verdict.Contact.Channel, c.Verdict.Contact.Address}] = true
		}
	}
	var entered []Candidate
	for _, c := range Candidates(p, o, after) {
		if c.Verdict.Own == nil || there[place{c.Verdict.Contact.Channel, c.Verdict.Contact.Address}] {
			continue
		}
		c.Verdict.Rule, c.Verdict.Reason = RuleCatchUp, "entered the audience while the incident was open"
		entered = append(entered, c)
	}
	return entered
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
