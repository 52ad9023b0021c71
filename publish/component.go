package publish

import (
	"context"
	"strings"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// ComponentPatch is a change to a component; nil fields stay as they are.
type ComponentPatch struct {
	Name               *string
	Description        *string
	Status             *status.ComponentStatus
	GroupID            *string // pointing to "": in no group
	Position           *int
	Showcase           *bool
	OnlyShowIfDegraded *bool
	StartDate          *string
	NotCore            *bool
}

// OnlyStatus says whether the patch changes nothing but the state.
func (p ComponentPatch) OnlyStatus() bool {
	return p.Name == nil && p.Description == nil && p.GroupID == nil && p.Position == nil &&
		p.Showcase == nil && p.OnlyShowIfDegraded == nil && p.StartDate == nil && p.NotCore == nil
}

// apply makes the patch true of a component and refuses what cannot be.
func (p ComponentPatch) apply(c *status.Component, groups []status.Group) error {
	set(&c.Name, p.Name)
	set(&c.Description, p.Description)
	set(&c.Status, p.Status)
	set(&c.GroupID, p.GroupID)
	set(&c.Position, p.Position)
	set(&c.Showcase, p.Showcase)
	set(&c.OnlyShowIfDegraded, p.OnlyShowIfDegraded)
	set(&c.StartDate, p.StartDate)
	set(&c.NotCore, p.NotCore)
	bad := &status.Invalid{}
	checkName(bad, "component.name", c.Name)
	status.CheckText(bad, "component.description", c.Description, status.MaxDescriptionLength, false)
	if !c.Status.Valid() {
		bad.Add("component.status", "is %q; it must be one of operational, degraded_performance, partial_outage, major_outage, under_maintenance", c.Status)
	}
	if c.GroupID != "" && !hasGroup(groups, c.GroupID) {
		bad.Add("component.group_id", "is %q, which is not a component group of this page", c.GroupID)
	}
	if c.StartDate != "" {
		if _, err := time.Parse(time.DateOnly, c.StartDate); err != nil {
			bad.Add("component.start_date", "is %q; it must be a date such as 2026-01-31", c.StartDate)
		}
	}
	if p.Position != nil && (*p.Position < 1 || *p.Position > 100_000) {
		bad.Add("component.position", "is %d; it must be a number from 1", *p.Position)
	}
	return bad.Err()
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// checkName refuses a missing or unfit name.
func checkName(bad *status.Invalid, field, name string) {
	if strings.TrimSpace(name) == "" {
		bad.Add(field, "is missing; give a name that users would recognise")
	}
	status.CheckText(bad, field, name, status.MaxNameLength, true)
}

func hasGroup(groups []status.Group, id string) bool {
	for _, g := range groups {
		if g.ID == id {
			return true
		}
	}
	return false
}

// AddComponent adds a component behind the others of its group.
//
// Errors: *status.Invalid.
func (p *Publisher) AddComponent(ctx context.Context, actor auth.Actor, patch ComponentPatch) (status.Component, error) {
	var c status.Component
	_, err := p.within(ctx, func(tx *store.Tx, page status.Page) error {
		groups, err := tx.Groups(ctx)
		if err != nil {
			return err
		}
		position := patch.Position
		patch.Position = nil
		c = status.Component{ID: store.NewID(), Status: status.Operational}
		if err := patch.apply(&c, groups); err != nil {
			return err
		}
		if c, err = tx.AddComponent(ctx, c); err != nil {
			return err
		}
		if position != nil {
			if err := (ComponentPatch{Position: position}).apply(&c, groups); err != nil {
				return err
			}
			if err := tx.SaveComponent(ctx, c); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, actor, "add component", "component:"+c.ID, map[string]any{"name": c.Name}, page.Version)
	})
	return c, err
}

// SaveComponent changes a component. A change of its state is an event of its
// own, which outgoing webhooks report; people are told by incidents only.
//
// Errors: status.ErrNotFound, *status.Invalid.
func (p *Publisher) SaveComponent(ctx context.Context, actor auth.Actor, id string, patch ComponentPatch) (status.Component, error) {
	var c status.Component
	_, err := p.within(ctx, func(tx *store.Tx, page status.Page) error {
		before, err := tx.Component(ctx, id)
		if err != nil {
			return err
		}
		groups, err := tx.Groups(ctx)
		if err != nil {
			return err
		}
		after := before
		if err := patch.apply(&after, groups); err != nil {
			return err
		}
		if !patch.OnlyStatus() {
			if err := tx.SaveComponent(ctx, after); err != nil {
				return err
			}
		}
		if err := changeState(ctx, tx, page, before, after); err != nil {
			return err
		}
		if c, err = tx.Component(ctx, id); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, "change component", "component:"+id,
			map[string]any{"name": c.Name, "old_status": before.Status, "new_status": c.Status}, page.Version)
	})
	return c, err
}

// changeState writes a new state, its history and its notice, when it is new.
func changeState(ctx context.Context, tx *store.Tx, page status.Page, before, after status.Component) error {
	if before.Status == after.Status {
		return nil
	}
	change := status.ComponentChange{ComponentID: before.ID, Name: after.Name, Old: before.Status, New: after.Status}
	if err := tx.ChangeComponents(ctx, "", []status.ComponentChange{change}); err != nil {
		return err
	}
	policy, err := tx.Policy(ctx)
	if err != nil {
		return err
	}
	return tellChange(ctx, tx, page, policy, change, false)
}

// tellChange puts the notice about a component's change of state into the
// outbox; silent when the sender asked for no notifications.
func tellChange(ctx context.Context, tx *store.Tx, page status.Page, policy *stakeholders.Policy, c status.ComponentChange, silent bool) error {
	_, err := tx.Enqueue(ctx, notify.Notice{
		ComponentID: c.ComponentID,
		Occasion: stakeholders.Occasion{Event: stakeholders.ComponentChanged, Impact: c.New.Impact(),
			ImpactBefore: c.Old.Impact(), Components: []string{c.ComponentID}, ClosureOnly: silent},
		Content: notify.Content{PageName: page.Name, PageURL: page.URL, TimeZone: page.TimeZone, Language: page.Language,
			Event: stakeholders.ComponentChanged, URL: page.URL, Title: c.Name, Change: &notify.ComponentChange{ID: store.NewID(), ComponentChange: c},
			Affected: []notify.AffectedComponent{{Name: c.Name, Status: c.New}}, PostedAt: tx.Now()},
		PolicyVersion: policy.Version, Priority: notify.Priority(c.New.Impact()), CreatedAt: tx.Now(),
	})
	return err
}

// DeleteComponent removes a component and its history from the page.
//
// Errors: status.ErrNotFound.
func (p *Publisher) DeleteComponent(ctx context.Context, actor auth.Actor, id string) (status.Component, error) {
	var c status.Component
	_, err := p.within(ctx, func(tx *store.Tx, page status.Page) (err error) {
		if c, err = tx.Component(ctx, id); err != nil {
			return err
		}
		if err := tx.DeleteComponent(ctx, id); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, "delete component", "component:"+id, map[string]any{"name": c.Name}, page.Version)
	})
	return c, err
}
