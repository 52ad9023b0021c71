package status

import "slices"

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
