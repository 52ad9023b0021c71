package status_test

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/allclear-status/allclear/status"
)

func record() status.Record {
	return status.Record{
		Groups: []status.Group{{ID: "g"}},
		Components: []status.Component{
			{ID: "b", GroupID: "g", Position: 2}, {ID: "x", Position: 1}, {ID: "a", GroupID: "g", Position: 1}, {ID: "c", GroupID: "g", Position: 2}},
		Incidents: []status.Incident{
			{ID: "4", Status: status.MaintenanceScheduled}, {ID: "3", Status: status.Monitoring},
			{ID: "2", Status: status.MaintenanceCompleted}, {ID: "1", Status: status.Resolved}},
	}
}

func ids(incidents []status.Incident) []string {
	list := []string{}
	for _, i := range incidents {
		list = append(list, i.ID)
	}
	return list
}

func TestRecordTellsIncidentsFromMaintenances(t *testing.T) {
	r := record()
	for what, c := range map[string]struct {
		got  []status.Incident
		want []string
	}{
		"open":         {r.OpenIncidents(), []string{"3"}},
		"recent":       {r.RecentIncidents(), []string{"3", "1"}},
		"planned":      {r.Maintenances(status.MaintenanceScheduled, status.MaintenanceInProgress), []string{"4"}},
		"done":         {r.Maintenances(status.MaintenanceCompleted), []string{"2"}},
		"none of them": {r.Maintenances(), []string{}},
	} {
		if got := ids(c.got); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
		if c.got == nil {
			t.Errorf("%s: nil, want an empty list", what)
		}
	}
}

func TestRecordFindsByID(t *testing.T) {
	r := record()
	if i, ok := r.Incident("1"); !ok || i.Status != status.Resolved {
		t.Errorf("%+v", i)
	}
	if c, ok := r.Component("x"); !ok || c.Position != 1 {
		t.Errorf("%+v", c)
	}
	if _, ok := r.Incident("9"); ok {
		t.Error("there is no incident 9")
	}
	if _, ok := r.Component(""); ok {
		t.Error("there is no component without an id")
	}
}

func TestGroupListsItsComponentsByPosition(t *testing.T) {
	list := func(group string) (found []string) {
		for _, c := range record().InGroup(group) {
			found = append(found, c.ID)
		}
		return found
	}
	if got := list("g"); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("in the group %v", got)
	}
	if got := list(""); !slices.Equal(got, []string{"x"}) {
		t.Errorf("in none %v", got)
	}
}

func TestPageGoesStaleAtMidnightWhereItIs(t *testing.T) {
	for _, c := range []struct{ name, zone, now, want string }{
		{"UTC", "UTC", "2026-03-02T12:00:00Z", "2026-03-03T00:00:00Z"},
		{"the last moment of a day", "UTC", "2026-03-02T23:59:59.999Z", "2026-03-03T00:00:00Z"},
		{"midnight itself", "UTC", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"},
		{"the last day of a year", "UTC", "2026-12-31T12:00:00Z", "2027-01-01T00:00:00Z"},
		{"another day already there", "Asia/Tokyo", "2026-03-02T20:00:00Z", "2026-03-03T15:00:00Z"},
		{"clocks go forward", "Europe/Madrid", "2026-03-29T00:30:00+01:00", "2026-03-30T00:00:00+02:00"},
		{"clocks go back", "Europe/Madrid", "2026-10-25T00:30:00+02:00", "2026-10-26T00:00:00+01:00"},
		{"no midnight: an hour before", "America/Sao_Paulo", "2018-11-03T22:30:00-03:00", "2018-11-04T01:00:00-02:00"},
		{"no midnight: half an hour before", "America/Sao_Paulo", "2018-11-03T23:30:00-03:00", "2018-11-04T01:00:00-02:00"},
		{"no midnight: after it", "America/Sao_Paulo", "2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"},
		{"no midnight, in Cairo", "Africa/Cairo", "2026-04-23T23:30:00+02:00", "2026-04-24T01:00:00+03:00"},
		{"two midnights: the first", "America/Havana", "2026-10-31T23:30:00-04:00", "2026-11-01T00:00:00-04:00"},
		{"two midnights: between them", "America/Havana", "2026-11-01T00:30:00-04:00", "2026-11-02T00:00:00-05:00"},
		{"an hour twice before midnight", "Africa/Cairo", "2026-10-29T23:30:00+03:00", "2026-10-30T00:00:00+02:00"},
		{"an unknown zone is UTC", "Mars/Olympus", "2026-03-02T12:00:00Z", "2026-03-03T00:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := status.Record{Page: status.Page{TimeZone: c.zone}}
			if got := r.StaleAt(at(t, c.now)); !got.Equal(at(t, c.want)) {
				t.Errorf("stale at %s, want %s", got, c.want)
			}
		})
	}
}

// Around every change of the clocks, at every half hour: later than now, where
// a new day begins.
func TestPageIsNeverStaleInThePast(t *testing.T) {
	for _, zone := range []string{"America/Sao_Paulo", "America/Havana", "Africa/Cairo", "Asia/Beirut", "Atlantic/Azores", "Australia/Lord_Howe", "Pacific/Apia", "Europe/Madrid"} {
		r := status.Record{Page: status.Page{TimeZone: zone}}
		there := r.Page.Location()
		_, change := time.Date(2011, 6, 1, 0, 0, 0, 0, there).ZoneBounds()
		for ; !change.IsZero() && change.Year() < 2019; _, change = change.ZoneBounds() {
			for now := change.Add(-26 * time.Hour); now.Before(change.Add(26 * time.Hour)); now = now.Add(30 * time.Minute) {
				next := r.StaleAt(now)
				if !next.After(now) || next.Sub(now) > 25*time.Hour {
					t.Fatalf("%s: at %s the page is stale at %s", zone, now.In(there), next)
				}
				if before := next.Add(-time.Second).In(there); before.Day() == next.In(there).Day() {
					t.Fatalf("%s: at %s: no new day begins at %s", zone, now.In(there), next)
				}
			}
		}
	}
}

func TestPageGoesStaleWhenAPromiseFallsDue(t *testing.T) {
	open := func(due string) status.Incident {
		return status.Incident{Status: status.Investigating, NextUpdateDueAt: at(t, due)}
	}
	closed := open("2026-03-02T12:05:00Z")
	closed.Status = status.Resolved
	r := status.Record{Page: status.Page{TimeZone: "UTC"}, Incidents: []status.Incident{
		closed, open("2026-03-02T11:00:00Z"), open("2026-03-02T12:30:00Z"), open("2026-03-02T12:15:00Z"), {Status: status.Investigating}}}
	for _, c := range []struct{ now, want string }{
		{"2026-03-02T12:00:00Z", "2026-03-02T12:15:00Z"},
		{"2026-03-02T12:15:00Z", "2026-03-02T12:30:00Z"},
		{"2026-03-02T12:30:00Z", "2026-03-03T00:00:00Z"},
	} {
		if got := r.StaleAt(at(t, c.now)); !got.Equal(at(t, c.want)) {
			t.Errorf("at %s stale at %s, want %s", c.now, got, c.want)
		}
	}
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}
