package publish

import (
	"context"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// GroupPatch is a change to a component group; nil fields stay as they are.
type GroupPatch struct {
	Name        *string
	Description *string
	// Components are the ids of the components that the group holds, in order.
	Components *[]string
}

// AddGroup adds a component group.
//
// Errors: *status.Invalid.
func (p *Publisher) AddGroup(ctx context.Context, actor auth.Actor, patch GroupPatch) (status.Group, error) {
	return p.saveGroup(ctx, actor, "", patch)
}

// SaveGroup changes a component group.
//
// Errors: status.ErrNotFound, *status.Invalid.
func (p *Publisher) SaveGroup(ctx context.Context, actor auth.Actor, id string, patch GroupPatch) (status.Group, error) {
	return p.saveGroup(ctx, actor, id, patch)
}

func (p *Publisher) saveGroup(ctx context.Context, actor auth.Actor, id string, patch GroupPatch) (status.Group, error) {
	var g status.Group
	_, err := p.within(ctx, func(tx *store.Tx, page status.Page) (err error) {
		if id != "" {
			if g, err = findGroup(ctx, tx, id); err != nil {
				return err
			}
		}
		set(&g.Name, patch.Name)
		set(&g.Description, patch.Description)
		bad := &status.Invalid{}
		checkName(bad, "component_group.name", g.Name)
		status.CheckText(bad, "component_group.description", g.Description, status.MaxDescriptionLength, false)
		if err := bad.Err(); err != nil {
			return err
		}
		act := "change component group"
		if id == "" {
			act, g.ID = "add component group", store.NewID()
			g, err = tx.AddGroup(ctx, g)
		} else {
			err = tx.SaveGroup(ctx, g)
		}
		if err != nil {
			return err
		}
		if err := fillGroup(ctx, tx, g.ID, patch.Components); err != nil {
			return err
		}
		if g, err = findGroup(ctx, tx, g.ID); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, act, "component_group:"+g.ID, map[string]any{"name": g.Name}, page.Version)
	})
	return g, err
}

func findGroup(ctx context.Context, tx *store.Tx, id string) (status.Group, error) {
	groups, err := tx.Groups(ctx)
	if err != nil {
		return status.Group{}, err
	}
	for _, g := range groups {
		if g.ID == id {
			return g, nil
		}
	}
	return status.Group{}, status.ErrNotFound
}

// fillGroup makes a group hold exactly the given components, in their order;
// nil leaves it as it is.
func fillGroup(ctx context.Context, tx *store.Tx, groupID string, ids *[]string) error {
	if ids == nil {
		return nil
	}
	components, err := tx.Components(ctx)
	if err != nil {
		return err
	}
	known := byID(components)
	position := map[string]int{}
	for i, id := range *ids {
		if _, ok := known[id]; !ok {
			return status.NewInvalid("component_group.components", "names %q, which is not a component of this page", id)
		}
		position[id] = i + 1
	}
	for _, c := range components {
		at, in := position[c.ID]
		switch {
		case in:
			c.GroupID, c.Position = groupID, at
		case c.GroupID == groupID:
			c.GroupID = ""
		default:
			continue
		}
		if err := tx.SaveComponent(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// DeleteGroup removes a group; its components stay on the page.
//
// Errors: status.ErrNotFound.
func (p *Publisher) DeleteGroup(ctx context.Context, actor auth.Actor, id string) (status.Group, error) {
	var g status.Group
	_, err := p.within(ctx, func(tx *store.Tx, page status.Page) (err error) {
		if g, err = findGroup(ctx, tx, id); err != nil {
			return err
		}
		if err := tx.DeleteGroup(ctx, id); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, "delete component group", "component_group:"+id, map[string]any{"name": g.Name}, page.Version)
	})
	return g, err
}
