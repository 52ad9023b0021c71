package statuspage

import (
	"time"

	"github.com/allclear-status/allclear/status"
)

// Maintenance is planned work as the read interface shows it: an incident with
// a window.
type Maintenance struct {
	common
	ScheduledFor   string   `json:"scheduled_for"`
	ScheduledUntil string   `json:"scheduled_until"`
	Allclear       Allclear `json:"allclear"`
}

// ReadMaintenance is one maintenance in the read interface's shape.
func ReadMaintenance(r status.Record, i status.Incident) Maintenance {
	loc := r.Page.Location()
	from, until := Window(i)
	return Maintenance{
		common:       readCommon(r, i),
		ScheduledFor: FormatTime(from, loc), ScheduledUntil: FormatTime(until, loc),
		Allclear: Allclear{Number: i.Reference(), NextUpdateDueAt: optionalTime(i.NextUpdateDueAt, loc), WhatToDo: optional(i.WhatToDo)},
	}
}

// Window is when a maintenance takes place. Neither end is ever missing, since
// clients read both as times: one that was never given is when it began and
// when it ended, as far as that is known.
func Window(i status.Incident) (from, until time.Time) {
	from, until = i.ScheduledFor, i.ScheduledUntil
	if from.IsZero() {
		from = i.StartedAt
	}
	if until.IsZero() {
		until = i.ResolvedAt
	}
	if until.Before(from) {
		until = from
	}
	return from, until
}

// MaintenanceList is the body of scheduled-maintenances.json and of the two
// below it.
type MaintenanceList struct {
	Page                  Page          `json:"page"`
	ScheduledMaintenances []Maintenance `json:"scheduled_maintenances"`
}

// MaintenancesJSON is scheduled-maintenances.json: the newest maintenances in
// any state.
func MaintenancesJSON(r status.Record) MaintenanceList {
	return maintenanceList(r, status.MaintenanceScheduled, status.MaintenanceInProgress, status.MaintenanceVerifying, status.MaintenanceCompleted)
}

// UpcomingJSON is scheduled-maintenances/upcoming.json: those not begun yet.
func UpcomingJSON(r status.Record) MaintenanceList {
	return maintenanceList(r, status.MaintenanceScheduled)
}

// ActiveJSON is scheduled-maintenances/active.json: those under way.
func ActiveJSON(r status.Record) MaintenanceList {
	return maintenanceList(r, status.MaintenanceInProgress, status.MaintenanceVerifying)
}

func maintenanceList(r status.Record, states ...status.IncidentStatus) MaintenanceList {
	return MaintenanceList{Page: ReadPage(r.Page), ScheduledMaintenances: newest(readMaintenances(r, states...))}
}

func readMaintenances(r status.Record, states ...status.IncidentStatus) []Maintenance {
	list := []Maintenance{}
	for _, i := range r.Maintenances(states...) {
		list = append(list, ReadMaintenance(r, i))
	}
	return list
}
