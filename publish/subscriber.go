package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// ChangeSubscriber changes what a subscriber gets, on behalf of who manages the
// subscribers.
//
// Errors: *status.Invalid, status.ErrNotFound, status.ErrConflict for one who
// left.
func (p *Publisher) ChangeSubscriber(ctx context.Context, actor auth.Actor, id string, patch SubscriberPatch) (stakeholders.Subscriber, error) {
	var s stakeholders.Subscriber
	err := p.store.InTxAgain(ctx, func(tx *store.Tx) error {
		entrance, err := p.entering(ctx, tx, id)
		if err != nil {
			return err
		}
		if s, err = presentSubscriber(ctx, tx, id); err != nil {
			return err
		}
		if err := patch.apply(ctx, tx, &status.Invalid{}, &s); err != nil {
			return err
		}
		if err := tx.SaveSubscriber(ctx, s); err != nil {
			return err
		}
		if err := entrance.done(ctx); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, "change subscriber", "subscriber:"+s.ID, map[string]any{"preferences": s.Preferences, "segment": s.Segment}, 0)
	})
	return s, p.woken(err)
}

// presentSubscriber holds a subscriber who has not left.
func presentSubscriber(ctx context.Context, tx *store.Tx, id string) (stakeholders.Subscriber, error) {
	s, err := tx.HoldSubscriber(ctx, id)
	if err == nil && !s.UnsubscribedAt.IsZero() {
		err = fmt.Errorf("this subscriber is not subscribed any more: %w", status.ErrConflict)
	}
	return s, err
}

// RemoveSubscriber takes a subscriber off: what is queued is stopped when it is
// claimed. Whoever stands in the register as well is still told by that. Unlike
// one that left, an address that was taken off can be added again. Removing
// twice is no error.
//
// Errors: status.ErrNotFound.
func (p *Publisher) RemoveSubscriber(ctx context.Context, actor auth.Actor, id string) (stakeholders.Subscriber, error) {
	var s stakeholders.Subscriber
	err := p.store.InTxAgain(ctx, func(tx *store.Tx) (err error) {
		if s, err = tx.HoldSubscriber(ctx, id); err != nil || !s.UnsubscribedAt.IsZero() {
			return err
		}
		register, err := tx.Register(ctx)
		if err != nil {
			return err
		}
		if !inRegister(register, s.Contact) {
			if err := tx.Suppress(ctx, s.Contact.Channel, s.Contact.Address, store.Removed); err != nil {
				return err
			}
		}
		if err := tx.Unsubscribe(ctx, s.Contact.Channel, s.Contact.Address); err != nil {
			return err
		}
		if s, err = tx.Subscriber(ctx, id); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, "remove subscriber", "subscriber:"+s.ID, map[string]any{"channel": s.Contact.Channel}, 0)
	})
	return s, err
}

// inRegister says whether the register names an address.
func inRegister(register []stakeholders.Stakeholder, contact stakeholders.Contact) bool {
	return slices.ContainsFunc(register, func(entry stakeholders.Stakeholder) bool {
		return slices.ContainsFunc(entry.Contacts, func(c stakeholders.Contact) bool {
			return c.Channel == contact.Channel && c.Address == contact.Address
		})
	})
}

// AskAgain sends the letter that asks to confirm once more.
//
// Errors: status.ErrNotFound, status.ErrConflict for one who confirmed or left.
func (p *Publisher) AskAgain(ctx context.Context, actor auth.Actor, id string) (stakeholders.Subscriber, error) {
	var s stakeholders.Subscriber
	err := p.store.InTxAgain(ctx, func(tx *store.Tx) (err error) {
		if s, err = presentSubscriber(ctx, tx, id); err != nil {
			return err
		}
		if !s.ConfirmedAt.IsZero() {
			return fmt.Errorf("this subscriber has confirmed already: %w", status.ErrConflict)
		}
		if err := p.await(ctx, tx, s); err != nil {
			return err
		}
		if err := p.write(ctx, tx, s, stakeholders.SubscriptionConfirm); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, "ask to confirm again", "subscriber:"+s.ID, map[string]any{"channel": s.Contact.Channel}, 0)
	})
	return s, p.woken(err)
}

// unconfirmedKind is the kind of the timers that remove who never confirmed.
const unconfirmedKind = "unconfirmed"

// UnconfirmedFor is how long an address stays that nobody confirmed, after it
// was last asked about.
const UnconfirmedFor = 30 * 24 * time.Hour

// save writes a subscriber; one that is yet to confirm stays for a while.
func (p *Publisher) save(ctx context.Context, tx *store.Tx, s stakeholders.Subscriber) error {
	if err := tx.SaveSubscriber(ctx, s); err != nil || !s.ConfirmedAt.IsZero() {
		return err
	}
	return p.await(ctx, tx, s)
}

// await gives a subscriber time to confirm.
func (p *Publisher) await(ctx context.Context, tx *store.Tx, s stakeholders.Subscriber) error {
	return tx.SetTimer(ctx, store.TimerKey{Kind: unconfirmedKind, Subject: s.ID}, tx.Now().Add(UnconfirmedFor), nil)
}

// forget removes who never confirmed. Somebody else may have entered the
// address: it is kept no longer than there is a reason to.
func (p *Publisher) forget(ctx context.Context, tx *store.Tx, _ status.Page, t store.Timer) (again time.Time, err error) {
	s, err := tx.HoldSubscriber(ctx, t.Subject)
	if errors.Is(err, status.ErrNotFound) || err == nil && !s.ConfirmedAt.IsZero() {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	if err := tx.DeleteUntold(ctx, s); err != nil {
		return time.Time{}, err
	}
	return time.Time{}, tx.Audit(ctx, server, "remove unconfirmed subscriber", "subscriber:"+s.ID, map[string]any{"channel": s.Contact.Channel}, 0)
}
