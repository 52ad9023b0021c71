package stakeholders

import (
	"fmt"
	"slices"
	"time"

	"github.com/allclear-status/allclear/status"
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
	// Closure says that who was told is owed this end, whatever else holds; of a
	// maintenance's completion, who was told of a delay.
	Closure bool
	// Rule and Cell say what decided, Reason why in a sentence.
	Rule   Rule
	Cell   string
	Reason string
	// Form is how much the contact is shown, Language in which words (empty: the
	// page's), Pace the period in which updates reach it at most once (0: each;
	// PageOnly: none does).
	Form     Form
	Language string
	Pace     time.Duration
	rest     rest
}

// Decide says, for one occasion and one recipient, what each of its channels
// is owed: one verdict for every channel the recipient can be reached on, in
// the order of the contacts. It is a pure function and the only place of the
// rules 1 to 4 and 8 and of the table; consent is the caller's to check last,
// at sending too.
func Decide(p *Policy, o Occasion, r Recipient) []Verdict {
	reached := r.reached(p)
	look := reading{policy: p, quadrant: r.Quadrant, listening: listening(r.Quadrant, inTable(reached))}
	var verdicts []Verdict
	for _, contact := range reached {
		v := Verdict{Contact: contact, Closure: o.Event.Closes(), Form: formFor(r, contact), Language: r.Preferences.Language, rest: restOf(p, o, r, contact)}
		if !o.Event.Ends() && contact.Channel != Webhook {
			v.Pace = look.pace(o, r, v)
		}
		look.decide(o, r, &v)
		verdicts = append(verdicts, v)
	}
	return verdicts
}

// decide fills in one verdict.
func (l reading) decide(o Occasion, r Recipient, v *Verdict) {
	switch {
	case o.ClosureOnly:
		v.Rule, v.Reason = RuleTable, "the sender asked for no notifications"
		return
	case l.decideHand(o, r, v):
		return
	case !inScope(o, r):
		v.Rule, v.Reason = RuleScope, "follows other components than those touched"
		return
	case tooMild(o, r):
		v.Rule, v.Reason = RuleNarrowing, fmt.Sprintf("asked for %s impact or worse", r.Preferences.LeastImpact)
		return
	case v.Contact.Channel == Webhook:
		decideWebhook(o, r, v)
		return
	case !slices.Contains(l.listening, v.Contact):
		v.Rule, v.Reason = RuleConsent, "did not ask to be told; in monitor only who asked is"
		return
	}
	if between(o, r) {
		v.Rule, v.Reason = RuleNarrowing, "asked for start and end only"
	} else {
		v.Own = l.owed(v, o.Event, impactRead(o))
		l.widen(o, r, v)
	}
	if o.Raised && !o.Event.Starts() && !o.Event.Ends() {
		catchUp := Verdict{Contact: v.Contact}
		if v.CatchUp = l.owed(&catchUp, Opened, o.Impact); v.CatchUp != nil && v.Own == nil {
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

// tooMild says whether a subscriber asked for worse impacts only.
func tooMild(o Occasion, r Recipient) bool {
	least := status.Impact(r.Preferences.LeastImpact)
	return r.Kind == FromSubscription && least.ValidGrade() && o.Impact.Worse(o.ImpactBefore).Level() < least.Level()
}

// between says whether the event is neither start nor end, for a subscriber
// who asked for no more. A catch-up is a start to who was not told of one.
func between(o Occasion, r Recipient) bool {
	return r.Kind == FromSubscription && r.Preferences.StartAndEndOnly && !o.Event.Starts() && !o.Event.Ends()
}

// impactRead is the impact by which the cell is read: the one before for a
// lowering.
func impactRead(o Occasion) status.Impact {
	if o.Event == ImpactLowered {
		return o.ImpactBefore
	}
	return o.Impact
}
