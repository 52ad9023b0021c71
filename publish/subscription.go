package publish

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// SubscribeForm is what a stranger enters on the page to be told by email, or in
// a chat.
type SubscribeForm struct {
	Address string // of mail
	Chat    string // instead of it: the address of a chat's incoming webhook
	Wishes
	From netip.Addr // of the stranger
}

// TooMany says that somebody asked too often, and how long to wait.
type TooMany struct{ Wait time.Duration }

// Error says so.
func (e *TooMany) Error() string { return fmt.Sprintf("asked too often: wait %s", e.Wait) }

// subscribeTries bounds how often asking is run again: two servers may meet at
// a new address.
const subscribeTries = 3

// Subscribe takes a stranger's wish to be told. Whoever owns the address gets a
// letter: to confirm the wish, or, when they are told already, to say so and
// that nothing has changed. The answer is the same for a known and an unknown
// address, and for one that was entered too often, to which nothing is sent.
//
// Errors: *status.Invalid; *TooMany for a network or a page from which too many
// ask.
func (p *Publisher) Subscribe(ctx context.Context, in SubscribeForm) error {
	contact, err := p.checkForm(ctx, in)
	if err != nil {
		return err
	}
	if silent, err := p.limit(ctx, contact, in.From); err != nil || silent {
		return err
	}
	for try := range subscribeTries {
		err = p.store.InTxAgain(ctx, func(tx *store.Tx) error { return p.ask(ctx, tx, contact, in.Wishes) })
		if !errors.Is(err, status.ErrConflict) || try == subscribeTries-1 {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	if p.config.Wake != nil {
		p.config.Wake()
	}
	return nil
}

// checkForm refuses what cannot be subscribed, field by field, and returns the
// contact, normalised.
func (p *Publisher) checkForm(ctx context.Context, in SubscribeForm) (contact stakeholders.Contact, err error) {
	bad := &status.Invalid{}
	if in.Chat != "" {
		if contact.Channel, err = stakeholders.ChatOf(in.Chat); err != nil {
			bad.Add("chat", "%s", err)
		} else {
			contact = p.checkReceiver(bad, "chat", contact.Channel, in.Chat)
		}
	} else {
		contact.Channel = stakeholders.Email
		if contact.Address, err = stakeholders.NormalizeAddress(stakeholders.Email, in.Address); err != nil {
			bad.Add("email", "%s", err)
		}
	}
	components, err := p.store.Components(ctx)
	if err != nil {
		return contact, err
	}
	in.check(bad, contact.Channel, components)
	return contact, bad.Err()
}

// How often strangers may ask, in an hour.
const (
	mostFromNetwork = 30
	mostOnPage      = 2000
	mostToAddress   = 3
)

// limit counts the request. It is silent when only the address was entered too
// often: an error would tell a stranger who else asked. What is counted can be
// read back from no row.
func (p *Publisher) limit(ctx context.Context, to stakeholders.Contact, from netip.Addr) (silent bool, err error) {
	at, wait, err := p.store.Take(ctx,
		store.Limit{Name: "subscribe network " + p.config.Key.Name("network", network(from)), Window: time.Hour, Most: mostFromNetwork},
		store.Limit{Name: "subscribe page", Window: time.Hour, Most: mostOnPage},
		store.Limit{Name: "subscribe address " + p.config.Key.Name(string(to.Channel), to.Address), Window: time.Hour, Most: mostToAddress})
	switch {
	case err != nil:
		return false, err
	case at < 2:
		return false, &TooMany{wait}
	default:
		return at == 2, nil
	}
}

// network is where an address comes from: the neighbours that one person may
// have at will.
func network(from netip.Addr) string {
	from = from.Unmap()
	bits := 48
	if from.Is4() {
		bits = 24
	}
	prefix, err := from.WithZone("").Prefix(bits)
	if err != nil {
		return "unknown"
	}
	return prefix.String()
}

// visitor is who acts on the public page.
var visitor = auth.Actor{Kind: "visitor", Name: "public page"}

// ask stores the wish and puts the letter into the outbox.
func (p *Publisher) ask(ctx context.Context, tx *store.Tx, to stakeholders.Contact, wishes Wishes) error {
	s, err := subscriberAt(ctx, tx, to.Channel, to.Address)
	if err != nil {
		return err
	}
	event := stakeholders.SubscriptionKnown
	if !s.Told() {
		event = stakeholders.SubscriptionConfirm
		wishes.apply(&s.Preferences)
		s.Contact.Label, s.Contact.Endpoint = to.Label, to.Endpoint
		if err := p.save(ctx, tx, s); err != nil {
			return err
		}
		if err := tx.Audit(ctx, visitor, "ask to subscribe", "subscriber:"+s.ID, map[string]any{}, 0); err != nil {
			return err
		}
	}
	return p.write(ctx, tx, s, event)
}

// write puts a letter about a subscription into the outbox; for a webhook, to who
// owns it.
func (p *Publisher) write(ctx context.Context, tx *store.Tx, s stakeholders.Subscriber, event stakeholders.Event) error {
	page, err := tx.Page(ctx)
	if err != nil {
		return err
	}
	policy, err := tx.Policy(ctx)
	if err != nil {
		return err
	}
	reason := "asked on the page to be told, and is asked to confirm it"
	if event == stakeholders.SubscriptionKnown {
		reason = "asked on the page to be told, and is told already"
	}
	contact := s.Contact
	var receiver *notify.Receiver
	if contact.Channel != stakeholders.Email {
		receiver = &notify.Receiver{Channel: contact.Channel, Host: contact.Label, PurgeAt: s.PurgeAt()}
	}
	if contact.Channel == stakeholders.Webhook {
		contact = stakeholders.Contact{Channel: stakeholders.Email, Address: s.Email}
		reason = "owns a webhook that is to be told, and is asked to confirm it"
		if event == stakeholders.SubscriptionQuarantined {
			reason = "owns a webhook that is told no more, because it took no message for an hour"
		}
	}
	_, err = tx.EnqueueTo(ctx, notify.Notice{
		Occasion: stakeholders.Occasion{Event: event}, PolicyVersion: policy.Version, Priority: notify.Priority(status.ImpactCritical),
		Content: notify.Content{PageName: page.Name, PageURL: p.config.PublicURL, TimeZone: page.TimeZone, Language: page.Language, Event: event, PostedAt: tx.Now(), Receiver: receiver},
	}, store.Addressee{Contact: contact, Person: string(stakeholders.FromSubscription) + ":" + s.ID, Quadrant: stakeholders.KeepSatisfied,
		Language: s.Preferences.Language, Reason: reason})
	return err
}
