package status

import (
	"slices"
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
	// LongIncident, when not nil, declares a long incident, which owes an update
	// every Long.Every, or takes that back.
	LongIncident *bool
	Long         LongRule
	Metadata     string

	// EstimatedEndAt, when not nil, is an estimate of the end; pointing to the
	// zero time, it takes the estimate back.
	EstimatedEndAt *time.Time
	// WhatToDo, when not nil, tells readers what they can do; pointing to "", it
	// takes that back.
	WhatToDo *string
	// InternalNote and CustomerAnswer are parts of the message for some readers
	// only. They never become part of the incident, which everybody reads: whoever
	// posts stores them apart. Nil leaves those of a draft as they are.
	InternalNote   *string
	CustomerAnswer *string
	// ScheduledFor, ScheduledUntil and ExpectedImpact are a maintenance's.
	ScheduledFor   *time.Time
	ScheduledUntil *time.Time
	ExpectedImpact *Impact
	// Draft, when not nil, keeps the incident from the public, or publishes it.
	Draft *bool
	// BackfillAt, when not zero, puts an incident on the record that happened
	// then; nobody is told.
	BackfillAt time.Time
}

// LongRule says when an incident may be declared a long one, and how often it
// then owes an update.
type LongRule struct{ After, Every time.Duration }

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
	// Maintenance says that the change is of planned work; Moved that its
	// window changed, Extended that it lasts longer than announced, Cancelled
	// that it was called off before it began.
	Maintenance bool
	Moved       bool
	Extended    bool
	Cancelled   bool
	// Hidden says that the incident is a draft after the post; Withdrawn that
	// it was public before.
	Hidden    bool
	Withdrawn bool
	// BecameLong says that the incident was declared a long one.
	BecameLong bool
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
	if err := i.check(p, components, now, opening); err != nil {
		return Change{}, err
	}
	wasDraft := i.Draft
	set(&i.Draft, p.Draft)
	publishing := wasDraft && !i.Draft
	change := Change{
		Opened: (opening || publishing) && !i.Draft, From: i.Status, ImpactBefore: i.Impact, Notify: p.Notify && p.BackfillAt.IsZero(),
		Hidden: i.Draft, Withdrawn: !opening && !wasDraft && i.Draft,
	}
	if opening {
		i.begin(p, now)
	}
	if opening || publishing {
		change.ImpactBefore = ImpactNone
	}
	i.UpdatedAt = now
	i.rename(p)
	i.schedule(p, &change)
	i.enter(p.Status, i.since(p, now))
	if i.Status.Over() && !change.From.Over() && p.WhatToDo == nil {
		i.WhatToDo = "" // it was about the time until now
	}
	change.To, change.Maintenance = i.Status, i.IsMaintenance()
	change.Cancelled = change.Maintenance && change.From == MaintenanceScheduled && i.Status == MaintenanceCompleted && now.Before(i.ScheduledFor)

	change.Widened = i.touch(p, components) && !change.Opened && !change.Hidden
	i.grade(p)
	change.ImpactAfter = i.RoutedImpact()
	states := p.Components
	if publishing {
		i.CreatedAt, i.StartedAt = now, now
		states = i.drafted(p.Components)
	}
	change.Components = []ComponentChange{}
	if !i.Draft {
		change.Components = stateChanges(states, components)
	}
	change.BecameLong = i.lengthen(p)
	i.promise(p, now, change.Opened || change.BecameLong)
	change.Spoke = i.say(p, change, i.since(p, now), updateID, publishing)
	return change, nil
}

// begin gives a new incident its dates.
func (i *Incident) begin(p Post, now time.Time) {
	i.CreatedAt, i.StartedAt = now, now
	if !p.BackfillAt.IsZero() {
		i.Backfilled = true
		i.CreatedAt, i.StartedAt = p.BackfillAt, p.BackfillAt
	}
	i.Impact, i.HighestImpact, i.ExpectedImpact = ImpactNone, ImpactNone, ImpactNone
}

// since is the time that what a post says bears: now, or the day that is
// backfilled.
func (i *Incident) since(p Post, now time.Time) time.Time {
	if !p.BackfillAt.IsZero() {
		return p.BackfillAt
	}
	return now
}

func (i *Incident) rename(p Post) {
	if p.Name != "" {
		i.Name = p.Name
	}
	if p.Metadata != "" {
		i.Metadata = p.Metadata
	}
	set(&i.EstimatedEndAt, p.EstimatedEndAt)
	if p.WhatToDo != nil {
		i.WhatToDo = strings.TrimSpace(*p.WhatToDo)
	}
}

// schedule sets a maintenance's window and says how it moved.
func (i *Incident) schedule(p Post, change *Change) {
	from, until := i.ScheduledFor, i.ScheduledUntil
	set(&i.ScheduledFor, p.ScheduledFor)
	set(&i.ScheduledUntil, p.ScheduledUntil)
	set(&i.ExpectedImpact, p.ExpectedImpact)
	moved := !from.IsZero() && (!from.Equal(i.ScheduledFor) || !until.Equal(i.ScheduledUntil))
	change.Extended = moved && from.Equal(i.ScheduledFor) && i.ScheduledUntil.After(until) &&
		(i.Status == MaintenanceInProgress || i.Status == MaintenanceVerifying)
	change.Moved = moved && !change.Extended
}

// drafted lists the states that a draft gave its components; those given at
// its publication count more.
func (i *Incident) drafted(given []ComponentState) []ComponentState {
	states := slices.Clone(given)
	for _, a := range i.Affected {
		named := slices.ContainsFunc(given, func(s ComponentState) bool { return s.ComponentID == a.ComponentID })
		if a.Graded != "" && !named {
			states = append(states, ComponentState{a.ComponentID, a.Graded})
		}
	}
	return states
}

// say adds the update, when the post speaks. A draft has one text, which each
// post replaces and which its publication dates.
func (i *Incident) say(p Post, change Change, at time.Time, id string, publishing bool) bool {
	if (change.Hidden || publishing) && len(i.Updates) > 0 {
		u := &i.Updates[len(i.Updates)-1]
		if p.Speaks() {
			u.Body = p.Body
		}
		u.Status, u.Changes, u.Notify, u.NextUpdateDueAt, u.WhatToDo = i.Status, change.Components, p.Notify, i.NextUpdateDueAt, i.WhatToDo
		u.CreatedAt, u.UpdatedAt, u.DisplayAt = at, at, at
		return publishing
	}
	if !p.Speaks() {
		return false
	}
	i.Updates = append(i.Updates, Update{
		ID: id, IncidentID: i.ID, Status: i.Status, Body: p.Body, CreatedAt: at, UpdatedAt: at, DisplayAt: at,
		Changes: change.Components, Notify: p.Notify, NextUpdateDueAt: i.NextUpdateDueAt, WhatToDo: i.WhatToDo,
	})
	return !change.Hidden
}

// Withdraw takes the incident off the record.
func (i *Incident) Withdraw(now time.Time) {
	i.WithdrawnAt, i.UpdatedAt, i.NextUpdateDueAt, i.EstimatedEndAt = now, now, time.Time{}, time.Time{}
}

// EditUpdate changes the words of an update that was published; nobody is told.
// The error is ErrNotFound or *Invalid.
func (i *Incident) EditUpdate(id, body string, now time.Time) error {
	bad := &Invalid{}
	if strings.TrimSpace(body) == "" {
		bad.Add("incident_update.body", "is empty; write what people should read")
	}
	CheckText(bad, "incident_update.body", body, MaxBodyLength, false)
	if err := bad.Err(); err != nil {
		return err
	}
	for n := range i.Updates {
		if u := &i.Updates[n]; u.ID == id {
			u.Body, u.UpdatedAt, i.UpdatedAt = body, now, now
			return nil
		}
	}
	return ErrNotFound
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// enter moves the incident to a state and keeps its dates.
func (i *Incident) enter(to IncidentStatus, now time.Time) {
	if to == "" {
		switch {
		case i.Status != "":
		case i.Backfilled:
			i.enter(Resolved, now)
		case !i.ScheduledFor.IsZero():
			i.Status = MaintenanceScheduled
		default:
			i.Status = Investigating
		}
		return
	}
	from := i.Status
	i.Status = to
	if to == Monitoring && from != Monitoring {
		i.MonitoringAt = now
	}
	if to == MaintenanceInProgress && (from == "" || from == MaintenanceScheduled) {
		i.StartedAt = now
	}
	if to.Over() && !from.Over() {
		i.ResolvedAt = now
		i.EstimatedEndAt, i.LongEvery = time.Time{}, 0
	}
	if !to.Over() {
		i.ResolvedAt = time.Time{}
	}
}

// lengthen declares a long incident, or takes that back, and says whether it
// became one.
func (i *Incident) lengthen(p Post) bool {
	was := i.LongEvery
	switch {
	case p.LongIncident == nil || i.Status.Over():
	case *p.LongIncident:
		i.LongEvery = p.Long.Every
	default:
		i.LongEvery = 0
	}
	return was == 0 && i.LongEvery > 0
}

// promise sets when the next update is due.
func (i *Incident) promise(p Post, now time.Time, opening bool) {
	switch {
	case i.Status.Over() || i.IsMaintenance() || i.Draft:
		i.NextUpdateDueAt = time.Time{}
	case !p.NextUpdateDueAt.IsZero():
		i.NextUpdateDueAt = p.NextUpdateDueAt
	case p.Cadence != nil && (opening || p.Speaks()):
		i.NextUpdateDueAt = time.Time{}
		every := i.LongEvery
		if every == 0 {
			every = p.Cadence(i.Impact)
		}
		if every > 0 {
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
