package publish

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

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

// suppressionsPage is how many rows one query reads.
const suppressionsPage = 500

// EachSuppression reads the list of a channel, or of all, from the start to the
// end.
func (p *Publisher) EachSuppression(ctx context.Context, channel stakeholders.Channel, do func(store.Suppression) error) error {
	f := store.SuppressionFilter{Channel: channel, Limit: suppressionsPage}
	for {
		some, err := p.store.Suppressions(ctx, f)
		if err != nil {
			return err
		}
		for _, one := range some {
			if err := do(one); err != nil {
				return err
			}
			f.After = one.Contact
		}
		if len(some) < suppressionsPage {
			return nil
		}
	}
}

// ExportSuppressions writes the list as CSV. No cell is run as a formula: the
// reasons are the words of strangers' servers.
func (p *Publisher) ExportSuppressions(ctx context.Context, out io.Writer, channel stakeholders.Channel) error {
	w := csv.NewWriter(out)
	_ = w.Write([]string{"channel", "address", "reason", "since", "bounces"}) // Error reports what failed
	if err := p.EachSuppression(ctx, channel, func(one store.Suppression) error {
		return w.Write([]string{string(one.Channel), stakeholders.SpreadsheetCell(one.Address), stakeholders.SpreadsheetCell(one.Reason),
			one.Since.UTC().Format(time.RFC3339), strconv.Itoa(one.Bounces)})
	}); err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}
