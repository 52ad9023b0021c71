package status

import (
	"strings"
	"time"
)

// Post is what one act of the incident manager says about an incident. Zero
// values leave things as they are.
type Post struct {
	Status         IncidentStatus
	Name           string
	Body           string
	ImpactOverride *Impact // nil: unchanged; pointing to "": removed
	// Components gives components a state; what it names is touched by the
	// incident from now on.
	Components []ComponentState
	// ComponentIDs, when not nil, replaces the set of touched components.
	ComponentIDs []string
	Notify       bool
	// NextUpdateDueAt, when not zero, is the promise made with this post.
	// Otherwise Cadence says how long until the next update is due.
	NextUpdateDueAt time.Time
	Cadence         func(Impact) time.Duration
	Metadata        string
}

// ComponentState gives one component a state.
type ComponentState struct {
	ComponentID string
	Status      ComponentStatus
}

// Speaks says whether the post adds a message to the incident's history.
func (p Post) Speaks() bool { return strings.TrimSpace(p.Body) != "" }

// Change is what a post did to an incident: the facts from which the event
// that people are told about is read.
type Change struct {
	Opened       bool
	From, To     IncidentStatus
	ImpactBefore Impact
	ImpactAfter  Impact
	// Widened says that the incident touches a component it did not touch
	// before (never set when Opened).
	Widened    bool
	Components []ComponentChange
	// Spoke says that an update was added, Notify that people are to be told.
	Spoke  bool
	Notify bool
}

// Reopened says that a resolved incident is open again.
func (c Change) Reopened() bool { return !c.Opened && c.From.Over() && !c.To.Over() }

// FellBack says that the incident went from monitoring to an earlier state.
func (c Change) FellBack() bool {
	return !c.Opened && c.From == Monitoring && (c.To == Investigating || c.To == Identified)
}

// Apply makes the post true of the incident at the given time. components
// holds every component of the page by id; Apply reads their present states
// and changes none of them: the changes to make are in the returned Change.
// updateID is the id of the update, if the post speaks. The error is *Invalid,
// and then nothing of the incident changed.
func (i *Incident) Apply(p Post, components map[string]Component, now time.Time, updateID string, opening bool) (Change, error) {
	if err := i.check(p, components, opening); err != nil {
		return Change{}, err
	}
	change := Change{Opened: opening, From: i.Status, ImpactBefore: i.Impact, Notify: p.Notify}
	if opening {
		change.ImpactBefore = ImpactNone
		i.CreatedAt, i.StartedAt = now, now
		i.Impact, i.HighestImpact = ImpactNone, ImpactNone
	}
	i.UpdatedAt = now
	if p.Name != "" {
		i.Name = p.Name
	}
	if p.Metadata != "" {
		i.Metadata = p.Metadata
	}
	i.enter(p.Status, now)
	change.To = i.Status

	change.Widened = i.touch(p, components) && !opening
	change.Components = stateChanges(p.Components, components)
	i.grade(p)
	change.ImpactAfter = i.Impact

	i.promise(p, now, opening)
	if p.Speaks() {
		change.Spoke = true
		i.Updates = append(i.Updates, Update{
			ID: updateID, IncidentID: i.ID, Status: i.Status, Body: p.Body,
			CreatedAt: now, UpdatedAt: now, DisplayAt: now,
			Changes: change.Components, Notify: p.Notify, NextUpdateDueAt: i.NextUpdateDueAt,
		})
	}
	return change, nil
}

// enter moves the incident to a state and keeps its dates.
func (i *Incident) enter(to IncidentStatus, now time.Time) {
	if to == "" {
		if i.Status == "" {
			i.Status = Investigating
		}
		return
	}
	from := i.Status
	i.Status = to
	if to == Monitoring && from != Monitoring {
		i.MonitoringAt = now
	}
	if to.Over() && !from.Over() {
		i.ResolvedAt = now
	}
	if !to.Over() {
		i.ResolvedAt = time.Time{}
	}
}

// promise sets when the next update is due.
func (i *Incident) promise(p Post, now time.Time, opening bool) {
	switch {
	case i.Status.Over() || i.IsMaintenance():
		i.NextUpdateDueAt = time.Time{}
	case !p.NextUpdateDueAt.IsZero():
		i.NextUpdateDueAt = p.NextUpdateDueAt
	case p.Cadence != nil && (opening || p.Speaks()):
		i.NextUpdateDueAt = time.Time{}
		if every := p.Cadence(i.Impact); every > 0 {
			i.NextUpdateDueAt = now.Add(every)
		}
	}
}

// stateChanges lists the components that the states given really change.
func stateChanges(states []ComponentState, components map[string]Component) []ComponentChange {
	changes := []ComponentChange{}
	for _, s := range states {
		c := components[s.ComponentID]
		if c.Status != s.Status {
			changes = append(changes, ComponentChange{ComponentID: c.ID, Name: c.Name, Old: c.Status, New: s.Status})
		}
	}
	return changes
}

// check refuses a post that cannot be made true, naming every field at fault.
func (i *Incident) check(p Post, components map[string]Component, opening bool) error {
	bad := &Invalid{}
	if (opening || p.Name != "") && strings.TrimSpace(p.Name) == "" {
		bad.Add("incident.name", "is missing; give the incident a short title such as %q", "Card payments fail")
	}
	CheckText(bad, "incident.name", p.Name, MaxNameLength, true)
	CheckText(bad, "incident.body", p.Body, MaxBodyLength, false)
	if p.Status != "" && !p.Status.ForIncident() {
		bad.Add("incident.status", "is %q; it must be one of investigating, identified, monitoring, resolved", p.Status)
	}
	if p.ImpactOverride != nil && *p.ImpactOverride != "" && !p.ImpactOverride.ValidGrade() {
		bad.Add("incident.impact_override", "is %q; it must be one of none, minor, major, critical", *p.ImpactOverride)
	}
	for _, s := range p.Components {
		if _, ok := components[s.ComponentID]; !ok {
			bad.Add("incident.components", "names %q, which is not a component of this page", s.ComponentID)
		} else if !s.Status.Valid() {
			bad.Add("incident.components."+s.ComponentID, "is %q; it must be one of operational, degraded_performance, partial_outage, major_outage, under_maintenance", s.Status)
		}
	}
	for _, id := range p.ComponentIDs {
		if _, ok := components[id]; !ok {
			bad.Add("incident.component_ids", "names %q, which is not a component of this page", id)
		}
	}
	return bad.Err()
}
