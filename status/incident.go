package status

import (
	"fmt"
	"time"
)

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
	// LongEvery is how often a long incident owes an update; 0: it was not
	// declared one.
	LongEvery time.Duration
	// EstimatedEndAt is when the trouble is expected to be over, where somebody
	// gave an estimate; zero: none.
	EstimatedEndAt time.Time
	// WhatToDo tells readers, in a sentence, what they can do meanwhile; empty:
	// nothing was said. It holds until it is changed or the incident is over.
	WhatToDo string

	// The window of a maintenance and the impact it is expected to have.
	ScheduledFor   time.Time
	ScheduledUntil time.Time
	ExpectedImpact Impact

	// Draft incidents are not public, and have never been or are no longer.
	Draft bool
	// Backfilled incidents were put on the record afterwards.
	Backfilled bool
	// WithdrawnAt is when the incident was deleted; zero: it stands.
	WithdrawnAt time.Time

	Metadata string // a JSON object, as the client gave it

	Affected []Affected // in the order in which they were named
	Updates  []Update   // oldest first
}

// IsMaintenance says whether this is planned work.
func (i Incident) IsMaintenance() bool { return i.Status.ForMaintenance() }

// Open says whether the incident is not over yet.
func (i Incident) Open() bool { return !i.Status.Over() }

// Reference is the incident's name to say aloud, for example "INC-14".
func (i Incident) Reference() string { return fmt.Sprintf("INC-%d", i.Number) }

// Public says whether readers of the page see the incident.
func (i Incident) Public() bool { return !i.Draft && i.WithdrawnAt.IsZero() }

// RoutedImpact is the impact by which people are told: that of the incident
// now, or the expected one of a maintenance.
func (i Incident) RoutedImpact() Impact {
	if i.IsMaintenance() {
		return i.ExpectedImpact
	}
	return i.Impact
}

// ShownImpact is the impact on the record: the override, else the highest that
// the incident ever had (a page that recovered keeps what it was). A
// maintenance shows that it is one.
func (i Incident) ShownImpact() Impact {
	if i.IsMaintenance() {
		return ImpactMaintenance
	}
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
