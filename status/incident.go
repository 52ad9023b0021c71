package status

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// IncidentStatus is how far the work on an incident or a maintenance is.
type IncidentStatus string

// The states of an incident, then those of a maintenance.
const (
	Investigating IncidentStatus = "investigating"
	Identified    IncidentStatus = "identified"
	Monitoring    IncidentStatus = "monitoring"
	Resolved      IncidentStatus = "resolved"

	MaintenanceScheduled  IncidentStatus = "scheduled"
	MaintenanceInProgress IncidentStatus = "in_progress"
	MaintenanceVerifying  IncidentStatus = "verifying"
	MaintenanceCompleted  IncidentStatus = "completed"
)

var (
	incidentStatuses    = []IncidentStatus{Investigating, Identified, Monitoring, Resolved}
	maintenanceStatuses = []IncidentStatus{MaintenanceScheduled, MaintenanceInProgress, MaintenanceVerifying, MaintenanceCompleted}
)

// IncidentStatuses returns the states of an incident in their usual order.
func IncidentStatuses() []IncidentStatus { return slices.Clone(incidentStatuses) }

// ForIncident says whether s is a state of an incident.
func (s IncidentStatus) ForIncident() bool { return slices.Contains(incidentStatuses, s) }

// ForMaintenance says whether s is a state of a maintenance.
func (s IncidentStatus) ForMaintenance() bool { return slices.Contains(maintenanceStatuses, s) }

// Over says whether s ends an incident or a maintenance.
func (s IncidentStatus) Over() bool { return s == Resolved || s == MaintenanceCompleted }

// Step is the place of s in the usual order of its kind, from 0.
func (s IncidentStatus) Step() int {
	if i := slices.Index(incidentStatuses, s); i >= 0 {
		return i
	}
	return slices.Index(maintenanceStatuses, s)
}

// Incident is unplanned trouble, or a maintenance when its status is one of a
// maintenance.
type Incident struct {
	ID     string
	Number int64 // said aloud as INC-14
	Name   string
	Status IncidentStatus

	// Impact is how users are affected now; routing follows it. It is the
	// override, else the worst graded state of the affected components.
	Impact         Impact
	ImpactOverride Impact // empty: none
	// HighestImpact is the worst Impact this incident ever had.
	HighestImpact Impact

	CreatedAt    time.Time
	UpdatedAt    time.Time
	StartedAt    time.Time
	MonitoringAt time.Time // zero: never reached
	ResolvedAt   time.Time // zero: not over

	// NextUpdateDueAt is the time by which we promised, in public, to speak
	// again; zero when nothing is promised.
	NextUpdateDueAt time.Time

	Metadata string // a JSON object, as the client gave it

	Affected []Affected // in the order in which they were named
	Updates  []Update   // oldest first
}

// Affected is a component that this incident touches.
type Affected struct {
	ComponentID string
	NotCore     bool
	// Graded is the worst state that counts for the impact: what this
	// incident's posts gave the component, except that recovery in or after
	// monitoring does not lower it. Empty when the component was only named.
	Graded ComponentStatus
}

// Update is one dated public message about an incident.
type Update struct {
	ID         string
	IncidentID string
	Status     IncidentStatus
	Body       string // Markdown, a small subset
	CreatedAt  time.Time
	UpdatedAt  time.Time
	DisplayAt  time.Time
	Changes    []ComponentChange
	// Notify is what the sender asked for with deliver_notifications.
	Notify bool
	// NextUpdateDueAt is the promise this update made; zero: none.
	NextUpdateDueAt time.Time
}

// IsMaintenance says whether this is planned work.
func (i Incident) IsMaintenance() bool { return i.Status.ForMaintenance() }

// Open says whether the incident is not over yet.
func (i Incident) Open() bool { return !i.Status.Over() }

// Reference is the incident's name to say aloud, for example "INC-14".
func (i Incident) Reference() string { return fmt.Sprintf("INC-%d", i.Number) }

// ShownImpact is the impact on the record: the override, else the highest that
// the incident ever had (a page that recovered keeps what it was).
func (i Incident) ShownImpact() Impact {
	if i.ImpactOverride != "" {
		return i.ImpactOverride
	}
	return i.HighestImpact
}

// ComponentIDs lists the components this incident touches.
func (i Incident) ComponentIDs() []string {
	ids := make([]string, len(i.Affected))
	for n, a := range i.Affected {
		ids[n] = a.ComponentID
	}
	return ids
}

// Latest is the newest update, or false when there is none.
func (i Incident) Latest() (Update, bool) {
	if len(i.Updates) == 0 {
		return Update{}, false
	}
	return i.Updates[len(i.Updates)-1], true
}

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
func (p Post) Speaks() bool { return p.Body != "" }

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
// ids are the ids for new things, taken in order. The error is *Invalid.
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

// touch updates the set of touched components and reports whether it grew.
func (i *Incident) touch(p Post, components map[string]Component) (grew bool) {
	before := i.ComponentIDs()
	named := slices.Clone(p.ComponentIDs)
	if p.ComponentIDs == nil {
		named = slices.Clone(before)
	}
	for _, s := range p.Components {
		if !slices.Contains(named, s.ComponentID) {
			named = append(named, s.ComponentID)
		}
	}
	var affected []Affected
	for _, id := range named {
		if slices.ContainsFunc(affected, func(a Affected) bool { return a.ComponentID == id }) {
			continue
		}
		a := Affected{ComponentID: id}
		if at := slices.IndexFunc(i.Affected, func(a Affected) bool { return a.ComponentID == id }); at >= 0 {
			a = i.Affected[at]
		} else {
			grew = true
		}
		a.NotCore = components[id].NotCore
		affected = append(affected, a)
	}
	i.Affected = affected
	return grew
}

// grade works out the impact: the override, else the worst graded state. In
// monitoring and resolved, recovery does not lower a graded state.
func (i *Incident) grade(p Post) {
	recovering := i.Status == Monitoring || i.Status.Over()
	for _, s := range p.Components {
		at := slices.IndexFunc(i.Affected, func(a Affected) bool { return a.ComponentID == s.ComponentID })
		a := &i.Affected[at]
		if recovering && a.Graded != "" && s.Status.Impact().Level() < a.Graded.Impact().Level() {
			continue
		}
		a.Graded = s.Status
	}
	if p.ImpactOverride != nil {
		i.ImpactOverride = *p.ImpactOverride
	}
	i.Impact = i.ImpactOverride
	if i.Impact == "" {
		i.Impact = ImpactNone
		for _, a := range i.Affected {
			i.Impact = i.Impact.Worse(a.impact())
		}
	}
	i.HighestImpact = i.HighestImpact.Worse(i.Impact)
}

// impact is what this component's graded state does to users.
func (a Affected) impact() Impact {
	impact := a.Graded.Impact()
	if a.NotCore && impact.Level() > ImpactMinor.Level() {
		return ImpactMinor
	}
	return impact
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
	if opening && strings.TrimSpace(p.Name) == "" {
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

// CheckText refuses text that is too long (limit in Unicode code points), is
// not UTF-8 or holds control characters; tabs and line breaks are refused too
// when singleLine is set. A fault is added to bad under the field's name.
func CheckText(bad *Invalid, field, text string, limit int, singleLine bool) {
	if !utf8.ValidString(text) {
		bad.Add(field, "is not valid UTF-8")
		return
	}
	if n := utf8.RuneCountInString(text); n > limit {
		bad.Add(field, "has %d characters; at most %d are allowed", n, limit)
	}
	for _, r := range text {
		if (r == '\n' || r == '\r' || r == '\t') && !singleLine {
			continue
		}
		if r < 0x20 || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == '\u2028' || r == '\u2029' {
			bad.Add(field, "holds the control character U+%04X; remove it", r)
			return
		}
	}
}
