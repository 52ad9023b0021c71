package statuspage

import (
	"cmp"
	"slices"

	"github.com/allclear-status/allclear/status"
)

// Component is a component, or a group as a row among them, as the read
// interface shows it.
type Component struct {
	ID                 string   `json:"id"`
	Name               string   `json:"name"`
	Status             string   `json:"status"`
	CreatedAt          string   `json:"created_at"`
	UpdatedAt          string   `json:"updated_at"`
	Position           int      `json:"position"`
	Description        *string  `json:"description"`
	Showcase           bool     `json:"showcase"`
	StartDate          *string  `json:"start_date"`
	GroupID            *string  `json:"group_id"`
	PageID             string   `json:"page_id"`
	Group              bool     `json:"group"`
	OnlyShowIfDegraded bool     `json:"only_show_if_degraded"`
	Components         []string `json:"components,omitzero"` // on group rows alone: their members, [] when none
}

// ReadComponent is one component in the read interface's shape.
func ReadComponent(p status.Page, c status.Component) Component {
	loc := p.Location()
	return Component{
		ID: c.ID, Name: c.Name, Status: string(c.Status),
		CreatedAt: FormatTime(c.CreatedAt, loc), UpdatedAt: FormatTime(c.UpdatedAt, loc),
		Position: c.Position, Description: optional(c.Description), Showcase: c.Showcase,
		StartDate: optional(c.StartDate), GroupID: optional(c.GroupID), PageID: p.ID,
		OnlyShowIfDegraded: c.OnlyShowIfDegraded,
	}
}

// ReadGroup is a group as a row of the component list. Its state is that of
// its worst member: clients wait for a group to be operational again.
func ReadGroup(r status.Record, g status.Group) Component {
	loc, members := r.Page.Location(), r.InGroup(g.ID)
	return Component{
		ID: g.ID, Name: g.Name, Status: string(status.WorstStatus(members)),
		CreatedAt: FormatTime(g.CreatedAt, loc), UpdatedAt: FormatTime(g.UpdatedAt, loc),
		Position: g.Position, Description: optional(g.Description),
		PageID: r.Page.ID, Group: true, Components: componentIDs(members),
	}
}

// ReadComponents is the flat list of components and groups by position.
// Positions restart inside each group, so members stand between other rows and
// not below their group, as on Statuspage; rows of equal position are ordered
// by where their group stands.
func ReadComponents(r status.Record) []Component {
	type row struct {
		Component
		place int // the group's position; 0 for what is in none
	}
	places, rows := map[string]int{}, []row{}
	for _, g := range r.Groups {
		places[g.ID] = g.Position
		rows = append(rows, row{ReadGroup(r, g), 0})
	}
	for _, c := range r.Components {
		rows = append(rows, row{ReadComponent(r.Page, c), places[c.GroupID]})
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.place, b.place), cmp.Compare(a.ID, b.ID))
	})
	list := make([]Component, len(rows))
	for i, one := range rows {
		list[i] = one.Component
	}
	return list
}

// ManagedComponent is a component as the managing interface shows it.
type ManagedComponent struct {
	Component
	AutomationEmail string             `json:"automation_email"`
	Allclear        *ComponentAllclear `json:"allclear,omitempty"` // not on group rows
}

// ComponentAllclear is what we say of a component beyond the interface.
type ComponentAllclear struct {
	NotCore bool `json:"not_core"` // the service is usable without it
}

// ManageComponent is one component in the managing interface's shape.
func ManageComponent(p status.Page, c status.Component) ManagedComponent {
	return ManagedComponent{Component: ReadComponent(p, c), Allclear: &ComponentAllclear{NotCore: c.NotCore}}
}

// ManageComponents is the managing interface's component list, group rows
// included, in the order of the read interface.
func ManageComponents(r status.Record) []ManagedComponent { return managed(r, ReadComponents(r)) }

// managed completes rows of the read interface.
func managed(r status.Record, rows []Component) []ManagedComponent {
	list := make([]ManagedComponent, len(rows))
	for i, row := range rows {
		list[i] = ManagedComponent{Component: row}
		if c, ok := r.Component(row.ID); ok {
			list[i].Allclear = &ComponentAllclear{NotCore: c.NotCore}
		}
	}
	return list
}

// Group is a component group as the managing interface shows it. The types of
// components and position are those of real answers, not of the specification.
type Group struct {
	ID          string   `json:"id"`
	PageID      string   `json:"page_id"`
	Name        string   `json:"name"`
	Description *string  `json:"description"`
	Components  []string `json:"components"`
	Position    int      `json:"position"`
	CreatedAt   string   `json:"created_at"`
	UpdatedAt   string   `json:"updated_at"`
}

// ManageGroup is a component group in the managing interface's shape; members
// are its components in their order.
func ManageGroup(p status.Page, g status.Group, members []status.Component) Group {
	loc := p.Location()
	return Group{
		ID: g.ID, PageID: p.ID, Name: g.Name, Description: optional(g.Description),
		Components: componentIDs(members), Position: g.Position,
		CreatedAt: FormatTime(g.CreatedAt, loc), UpdatedAt: FormatTime(g.UpdatedAt, loc),
	}
}

func componentIDs(components []status.Component) []string {
	ids := make([]string, len(components))
	for i, c := range components {
		ids[i] = c.ID
	}
	return ids
}
