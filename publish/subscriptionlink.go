package publish

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// What links about a subscription are sealed for.
const (
	confirmPurpose     = "confirm"
	preferencesPurpose = "preferences"
)

// ConfirmFor is how long a link to confirm a subscription works.
const ConfirmFor = 48 * time.Hour

// ErrExpired is a link that we made and that works no more.
var ErrExpired = errors.New("the link has expired")

// ConfirmLink is the address at which a subscriber confirms what was asked for
// at a time; it works for ConfirmFor from now on.
func (p *Publisher) ConfirmLink(subscriberID string, askedAt time.Time) string {
	return p.confirmLink(subscriberID, askedAt, p.store.Now().Add(ConfirmFor))
}

// ReactivateLink is the address at which the owner of a webhook that was left
// alone at a time has it told again; it works as long as the webhook is kept.
func (p *Publisher) ReactivateLink(subscriberID string, quarantinedAt time.Time) string {
	return p.confirmLink(subscriberID, quarantinedAt, quarantinedAt.Add(stakeholders.PurgeAfter))
}

func (p *Publisher) confirmLink(subscriberID string, askedAt, until time.Time) string {
	subject := fmt.Sprintf("%s:%d:%d", subscriberID, askedAt.UnixMicro(), until.UnixMicro())
	return p.config.PublicURL + "/subscribe/confirm/" + p.config.Key.SealLink(confirmPurpose, subject)
}

// PreferencesLink is the address at which a subscriber changes what they get.
func (p *Publisher) PreferencesLink(subscriberID string) string {
	return p.config.PublicURL + "/subscribe/preferences/" + p.config.Key.SealLink(preferencesPurpose, subscriberID)
}

// confirmation is what a link to confirm says.
type confirmation struct {
	subscriber string
	askedAt    time.Time
	expiresAt  time.Time
}

// openConfirmLink reads a link, or returns status.ErrNotFound.
func (p *Publisher) openConfirmLink(token string) (confirmation, error) {
	subject, err := p.config.Key.OpenLink(confirmPurpose, token)
	parts := strings.Split(subject, ":")
	if err != nil || len(parts) != 3 {
		return confirmation{}, fmt.Errorf("open confirmation link: %w", status.ErrNotFound)
	}
	asked, err1 := strconv.ParseInt(parts[1], 10, 64)
	expires, err2 := strconv.ParseInt(parts[2], 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		return confirmation{}, fmt.Errorf("open confirmation link: %w", status.ErrNotFound)
	}
	return confirmation{parts[0], time.UnixMicro(asked), time.UnixMicro(expires)}, nil
}

// worksFor says whether the link still works for its subscriber. Who left after
// the link was made does not come back by it: leaving is final until they ask
// anew.
func (c confirmation) worksFor(s stakeholders.Subscriber, now time.Time) error {
	switch {
	case s.Told():
		return nil // again, or late: what it asks for is so
	case now.After(c.expiresAt), s.UnsubscribedAt.After(c.askedAt):
		return fmt.Errorf("confirm subscription: %w", ErrExpired)
	default:
		return nil
	}
}

// shown is whom a subscription is for, fit to show to whoever has a link.
func shown(s stakeholders.Subscriber) string {
	if s.Contact.Channel.Secret() {
		return s.Contact.Shown()
	}
	return mask(s.Contact.Address)
}

// ConfirmInfo says, fit to show, whom a link to confirm is for. It changes
// nothing.
//
// Errors: status.ErrNotFound for a link that we did not make, ErrExpired.
func (p *Publisher) ConfirmInfo(ctx context.Context, token string) (string, error) {
	link, err := p.openConfirmLink(token)
	if err != nil {
		return "", err
	}
	s, err := p.store.Subscriber(ctx, link.subscriber)
	if err != nil {
		return "", forgotten(err)
	}
	return shown(s), link.worksFor(s, p.store.Now())
}

// Confirm makes somebody a subscriber, also one who left before or whose webhook
// was left alone. Confirming twice is no error.
func (p *Publisher) Confirm(ctx context.Context, token string) error {
	link, err := p.openConfirmLink(token)
	if err != nil {
		return err
	}
	err = p.store.InTxAgain(ctx, func(tx *store.Tx) error {
		entrance, err := p.entering(ctx, tx, link.subscriber)
		if err != nil {
			return err
		}
		s, err := tx.HoldSubscriber(ctx, link.subscriber)
		if err != nil {
			return err
		}
		if err := link.worksFor(s, tx.Now()); err != nil || s.Told() {
			return err
		}
		back := !s.UnsubscribedAt.IsZero() || !s.QuarantinedAt.IsZero()
		if s.ConfirmedAt.IsZero() || !s.UnsubscribedAt.IsZero() {
			s.ConfirmedAt, s.UnsubscribedAt, s.Basis = tx.Now(), time.Time{}, ""
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
		if err := tx.ClearTimers(ctx, unconfirmedKind, s.ID); err != nil {
			return err
		}
		return tx.Audit(ctx, auth.Actor{Kind: "link", Name: "confirmation link"}, "confirm subscription", "subscriber:"+s.ID,
			map[string]any{"channel": s.Contact.Channel, "came_back": back}, 0)
	})
	return p.woken(forgotten(err))
}

// forgotten is what a link that we made says of somebody who is not there any
// more: it is too late for it.
func forgotten(err error) error {
	if errors.Is(err, status.ErrNotFound) {
		return fmt.Errorf("confirm subscription: %w", ErrExpired)
	}
	return err
}

// SetUp is where who confirmed by a link finds what else there is to set up;
// empty: nothing.
func (p *Publisher) SetUp(ctx context.Context, token string) (string, error) {
	link, err := p.openConfirmLink(token)
	if err != nil {
		return "", err
	}
	s, err := p.store.Subscriber(ctx, link.subscriber)
	if err != nil || !s.Contact.Channel.Secret() {
		return "", forgotten(err)
	}
	return p.PreferencesLink(s.ID), nil
}

// SigningSecret is that with which a webhook's owner checks what it is sent;
// empty for everybody else.
func (p *Publisher) SigningSecret(s stakeholders.Subscriber) string {
	if s.Contact.Channel != stakeholders.Webhook {
		return ""
	}
	return p.config.Key.SigningSecret(s.Contact.Address)
}

// PreferencesInfo is what a link to the preferences shows.
type PreferencesInfo struct {
	Shown   string // whom it is for, fit to show
	Channel stakeholders.Channel
	Wishes
	// SigningSecret checks what a webhook is sent; empty for everybody else.
	SigningSecret string
	// LeaveToken is that of the link by which this subscriber leaves.
	LeaveToken string
}

// openPreferencesLink finds out whose preferences a link is for, or
// status.ErrNotFound.
func (p *Publisher) openPreferencesLink(token string) (string, error) {
	id, err := p.config.Key.OpenLink(preferencesPurpose, token)
	if err != nil {
		return "", fmt.Errorf("open preferences link: %w", status.ErrNotFound)
	}
	return id, nil
}

// PreferencesInfo reads what a subscriber gets. It changes nothing.
//
// Errors: status.ErrNotFound for a link that we did not make, ErrExpired for
// somebody who left.
func (p *Publisher) PreferencesInfo(ctx context.Context, token string) (PreferencesInfo, error) {
	id, err := p.openPreferencesLink(token)
	if err != nil {
		return PreferencesInfo{}, err
	}
	s, err := p.store.Subscriber(ctx, id)
	if err != nil {
		return PreferencesInfo{}, err
	}
	if !s.Told() {
		return PreferencesInfo{}, fmt.Errorf("read preferences: %w", ErrExpired)
	}
	return PreferencesInfo{Shown: shown(s), Channel: s.Contact.Channel, Wishes: wishesOf(s.Preferences), SigningSecret: p.SigningSecret(s),
		LeaveToken: p.leaveToken(s.Contact.Channel, s.Contact.Address)}, nil
}

// SavePreferences changes what a subscriber gets.
//
// Errors: those of PreferencesInfo, and *status.Invalid.
func (p *Publisher) SavePreferences(ctx context.Context, token string, wishes Wishes) error {
	id, err := p.openPreferencesLink(token)
	if err != nil {
		return err
	}
	err = p.store.InTxAgain(ctx, func(tx *store.Tx) error {
		entrance, err := p.entering(ctx, tx, id)
		if err != nil {
			return err
		}
		s, err := tx.HoldSubscriber(ctx, id)
		if err != nil {
			return err
		}
		if !s.Told() {
			return fmt.Errorf("save preferences: %w", ErrExpired)
		}
		components, err := tx.Components(ctx)
		if err != nil {
			return err
		}
		bad := &status.Invalid{}
		if wishes.check(bad, s.Contact.Channel, components); bad.Err() != nil {
			return bad.Err()
		}
		wishes.apply(&s.Preferences)
		if err := tx.SaveSubscriber(ctx, s); err != nil {
			return err
		}
		if err := entrance.done(ctx); err != nil {
			return err
		}
		return tx.Audit(ctx, auth.Actor{Kind: "link", Name: "preferences link"}, "change preferences", "subscriber:"+s.ID, s.Preferences, 0)
	})
	return p.woken(err)
}
