package main

import (
	"testing"
	"time"
)

func TestWhenIsReadAsPeopleSayIt(t *testing.T) {
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) // a Saturday, 13:00 in Madrid
	for _, c := range []struct{ text, want string }{
		{"Sunday 03:00", "2026-11-22T02:00:00Z"},
		{"sun 03:00", "2026-11-22T02:00:00Z"},
		{"Saturday 03:00", "2026-11-28T02:00:00Z"},
		{"Saturday 14:00", "2026-11-21T13:00:00Z"},
		{"03:00", "2026-11-22T02:00:00Z"},
		{"13:00", "2026-11-22T12:00:00Z"},
		{"2026-12-24 18:30", "2026-12-24T17:30:00Z"},
		{"2026-12-24T18:30:00Z", "2026-12-24T18:30:00Z"},
		{"s 03:00", ""}, {"Sonntag 03:00", ""}, {"25:00", ""}, {"", ""}, {"Sunday", ""},
	} {
		at, err := when(c.text, madrid, now)
		got := ""
		if err == nil {
			got = at.UTC().Format(time.RFC3339)
		}
		if got != c.want {
			t.Errorf("%q is %q (%v), want %q", c.text, got, err, c.want)
		}
	}
}

func TestScenarioUpdates(t *testing.T) {
	for text, want := range map[string][3]any{
		"45m":                    {45, nil, nil},
		"1h30m:identified":       {90, "identified", nil},
		"2h:major":               {120, nil, "major"},
		"2h:monitoring,major":    {120, "monitoring", "major"},
		"2h:critical:identified": {120, "identified", "critical"},
		"":                       {},
		"30s":                    {},
		"90s":                    {},
		"-5m":                    {},
		"soon":                   {},
	} {
		got, err := scenarioUpdate(text)
		if want[0] == nil {
			if err == nil {
				t.Errorf("%q is taken: %v", text, got)
			}
			continue
		}
		if err != nil || got["after_minutes"] != want[0] || got["status"] != want[1] || got["impact"] != want[2] {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
}
