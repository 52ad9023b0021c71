package web

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/status"
)

// plannedRecord is the company with a maintenance announced for the 25th, one
// under way, and one that is over.
func plannedRecord() status.Record {
	r := troubledRecord()
	for n, state := range []status.IncidentStatus{status.MaintenanceScheduled, status.MaintenanceInProgress, status.MaintenanceCompleted} {
		m := status.Incident{
			ID: "m" + strings.Repeat(string(rune('1'+n)), 11), Number: int64(10 + n), Name: "Search moves to larger machines", Status: state,
			CreatedAt: at(6, 0), StartedAt: at(6, 0), UpdatedAt: at(6, 0), ExpectedImpact: status.ImpactMinor,
			ScheduledFor: at(22, 0).AddDate(0, 0, 4-4*n), ScheduledUntil: at(26, 0).AddDate(0, 0, 4-4*n),
			Affected: []status.Affected{{ComponentID: "c0srch000001"}},
			Updates: []status.Update{{ID: "s" + strings.Repeat(string(rune('1'+n)), 11), Status: state, Body: "Search may be slow for four hours.",
				CreatedAt: at(6, 0), UpdatedAt: at(6, 0), DisplayAt: at(6, 0), Notify: true, Changes: []status.ComponentChange{}}},
		}
		if state == status.MaintenanceInProgress {
			m.ScheduledFor, m.ScheduledUntil = at(10, 0), at(12, 0)
		}
		if state == status.MaintenanceCompleted {
			m.ResolvedAt = at(9, 0)
		}
		r.Incidents = append(r.Incidents, m)
	}
	return r
}

func TestReadInterfaceListsWhatEachPathPromises(t *testing.T) {
	site := newBench(t, plannedRecord()).Site
	for path, want := range map[string]string{
		"/api/v2/incidents.json":                       "page incidents 2",
		"/api/v2/incidents/unresolved.json":            "page incidents 1",
		"/api/v2/scheduled-maintenances.json":          "page scheduled_maintenances 3",
		"/api/v2/scheduled-maintenances/upcoming.json": "page scheduled_maintenances 1",
		"/api/v2/scheduled-maintenances/active.json":   "page scheduled_maintenances 1",
		"/api/v2/components.json":                      "page components 9",
	} {
		_, body, header := get(t, site, "GET", path)
		words := strings.Fields(want)
		var got map[string]json.RawMessage
		var list []json.RawMessage
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(got[words[1]], &list); err != nil || len(got) != 2 || got["page"] == nil || len(list) != int(words[2][0]-'0') {
			t.Errorf("%s has %d keys, %d of %s, %v; want %s", path, len(got), len(list), words[1], err, want)
		}
		if header("Access-Control-Allow-Origin") != "*" || !strings.HasPrefix(header("Etag"), `W/"`) {
			t.Errorf("%s cannot be read by other sites, or not asked for again", path)
		}
		if code, _, header := get(t, site, "OPTIONS", path, "Origin", "https://shop.example", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "if-none-match"); code != 204 || header("Access-Control-Allow-Headers") != "*" {
			t.Errorf("a script that asks whether it may ask for %s is told %d", path, code)
		}
	}
}

func TestAnythingElseUnderTheReadInterfaceIs404InJSON(t *testing.T) {
	site := newBench(t, calmRecord()).Site
	for _, path := range []string{"/api/", "/api/v2/", "/api/v2/incidents", "/api/v2/incidents/", "/api/v2/incidents/b1c2d3f4g5h6.json", "/api/v3/summary.json", "/api/v2/subscribers.json", "/api/v2/%00"} {
		code, body, header := get(t, site, "GET", path)
		if code != 404 || !json.Valid([]byte(body)) || header("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%s answers %d %s", path, code, body)
		}
	}
}

func TestDraftsAndWithdrawnIncidentsAreNeverShown(t *testing.T) {
	r := troubledRecord()
	draft, withdrawn := r.Incidents[0], r.Incidents[0]
	draft.ID, draft.Name, draft.Draft = "dr4ft0000001", "An unready word", true
	withdrawn.ID, withdrawn.Name, withdrawn.WithdrawnAt = "w1thdr4wn001", "An unready word", at(10, 0)
	r.Incidents = append(r.Incidents, draft, withdrawn)
	site := newBench(t, r, func(o *Options) {
		o.LoadIncident = func(context.Context, string) (status.Incident, error) { return draft, nil }
	}).Site
	for path := range everyPath(site) {
		if _, body, _ := get(t, site, "GET", path); strings.Contains(body, "An unready word") {
			t.Errorf("%s shows what is not public", path)
		}
	}
	for _, path := range []string{"/incidents/dr4ft0000001", "/incidents/dr4ft0000001.json", "/incidents/w1thdr4wn001"} {
		if code, _, _ := get(t, site, "GET", path); code != 404 {
			t.Errorf("%s answers %d", path, code)
		}
	}
}
