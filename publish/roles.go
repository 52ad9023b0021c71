package publish

import (
	"context"
	"strings"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// RoleGiven is who gets a role: an entry of the register, or anybody by name,
// with an email address or the address of a chat.
type RoleGiven struct {
	Field string // by which the sender named it, for what is wrong with it

	Person     string // id or name in the register; empty: not from there
	Name       string
	Email      string
	Slack      string // an incoming webhook
	SlackLabel string // what people call it
}

// RoleChanges give roles to people; nil takes a role from whoever has it.
type RoleChanges map[stakeholders.Role]*RoleGiven

// HandingOver is a Publisher whose posts also give roles on their incident.
func (p *Publisher) HandingOver(changes RoleChanges) *Publisher {
	other := *p
	other.roles = changes
	return &other
}

// handOver gives the roles that come with a post.
func (a *act) handOver(ctx context.Context) error {
	return changeRoles(ctx, a.tx, a.actor, store.IncidentRoles(a.incident.ID), a.publisher.roles)
}

// HandOver gives roles on an incident. It is nothing that the public sees.
//
// Errors: status.ErrNotFound, *status.Invalid.
func (p *Publisher) HandOver(ctx context.Context, actor auth.Actor, incident string, changes RoleChanges) (stakeholders.Roster, error) {
	var roster stakeholders.Roster
	err := p.store.InTxAgain(ctx, func(tx *store.Tx) error {
		i, err := tx.FindIncident(ctx, incident)
		if err != nil {
			return err
		}
		if err := changeRoles(ctx, tx, actor, store.IncidentRoles(i.ID), changes); err != nil {
			return err
		}
		roster, err = tx.Roster(ctx, i)
		return err
	})
	return roster, err
}

// IncidentRoles reads who has which role on an incident.
//
// Errors: status.ErrNotFound.
func (p *Publisher) IncidentRoles(ctx context.Context, incident string) (stakeholders.Roster, error) {
	i, err := p.store.FindIncident(ctx, incident)
	if err != nil {
		return nil, err
	}
	return p.store.Roster(ctx, i)
}

// SaveDefaultRoles gives roles on the page, and for components by id: they hold
// where an incident has nobody of its own.
//
// Errors: *status.Invalid.
func (p *Publisher) SaveDefaultRoles(ctx context.Context, actor auth.Actor, page RoleChanges, components map[string]RoleChanges) error {
	return p.store.InTxAgain(ctx, func(tx *store.Tx) error {
		known, err := tx.Components(ctx)
		if err != nil {
			return err
		}
		for id := range components {
			if _, there := byID(known)[id]; !there {
				return status.NewInvalid("components", "names %q, which is not a component of this page", id)
			}
		}
		if err := changeRoles(ctx, tx, actor, store.PageRoles(), page); err != nil {
			return err
		}
		for id, changes := range components {
			if err := changeRoles(ctx, tx, actor, store.ComponentRoles(id), changes); err != nil {
				return err
			}
		}
		return nil
	})
}

// changeRoles gives roles on a subject and writes down who had them before.
func changeRoles(ctx context.Context, tx *store.Tx, actor auth.Actor, on store.RoleSubject, changes RoleChanges) error {
	if len(changes) == 0 {
		return nil
	}
	register, err := tx.Register(ctx)
	if err != nil {
		return err
	}
	before, err := tx.RosterOf(ctx, on)
	if err != nil {
		return err
	}
	bad, detail := &status.Invalid{}, map[string]map[string]string{}
	for _, role := range stakeholders.Roles() {
		given, named := changes[role]
		if !named {
			continue
		}
		detail[string(role)] = map[string]string{"from": before[role].Name, "to": ""}
		if given == nil {
			if err := tx.ClearRole(ctx, on, role); err != nil {
				return err
			}
			continue
		}
		holder := given.holder(bad, register)
		detail[string(role)]["to"] = holder.Name
		if len(bad.Fields) > 0 {
			continue
		}
		if err := tx.SaveRole(ctx, on, role, holder); err != nil {
			return err
		}
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return tx.Audit(ctx, actor, "give roles", string(on), detail, 0)
}

// holder is whom the words mean, with what is wrong noted.
func (g *RoleGiven) holder(bad *status.Invalid, register []stakeholders.Stakeholder) stakeholders.Holder {
	if g.Person != "" {
		for _, s := range register {
			if s.ID != g.Person && !stakeholders.SameName(s.Name, strings.TrimSpace(g.Person)) {
				continue
			}
			if s.Kind == stakeholders.Segment {
				bad.Add(g.Field, "is %q, which stands for many people; name a person or a team", s.Name)
			}
			return stakeholders.Holder{StakeholderID: s.ID, Name: s.Name}
		}
		bad.Add(g.Field, "is %q, who is not in the register; give a name of it, or an object with name and email or slack", g.Person)
		return stakeholders.Holder{}
	}
	h := stakeholders.Holder{Name: strings.TrimSpace(g.Name)}
	if h.Name == "" {
		bad.Add(g.Field+".name", "is missing; say who has the role")
	}
	status.CheckText(bad, g.Field+".name", h.Name, status.MaxNameLength, true)
	if g.Email == "" && g.Slack == "" {
		bad.Add(g.Field, "has neither email nor slack; give one, or nobody can be reminded")
	}
	if g.Email != "" {
		address, err := stakeholders.NormalizeAddress(stakeholders.Email, g.Email)
		if err != nil {
			bad.Add(g.Field+".email", "%s", err)
		}
		h.Contacts = append(h.Contacts, stakeholders.Contact{Channel: stakeholders.Email, Address: address})
	}
	if g.Slack != "" {
		address, err := stakeholders.NormalizeAddress(stakeholders.Slack, g.Slack)
		if err != nil {
			bad.Add(g.Field+".slack", "%s", err)
		}
		status.CheckText(bad, g.Field+".slack_label", g.SlackLabel, status.MaxNameLength, true)
		h.Contacts = append(h.Contacts, stakeholders.Contact{Channel: stakeholders.Slack, Address: address, Label: g.SlackLabel, Endpoint: strings.TrimSpace(g.Slack)})
	}
	return h
}
