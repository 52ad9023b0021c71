package status

import (
	"slices"
	"time"
)

// ComponentStatus is the state of one part of the service.
type ComponentStatus string

// The five states, in Statuspage's words.
const (
	Operational         ComponentStatus = "operational"
	DegradedPerformance ComponentStatus = "degraded_performance"
	PartialOutage       ComponentStatus = "partial_outage"
	MajorOutage         ComponentStatus = "major_outage"
	UnderMaintenance    ComponentStatus = "under_maintenance"
)

// componentStatuses lists the states from best to worst; planned work stands
// between working and degraded.
var componentStatuses = []ComponentStatus{Operational, UnderMaintenance, DegradedPerformance, PartialOutage, MajorOutage}

// ComponentStatuses returns every state, from best to worst.
func ComponentStatuses() []ComponentStatus { return slices.Clone(componentStatuses) }

// Valid says whether s is one of the five states.
func (s ComponentStatus) Valid() bool { return slices.Contains(componentStatuses, s) }

// Badness orders states: a higher number is worse.
func (s ComponentStatus) Badness() int { return slices.Index(componentStatuses, s) }

// Impact is what a component in this state does to its users: degraded is
// minor, a partial outage major, a major outage critical.
func (s ComponentStatus) Impact() Impact {
	switch s {
	case DegradedPerformance:
		return ImpactMinor
	case PartialOutage:
		return ImpactMajor
	case MajorOutage:
		return ImpactCritical
	default:
		return ImpactNone
	}
}

// Component is a part of the service that its users would name.
type Component struct {
	ID                 string
	Name               string
	Description        string
	Status             ComponentStatus
	GroupID            string // empty: in no group
	Position           int    // 1-based; restarts inside each group
	Showcase           bool
	OnlyShowIfDegraded bool
	StartDate          string // YYYY-MM-DD, or empty
	// NotCore marks a component whose loss leaves the service usable: it alone
	// raises an incident to minor at most.
	NotCore   bool
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Group is a heading over components; its state follows from them.
type Group struct {
	ID          string
	Name        string
	Description string
	Position    int
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// ComponentChange is one component's move from one state to another, in one
// incident update or by hand.
type ComponentChange struct {
	ComponentID string          `json:"component_id"`
	Name        string          `json:"name"` // "Group - Component" for a grouped one, as it was then
	Old         ComponentStatus `json:"old"`
	New         ComponentStatus `json:"new"`
}

// WorstStatus is the worst of the given components' states; operational when
// there are none.
func WorstStatus(components []Component) ComponentStatus {
	worst := Operational
	for _, c := range components {
		if c.Status.Badness() > worst.Badness() {
			worst = c.Status
		}
	}
	return worst
}
