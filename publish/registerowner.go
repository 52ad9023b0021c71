package publish

import (
	"context"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// reviewTimer is the kind of the timers that say when to look at an entry of
// the register again.
const reviewTimer = "review"

// server is who acts when nobody does.
var server = auth.Actor{Kind: "server", Name: "allclear"}

// setReview sets the day on which an entry's owner is reminded of it.
func setReview(ctx context.Context, tx *store.Tx, s stakeholders.Stakeholder) error {
	key := store.TimerKey{Kind: reviewTimer, Subject: s.ID}
	if due := s.ReviewDueAt(); !due.IsZero() {
		return tx.SetTimer(ctx, key, due, struct{}{})
	}
	return tx.ClearTimer(ctx, key)
}

// ReviewStakeholder records that somebody looked at an entry and that it is
// right; the next review is due some time later.
//
// Errors: status.ErrNotFound.
func (p *Publisher) ReviewStakeholder(ctx context.Context, actor auth.Actor, id string) (stakeholders.Stakeholder, error) {
	var s stakeholders.Stakeholder
	err := p.store.InTx(ctx, func(tx *store.Tx) error {
		e := registerEdit{tx: tx}
		if err := e.read(ctx, id, false); err != nil {
			return err
		}
		if err := tx.MarkReviewed(ctx, id); err != nil {
			return err
		}
		s = e.register[e.at]
		s.ReviewedAt = tx.Now()
		if err := setReview(ctx, tx, s); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, "review stakeholder", "stakeholder:"+id, map[string]any{"name": s.Name}, 0)
	})
	return s, err
}

// remindOwner asks the owner of an entry whether it is still right, once; until
// somebody says so it stays in the list of those that are due.
func (p *Publisher) remindOwner(ctx context.Context, tx *store.Tx, page status.Page, t store.Timer) (time.Time, error) {
	register, err := tx.Register(ctx)
	if err != nil {
		return time.Time{}, err
	}
	at, err := entryOf(register, t.Subject)
	if err != nil {
		return time.Time{}, nil // it was removed
	}
	s := register[at]
	if !s.ReviewDue(tx.Now()) {
		return s.ReviewDueAt(), nil
	}
	last := s.UpdatedAt
	if s.ReviewedAt.After(last) {
		last = s.ReviewedAt
	}
	told, err := p.tellOwner(ctx, tx, page, register, s, ownerLetter{
		event: stakeholders.ReviewDue, entry: notify.RegisterEntry{ID: s.ID, Name: s.Name, LastAt: last, Review: p.config.PublicURL + "/v1/pages/" + page.ID + "/stakeholders/" + s.ID + "/review"},
		reason: "owns an entry of the register that is due for a review"})
	if err != nil {
		return time.Time{}, err
	}
	return time.Time{}, tx.Audit(ctx, server, "remind of a review", "stakeholder:"+s.ID, map[string]any{"name": s.Name, "owner_told": told}, 0)
}

// ownerLetter is what the owner of an entry is told.
type ownerLetter struct {
	event  stakeholders.Event
	entry  notify.RegisterEntry
	reason string // for the ledger
}

// tellOwner writes to the owner of an entry; false when nobody can be written to.
func (p *Publisher) tellOwner(ctx context.Context, tx *store.Tx, page status.Page, register []stakeholders.Stakeholder, s stakeholders.Stakeholder, l ownerLetter) (bool, error) {
	to, language, ok := stakeholders.OwnerContact(register, s)
	if !ok {
		return false, nil
	}
	policy, err := tx.Policy(ctx)
	if err != nil {
		return false, err
	}
	if language == "" {
		language = page.Language
	}
	_, err = tx.EnqueueTo(ctx, notify.Notice{
		Occasion: stakeholders.Occasion{Event: l.event}, PolicyVersion: policy.Version, Priority: notify.Priority(status.ImpactNone),
		Content: notify.Content{PageName: page.Name, PageURL: p.config.PublicURL, TimeZone: page.TimeZone, Language: language,
			Event: l.event, RegisterEntry: &l.entry, PostedAt: tx.Now()},
	}, store.Addressee{Contact: to, Person: string(stakeholders.FromRegister) + ":" + s.ID, Quadrant: s.Quadrant(), Reason: l.reason})
	return err == nil, err
}

// suppress stops everything to an address, for good. The owners of entries that
// had to be told there by contract hear of it (rule 1), and the audit log says
// so.
func (p *Publisher) suppress(ctx context.Context, tx *store.Tx, channel stakeholders.Channel, address, reason string) error {
	if err := tx.Suppress(ctx, channel, address, reason); err != nil {
		return err
	}
	register, err := tx.Register(ctx)
	if err != nil {
		return err
	}
	for _, s := range register {
		for _, c := range s.Contacts {
			if c.Channel != channel || c.Address != address || c.Contractual == "" {
				continue
			}
			if err := p.contractualLeft(ctx, tx, register, s, c, reason); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Publisher) contractualLeft(ctx context.Context, tx *store.Tx, register []stakeholders.Stakeholder, s stakeholders.Stakeholder, c stakeholders.Contact, reason string) error {
	page, err := tx.Page(ctx)
	if err != nil {
		return err
	}
	told, err := p.tellOwner(ctx, tx, page, register, s, ownerLetter{event: stakeholders.ContractualLeft,
		entry:  notify.RegisterEntry{ID: s.ID, Name: s.Name, Contact: string(c.Channel) + " " + c.Shown(), Basis: c.Contractual},
		reason: "owns an entry of the register from which a contractual contact left"})
	if err != nil {
		return err
	}
	return tx.Audit(ctx, server, "contractual contact left", "stakeholder:"+s.ID,
		map[string]any{"name": s.Name, "channel": c.Channel, "basis": c.Contractual, "reason": reason, "owner_told": told}, 0)
}
