package statuspage

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/status"
	"github.com/google/go-cmp/cmp"
)

// update rewrites the golden files; a flag must be registered before the tests run.
var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, value any) {
	t.Helper()
	var got bytes.Buffer
	encoder := json.NewEncoder(&got)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s differs (-want +got), rewrite with -update if it is right:\n%s", path, diff)
	}
}

func moment(hour, minute int) time.Time {
	return time.Date(2026, 11, 21, hour, minute, 0, 120_000_000, time.UTC)
}

// record is a page in Tijuana with a group, a lone component and an open
// incident.
func record() status.Record {
	born := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	return status.Record{
		Page:   status.Page{ID: "dm4k2t8vxq1z", Name: "Kestrel", URL: "https://status.kestrel.example", TimeZone: "America/Tijuana", Language: "en", Version: 9, CreatedAt: born, UpdatedAt: moment(10, 44)},
		Groups: []status.Group{{ID: "gpay00000001", Name: "Payments", Position: 1, CreatedAt: born, UpdatedAt: born}, {ID: "gmpty0000002", Name: "Empty", Description: "Nothing yet", Position: 3, CreatedAt: born, UpdatedAt: born}},
		Components: []status.Component{
			{ID: "c7x2m9tq4kvz", Name: "Card payments", Status: status.MajorOutage, GroupID: "gpay00000001", Position: 2, Showcase: true, StartDate: "2026-01-05", CreatedAt: born, UpdatedAt: moment(10, 42)},
			{ID: "c0bnktrnsfr1", Name: "Bank transfer", Description: "Transfers\r\nand debits", Status: status.Operational, GroupID: "gpay00000001", Position: 1, CreatedAt: born, UpdatedAt: born},
			{ID: "c0wbsht00001", Name: "Website", Status: status.Operational, Position: 2, OnlyShowIfDegraded: true, NotCore: true, CreatedAt: born, UpdatedAt: born},
		},
		Incidents: []status.Incident{open(), resolved()},
	}
}

func open() status.Incident {
	return status.Incident{
		ID: "k7l8m9n0p1q2", Number: 2, Name: "Card payments fail", Status: status.Identified,
		Impact: status.ImpactCritical, HighestImpact: status.ImpactCritical,
		CreatedAt: moment(10, 42), StartedAt: moment(10, 42), UpdatedAt: moment(10, 44), NextUpdateDueAt: moment(10, 59), Metadata: `{"team":{"shift":"a"}}`,
		Affected: []status.Affected{{ComponentID: "c7x2m9tq4kvz", Graded: status.MajorOutage}, {ComponentID: "cgone0000000"}},
		Updates: []status.Update{
			{ID: "t1t1t1t1t1t1", IncidentID: "k7l8m9n0p1q2", Status: status.Investigating, Body: "Card payments fail <for all>.", CreatedAt: moment(10, 42), UpdatedAt: moment(10, 42), DisplayAt: moment(10, 42), Notify: true,
				Changes: []status.ComponentChange{{ComponentID: "c7x2m9tq4kvz", Name: "Card payments", Old: status.Operational, New: status.MajorOutage}}},
			{ID: "t2t2t2t2t2t2", IncidentID: "k7l8m9n0p1q2", Status: status.Identified, Body: "We know why.", CreatedAt: moment(10, 44), UpdatedAt: moment(10, 44), DisplayAt: moment(10, 44)},
		},
	}
}

func resolved() status.Incident {
	return status.Incident{
		ID: "b1c2d3f4g5h6", Number: 1, Name: "Search is slow", Status: status.Resolved, ImpactOverride: status.ImpactMinor,
		Impact: status.ImpactMinor, HighestImpact: status.ImpactMajor, CreatedAt: moment(7, 0), StartedAt: moment(7, 0), UpdatedAt: moment(8, 0),
		MonitoringAt: moment(7, 30), ResolvedAt: moment(8, 0),
	}
}

func TestSummaryIsStatuspages(t *testing.T) { golden(t, "summary", Summary(record(), moment(10, 45))) }
func TestStatusIsStatuspages(t *testing.T)  { golden(t, "status", StatusJSON(record())) }
func TestIncidentPageIsStatuspages(t *testing.T) {
	golden(t, "incident", IncidentJSON(record(), resolved()))
}
func TestManagedPageIsStatuspages(t *testing.T) { golden(t, "manage_page", ManagePage(record().Page)) }
func TestManagedComponentsAreStatuspages(t *testing.T) {
	golden(t, "manage_components", ManageComponents(record()))
}

func TestManagedGroupIsStatuspages(t *testing.T) {
	r := record()
	golden(t, "manage_groups", []Group{ManageGroup(r.Page, r.Groups[0], r.InGroup("gpay00000001")), ManageGroup(r.Page, r.Groups[1], nil)})
}

func TestManagedIncidentIsStatuspages(t *testing.T) {
	golden(t, "manage_incident", ManageIncident(record(), open(), map[string]string{"number": "INC-2"}))
	golden(t, "manage_incident_bare", ManageIncident(record(), resolved(), nil))
}

func TestManagedMaintenanceHasItsWindow(t *testing.T) {
	from := moment(22, 0)
	planned := status.Incident{
		ID: "m4n5p6q7r8s9", Number: 3, Name: "Search moves to larger machines", Status: status.MaintenanceScheduled,
		ScheduledFor: from, ScheduledUntil: from.Add(90 * time.Minute), ExpectedImpact: status.ImpactMinor,
		CreatedAt: moment(9, 0), StartedAt: moment(9, 0), UpdatedAt: moment(9, 0),
		Affected: []status.Affected{{ComponentID: "c0wbsht00001"}},
	}
	golden(t, "manage_maintenance", ManageIncident(record(), planned, nil))
}

func TestEmptyPageHasListsNotNulls(t *testing.T) {
	r := status.Record{Page: record().Page}
	text, err := json.Marshal(Summary(r, moment(10, 45)))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"components":[]`, `"incidents":[]`, `"scheduled_maintenances":[]`, `"description":"All Systems Operational"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	bare := status.Incident{ID: "k7l8m9n0p1q2", Status: status.Investigating, Updates: []status.Update{{ID: "t1"}}}
	for name, value := range map[string]any{"read": ReadIncident(r, bare), "manage": ManageIncident(r, bare, nil)} {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`"components":[]`, `"affected_components":[]`, `"impact":"none"`} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s: no %s in %s", name, want, text)
			}
		}
	}
}

func TestTimesHaveThreeDigitsInThePagesZone(t *testing.T) {
	for zone, want := range map[string]string{"UTC": "2026-07-01T12:00:00.500Z", "America/Tijuana": "2026-07-01T05:00:00.500-07:00", "Europe/Berlin": "2026-07-01T14:00:00.500+02:00"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := FormatTime(time.Date(2026, 7, 1, 12, 0, 0, 500_999_999, time.UTC), loc); got != want {
			t.Errorf("%s: %s, want %s", zone, got, want)
		}
	}
}

func TestGroupIsAsBadAsItsWorstMember(t *testing.T) {
	r := record()
	if got := ReadGroup(r, r.Groups[0]); got.Status != "major_outage" || len(got.Components) != 2 || got.Components[0] != "c0bnktrnsfr1" {
		t.Errorf("group is %s with %v", got.Status, got.Components)
	}
	if got := ReadGroup(r, r.Groups[1]); got.Status != "operational" || got.Components == nil {
		t.Errorf("empty group is %s with %v", got.Status, got.Components)
	}
}

func TestMetadataIsAlwaysAnObject(t *testing.T) {
	for in, want := range map[string]string{"": "{}", "null": "{}", "[]": "{}", "{broken": "{}", ` {"a":{"b":1}} `: `{"a":{"b":1}}`} {
		if got := string(ManageIncident(record(), status.Incident{Metadata: in}, nil).Metadata); got != want {
			t.Errorf("metadata %q becomes %s, want %s", in, got, want)
		}
	}
}
