package publish

import (
	"context"
	"unicode/utf8"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// ImportRegister makes the register what the file says: entries are added,
// changed and removed, and the plan says which. A dry run changes nothing. It
// never brings back who left: that is by address, and outlives the entry.
//
// Errors: *status.Invalid naming the line; then nothing was imported.
func (p *Publisher) ImportRegister(ctx context.Context, actor auth.Actor, document []byte, dryRun bool) (stakeholders.Plan, error) {
	if !utf8.Valid(document) {
		return stakeholders.Plan{}, status.NewInvalid("register", "the file is not valid UTF-8")
	}
	var plan stakeholders.Plan
	err := p.store.InTx(ctx, func(tx *store.Tx) error {
		entrance, err := p.entering(ctx, tx, "")
		if err != nil {
			return err
		}
		components, err := tx.Components(ctx)
		if err != nil {
			return err
		}
		file, err := stakeholders.ParseRegister(document, components)
		if err != nil {
			return err
		}
		present, err := tx.Register(ctx)
		if err != nil {
			return err
		}
		if plan = stakeholders.PlanImport(present, file); dryRun {
			return nil
		}
		if err := carryOut(ctx, tx, plan, file, present); err != nil {
			return err
		}
		if err := entrance.done(ctx); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, "import register", "register", map[string]any{"entries": len(file), "changes": summary(plan)}, 0)
	})
	return plan, p.woken(err)
}

// carryOut makes the plan true and gives the entries the file's order.
func carryOut(ctx context.Context, tx *store.Tx, plan stakeholders.Plan, file, present []stakeholders.Stakeholder) error {
	ids := map[string]string{}
	for _, s := range present {
		ids[s.Name] = s.ID
	}
	for _, change := range plan.Changes {
		if change.Action == "remove" {
			if err := tx.DeleteStakeholder(ctx, change.Entry.ID); err != nil {
				return err
			}
		}
	}
	for position, s := range file {
		if s.ID = ids[s.Name]; s.ID == "" {
			s.ID = store.NewID()
		}
		if err := tx.SaveStakeholder(ctx, s, position+1); err != nil {
			return err
		}
	}
	return nil
}

func summary(plan stakeholders.Plan) map[string][]string {
	names := map[string][]string{}
	for _, c := range plan.Changes {
		names[c.Action] = append(names[c.Action], c.Name)
	}
	return names
}
