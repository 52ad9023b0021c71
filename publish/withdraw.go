package publish

import (
	"context"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// withdrawnWords are what those hear who were told of what is withdrawn.
const withdrawnWords = "This was withdrawn; there is nothing you need to do."

// DeleteIncident takes an incident off the record. Whoever was told of it hears
// that it was withdrawn; the ledger keeps what was said.
//
// Errors: status.ErrNotFound.
func (p *Publisher) DeleteIncident(ctx context.Context, actor auth.Actor, incident string) (Published, error) {
	var done Published
	page, err := p.within(ctx, func(tx *store.Tx, page status.Page) error {
		a := act{tx: tx, page: page, actor: actor, publisher: p}
		if err := a.load(ctx, incident); err != nil {
			return err
		}
		was := a.incident
		a.incident.Withdraw(tx.Now())
		if err := tx.SaveIncident(ctx, a.incident); err != nil {
			return err
		}
		if err := tx.Audit(ctx, actor, "delete incident", "incident:"+was.ID, map[string]any{"reference": was.Reference(), "name": was.Name}, page.Version); err != nil {
			return err
		}
		if err := a.followUp(ctx, was); err != nil {
			return err
		}
		if was.Public() {
			change := status.Change{From: was.Status, To: was.Status, ImpactBefore: was.RoutedImpact(), ImpactAfter: was.RoutedImpact(),
				Maintenance: was.IsMaintenance(), Withdrawn: true}
			event, _ := stakeholders.EventOf(change)
			if err := a.enqueue(ctx, stakeholders.Occasion{Event: event, Impact: change.ImpactAfter, ImpactBefore: change.ImpactBefore,
				Components: was.ComponentIDs()}, status.Update{Body: withdrawnWords, CreatedAt: tx.Now()}); err != nil {
				return err
			}
		}
		done = a.published()
		return nil
	})
	done.Page = page
	return done, err
}
