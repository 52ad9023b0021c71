package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// Why is whether one person was told of one notice on one channel, and the
// reason.
type Why struct {
	NoticeID int64
	Event    stakeholders.Event
	At       time.Time
	Who      string
	Channel  stakeholders.Channel
	// State is the delivery's; empty when there is none.
	State notify.State
	Rule  stakeholders.Rule
	Cell  string
	// PolicyVersion is the version of the policy that decided.
	PolicyVersion int64
	// Words is the answer in a sentence or two.
	Words string
}

// whyLedger bounds how many of a person's deliveries are read.
const whyLedger = 500

// Why answers, for each notice about an incident, why a person was told or not:
// from the ledger where there is a row, else worked out again from the notice's
// frozen inputs. The person is a name of the register, an address, or the part
// of one before the @.
//
// Errors: status.ErrNotFound for the incident, *status.Invalid for the person.
func (p *Publisher) Why(ctx context.Context, incident, person string) ([]Why, error) {
	i, err := p.store.FindIncident(ctx, incident)
	if err != nil {
		return nil, err
	}
	notices, err := p.store.Notices(ctx, i.ID)
	if err != nil {
		return nil, err
	}
	who, err := p.findPeople(ctx, person, notices)
	if errors.As(err, new(*status.Invalid)) {
		if told, err := p.formerly(ctx, i.ID, person, notices); err != nil || len(told) > 0 {
			return told, err
		}
	}
	if err != nil {
		return nil, err
	}
	components, err := p.store.Components(ctx)
	if err != nil {
		return nil, err
	}
	answers := []Why{}
	for _, one := range who {
		ledger, err := p.store.Deliveries(ctx, store.LedgerFilter{IncidentID: i.ID, Whose: one.whose(), Limit: whyLedger})
		if err != nil {
			return nil, err
		}
		for _, n := range notices {
			told := func(d notify.Delivery) bool { return d.NoticeID == n.ID }
			if n.Occasion.Event == stakeholders.CatchUp && !slices.ContainsFunc(ledger, told) {
				continue // for who entered late
			}
			policy, err := p.store.PolicyVersion(ctx, n.PolicyVersion)
			if err != nil {
				return nil, err
			}
			answers = append(answers, one.why(policy, i, n, ledger, byID(components), p.location(ctx))...)
		}
	}
	return answers, nil
}

// location is the page's zone, in which times are said.
func (p *Publisher) location(ctx context.Context) *time.Location {
	page, err := p.store.Page(ctx)
	if err != nil {
		return time.UTC
	}
	return page.Location()
}

// somebody is a person that a question is about.
type somebody struct {
	recipient   stakeholders.Recipient
	unconfirmed bool
	left        bool
	// confirmedAt is since when a subscriber is one.
	confirmedAt time.Time
	// quarantinedAt is since when nothing is sent to a webhook that failed.
	quarantinedAt time.Time
}

// has says whether a contact is among the person's.
func (s somebody) has(c stakeholders.Contact) bool {
	return slices.ContainsFunc(s.recipient.Contacts, func(own stakeholders.Contact) bool { return own.Channel == c.Channel && own.Address == c.Address })
}

// whose is how the ledger knows the person: also by what was told to their
// addresses while those were somebody else's, or an entry's that was removed.
func (s somebody) whose() *store.Whose {
	w := store.Whose{}
	if s.recipient.Kind == stakeholders.FromRegister {
		w.Persons = []string{s.person()}
	}
	for _, c := range s.recipient.Contacts {
		w.Places = append(w.Places, store.Place{Channel: c.Channel, Address: c.Address})
	}
	return &w
}

func (s somebody) person() string { return string(s.recipient.Kind) + ":" + s.recipient.ID }

// findPeople finds those whom a text names: in the register, among the
// subscribers, or whom the incident manager added to one of the notices.
func (p *Publisher) findPeople(ctx context.Context, name string, notices []notify.Notice) ([]somebody, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return nil, status.NewInvalid("person", "is missing; give a name of the register, an email address, the part before its @, or the host of a webhook")
	}
	known, err := p.store.Listed(ctx, p.store.Now())
	if err != nil {
		return nil, err
	}
	register, subscriptions := known.Register, known.Subscriptions
	var found []somebody
	for _, r := range known.Readers.All {
		if stakeholders.SameName(r.Name, name) || slices.ContainsFunc(r.Contacts, func(c stakeholders.Contact) bool { return means(c, name) }) {
			found = append(found, somebody{recipient: r})
		}
	}
	subscribers, err := p.store.SubscribersNamed(ctx, strings.ToLower(name))
	if err != nil {
		return nil, err
	}
	receivers, err := p.store.ReceiversNamed(ctx, strings.ToLower(name))
	if err != nil {
		return nil, err
	}
	for _, s := range append(subscribers, receivers...) {
		if slices.ContainsFunc(subscriptions, func(known stakeholders.Subscriber) bool { return known.ID == s.ID }) {
			continue // found through the register
		}
		if slices.ContainsFunc(found, func(one somebody) bool { return one.has(s.Contact) }) {
			continue // who left, or never confirmed, is known by the register's entry
		}
		r := stakeholders.SubscriberRecipient(s.ID, s.Contact, stakeholders.SegmentQuadrant(register, s.Segment), s.Preferences)
		found = append(found, somebody{recipient: r, unconfirmed: s.ConfirmedAt.IsZero(), confirmedAt: s.ConfirmedAt, left: !s.UnsubscribedAt.IsZero(), quarantinedAt: s.QuarantinedAt})
	}
	for _, n := range notices {
		for _, also := range n.Occasion.Hand.Also {
			if guest := also.Recipient(); len(found) == 0 && means(guest.Contacts[0], name) {
				found = append(found, somebody{recipient: guest})
			}
		}
	}
	if len(found) == 0 {
		return nil, status.NewInvalid("person", "%q is neither in the register nor a subscriber", name)
	}
	return found, nil
}

// formerly answers for an address that is in the register no more and was no
// subscriber's: what the ledger holds about them, and nothing else.
func (p *Publisher) formerly(ctx context.Context, incidentID, name string, notices []notify.Notice) ([]Why, error) {
	theirs := &store.Whose{Places: placesNamed(name)}
	if len(theirs.Places) == 0 {
		return nil, nil // a name, which nobody has
	}
	ledger, err := p.store.Deliveries(ctx, store.LedgerFilter{IncidentID: incidentID, Whose: theirs, Limit: whyLedger})
	if err != nil {
		return nil, err
	}
	var answers []Why
	for _, n := range notices {
		for _, d := range ledger {
			if d.NoticeID == n.ID {
				answers = append(answers, Why{NoticeID: n.ID, Event: n.Occasion.Event, At: n.CreatedAt, Who: cmp.Or(d.PersonName, d.Shown), Channel: d.Channel,
					State: d.State, Rule: d.Rule, Cell: d.Cell, PolicyVersion: n.PolicyVersion, Words: deliveryWords(d, p.location(ctx))})
			}
		}
	}
	return answers, nil
}

// means says whether a text names a contact.
func means(c stakeholders.Contact, name string) bool {
	local, _, _ := strings.Cut(c.Address, "@")
	return c.Channel == stakeholders.Email && (strings.EqualFold(c.Address, name) || strings.EqualFold(local, name)) ||
		c.Label != "" && stakeholders.SameName(c.Label, name)
}

// why answers for one person and one notice, channel by channel.
func (s somebody) why(policy *stakeholders.Policy, i status.Incident, n notify.Notice, ledger []notify.Delivery,
	components map[string]status.Component, zone *time.Location) []Why {
	base := Why{NoticeID: n.ID, Event: n.Occasion.Event, At: n.CreatedAt, Who: s.recipient.Name, PolicyVersion: n.PolicyVersion}
	var answers []Why
	for _, v := range stakeholders.Decide(policy, n.Occasion, s.recipient) {
		w := base
		w.Channel, w.Rule, w.Cell = v.Contact.Channel, v.Rule, v.Cell
		at := slices.IndexFunc(ledger, func(d notify.Delivery) bool {
			return d.NoticeID == n.ID && d.Channel == v.Contact.Channel && d.Address == v.Contact.Address
		})
		switch {
		case at >= 0:
			d := ledger[at]
			w.State, w.Rule, w.Cell, w.Words = d.State, d.Rule, d.Cell, deliveryWords(d, zone)
		case n.TakenBack:
			w.Rule, w.Words = stakeholders.RuleManager, "Not told: rule 10 (manager). The push was taken back before anybody was told."
		case !n.ForgottenAt.IsZero():
			w.Rule, w.Cell, w.Words = "", "", "Not known any more: who was told of this was removed for its age."
		case s.left:
			w.Rule, w.Words = stakeholders.RuleConsent, "Not told: rule 1 (consent). Has left."
		case !s.quarantinedAt.IsZero() && !n.CreatedAt.Before(s.quarantinedAt):
			w.Rule, w.Words = stakeholders.RuleConsent, fmt.Sprintf("Not told: rule 1 (consent). It took no message for about an hour; nothing is sent to it since %s.",
				s.quarantinedAt.In(zone).Format("2006-01-02 15:04 MST"))
		case s.unconfirmed:
			w.Rule, w.Words = stakeholders.RuleConsent, "Not told: rule 1 (consent). Never confirmed."
		case s.confirmedAt.After(n.CreatedAt):
			w.Rule, w.Words = stakeholders.RuleConsent, fmt.Sprintf("Not told: rule 1 (consent). Confirmed at %s, after this was posted.",
				s.confirmedAt.In(zone).Format("2006-01-02 15:04:05 MST"))
		default:
			w.Words = "Not told: " + verdictWords(v, n.Occasion, s.recipient, i, components, n.CreatedAt)
		}
		answers = append(answers, w)
	}
	return answers
}

// deliveryWords says what the ledger holds.
func deliveryWords(d notify.Delivery, zone *time.Location) string {
	because := fmt.Sprintf(" %s: %s.", ruleWords(d.Rule, d.Cell), strings.TrimSuffix(d.Reason, "."))
	clock := func(t time.Time) string { return t.In(zone).Format("15:04:05 MST") }
	switch d.State {
	case notify.Sent:
		return fmt.Sprintf("Told at %s (%s).", clock(d.SentAt), d.Answer) + because
	case notify.Held:
		return fmt.Sprintf("Held until %s.", clock(d.DueAt)) + because
	case notify.Pending, notify.Sending, notify.Uncertain:
		return fmt.Sprintf("On its way (%s, attempt %d).", d.State, d.Attempts) + because
	case notify.Merged: // how that one fared stands in a line of its own
		return fmt.Sprintf("Put together with others in one message (notice %d).", d.MergedInto) + because
	default:
		return fmt.Sprintf("Not told: %s, %s.", d.State, strings.TrimSuffix(d.Answer, ".")) + because
	}
}

// verdictWords says why there is no delivery.
func verdictWords(v stakeholders.Verdict, o stakeholders.Occasion, r stakeholders.Recipient, i status.Incident,
	components map[string]status.Component, at time.Time) string {
	if v.Rule == stakeholders.RuleScope {
		return fmt.Sprintf("rule 3 (scope). Follows %s; %s touches %s.", names(r.Components, components), i.Reference(), names(o.Components, components))
	}
	reason := v.Reason
	if v.Own != nil {
		out := v.Settle(o, stakeholders.Thread{}, at)
		if out.Action == stakeholders.Send || out.Action == stakeholders.Hold {
			return "not among the readers when this was posted; as things are now, " + ruleWords(v.Rule, v.Cell) + " would tell them."
		}
		reason = out.Reason
	}
	return ruleWords(v.Rule, v.Cell) + ". " + strings.ToUpper(reason[:1]) + reason[1:] + "."
}

// ruleWords is a rule as people say it: "rule 3 (scope)", or the table's cell.
func ruleWords(rule stakeholders.Rule, cell string) string {
	if number, name, ok := strings.Cut(string(rule), " "); ok && number[0] >= '0' && number[0] <= '9' {
		return fmt.Sprintf("rule %s (%s)", number, name)
	}
	if cell == "" {
		return string(rule)
	}
	return string(rule) + " (" + cell + ")"
}

// names lists components by name.
func names(ids []string, components map[string]status.Component) string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = cmp.Or(components[id].Name, id)
	}
	if len(list) == 0 {
		return "no component"
	}
	return strings.Join(list, ", ")
}
