package publish

import (
	"context"
	"fmt"
	"slices"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// entrance is a change to who is told, while incidents may be open: whoever
// enters the audience of one by it gets one summary of that incident, and not
// what was said before (rule 7).
type entrance struct {
	publisher *Publisher
	tx        *store.Tx
	page      status.Page
	policy    *stakeholders.Policy
	incidents []status.Incident // that people were told of
	// subscriber is the id of who is about to change, where it is not the
	// register.
	subscriber string
	before     []stakeholders.Recipient
}

// entering prepares for a change to the register, or to one subscriber. No post
// comes between it and the end of the transaction.
func (p *Publisher) entering(ctx context.Context, tx *store.Tx, subscriber string) (*entrance, error) {
	page, err := tx.HoldPage(ctx)
	if err != nil {
		return nil, err
	}
	page.URL = p.config.PublicURL
	e := &entrance{publisher: p, tx: tx, page: page, subscriber: subscriber}
	open, err := tx.Incidents(ctx, store.IncidentFilter{OpenOnly: true, Limit: mostOpen})
	if err != nil {
		return nil, err
	}
	for _, i := range open {
		if told, err := e.told(ctx, i); err != nil {
			return nil, err
		} else if told {
			e.incidents = append(e.incidents, i)
		}
	}
	if len(e.incidents) == 0 {
		return e, nil
	}
	if e.policy, err = tx.Policy(ctx); err != nil {
		return nil, err
	}
	e.before, err = e.recipients(ctx)
	return e, err
}

// mostOpen bounds how many open incidents somebody is caught up with.
const mostOpen = 100

// told says whether people are told of an incident: it is no planned work, and
// not all of its posts were silent.
func (e *entrance) told(ctx context.Context, i status.Incident) (bool, error) {
	if i.IsMaintenance() || i.Backfilled {
		return false, nil
	}
	notices, err := e.tx.Notices(ctx, i.ID)
	return slices.ContainsFunc(notices, func(n notify.Notice) bool { return !n.Occasion.ClosureOnly }), err
}

// recipients are those whom the change may concern, as they are now.
func (e *entrance) recipients(ctx context.Context) ([]stakeholders.Recipient, error) {
	known, err := e.tx.Listed(ctx, e.tx.Now())
	if err != nil {
		return nil, err
	}
	register, all := known.Register, known.Readers.All
	if e.subscriber == "" {
		return all, nil
	}
	s, err := e.tx.Subscriber(ctx, e.subscriber)
	if err != nil {
		return nil, err
	}
	at := func(r stakeholders.Recipient) bool {
		return slices.ContainsFunc(r.Contacts, func(c stakeholders.Contact) bool {
			return c.Channel == s.Contact.Channel && c.Address == s.Contact.Address
		})
	}
	if i := slices.IndexFunc(all, at); i >= 0 {
		return all[i : i+1 : i+1], nil // others read the rest
	}
	if !s.Told() {
		return nil, nil
	}
	return []stakeholders.Recipient{stakeholders.SubscriberRecipient(s.ID, s.Contact, stakeholders.SegmentQuadrant(register, s.Segment), s.Preferences)}, nil
}

// done tells those who entered, when the change is made.
func (e *entrance) done(ctx context.Context) error {
	if len(e.incidents) == 0 {
		return nil
	}
	after, err := e.recipients(ctx)
	if err != nil {
		return err
	}
	a := act{publisher: e.publisher, tx: e.tx, page: e.page, policy: e.policy}
	if a.components, err = e.tx.Components(ctx); err != nil {
		return err
	}
	for _, i := range e.incidents {
		o := stakeholders.Occasion{Event: stakeholders.CatchUp, Impact: i.RoutedImpact(), ImpactBefore: i.RoutedImpact(), Highest: i.HighestImpact,
			Components: i.ComponentIDs(), TimeZone: e.page.TimeZone}
		entered := stakeholders.Entered(e.policy, o, e.before, after)
		if len(entered) == 0 {
			continue
		}
		a.incident = i
		latest, _ := i.Latest()
		err := e.tx.EnqueueShared(ctx, fmt.Sprintf("catch up %s %s %d", i.ID, latest.ID, e.policy.Version), notify.Notice{
			IncidentID: i.ID, UpdateID: latest.ID, Occasion: o, PolicyVersion: e.policy.Version, Priority: notify.Priority(o.Impact),
			Content: a.content(o.Event, latest), CreatedAt: e.tx.Now(),
		}, entered)
		if err != nil {
			return err
		}
	}
	return nil
}
