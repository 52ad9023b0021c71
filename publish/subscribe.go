package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// Subscription is a wish to be told.
type Subscription struct {
	Channel    stakeholders.Channel
	Address    string
	Components []string
	// Confirmed skips the confirmation; Basis says on what ground.
	Confirmed bool
	Basis     string
}

// AddSubscriber records a subscriber. Unless confirmed, nothing is sent to
// them. Whoever subscribes an address again changes that subscription; one that
// left comes back only by confirming it themselves.
//
// Errors: *status.Invalid, status.ErrConflict when the address left.
func (p *Publisher) AddSubscriber(ctx context.Context, actor auth.Actor, in Subscription) (stakeholders.Subscriber, error) {
	var s stakeholders.Subscriber
	err := p.store.InTx(ctx, func(tx *store.Tx) error {
		address, err := p.checkSubscription(ctx, tx, in)
		if err != nil {
			return err
		}
		if s, err = subscriberAt(ctx, tx, in.Channel, address); err != nil {
			return err
		}
		if reason, err := tx.Suppressed(ctx, in.Channel, address); err != nil {
			return err
		} else if reason != "" {
			return fmt.Errorf("subscriber.email: this address %s; only its owner can come back, by subscribing on the page: %w", reason, status.ErrConflict)
		}
		s.Preferences.Components = slices.Compact(slices.Sorted(slices.Values(in.Components)))
		if in.Confirmed && s.ConfirmedAt.IsZero() {
			s.ConfirmedAt = tx.Now()
			s.Basis = in.Basis
			if s.Basis == "" {
				s.Basis = fmt.Sprintf("confirmation skipped by %s at %s", actor.Name, tx.Now().Format(time.RFC3339))
			}
		}
		if err := tx.SaveSubscriber(ctx, s); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, "add subscriber", "subscriber:"+s.ID, map[string]any{"confirmed": !s.ConfirmedAt.IsZero(), "basis": s.Basis}, 0)
	})
	return s, err
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

// checkSubscription refuses what cannot be subscribed and returns the
// normalised address.
func (p *Publisher) checkSubscription(ctx context.Context, tx *store.Tx, in Subscription) (string, error) {
	bad := &status.Invalid{}
	address, err := stakeholders.NormalizeAddress(in.Channel, in.Address)
	if err != nil {
		bad.Add("subscriber.email", "%s", err)
	}
	components, err := tx.Components(ctx)
	if err != nil {
		return "", err
	}
	for _, id := range in.Components {
		if _, ok := byID(components)[id]; !ok {
			bad.Add("subscriber.component_ids", "names %q, which is not a component of this page", id)
		}
	}
	status.CheckText(bad, "subscriber.allclear.basis", in.Basis, status.MaxNameLength, true)
	return address, bad.Err()
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
		if reason, err := tx.Suppressed(ctx, channel, address); err != nil || reason != "" {
			return err
		}
		if err := tx.Suppress(ctx, channel, address, store.Unsubscribed); err != nil {
			return err
		}
		if err := tx.Unsubscribe(ctx, channel, address); err != nil {
			return err
		}
		return tx.Audit(ctx, auth.Actor{Kind: "link", Name: "leave link"}, "unsubscribe", "address:"+p.config.Key.Name(string(channel), address),
			map[string]any{"channel": channel, "one_click": oneClick}, 0)
	})
}
