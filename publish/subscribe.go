package publish

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/internal/safehttp"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// Subscription is a wish to be told.
type Subscription struct {
	Channel    stakeholders.Channel
	Address    string
	Email      string // of who owns a webhook, and confirms it
	Components []string
	Further    SubscriberPatch // what else they wish; Components counts here
	// Confirmed skips the confirmation; Basis says on what ground.
	Confirmed bool
	Basis     string
	// Quiet records somebody unconfirmed without asking them to confirm.
	Quiet bool
}

// AddSubscriber records a subscriber. Unless confirmed, nothing is sent to them
// but the letter that asks to confirm; for a webhook its owner gets that.
// Whoever subscribes an address again changes that subscription; one that was
// taken off begins anew, and one that left comes back only by confirming it
// themselves.
//
// Errors: *status.Invalid, status.ErrConflict when the address left.
func (p *Publisher) AddSubscriber(ctx context.Context, actor auth.Actor, in Subscription) (stakeholders.Subscriber, error) {
	var s stakeholders.Subscriber
	err := p.store.InTx(ctx, func(tx *store.Tx) error {
		bad := &status.Invalid{}
		contact, owner := p.checkSubscription(bad, in)
		known, err := tx.SubscriberAt(ctx, contact.Channel, contact.Address)
		if err != nil && !errors.Is(err, status.ErrNotFound) {
			return err
		}
		entrance, err := p.entering(ctx, tx, known.ID)
		if err != nil {
			return err
		}
		if s, err = subscriberAt(ctx, tx, contact.Channel, contact.Address); err != nil {
			return err
		}
		in.Further.Components = &in.Components
		if err := in.Further.apply(ctx, tx, bad, &s); err != nil {
			return err
		}
		if reason, err := tx.Suppressed(ctx, contact.Channel, contact.Address); err != nil {
			return err
		} else if reason != "" && reason != store.Removed && reason != store.Quarantined {
			return left(contact.Channel, reason)
		}
		if !s.QuarantinedAt.IsZero() {
			if err := p.release(ctx, tx, &s); err != nil {
				return err
			}
			if err := tx.Welcome(ctx, contact.Channel, contact.Address); err != nil {
				return err
			}
		}
		if !s.UnsubscribedAt.IsZero() {
			s.ConfirmedAt, s.UnsubscribedAt, s.Basis = time.Time{}, time.Time{}, ""
		}
		s.Contact.Label, s.Contact.Endpoint, s.Email = contact.Label, contact.Endpoint, owner
		if in.Confirmed && s.ConfirmedAt.IsZero() {
			if s.Basis = in.Basis; s.Basis == "" {
				s.Basis = fmt.Sprintf("confirmation skipped by %s at %s", actor.Name, tx.Now().Format(time.RFC3339))
			}
			s.ConfirmedAt = tx.Now()
			if err := tx.Welcome(ctx, contact.Channel, contact.Address); err != nil {
				return err
			}
		}
		if err := p.save(ctx, tx, s); err != nil {
			return err
		}
		s.Contact.Endpoint = ""
		entrance.subscriber = s.ID
		if err := entrance.done(ctx); err != nil {
			return err
		}
		if s.ConfirmedAt.IsZero() && !in.Quiet {
			if err := p.write(ctx, tx, s, stakeholders.SubscriptionConfirm); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, actor, "add subscriber", "subscriber:"+s.ID,
			map[string]any{"channel": in.Channel, "confirmed": !s.ConfirmedAt.IsZero(), "basis": s.Basis}, 0)
	})
	return s, p.woken(err)
}

// left says that nothing is sent to an address any more.
func left(channel stakeholders.Channel, reason string) error {
	if channel == stakeholders.Webhook {
		return fmt.Errorf("subscriber.endpoint: nothing is sent to this address any more (%s); give another one: %w", reason, status.ErrConflict)
	}
	switch reason {
	case store.Unsubscribed:
	case store.ErasedAddress:
		reason = "was erased at the wish of its owner"
	default:
		return fmt.Errorf("subscriber.email: nothing is sent to this address any more (%s); lift the suppression first if it works again: %w", reason, status.ErrConflict)
	}
	return fmt.Errorf("subscriber.email: this address %s; only its owner can come back, by subscribing on the page: %w", reason, status.ErrConflict)
}

// subscriberAt is the subscriber of an address: the one there is, held, or a new
// one that is not saved yet.
func subscriberAt(ctx context.Context, tx *store.Tx, channel stakeholders.Channel, address string) (stakeholders.Subscriber, error) {
	s, err := tx.HoldSubscriberAt(ctx, channel, address)
	if errors.Is(err, status.ErrNotFound) {
		return stakeholders.Subscriber{ID: store.NewID(), CreatedAt: tx.Now(), Segment: stakeholders.DefaultSegment,
			Contact: stakeholders.Contact{Channel: channel, Address: address}}, nil
	}
	return s, err
}

// checkSubscription refuses what cannot be subscribed and returns the contact
// and, for a webhook, the address of its owner, both normalised.
func (p *Publisher) checkSubscription(bad *status.Invalid, in Subscription) (contact stakeholders.Contact, owner string) {
	status.CheckText(bad, "subscriber.allclear.basis", in.Basis, status.MaxNameLength, true)
	if in.Channel == stakeholders.Webhook {
		return p.checkWebhook(bad, in)
	}
	if in.Channel.Secret() {
		return p.checkReceiver(bad, "subscriber.endpoint", in.Channel, in.Address), ""
	}
	contact.Channel = in.Channel
	var err error
	if contact.Address, err = stakeholders.NormalizeAddress(in.Channel, in.Address); err != nil {
		bad.Add("subscriber.email", "%s", err)
	}
	return contact, ""
}

// checkWebhook refuses an address that nothing can be sent to, or whose owner is
// not named. What it says never repeats the address: that is a secret.
func (p *Publisher) checkWebhook(bad *status.Invalid, in Subscription) (contact stakeholders.Contact, owner string) {
	contact = p.checkReceiver(bad, "subscriber.endpoint", in.Channel, in.Address)
	var err error
	if owner, err = stakeholders.NormalizeAddress(stakeholders.Email, in.Email); err != nil {
		if strings.TrimSpace(in.Email) == "" {
			err = errors.New("is missing; give the email address of who owns the webhook")
		}
		bad.Add("subscriber.email", "%s", err)
	}
	return contact, owner
}

// checkReceiver refuses an address of a webhook or a chat that nothing can be
// sent to.
func (p *Publisher) checkReceiver(bad *status.Invalid, field string, channel stakeholders.Channel, raw string) stakeholders.Contact {
	contact := stakeholders.Contact{Channel: channel, Endpoint: strings.TrimSpace(raw)}
	var err error
	if contact.Address, err = stakeholders.NormalizeAddress(channel, contact.Endpoint); err != nil {
		bad.Add(field, "%s", err)
		return contact
	}
	address, err := url.Parse(contact.Endpoint)
	if err != nil { // it was read before
		bad.Add(field, "cannot be read")
		return contact
	}
	contact.Label = strings.ToLower(address.Hostname())
	if service, known := stakeholders.ChatService(address); known && channel == stakeholders.Webhook {
		bad.Add(field, "is the address of a chat, %s, which does not read what webhooks are sent; give allclear.channel as %s", service.Label(), service)
	} else if p.config.Guard.Check(address) != nil {
		bad.Add(field, "is not allowed: %s; who runs this server may allow it with --webhook-allow", safehttp.ErrForbidden)
	}
	return contact
}

// leavePurpose is what leave links are sealed for.
const leavePurpose = "leave"

// LeaveLink is the address that ends everything sent to a contact.
func (p *Publisher) LeaveLink(channel stakeholders.Channel, address string) string {
	return p.config.PublicURL + "/unsubscribe/" + p.leaveToken(channel, address)
}

func (p *Publisher) leaveToken(channel stakeholders.Channel, address string) string {
	return p.config.Key.SealLink(leavePurpose, string(channel)+":"+address)
}

// openLeaveLink finds out whom a link is for, or status.ErrNotFound.
func (p *Publisher) openLeaveLink(token string) (stakeholders.Channel, string, error) {
	subject, err := p.config.Key.OpenLink(leavePurpose, token)
	channel, address, ok := strings.Cut(subject, ":")
	if err != nil || !ok {
		return "", "", fmt.Errorf("open leave link: %w", status.ErrNotFound)
	}
	return stakeholders.Channel(channel), address, nil
}

// LeaveInfo says, fit to show, whom a leave link is for. It changes nothing.
func (p *Publisher) LeaveInfo(_ context.Context, token string) (string, error) {
	channel, address, err := p.openLeaveLink(token)
	if err != nil {
		return "", err
	}
	return stakeholders.Contact{Channel: channel, Address: mask(address)}.Shown(), nil
}

// mask keeps enough of an email address for its owner to recognise it.
func mask(address string) string {
	local, domain, ok := strings.Cut(address, "@")
	if !ok || local == "" {
		return address
	}
	return local[:1] + "…@" + domain
}

// Leave ends everything sent to the address behind a leave link, for good and
// at once: what is queued is stopped when it is claimed. Leaving twice is no
// error.
func (p *Publisher) Leave(ctx context.Context, token string, oneClick bool) error {
	channel, address, err := p.openLeaveLink(token)
	if err != nil {
		return err
	}
	return p.store.InTxAgain(ctx, func(tx *store.Tx) error {
		if _, err := tx.HoldSubscriberAt(ctx, channel, address); err != nil && !errors.Is(err, status.ErrNotFound) {
			return err
		}
		if reason, err := tx.Suppressed(ctx, channel, address); err != nil || reason == store.Unsubscribed {
			return err
		}
		if err := p.suppress(ctx, tx, channel, address, store.Unsubscribed); err != nil {
			return err
		}
		if err := tx.Unsubscribe(ctx, channel, address); err != nil {
			return err
		}
		return tx.Audit(ctx, auth.Actor{Kind: "link", Name: "leave link"}, "unsubscribe", "address:"+p.config.Key.Name(string(channel), address),
			map[string]any{"channel": channel, "one_click": oneClick}, 0)
	})
}
