package stakeholders_test

import (
	"testing"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
)

func TestQuietHoursFollowTheClocksWhereThePersonIs(t *testing.T) {
	night := stakeholders.QuietHours{From: 22 * 60, To: 7 * 60}
	noon := stakeholders.QuietHours{From: 12 * 60, To: 13*60 + 30}
	late := stakeholders.QuietHours{From: 60, To: 2*60 + 30} // ends in the hour that clocks pass over, or show twice
	for _, c := range []struct {
		name  string
		quiet stakeholders.QuietHours
		zone  string
		at    string // UTC
		until string // UTC; empty: nothing is quiet
	}{
		{"evening", night, "UTC", "2026-03-02T22:00:00Z", "2026-03-03T07:00:00Z"},
		{"before midnight, to the second", night, "UTC", "2026-03-02T21:59:59Z", ""},
		{"after midnight", night, "UTC", "2026-03-03T06:59:59Z", "2026-03-03T07:00:00Z"},
		{"the minute at which they end", night, "UTC", "2026-03-03T07:00:00Z", ""},
		{"at noon", noon, "UTC", "2026-03-02T12:00:00Z", "2026-03-02T13:30:00Z"},
		{"not at night", noon, "UTC", "2026-03-02T23:00:00Z", ""},
		{"another zone", night, "America/New_York", "2026-01-10T03:30:00Z", "2026-01-10T12:00:00Z"},
		{"a zone of half hours", night, "Asia/Kolkata", "2026-01-10T16:45:00Z", "2026-01-11T01:30:00Z"},
		{"the short night of spring", night, "Europe/Madrid", "2026-03-28T23:00:00Z", "2026-03-29T05:00:00Z"},
		{"the long night of autumn", night, "Europe/Madrid", "2026-10-24T21:00:00Z", "2026-10-25T06:00:00Z"},
		{"an end that the clocks pass over", late, "Europe/Madrid", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"},
		{"past such an end", late, "Europe/Madrid", "2026-03-29T01:00:00Z", ""},
		{"an end that the clocks show twice is the first", late, "Europe/Madrid", "2026-10-25T00:10:00Z", "2026-10-25T00:30:00Z"},
		{"past the first of two", late, "Europe/Madrid", "2026-10-25T00:45:00Z", ""},
		{"a day that a zone left out", night, "Pacific/Apia", "2011-12-30T09:30:00Z", "2011-12-30T17:00:00Z"},
		{"none", stakeholders.QuietHours{}, "UTC", "2026-03-02T22:00:00Z", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			zone, at := location(t, c.zone), instant(t, c.at)
			until, quiet := c.quiet.Until(at, zone)
			got := ""
			if quiet {
				got = until.UTC().Format(time.RFC3339)
			}
			if got != c.until {
				t.Errorf("quiet until %q, want %q", got, c.until)
			}
		})
	}
}

func TestTheDigestComesAtThePersonsHour(t *testing.T) {
	for _, c := range []struct{ name, zone, at, want string }{
		{"this morning", "UTC", "2026-03-02T08:59:59Z", "2026-03-02T09:00:00Z"},
		{"tomorrow, from the minute on", "UTC", "2026-03-02T09:00:00Z", "2026-03-03T09:00:00Z"},
		{"far east", "Pacific/Auckland", "2026-01-10T00:00:00Z", "2026-01-10T20:00:00Z"},
		{"far west", "Pacific/Honolulu", "2026-01-10T00:00:00Z", "2026-01-10T19:00:00Z"},
		{"over the change of spring", "Europe/Madrid", "2026-03-28T09:00:00Z", "2026-03-29T07:00:00Z"},
		{"over the change of autumn", "Europe/Madrid", "2026-10-24T09:00:00Z", "2026-10-25T08:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := stakeholders.TimeOfDay(9*60).Next(instant(t, c.at), location(t, c.zone)).UTC().Format(time.RFC3339); got != c.want {
				t.Errorf("the digest comes at %s, want %s", got, c.want)
			}
		})
	}
}

// TestHoursAreExactAllYearLong walks through two years of three zones minute by
// minute of their changes, and hour by hour else.
func TestHoursAreExactAllYearLong(t *testing.T) {
	quiet := stakeholders.QuietHours{From: 1*60 + 15, To: 2*60 + 45}
	for _, name := range []string{"Europe/Madrid", "America/St_Johns", "Australia/Lord_Howe", "UTC"} {
		zone := location(t, name)
		for at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2027; at = at.Add(17 * time.Minute) {
			until, ok := quiet.Until(at, zone)
			if ok && (!until.After(at) || until.Sub(at) > 150*time.Minute) {
				t.Fatalf("%s: at %s quiet until %s", name, at.In(zone), until)
			}
			shown := at.In(zone).Hour()*60 + at.In(zone).Minute()
			_, before := at.Add(-4 * time.Hour).In(zone).Zone()
			_, after := at.Add(4 * time.Hour).In(zone).Zone()
			if before == after && ok != (shown >= 75 && shown < 165) {
				t.Fatalf("%s: at %s quiet is %v", name, at.In(zone), ok)
			}
			if next := stakeholders.TimeOfDay(540).Next(at, zone); !next.After(at) || next.Sub(at) > 25*time.Hour || next.In(zone).Format("15:04") != "09:00" {
				t.Fatalf("%s: after %s the digest comes at %s", name, at.In(zone), next.In(zone))
			}
		}
	}
}

func location(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
