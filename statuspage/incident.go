package statuspage

import (
	"cmp"

	"github.com/allclear-status/allclear/status"
)

// Incident is an incident as the read interface shows it.
type Incident struct {
	common
	Allclear Allclear `json:"allclear"`
}

// common is what incidents and maintenances have in common, in the order of
// real captures.
type common struct {
	ID              string      `json:"id"`
	Name            string      `json:"name"`
	Status          string      `json:"status"`
	CreatedAt       string      `json:"created_at"`
	UpdatedAt       string      `json:"updated_at"`
	MonitoringAt    *string     `json:"monitoring_at"`
	ResolvedAt      *string     `json:"resolved_at"`
	Impact          string      `json:"impact"`
	Shortlink       string      `json:"shortlink"`
	StartedAt       string      `json:"started_at"`
	PageID          string      `json:"page_id"`
	IncidentUpdates []Update    `json:"incident_updates"` // newest first
	Components      []Component `json:"components"`       // as they are now
}

// Allclear is what we say of an incident beyond the interface.
type Allclear struct {
	Number          string  `json:"number"` // the name to say aloud, "INC-2"
	NextUpdateDueAt *string `json:"next_update_due_at"`
	WhatToDo        *string `json:"what_to_do"` // in a sentence of plain text
}

// Update is one dated message of an incident.
type Update struct {
	ID                   string              `json:"id"`
	Status               string              `json:"status"`
	Body                 string              `json:"body"`
	IncidentID           string              `json:"incident_id"`
	CreatedAt            string              `json:"created_at"`
	UpdatedAt            string              `json:"updated_at"`
	DisplayAt            string              `json:"display_at"`
	AffectedComponents   []AffectedComponent `json:"affected_components"`
	DeliverNotifications bool                `json:"deliver_notifications"`
	CustomTweet          *string             `json:"custom_tweet"`
	TweetID              *string             `json:"tweet_id"`
}

// AffectedComponent is a component's change of state in one update.
type AffectedComponent struct {
	Code      string `json:"code"`
	Name      string `json:"name"` // "Group - Component" for a grouped one
	OldStatus string `json:"old_status"`
	NewStatus string `json:"new_status"`
}

// ReadIncident is one incident in the read interface's shape. The record says
// which page, groups and components it belongs to.
func ReadIncident(r status.Record, i status.Incident) Incident {
	return Incident{
		common:   readCommon(r, i),
		Allclear: Allclear{Number: i.Reference(), NextUpdateDueAt: optionalTime(i.NextUpdateDueAt, r.Page.Location()), WhatToDo: optional(i.WhatToDo)},
	}
}

func readCommon(r status.Record, i status.Incident) common {
	loc := r.Page.Location()
	return common{
		ID: i.ID, Name: i.Name, Status: string(i.Status),
		CreatedAt: FormatTime(i.CreatedAt, loc), UpdatedAt: FormatTime(i.UpdatedAt, loc),
		MonitoringAt: optionalTime(i.MonitoringAt, loc), ResolvedAt: optionalTime(i.ResolvedAt, loc),
		Impact: impact(i), Shortlink: IncidentURL(r.Page, i.ID), StartedAt: FormatTime(i.StartedAt, loc),
		PageID: r.Page.ID, IncidentUpdates: updates(r, i), Components: touched(r, i),
	}
}

// IncidentPage is the body of /incidents/ID.json: the incident with its whole
// timeline, and its retrospective when one is published.
type IncidentPage struct {
	Incident
	PostmortemBody        *string `json:"postmortem_body"`
	PostmortemPublishedAt *string `json:"postmortem_published_at"`
	ScheduledFor          *string `json:"scheduled_for,omitempty"` // of a maintenance alone
	ScheduledUntil        *string `json:"scheduled_until,omitempty"`
}

// IncidentJSON is /incidents/ID.json.
func IncidentJSON(r status.Record, i status.Incident) IncidentPage {
	page := IncidentPage{Incident: ReadIncident(r, i)}
	if i.IsMaintenance() {
		from, until := Window(i)
		page.ScheduledFor, page.ScheduledUntil = optionalTime(from, r.Page.Location()), optionalTime(until, r.Page.Location())
	}
	return page
}

// impact is the impact on the record; never empty, since clients lower-case it.
func impact(i status.Incident) string {
	if i.IsMaintenance() {
		return string(status.ImpactMaintenance)
	}
	return string(cmp.Or(i.ShownImpact(), status.ImpactNone))
}

// updates lists an incident's updates, newest first: clients take the first as
// the current one.
func updates(r status.Record, i status.Incident) []Update {
	list := make([]Update, 0, len(i.Updates))
	for n := len(i.Updates) - 1; n >= 0; n-- {
		list = append(list, readUpdate(r, i, i.Updates[n]))
	}
	return list
}

func readUpdate(r status.Record, i status.Incident, u status.Update) Update {
	loc := r.Page.Location()
	return Update{
		ID: u.ID, Status: string(u.Status), Body: u.Body, IncidentID: i.ID,
		CreatedAt: FormatTime(u.CreatedAt, loc), UpdatedAt: FormatTime(u.UpdatedAt, loc), DisplayAt: FormatTime(u.DisplayAt, loc),
		AffectedComponents: affected(r, u.Changes), DeliverNotifications: u.Notify,
	}
}

func affected(r status.Record, changes []status.ComponentChange) []AffectedComponent {
	list := make([]AffectedComponent, len(changes))
	for n, c := range changes {
		list[n] = AffectedComponent{Code: c.ComponentID, Name: ChangedName(r, c), OldStatus: string(c.Old), NewStatus: string(c.New)}
	}
	return list
}

// ChangedName is the full name, as it was then, of a component that changed its
// state; the bare name of a component that is in a group now is completed.
func ChangedName(r status.Record, change status.ComponentChange) string {
	c, ok := r.Component(change.ComponentID)
	if change.Name == "" || ok && change.Name == c.Name {
		return FullName(r, c)
	}
	return change.Name
}

// FullName is a component's name with its group's before it, "Group - Component".
func FullName(r status.Record, c status.Component) string {
	for _, g := range r.Groups {
		if g.ID == c.GroupID {
			return g.Name + " - " + c.Name
		}
	}
	return c.Name
}

// touched lists the components an incident touches that still exist.
func touched(r status.Record, i status.Incident) []Component {
	list := []Component{}
	for _, id := range i.ComponentIDs() {
		if c, ok := r.Component(id); ok {
			list = append(list, ReadComponent(r.Page, c))
		}
	}
	return list
}
