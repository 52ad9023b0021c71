package stakeholders

import "slices"

// RuleWebhook is what decides for webhooks instead of the table: programs are
// shown every event at once, as the page is.
const RuleWebhook Rule = "webhooks"

// decideWebhook gives a webhook every public event now, whatever its impact:
// also those that people are not told, such as a component's change of state
// without an incident. Who follows some components, or asked for less, is
// narrowed before; there is no catch-up, since every message carries the whole
// incident.
func decideWebhook(o Occasion, r Recipient, v *Verdict) {
	if o.Event == CatchUp {
		v.Rule, v.Reason = RuleWebhook, "the next message carries the whole incident"
		return
	}
	if between(o, r) {
		v.Rule, v.Reason = RuleNarrowing, "asked for start and end only"
		return
	}
	// What was taken off the record is no news to who never heard of it.
	v.Own, v.Rule, v.Reason = &Timing{Told: o.Event == Withdrawn}, RuleWebhook, "webhooks are sent every public event at once"
}

// inTable leaves out the contacts that the table does not speak of. A person's
// webhook is neither the channel they chose nor one that stands in for another.
func inTable(contacts []Contact) []Contact {
	return slices.DeleteFunc(slices.Clone(contacts), func(c Contact) bool { return c.Channel == Webhook })
}
