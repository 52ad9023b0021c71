package statuspage

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/status"
)

// planned is the record with a maintenance in each state.
func planned() status.Record {
	r := record()
	for n, state := range []status.IncidentStatus{status.MaintenanceScheduled, status.MaintenanceInProgress, status.MaintenanceVerifying, status.MaintenanceCompleted} {
		m := status.Incident{
			ID: fmt.Sprintf("m%011d", n), Number: int64(10 + n), Name: "Search moves to larger machines", Status: state,
			CreatedAt: moment(6, 0), StartedAt: moment(6, 0), UpdatedAt: moment(6, 0),
			ScheduledFor: moment(9, 0).AddDate(0, 0, 1), ScheduledUntil: moment(11, 0).AddDate(0, 0, 1), ExpectedImpact: status.ImpactMinor,
			Affected: []status.Affected{{ComponentID: "c0wbsht00001"}},
			Updates: []status.Update{{ID: "s1s1s1s1s1s1", Status: state, Body: "Search may be slow for two hours.",
				CreatedAt: moment(6, 0), UpdatedAt: moment(6, 0), DisplayAt: moment(6, 0), Notify: true}},
		}
		if state == status.MaintenanceCompleted {
			m.ResolvedAt = moment(8, 0)
		}
		r.Incidents = append(r.Incidents, m)
	}
	return r
}

func TestListsAreStatuspages(t *testing.T) {
	r := planned()
	golden(t, "components", ComponentsJSON(r))
	golden(t, "incidents", IncidentsJSON(r))
	golden(t, "unresolved", UnresolvedJSON(r))
	golden(t, "scheduled-maintenances", MaintenancesJSON(r))
	golden(t, "upcoming", UpcomingJSON(r))
	golden(t, "active", ActiveJSON(r))
}

func TestMaintenancesStandApartFromIncidents(t *testing.T) {
	r := planned()
	summary := Summary(r, moment(10, 45))
	if len(summary.Incidents) != 1 || len(summary.ScheduledMaintenances) != 3 {
		t.Errorf("the summary has %d incidents and %d maintenances, want 1 and the 3 that are not over", len(summary.Incidents), len(summary.ScheduledMaintenances))
	}
	for _, m := range MaintenancesJSON(r).ScheduledMaintenances {
		if m.Impact != "maintenance" {
			t.Errorf("%s has the impact %q", m.ID, m.Impact)
		}
	}
	if page := IncidentJSON(r, r.Incidents[2]); page.ScheduledFor == nil || *page.ScheduledFor != "2026-11-22T01:00:00.120-08:00" {
		t.Errorf("a maintenance's own document begins at %v", page.ScheduledFor)
	}
}

func TestListsAreNeverNullNorLong(t *testing.T) {
	empty := status.Record{Page: record().Page}
	for _, list := range []any{ComponentsJSON(empty), IncidentsJSON(empty), UnresolvedJSON(empty), MaintenancesJSON(empty), UpcomingJSON(empty), ActiveJSON(empty)} {
		body, err := json.Marshal(list)
		if err != nil || !strings.HasSuffix(string(body), ":[]}") {
			t.Errorf("%s, %v", body, err)
		}
	}
	r := record()
	for range 80 {
		r.Incidents = append(r.Incidents, resolved())
	}
	if n := len(IncidentsJSON(r).Incidents); n != 50 {
		t.Errorf("incidents.json has %d incidents", n)
	}
}

func TestWindowOfAMaintenanceIsNeverMissing(t *testing.T) {
	began := moment(9, 0)
	for _, i := range []status.Incident{{StartedAt: began}, {StartedAt: began, ResolvedAt: began.Add(time.Hour)}, {ScheduledFor: began}, {ScheduledFor: began, ScheduledUntil: began.Add(-time.Hour)}} {
		if from, until := Window(i); from != began || until.Before(from) {
			t.Errorf("%+v takes place from %v until %v", i, from, until)
		}
	}
}
