package publish

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// purgeKind is the kind of the timers that forget webhooks that were left alone.
const purgeKind = "purge"

// quarantine leaves a webhook alone that has failed for too long: nothing more
// is sent there, its owner is told, and after a while it is forgotten. One that
// has answered meanwhile is sent to as before.
func (p *Publisher) quarantine(ctx context.Context, tx *store.Tx, _ status.Page, t store.Timer) (again time.Time, err error) {
	s, err := tx.HoldSubscriber(ctx, t.Subject)
	if errors.Is(err, status.ErrNotFound) || err == nil && !(s.Told() && s.Failing(tx.Now())) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	s.QuarantinedAt = tx.Now()
	if err := tx.SaveSubscriber(ctx, s); err != nil {
		return time.Time{}, err
	}
	register, err := tx.Register(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if !inRegister(register, s.Contact) { // else the register still has it told
		if err := tx.Suppress(ctx, s.Contact.Channel, s.Contact.Address, store.Quarantined); err != nil {
			return time.Time{}, err
		}
	}
	if err := tx.SetTimer(ctx, store.TimerKey{Kind: purgeKind, Subject: s.ID}, s.PurgeAt(), nil); err != nil {
		return time.Time{}, err
	}
	if s.Email != "" {
		if err := p.write(ctx, tx, s, stakeholders.SubscriptionQuarantined); err != nil {
			return time.Time{}, err
		}
	}
	return time.Time{}, tx.Audit(ctx, server, "quarantine subscriber", "subscriber:"+s.ID,
		map[string]any{"channel": s.Contact.Channel, "failures": s.Failures, "failing_since": s.FailingSince}, 0)
}

// purge forgets a webhook that was left alone for long enough. Its address may
// be subscribed anew.
func (p *Publisher) purge(ctx context.Context, tx *store.Tx, _ status.Page, t store.Timer) (again time.Time, err error) {
	s, err := tx.HoldSubscriber(ctx, t.Subject)
	if errors.Is(err, status.ErrNotFound) || err == nil && (s.QuarantinedAt.IsZero() || !s.UnsubscribedAt.IsZero()) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	if due := s.PurgeAt(); due.After(tx.Now()) {
		return due, nil
	}
	if err := tx.DeleteUntold(ctx, s); err != nil {
		return time.Time{}, err
	}
	return time.Time{}, tx.Audit(ctx, server, "purge subscriber", "subscriber:"+s.ID, map[string]any{"channel": s.Contact.Channel}, 0)
}

// release makes a webhook that was left alone one like every other; the caller
// saves it.
func (p *Publisher) release(ctx context.Context, tx *store.Tx, s *stakeholders.Subscriber) error {
	s.Failures, s.FailingSince, s.QuarantinedAt = 0, time.Time{}, time.Time{}
	return tx.ClearTimers(ctx, purgeKind, s.ID)
}

// Reactivate has a webhook told again that was left alone. One that is told is
// left as it is.
//
// Errors: status.ErrNotFound, status.ErrConflict for one who left.
func (p *Publisher) Reactivate(ctx context.Context, actor auth.Actor, id string) (stakeholders.Subscriber, error) {
	var s stakeholders.Subscriber
	err := p.store.InTxAgain(ctx, func(tx *store.Tx) error {
		entrance, err := p.entering(ctx, tx, id)
		if err != nil {
			return err
		}
		if s, err = presentSubscriber(ctx, tx, id); err != nil || s.QuarantinedAt.IsZero() {
			return err
		}
		if err := p.release(ctx, tx, &s); err != nil {
			return err
		}
		if err := tx.SaveSubscriber(ctx, s); err != nil {
			return err
		}
		if err := tx.Welcome(ctx, s.Contact.Channel, s.Contact.Address); err != nil {
			return err
		}
		if err := entrance.done(ctx); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, "reactivate subscriber", "subscriber:"+s.ID, map[string]any{"channel": s.Contact.Channel}, 0)
	})
	if err != nil {
		err = fmt.Errorf("reactivate subscriber: %w", err)
	}
	return s, p.woken(err)
}

// reactivatedAtOnce bounds how many are looked up at once.
const reactivatedAtOnce = 100

// halfDone is an error after some of it was done: who is told that nothing was
// would not look.
func halfDone(n int, err error) error {
	if n == 0 {
		return err
	}
	return fmt.Errorf("reactivated %d, then: %w: %v", n, status.ErrUnavailable, err)
}

// ReactivateHost has all webhooks and chats of subscribers at one host told again
// that were left alone, each by itself, and returns how many they were.
func (p *Publisher) ReactivateHost(ctx context.Context, actor auth.Actor, host string) (n int, err error) {
	host = strings.ToLower(strings.TrimSpace(host))
	for after := ""; ; {
		ids, err := p.store.QuarantinedAt(ctx, host, after, reactivatedAtOnce)
		if err != nil {
			return n, halfDone(n, err)
		}
		if len(ids) == 0 {
			return n, nil
		}
		for _, id := range ids {
			after = id
			_, err := p.Reactivate(ctx, actor, id)
			switch {
			case errors.Is(err, status.ErrNotFound), errors.Is(err, status.ErrConflict): // left or purged meanwhile
			case err != nil:
				return n, halfDone(n, err)
			default:
				n++
			}
		}
	}
}
