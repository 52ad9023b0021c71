package notify_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

func said(event stakeholders.Event, state status.IncidentStatus, impact status.Impact) notify.Text {
	start := time.Date(2026, 11, 21, 10, 42, 0, 0, time.UTC)
	return notify.Text{Form: notify.FormFull, Language: "en", Content: notify.Content{
		PageName: "Acme", PageURL: "https://status.acme.example", TimeZone: "UTC", Language: "en", Event: event, Reference: "INC-14",
		Title: "Card payments fail", Status: state, Impact: impact, Body: "They fail.",
		Affected:  []notify.AffectedComponent{{Name: "Checkout", Status: status.MajorOutage}, {Name: "Search", Status: status.DegradedPerformance}},
		StartedAt: start, PostedAt: start.Add(2 * time.Minute), NextUpdateDueAt: start.Add(17 * time.Minute),
		ScheduledFor: start.Add(24 * time.Hour), ScheduledUntil: start.Add(25 * time.Hour),
	}}
}

func TestSubjectSaysComponentStateAndImpact(t *testing.T) {
	for _, one := range []struct {
		event  stakeholders.Event
		state  status.IncidentStatus
		impact status.Impact
		want   string
	}{
		{stakeholders.Opened, status.Investigating, status.ImpactCritical, "Critical · Investigating"},
		{stakeholders.Opened, status.Identified, status.ImpactNone, "Incident · Identified"},
		{stakeholders.Updated, status.Investigating, status.ImpactMajor, "Update · Major · Investigating"},
		{stakeholders.Identified, status.Identified, status.ImpactMajor, "Identified · Major"},
		{stakeholders.Monitoring, status.Monitoring, status.ImpactMinor, "Monitoring · Minor"},
		{stakeholders.Resolved, status.Resolved, status.ImpactMajor, "Resolved"},
		{stakeholders.Reopened, status.Investigating, status.ImpactMajor, "Reopened · Major · Investigating"},
		{stakeholders.FellBack, status.Investigating, status.ImpactMajor, "Worse again · Major · Investigating"},
		{stakeholders.ImpactLowered, status.Monitoring, status.ImpactMinor, "Better, not over · Minor · Monitoring"},
		{stakeholders.Withdrawn, status.Investigating, status.ImpactMajor, "Withdrawn"},
		{stakeholders.Retrospective, status.Resolved, status.ImpactMajor, "Retrospective"},
		{stakeholders.MaintenanceAnnounced, status.MaintenanceScheduled, status.ImpactMaintenance, "Maintenance planned · 22 Nov 2026, 10:42 UTC"},
		{stakeholders.MaintenanceMoved, status.MaintenanceScheduled, status.ImpactMaintenance, "Maintenance moved · 22 Nov 2026, 10:42 UTC"},
		{stakeholders.MaintenanceStarted, status.MaintenanceInProgress, status.ImpactMaintenance, "Maintenance started"},
	} {
		want := "[" + one.want + "] Checkout: Card payments fail (INC-14) – Acme"
		if got := notify.Subject(said(one.event, one.state, one.impact)); got != want {
			t.Errorf("%s: %q, want %q", one.event, got, want)
		}
	}
}

// To who is told late, a step on the way is the start.
func TestWhoHearsOfItFirstReadsAStart(t *testing.T) {
	for _, one := range []struct {
		event stakeholders.Event
		state status.IncidentStatus
		first bool
		want  string
	}{
		{stakeholders.Updated, status.Investigating, false, "Update · Critical · Investigating"},
		{stakeholders.Updated, status.Investigating, true, "Critical · Investigating"},
		{stakeholders.CatchUp, status.Identified, false, "Critical · Identified"},
		{stakeholders.Identified, status.Identified, true, "Critical · Identified"},
		{stakeholders.Monitoring, status.Monitoring, true, "Critical · Monitoring"},
		{stakeholders.Reopened, status.Investigating, true, "Critical · Investigating"},
		{stakeholders.Resolved, status.Resolved, true, "Resolved"},
		{stakeholders.MaintenanceMoved, status.MaintenanceScheduled, true, "Maintenance planned · 22 Nov 2026, 10:42 UTC"},
		{stakeholders.MaintenanceExtended, status.MaintenanceInProgress, true, "Maintenance started"},
		{stakeholders.MaintenanceIn24h, status.MaintenanceScheduled, true, "Maintenance in 24 hours"},
	} {
		text := said(one.event, one.state, status.ImpactCritical)
		text.First = one.first
		if got := notify.Subject(text); !strings.HasPrefix(got, "["+one.want+"] ") {
			t.Errorf("%s, first %v: %q, want %q", one.event, one.first, got, one.want)
		}
	}
}

// blob is what mail programs that thread by subject leave out at its start
// (RFC 5256, 2.1).
var blob = regexp.MustCompile(`^\[[^][]*\] *`)

func TestSubjectsOfOneIncidentThread(t *testing.T) {
	for _, tag := range lang.Tags() {
		for _, event := range []stakeholders.Event{stakeholders.Opened, stakeholders.Updated, stakeholders.Identified, stakeholders.Monitoring,
			stakeholders.Resolved, stakeholders.FellBack, stakeholders.MaintenanceAnnounced, stakeholders.Retrospective} {
			text := said(event, status.Investigating, status.ImpactMajor)
			text.Language = tag
			subject := notify.Subject(text)
			if got := blob.ReplaceAllString(subject, ""); got != notify.Topic(text.Content) || got == subject {
				t.Errorf("%s %s: %q threads as %q", tag, event, subject, got)
			}
		}
	}
	wider := said(stakeholders.Updated, status.Identified, status.ImpactCritical)
	before := notify.Topic(wider.Content)
	wider.Content.Affected = append(wider.Content.Affected, notify.AffectedComponent{Name: "Login"})
	if after := notify.Topic(wider.Content); after != before {
		t.Errorf("a wider scope makes %q of %q", after, before)
	}
	wider.Content.Title = "checkout is slow"
	if got := notify.Topic(wider.Content); got != "checkout is slow (INC-14) – Acme" {
		t.Errorf("the component is said twice: %q", got)
	}
}
