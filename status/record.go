package status

import (
	"cmp"
	"slices"
	"time"
)

// Record is the public record at one version: everything that every visitor
// sees alike. It is read in one piece and not changed afterwards.
type Record struct {
	Page       Page
	Groups     []Group     // by position
	Components []Component // by position
	// Incidents are newest first, their updates oldest first: every open one,
	// and the most recent others (at least the last 50, and the last 14 days).
	Incidents []Incident
	// Promises are those of public incidents that fell or fall due since
	// PromiseSpan ago, by due time.
	Promises []Promise
	// Grades say what the impacts mean here, the worst first; none where the
	// page does not show it.
	Grades []Grade
	// DigestAt is when the daily digest goes out, where the reader is: "09:00".
	DigestAt string
}

// Grade is what an impact is called by those who set the page up, and what they
// mean by it.
type Grade struct {
	Impact Impact
	Name   string
	Means  string
}

// OpenIncidents lists the incidents that are not over, newest first;
// maintenances are left out.
func (r Record) OpenIncidents() []Incident {
	return filter(r.Incidents, func(i Incident) bool { return i.Open() && !i.IsMaintenance() })
}

// RecentIncidents lists the incidents without the maintenances, newest first.
func (r Record) RecentIncidents() []Incident {
	return filter(r.Incidents, func(i Incident) bool { return !i.IsMaintenance() })
}

// Maintenances lists the maintenances in one of the given states.
func (r Record) Maintenances(states ...IncidentStatus) []Incident {
	return filter(r.Incidents, func(i Incident) bool { return slices.Contains(states, i.Status) })
}

// Incident finds an incident of the record.
func (r Record) Incident(id string) (Incident, bool) {
	at := slices.IndexFunc(r.Incidents, func(i Incident) bool { return i.ID == id })
	if at < 0 {
		return Incident{}, false
	}
	return r.Incidents[at], true
}

// Component finds a component of the record.
func (r Record) Component(id string) (Component, bool) {
	at := slices.IndexFunc(r.Components, func(c Component) bool { return c.ID == id })
	if at < 0 {
		return Component{}, false
	}
	return r.Components[at], true
}

// InGroup lists the components of a group by position; "" lists those in none.
func (r Record) InGroup(groupID string) []Component {
	members := filter(r.Components, func(c Component) bool { return c.GroupID == groupID })
	slices.SortStableFunc(members, func(a, b Component) int { return cmp.Compare(a.Position, b.Position) })
	return members
}

// StaleAt is the next moment after now at which what the page says changes
// without a write: a promise falls due, an estimate passes, a maintenance's
// window begins or ends, or the day ends where the page is.
func (r Record) StaleAt(now time.Time) time.Time {
	next := midnightAfter(now.In(r.Page.Location()))
	for _, i := range r.Incidents {
		if !i.Open() {
			continue
		}
		for _, due := range []time.Time{i.NextUpdateDueAt, i.EstimatedEndAt, i.ScheduledFor, i.ScheduledUntil} {
			if due.After(now) && due.Before(next) {
				next = due
			}
		}
	}
	return next
}

// midnightAfter is the first moment of the day after the one in which t lies.
// Where daylight saving leaves midnight out, the new day begins with the change.
func midnightAfter(t time.Time) time.Time {
	next := time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, t.Location())
	if next.Day() == t.Day() {
		_, next = next.ZoneBounds()
	}
	return next
}

func filter[T any](all []T, keep func(T) bool) []T {
	kept := []T{}
	for _, one := range all {
		if keep(one) {
			kept = append(kept, one)
		}
	}
	return kept
}
