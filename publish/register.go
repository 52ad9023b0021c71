package publish

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// RegisterImport is a file that the register is to become.
type RegisterImport struct {
	Document []byte
	Format   stakeholders.Format // empty: YAML
	Reason   string              // for the history of who moved whom
	DryRun   bool
}

// ImportRegister makes the register what the file says: entries are added,
// changed and removed, and the plan says which. A dry run changes nothing. It
// never brings back who left: that is by address, and outlives the entry.
//
// Errors: *status.Invalid naming the line; then nothing was imported.
func (p *Publisher) ImportRegister(ctx context.Context, actor auth.Actor, in RegisterImport) (stakeholders.Plan, error) {
	if err := checkReason(in.Reason); err != nil {
		return stakeholders.Plan{}, err
	}
	var plan stakeholders.Plan
	err := p.store.InTx(ctx, func(tx *store.Tx) error {
		components, err := tx.Components(ctx)
		if err != nil {
			return err
		}
		file, err := stakeholders.ParseRegister(cmp.Or(in.Format, stakeholders.YAML), in.Document, components)
		if err != nil {
			return err
		}
		var entrance *entrance
		if !in.DryRun {
			if entrance, err = p.entering(ctx, tx, ""); err != nil {
				return err
			}
			if err := tx.HoldRegister(ctx); err != nil {
				return err
			}
		}
		present, err := tx.Register(ctx)
		if err != nil {
			return err
		}
		plan = stakeholders.PlanImport(present, file.Stakeholders, components)
		if plan.Warnings, err = fileWarnings(ctx, tx, file); err != nil || in.DryRun {
			return err
		}
		if err := carryOut(ctx, tx, registerChange{actor, in.Reason}, plan, file.Stakeholders, present); err != nil {
			return err
		}
		if err := entrance.done(ctx); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, "import register", "register",
			map[string]any{"entries": len(file.Stakeholders), "changes": summary(plan), "reason": in.Reason}, 0)
	})
	return plan, p.woken(err)
}

// checkReason refuses a reason that cannot be kept.
func checkReason(reason string) error {
	bad := &status.Invalid{}
	status.CheckText(bad, "reason", reason, status.MaxNameLength, true)
	return bad.Err()
}

// fileWarnings are about the file, and about whom it names who left.
func fileWarnings(ctx context.Context, tx *store.Tx, file stakeholders.RegisterFile) ([]string, error) {
	gone, err := stopped(ctx, tx, file.Stakeholders...)
	if err != nil {
		return nil, err
	}
	warnings := file.Warnings()
	for i, s := range file.Stakeholders {
		for _, words := range gone[s.Name] {
			warnings = append(warnings, fmt.Sprintf("line %d: %s: %s", file.Line(i), s.Name, words))
		}
	}
	return warnings, nil
}

// registerChange is who changes the register, and why.
type registerChange struct {
	actor  auth.Actor
	reason string
}

// carryOut makes the plan true and gives the entries the file's order.
func carryOut(ctx context.Context, tx *store.Tx, by registerChange, plan stakeholders.Plan, file, present []stakeholders.Stakeholder) error {
	changed := map[string]stakeholders.PlannedChange{}
	for _, change := range plan.Changes {
		if change.Action != "remove" {
			changed[change.Name] = change
		} else if err := by.remove(ctx, tx, change.Entry); err != nil {
			return err
		}
	}
	at := map[string]int{}
	for i, s := range present {
		at[s.Name] = i
	}
	var entries []placedEntry
	for i, s := range file {
		if change, ok := changed[s.Name]; ok {
			entries = append(entries, placedEntry{change.Entry, change.From, i + 1})
		} else if old := at[s.Name]; old != i {
			if err := tx.PlaceStakeholder(ctx, present[old].ID, i+1); err != nil {
				return err
			}
		}
	}
	return by.save(ctx, tx, entries)
}

// placedEntry is an entry that is new or changed, with the place in the matrix
// that it comes from and the one in the register's order that it has.
type placedEntry struct {
	stakeholders.Stakeholder
	from     stakeholders.Quadrant
	position int
}

// save writes entries, with their history and the days on which somebody should
// look at them again.
func (by registerChange) save(ctx context.Context, tx *store.Tx, entries []placedEntry) error {
	placed := make([]store.PlacedStakeholder, len(entries))
	for i := range entries {
		s := &entries[i]
		if s.ID == "" {
			s.ID = store.NewID()
		}
		s.UpdatedAt = tx.Now()
		placed[i] = store.PlacedStakeholder{Stakeholder: s.Stakeholder, Position: s.position}
	}
	if err := tx.SaveStakeholders(ctx, placed); err != nil {
		return err
	}
	for _, s := range entries {
		if s.from != s.Quadrant() {
			if err := by.move(ctx, tx, s.Stakeholder, s.from, s.Quadrant()); err != nil {
				return err
			}
		}
		if err := setReview(ctx, tx, s.Stakeholder); err != nil {
			return err
		}
	}
	return tx.WelcomeRegistered(ctx)
}

func (by registerChange) remove(ctx context.Context, tx *store.Tx, s stakeholders.Stakeholder) error {
	if err := tx.DeleteStakeholder(ctx, s.ID); err != nil {
		return err
	}
	if err := tx.ClearTimers(ctx, reviewTimer, s.ID); err != nil {
		return err
	}
	return by.move(ctx, tx, s, s.Quadrant(), "")
}

func (by registerChange) move(ctx context.Context, tx *store.Tx, s stakeholders.Stakeholder, from, to stakeholders.Quadrant) error {
	return tx.AddMove(ctx, store.Move{StakeholderID: s.ID, Name: s.Name, From: from, To: to, Actor: by.actor, Reason: by.reason})
}

func summary(plan stakeholders.Plan) map[string][]string {
	names := map[string][]string{}
	for _, c := range plan.Changes {
		names[c.Action] = append(names[c.Action], c.Name)
	}
	return names
}

// stopped says to which contacts of an entry nothing is sent, because their
// owners left or the addresses are dead. An import brings none of them back.
// It answers by the entries' names.
func stopped(ctx context.Context, tx *store.Tx, entries ...stakeholders.Stakeholder) (map[string][]string, error) {
	var places []store.Place
	for _, s := range entries {
		for _, c := range s.Contacts {
			places = append(places, store.Place{Channel: c.Channel, Address: c.Address})
		}
	}
	suppressed, err := tx.SuppressedAmong(ctx, places)
	if err != nil {
		return nil, err
	}
	words := map[string][]string{}
	for _, s := range entries {
		for _, c := range s.Contacts {
			if suppressed[store.Place{Channel: c.Channel, Address: c.Address}] {
				words[s.Name] = append(words[s.Name], fmt.Sprintf("nothing is sent to %s %s: it left, or cannot be reached; only its owner can bring it back", c.Channel, c.Shown()))
			}
		}
	}
	return words, nil
}

// ExportRegister writes the register down. YAML and CSV hold the addresses that
// are secrets, so that an import takes the file; Markdown is for people and
// holds none.
func (p *Publisher) ExportRegister(ctx context.Context, format stakeholders.Format) ([]byte, error) {
	register, err := p.store.Register(ctx)
	if err != nil {
		return nil, err
	}
	components, err := p.store.Components(ctx)
	if err != nil {
		return nil, err
	}
	if format == stakeholders.Markdown {
		return p.matrix(ctx, register, components)
	}
	for i := range register {
		for n, c := range register[i].Contacts {
			if !c.Channel.Secret() {
				continue
			}
			if register[i].Contacts[n].Endpoint, err = p.store.Endpoint(ctx, c.Channel, c.Address); err != nil {
				return nil, err
			}
		}
	}
	switch format {
	case stakeholders.YAML:
		return stakeholders.FormatRegister(register, components)
	case stakeholders.CSV:
		return stakeholders.FormatRegisterCSV(register, components)
	default:
		return nil, status.NewInvalid("format", "is %q; it must be yaml, csv or md", format)
	}
}

func (p *Publisher) matrix(ctx context.Context, register []stakeholders.Stakeholder, components []status.Component) ([]byte, error) {
	page, err := p.store.Page(ctx)
	if err != nil {
		return nil, err
	}
	policy, err := p.store.Policy(ctx)
	if err != nil {
		return nil, err
	}
	return stakeholders.Matrix{PageName: page.Name, At: p.store.Now(), PolicyName: policy.Name, PolicyVersion: policy.Version,
		Register: register, Components: components}.Markdown(), nil
}

// entryOf finds an entry by its id.
func entryOf(register []stakeholders.Stakeholder, id string) (int, error) {
	at := slices.IndexFunc(register, func(s stakeholders.Stakeholder) bool { return s.ID == id })
	if at < 0 {
		return 0, fmt.Errorf("find stakeholder: %w", status.ErrNotFound)
	}
	return at, nil
}
