package stakeholders

import (
	"slices"

	"github.com/allclear-status/allclear/status"
)

// reading is the policy's table as one recipient reads it.
type reading struct {
	policy   *Policy
	quadrant Quadrant
	// listening are the contacts to which the table speaks, one of a class.
	listening []Contact
}

// reached is one contact of each channel class (rule 4): the first listed, or
// in the column monitor the first that asked to be told, where one did.
func (r Recipient) reached(p *Policy) []Contact {
	var contacts []Contact
	for _, c := range r.Contacts {
		at := slices.IndexFunc(contacts, func(have Contact) bool { return p.Class(have.Channel) == p.Class(c.Channel) })
		if at < 0 {
			contacts = append(contacts, c)
			continue
		}
		every := contacts[at].EveryUpdate || c.EveryUpdate // whichever address asked for it
		if r.Quadrant == Monitor && c.OptedIn && !contacts[at].OptedIn {
			contacts[at] = c
		}
		contacts[at].EveryUpdate = every
	}
	return contacts
}

// listening leaves out those who did not ask to be told, where only who asked
// is. To the table, a channel on which nobody listens is one that they lack.
func listening(q Quadrant, contacts []Contact) []Contact {
	if q != Monitor {
		return contacts
	}
	var asked []Contact
	for _, c := range contacts {
		if c.OptedIn || c.EveryUpdate {
			asked = append(asked, c)
		}
	}
	return asked
}

// owed finds the timing that the table gives the verdict's contact, and writes
// down what was read. Who asked for every update is given the wider of what
// that asks for and of the own column.
func (l reading) owed(v *Verdict, event Event, impact status.Impact) *Timing {
	if v.Contact.EveryUpdate {
		if timing := l.everything(v, event, impact); timing != nil {
			return timing
		}
	}
	return l.own(v, event, impact)
}

// everything is rule 8: who asked for every public update reads the column
// keep_informed, at once, on the subscribed channel, whichever it is.
func (l reading) everything(v *Verdict, event Event, impact status.Impact) *Timing {
	impact = impact.Worse(status.ImpactMinor) // impact none reads minor
	cell, _ := l.policy.Cell(event, KeepInformed, impact)
	if len(cell.Entries) == 0 {
		return nil
	}
	entry := l.entryFor(cell, v.Contact)
	if entry == nil {
		entry = &cell.Entries[0]
	}
	v.Rule, v.Cell, v.Reason = RuleNarrowing, place(event, KeepInformed, impact, cell), "asked for every public update"
	return &Timing{Told: entry.Timing.Told, Delayed: entry.Timing.Delayed}
}

// own reads the recipient's own column.
func (l reading) own(v *Verdict, event Event, impact status.Impact) *Timing {
	v.Rule = RuleTable
	if impact == status.ImpactNone {
		v.Reason = "impact none is shown on the page only"
		return nil
	}
	cell, _ := l.policy.Cell(event, l.quadrant, impact)
	v.Cell = place(event, l.quadrant, impact, cell)
	entry := l.entryFor(cell, v.Contact)
	if entry == nil && len(cell.Entries) > 0 && !l.reaches(cell) {
		entry = l.standIn(v, event, impact)
	}
	if entry == nil {
		v.Reason = "the policy gives nothing here"
		return nil
	}
	v.Reason = "the policy's cell for this place and impact"
	timing := entry.Timing
	return &timing
}

// standIn looks at the nearest higher impact of the same row and column for an
// entry on a channel that the person has.
func (l reading) standIn(v *Verdict, event Event, impact status.Impact) *Entry {
	for _, higher := range status.Grades()[impact.Level()+1:] {
		cell, _ := l.policy.Cell(event, l.quadrant, higher)
		if entry := l.entryFor(cell, v.Contact); entry != nil {
			v.Cell = place(event, l.quadrant, higher, cell) + ", standing in for a channel that the person lacks"
			return entry
		}
		if l.reaches(cell) {
			return nil
		}
	}
	return nil
}

// entryFor finds the entry of a cell that speaks to a contact.
func (l reading) entryFor(cell Cell, contact Contact) *Entry {
	preferred := len(l.listening) > 0 && l.listening[0].Channel == contact.Channel
	for i, e := range cell.Entries {
		if len(e.Classes) == 0 || slices.Contains(e.Classes, l.policy.Class(contact.Channel)) || (preferred && slices.Contains(e.Classes, ClassPreferred)) {
			return &cell.Entries[i]
		}
	}
	return nil
}

// reaches says whether any entry of a cell speaks to a channel on which the
// person listens.
func (l reading) reaches(cell Cell) bool {
	return slices.ContainsFunc(l.listening, func(c Contact) bool { return l.entryFor(cell, c) != nil })
}

// place names a cell for the ledger.
func place(event Event, q Quadrant, impact status.Impact, cell Cell) string {
	return string(event.Row()) + ", " + string(q) + ", " + string(impact) + ": " + cell.Text
}
