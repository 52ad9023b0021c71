package publish

import (
	"context"
	"fmt"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// LiftSuppression lets an address be sent to again. Whoever left, or asked to be
// erased, did so by their own will: to write to them again needs a reason, which
// is recorded.
//
// Errors: *status.Invalid; status.ErrNotFound.
func (p *Publisher) LiftSuppression(ctx context.Context, actor auth.Actor, contact stakeholders.Contact, basis string) error {
	bad := &status.Invalid{}
	status.CheckText(bad, "basis", basis, status.MaxNameLength, true)
	if err := bad.Err(); err != nil {
		return err
	}
	err := p.store.InTxAgain(ctx, func(tx *store.Tx) error {
		reason, err := tx.Suppressed(ctx, contact.Channel, contact.Address)
		if err != nil {
			return err
		}
		switch {
		case reason == store.Quarantined:
			return status.NewInvalid("address", "is quarantined, and lifting that alone would tell it nothing; reactivate its subscriber instead")
		case (reason == store.Unsubscribed || reason == store.ErasedAddress) && basis == "":
			return status.NewInvalid("basis", "is missing; the owner of this address left or asked to be erased, so say why they may be written to again, such as \"asked by phone on 3 May\"")
		}
		if err := tx.LiftSuppression(ctx, contact.Channel, contact.Address); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, "lift suppression", "address:"+p.config.Key.Name(string(contact.Channel), contact.Address),
			map[string]any{"channel": contact.Channel, "reason": reason, "basis": basis}, 0)
	})
	if err != nil {
		return fmt.Errorf("lift suppression: %w", err)
	}
	return nil
}
