package publish

import (
	"context"
	"slices"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// StakeholderPatch is a change to an entry of the register; nil fields stay as
// they are.
type StakeholderPatch struct {
	Name, Kind, Power, Interest    *string
	Contacts                       *[]stakeholders.DraftContact // all of them
	Components                     *[]string                    // ids or names; none: all
	Language, TimeZone, QuietHours *string
	Owner, Notes, ReviewAfter      *string
	Reason                         string // for the history of who moved whom
}

// apply edits a draft of an entry as it is now.
func (p StakeholderPatch) apply(d *stakeholders.Draft, now stakeholders.Stakeholder) {
	for _, f := range []struct{ to, from *string }{
		{&d.Name, p.Name}, {&d.Kind, p.Kind}, {&d.Power, p.Power}, {&d.Interest, p.Interest}, {&d.Language, p.Language}, {&d.TimeZone, p.TimeZone},
		{&d.QuietHours, p.QuietHours}, {&d.Owner, p.Owner}, {&d.Notes, p.Notes}, {&d.ReviewAfter, p.ReviewAfter},
	} {
		set(f.to, f.from)
	}
	if p.Components != nil {
		d.Components, d.KeptComponents = *p.Components, nil
	}
	if p.Contacts != nil {
		d.Contacts = keepSecrets(*p.Contacts, now.Contacts)
	}
}

// keepSecrets finds the contacts whose secret address was sent back as the
// answers show it: by its label.
func keepSecrets(contacts []stakeholders.DraftContact, have []stakeholders.Contact) []stakeholders.DraftContact {
	contacts, have = slices.Clone(contacts), slices.Clone(have)
	for i, c := range contacts {
		at := slices.IndexFunc(have, func(h stakeholders.Contact) bool {
			return h.Channel == c.Channel && c.Channel.Secret() && h.Shown() == c.Address
		})
		if at >= 0 {
			contacts[i].Kept = have[at].Address
			have = slices.Delete(have, at, at+1) // two may look the same
		}
	}
	return contacts
}

// AddStakeholder puts a new entry at the end of the register. The warnings say
// what may not be meant.
//
// Errors: *status.Invalid.
func (p *Publisher) AddStakeholder(ctx context.Context, actor auth.Actor, patch StakeholderPatch) (stakeholders.Stakeholder, []string, error) {
	return p.editRegister(ctx, actor, "add stakeholder", store.NewID(), patch)
}

// SaveStakeholder changes an entry of the register.
//
// Errors: status.ErrNotFound, *status.Invalid.
func (p *Publisher) SaveStakeholder(ctx context.Context, actor auth.Actor, id string, patch StakeholderPatch) (stakeholders.Stakeholder, []string, error) {
	return p.editRegister(ctx, actor, "change stakeholder", id, patch)
}

func (p *Publisher) editRegister(ctx context.Context, actor auth.Actor, act, id string, patch StakeholderPatch) (saved stakeholders.Stakeholder, warnings []string, err error) {
	if err := checkReason(patch.Reason); err != nil {
		return saved, nil, err
	}
	err = p.store.InTx(ctx, func(tx *store.Tx) error {
		entrance, err := p.entering(ctx, tx, "")
		if err != nil {
			return err
		}
		e := registerEdit{tx: tx, by: registerChange{actor, patch.Reason}}
		if err := e.read(ctx, id, act == "add stakeholder"); err != nil {
			return err
		}
		s, err := e.entry(ctx, patch)
		if err != nil {
			return err
		}
		if saved, err = e.save(ctx, act, s); err != nil {
			return err
		}
		if warnings, err = e.warnings(ctx); err != nil {
			return err
		}
		return entrance.done(ctx)
	})
	return saved, warnings, p.woken(err)
}

// registerEdit is a change to one entry.
type registerEdit struct {
	tx         *store.Tx
	by         registerChange
	register   []stakeholders.Stakeholder
	components []status.Component
	at         int // in the register
	isNew      bool
}

// read holds the register and finds the entry in it; a new one stands last.
func (e *registerEdit) read(ctx context.Context, id string, isNew bool) (err error) {
	if err := e.tx.HoldRegister(ctx); err != nil {
		return err
	}
	if e.register, err = e.tx.Register(ctx); err != nil {
		return err
	}
	if e.isNew = isNew; isNew {
		if len(e.register) >= stakeholders.MaxRegisterEntries {
			return status.NewInvalid("stakeholder", "is one too many; the register takes %d entries: let larger audiences subscribe", stakeholders.MaxRegisterEntries)
		}
		e.at, e.register = len(e.register), append(e.register, stakeholders.Stakeholder{ID: id})
		return nil
	}
	e.at, err = entryOf(e.register, id)
	return err
}

// entry is the entry as it would be, checked.
func (e *registerEdit) entry(ctx context.Context, patch StakeholderPatch) (stakeholders.Stakeholder, error) {
	var err error
	if e.components, err = e.tx.Components(ctx); err != nil {
		return stakeholders.Stakeholder{}, err
	}
	now := e.register[e.at]
	draft := now.Draft()
	patch.apply(&draft, now)
	s, err := draft.Entry(e.components)
	if err != nil {
		return s, err
	}
	for i, other := range e.register {
		if i != e.at && stakeholders.SameName(other.Name, s.Name) {
			return s, status.NewInvalid("stakeholder.name", "is %q, which another entry has; names must differ", s.Name)
		}
	}
	s.ID, s.CreatedAt, s.ReviewedAt, s.UpdatedAt = now.ID, now.CreatedAt, now.ReviewedAt, now.UpdatedAt
	return s, nil
}

// save writes the entry, unless it is as it was.
func (e *registerEdit) save(ctx context.Context, act string, s stakeholders.Stakeholder) (stakeholders.Stakeholder, error) {
	from, details := stakeholders.Quadrant(""), []string{}
	if old := e.register[e.at]; !e.isNew {
		from, details = old.Quadrant(), stakeholders.Differences(old, s, e.components)
		if len(details) == 0 {
			return old, nil
		}
	}
	if err := e.by.save(ctx, e.tx, []placedEntry{{s, from, e.at + 1}}); err != nil {
		return s, err
	}
	s.UpdatedAt = e.tx.Now()
	if e.isNew {
		s.CreatedAt = s.UpdatedAt
	}
	for i := range s.Contacts {
		s.Contacts[i].Endpoint = "" // a secret is not read back
	}
	e.register[e.at] = s
	return s, e.tx.Audit(ctx, e.by.actor, act, "stakeholder:"+s.ID, map[string]any{"name": s.Name, "changes": details, "reason": e.by.reason}, 0)
}

// warnings are those that are about this entry.
func (e *registerEdit) warnings(ctx context.Context) ([]string, error) {
	s := e.register[e.at]
	var sharing []stakeholders.Stakeholder // it, and who leads to the same addresses
	for _, other := range e.register {
		if other.ID == s.ID || slices.ContainsFunc(other.Contacts, func(c stakeholders.Contact) bool {
			return slices.ContainsFunc(s.Contacts, func(own stakeholders.Contact) bool { return own.Channel == c.Channel && own.Address == c.Address })
		}) {
			sharing = append(sharing, other)
		}
	}
	gone, err := stopped(ctx, e.tx, s)
	if err != nil {
		return nil, err
	}
	warnings := append(e.about(sharing), gone[s.Name]...)
	if words := stakeholders.OwnerWarning(e.register, s); words != "" {
		warnings = append(warnings, words)
	}
	return warnings, nil
}

// about leaves out what is between others only.
func (e *registerEdit) about(sharing []stakeholders.Stakeholder) []string {
	s := e.register[e.at]
	for i := range sharing {
		if sharing[i].ID != s.ID {
			sharing[i].Contacts = slices.DeleteFunc(slices.Clone(sharing[i].Contacts), func(c stakeholders.Contact) bool {
				return !slices.ContainsFunc(s.Contacts, func(own stakeholders.Contact) bool { return own.Channel == c.Channel && own.Address == c.Address })
			})
		}
	}
	return stakeholders.Warnings(sharing, func(i int) string { return sharing[i].Name })
}

// RemoveStakeholder takes an entry out of the register. What its addresses were
// told stays in the ledger, and the end of it is still owed to them.
//
// Errors: status.ErrNotFound, *status.Invalid.
func (p *Publisher) RemoveStakeholder(ctx context.Context, actor auth.Actor, id, reason string) error {
	if err := checkReason(reason); err != nil {
		return err
	}
	return p.woken(p.store.InTx(ctx, func(tx *store.Tx) error {
		entrance, err := p.entering(ctx, tx, "") // who is told may follow from a segment that goes
		if err != nil {
			return err
		}
		e := registerEdit{tx: tx, by: registerChange{actor, reason}}
		if err := e.read(ctx, id, false); err != nil {
			return err
		}
		s := e.register[e.at]
		if err := e.by.remove(ctx, tx, s); err != nil {
			return err
		}
		if err := entrance.done(ctx); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, "remove stakeholder", "stakeholder:"+id, map[string]any{"name": s.Name, "reason": reason}, 0)
	}))
}
