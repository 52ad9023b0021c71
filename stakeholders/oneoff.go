package stakeholders

import (
	"slices"

	"github.com/allclear-status/allclear/status"
)

// RuleManager is what the incident manager decided for one update (rule 10).
const RuleManager Rule = "10 manager"

// FromManager is a recipient whom the incident manager added to one update, and
// whom no list leads to. Its ID is its address.
const FromManager RecipientKind = "one_off"

// OneOff is a contact that the incident manager added to one update.
type OneOff struct {
	Name    string  `json:"name"`
	Channel Channel `json:"channel"`
	Address string  `json:"address"` // normalised
}

// Hand is the manager's hand in one update's audience: only these quadrants,
// without those, these quadrants more than the policy gives them, and these
// contacts whatever it says. The end is still owed to whoever was told.
type Hand struct {
	Only    []Quadrant `json:"only,omitempty"`
	Without []Quadrant `json:"without,omitempty"`
	Widened []Quadrant `json:"widened,omitempty"`
	Also    []OneOff   `json:"also,omitempty"`
}

// Empty says whether the manager left the audience to the rules.
func (h Hand) Empty() bool { return len(h.Only)+len(h.Without)+len(h.Widened)+len(h.Also) == 0 }

// leavesOut says whether a quadrant is not told of this update.
func (h Hand) leavesOut(q Quadrant) bool {
	return slices.Contains(h.Without, q) || len(h.Only) > 0 && !slices.Contains(h.Only, q)
}

// adds says whether a contact is told whatever the rules say: it was added, or
// another address of the same person on the same channel was, of which this
// one is used (rule 4).
func (h Hand) adds(r Recipient, c Contact) bool {
	return slices.ContainsFunc(h.Also, func(a OneOff) bool {
		return a.Channel == c.Channel && slices.ContainsFunc(r.Contacts, a.is)
	})
}

func (a OneOff) is(c Contact) bool { return a.Channel == c.Channel && a.Address == c.Address }

// guests are the recipients whom only the manager leads to.
func (h Hand) guests(known []Recipient) []Recipient {
	var guests []Recipient
	for _, a := range h.Also {
		if slices.ContainsFunc(known, func(r Recipient) bool { return slices.ContainsFunc(r.Contacts, a.is) }) {
			continue
		}
		guests = append(guests, a.Recipient())
	}
	return guests
}

// Recipient is somebody whom no list leads to, as the rules see them: behind
// everybody else, and shown what is public.
func (a OneOff) Recipient() Recipient {
	return Recipient{Kind: FromManager, ID: a.Address, Name: a.Name, Quadrant: Monitor, Contacts: []Contact{{Channel: a.Channel, Address: a.Address}}}
}

// decideHand is rule 10: what the manager decided goes before everything but
// consent, which is checked at sending. It reports whether that was all.
func (l reading) decideHand(o Occasion, r Recipient, v *Verdict) bool {
	switch {
	case o.Hand.adds(r, v.Contact):
		v.Own, v.Rule, v.Reason = &Timing{}, RuleManager, "added by the incident manager for this update"
	case r.Kind == FromManager:
		v.Rule, v.Reason = RuleManager, "is told only what the incident manager adds them to, and its end"
	case v.Contact.Channel != Webhook && o.Hand.leavesOut(r.Quadrant):
		v.Rule, v.Reason = RuleManager, "left out by the incident manager for this update"
	default:
		return false
	}
	return true
}

// widen is rule 10 for a whole quadrant: impact none reads minor, and whom the
// policy gives nothing is told now, on the first channel on which they listen.
func (l reading) widen(o Occasion, r Recipient, v *Verdict) {
	if v.Own != nil || !slices.Contains(o.Hand.Widened, r.Quadrant) {
		return
	}
	if cell, ok := l.policy.Cell(o.Event, l.quadrant, status.ImpactMinor); ok && o.Impact == status.ImpactNone && l.reaches(cell) {
		v.Own = l.owed(v, o.Event, status.ImpactMinor)
		v.Rule, v.Reason = RuleManager, "widened by the incident manager for this update: impact none reads minor"
		return
	}
	if v.Contact != l.listening[0] {
		return
	}
	v.Own, v.Rule, v.Reason = &Timing{}, RuleManager, "widened by the incident manager for this update"
}
