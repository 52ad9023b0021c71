package notify_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

func TestMessagesSayWhenWithTheZone(t *testing.T) {
	start := time.Date(2026, 11, 21, 10, 42, 0, 0, time.UTC)
	for _, one := range []struct {
		want    string
		tag     string
		content notify.Content
	}{
		{"[{Since 21 Nov 2026, 10:42 UTC}]", "en", notify.Content{StartedAt: start}},
		{"[{Since 21 Nov 2026, 10:42 UTC} {Expected end 21 Nov 2026, 12:42 UTC}]", "en", notify.Content{StartedAt: start, EstimatedEndAt: start.Add(2 * time.Hour)}},
		{"[{Started 21 Nov 2026, 10:42 UTC} {Resolved 21 Nov 2026, 11:42 UTC}]", "en", notify.Content{StartedAt: start, ResolvedAt: start.Add(time.Hour)}},
		{"[{Planned 22 Nov 2026, 10:42 UTC to 22 Nov 2026, 11:42 UTC}]", "en", notify.Content{Status: status.MaintenanceScheduled, StartedAt: start,
			ScheduledFor: start.Add(24 * time.Hour), ScheduledUntil: start.Add(25 * time.Hour)}},
		{"[{Seit 21. Nov. 2026, 11:42 CET}]", "de", notify.Content{TimeZone: "Europe/Berlin", StartedAt: start}},
	} {
		if got := fmt.Sprint(notify.TimeFacts(one.tag, one.content)); got != one.want {
			t.Errorf("%s, want %s", got, one.want)
		}
	}
}

func TestLabelSaysHowBadAStartIsAndElseWhatHappened(t *testing.T) {
	for want, c := range map[string]notify.Content{
		"Critical":             {Event: stakeholders.Opened, Impact: status.ImpactCritical},
		"Resolved":             {Event: stakeholders.Resolved, Impact: status.ImpactCritical},
		"Worse again":          {Event: stakeholders.FellBack, Impact: status.ImpactMajor},
		"Maintenance planned":  {Event: stakeholders.MaintenanceAnnounced, Impact: status.ImpactMaintenance},
		"Maintenance extended": {Event: stakeholders.MaintenanceExtended},
		"Update":               {Event: stakeholders.Updated},
	} {
		if got := notify.Label(notify.Text{Language: "en", Content: c}); got != want {
			t.Errorf("%s is called %q, want %q", c.Event, got, want)
		}
	}
}
