package status_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/allclear-status/allclear/status"
)

func when(t time.Time) *time.Time { return &t }

// planned is a maintenance of two hours that begins in a day.
func planned() status.Post {
	expected := status.ImpactMajor
	return status.Post{Name: "Database move", Body: "Card payments pause for ten minutes.", Notify: true, Status: status.MaintenanceScheduled,
		ScheduledFor: when(noon.Add(24 * time.Hour)), ScheduledUntil: when(noon.Add(26 * time.Hour)), ExpectedImpact: &expected, ComponentIDs: []string{"payments"}}
}

func TestMaintenanceKeepsItsWindowAndShowsThatItIsOne(t *testing.T) {
	s := newStory(t).open(planned())
	if !s.incident.IsMaintenance() || s.incident.ShownImpact() != status.ImpactMaintenance || s.incident.RoutedImpact() != status.ImpactMajor {
		t.Errorf("impact %s, routed by %s", s.incident.ShownImpact(), s.incident.RoutedImpact())
	}
	if !s.last.Maintenance || !s.last.Opened || !s.incident.NextUpdateDueAt.IsZero() {
		t.Errorf("change %+v, next update due %s", s.last, s.incident.NextUpdateDueAt)
	}
	s.then(status.Post{ScheduledFor: when(noon.Add(48 * time.Hour)), ScheduledUntil: when(noon.Add(50 * time.Hour)), Body: "A day later."})
	if !s.last.Moved || s.last.Extended {
		t.Errorf("moved %v, extended %v", s.last.Moved, s.last.Extended)
	}
	s.now = noon.Add(48 * time.Hour)
	s.then(says(status.MaintenanceInProgress))
	if !s.incident.StartedAt.Equal(s.now) {
		t.Errorf("started at %s, want %s", s.incident.StartedAt, s.now)
	}
	s.then(status.Post{ScheduledUntil: when(noon.Add(51 * time.Hour)), Body: "It takes an hour longer."})
	if !s.last.Extended || s.last.Moved {
		t.Errorf("moved %v, extended %v", s.last.Moved, s.last.Extended)
	}
	s.then(says(status.MaintenanceCompleted))
	if s.last.Cancelled || s.incident.Open() {
		t.Errorf("cancelled %v, open %v", s.last.Cancelled, s.incident.Open())
	}
}

func TestMaintenanceEndedBeforeItBeganIsCancelled(t *testing.T) {
	s := newStory(t).open(planned()).then(says(status.MaintenanceCompleted))
	if !s.last.Cancelled {
		t.Error("not cancelled")
	}
}

func TestPostsThatCannotBeTrueAreRefusedByField(t *testing.T) {
	with := func(change func(p *status.Post)) status.Post {
		p := planned()
		change(&p)
		return p
	}
	minor, yes := status.ImpactMinor, true
	for name, c := range map[string]struct {
		post  status.Post
		field string
	}{
		"no beginning": {with(func(p *status.Post) { p.ScheduledFor = nil }), "incident.scheduled_for"},
		"no end":       {with(func(p *status.Post) { p.ScheduledUntil = nil }), "incident.scheduled_until"},
		"no length":    {with(func(p *status.Post) { p.ScheduledUntil = p.ScheduledFor }), "incident.scheduled_until"},
		"a year":       {with(func(p *status.Post) { p.ScheduledUntil = when(noon.Add(366 * 24 * time.Hour)) }), "incident.scheduled_until"},
		"in the past": {with(func(p *status.Post) {
			p.ScheduledFor, p.ScheduledUntil = when(noon.Add(-3*time.Hour)), when(noon.Add(-time.Hour))
		}), "incident.scheduled_until"},
		"expects maintenance":     {with(func(p *status.Post) { i := status.ImpactMaintenance; p.ExpectedImpact = &i }), "incident.allclear.expected_impact"},
		"a window for trouble":    {status.Post{Name: "x", Status: status.Investigating, ScheduledFor: when(noon.Add(time.Hour))}, "incident.scheduled_for"},
		"an expectation for it":   {status.Post{Name: "x", ExpectedImpact: &minor}, "incident.allclear.expected_impact"},
		"an estimate in the past": {status.Post{Name: "x", EstimatedEndAt: when(noon)}, "incident.allclear.estimated_end_at"},
		"a future past":           {status.Post{Name: "x", BackfillAt: noon.Add(time.Hour)}, "incident.backfill_date"},
		"an open past":            {status.Post{Name: "x", BackfillAt: noon.Add(-time.Hour), Status: status.Identified}, "incident.status"},
		"a past with components":  {status.Post{Name: "x", BackfillAt: noon.Add(-time.Hour), ComponentIDs: []string{"search"}}, "incident.components"},
		"a past in draft":         {status.Post{Name: "x", BackfillAt: noon.Add(-time.Hour), Draft: &yes}, "incident.allclear.draft"},
		"an unknown state":        {status.Post{Name: "x", Status: "postmortem"}, "incident.status"},
	} {
		i := status.Incident{}
		_, err := i.Apply(c.post, site(), noon.Add(time.Minute), "u", true)
		if got := fields(t, err); !slices.Contains(got, c.field) {
			t.Errorf("%s: refused %v, want %s", name, got, c.field)
		}
		if i.Status != "" || len(i.Updates) > 0 {
			t.Errorf("%s: half done: %+v", name, i)
		}
	}
}

func TestMaintenanceAndIncidentKeepTheirKind(t *testing.T) {
	s := newStory(t).open(planned())
	if _, err := s.incident.Apply(says(status.Investigating), s.components, s.now, "u", false); err == nil {
		t.Error("a maintenance was investigated")
	}
	s = newStory(t).open(says(status.Investigating))
	if _, err := s.incident.Apply(says(status.MaintenanceCompleted), s.components, s.now, "u", false); err == nil {
		t.Error("an incident was completed")
	}
}

func TestBackfilledIncidentBearsItsDayAndTellsNobody(t *testing.T) {
	day := noon.Add(-72 * time.Hour)
	s := newStory(t).open(status.Post{Name: "Search was slow", Body: "It was slow for an hour.", Notify: true, BackfillAt: day})
	i := s.incident
	if !i.Backfilled || i.Status != status.Resolved || !i.CreatedAt.Equal(day) || !i.ResolvedAt.Equal(day) || !i.Updates[0].DisplayAt.Equal(day) {
		t.Errorf("backfilled: %+v", i)
	}
	if s.last.Notify {
		t.Error("people would be told")
	}
	draft := true
	if _, err := s.incident.Apply(status.Post{Draft: &draft}, s.components, s.now, "u", false); !slices.Contains(fields(t, err), "incident.allclear.draft") {
		t.Errorf("taken back into drafts: %v", err)
	}
}

func TestDraftChangesNothingPublicUntilItIsPublished(t *testing.T) {
	yes, no := true, false
	draft := gives(status.Investigating, "payments", status.MajorOutage)
	draft.Body, draft.Draft, draft.Notify = "Card payments fail.", &yes, true
	s := newStory(t).open(draft)
	if s.incident.Public() || s.last.Opened || s.last.Spoke || len(s.last.Components) > 0 || s.components["payments"].Status != status.Operational {
		t.Errorf("the draft shows: %+v", s.last)
	}
	s.then(status.Post{Body: "Card payments fail for everybody."})
	if len(s.incident.Updates) != 1 || s.incident.Updates[0].Body != "Card payments fail for everybody." || s.last.Spoke {
		t.Errorf("a draft has one text: %+v", s.incident.Updates)
	}
	s.then(status.Post{Draft: &no, Notify: true})
	if !s.last.Opened || !s.last.Spoke || s.last.ImpactAfter != status.ImpactCritical || s.last.ImpactBefore != status.ImpactNone {
		t.Errorf("published: %+v", s.last)
	}
	if !s.incident.StartedAt.Equal(s.now) || !s.incident.Updates[0].CreatedAt.Equal(s.now) || s.components["payments"].Status != status.MajorOutage {
		t.Errorf("published: %+v, payments %s", s.incident, s.components["payments"].Status)
	}
	s.then(status.Post{Draft: &yes})
	if !s.last.Withdrawn || !s.last.Hidden || s.incident.Public() {
		t.Errorf("taken back: %+v", s.last)
	}
}

func TestEditedUpdateKeepsItsPlaceAndTime(t *testing.T) {
	s := newStory(t).open(status.Post{Body: "Card paymants fail."})
	before := s.incident.Updates[0]
	if err := s.incident.EditUpdate("u", "Card payments fail.", s.now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	after := s.incident.Updates[0]
	if after.Body != "Card payments fail." || !after.CreatedAt.Equal(before.CreatedAt) || !after.DisplayAt.Equal(before.DisplayAt) || after.UpdatedAt.Equal(before.UpdatedAt) {
		t.Errorf("edited: %+v", after)
	}
	if err := s.incident.EditUpdate("v", "x", s.now); !errors.Is(err, status.ErrNotFound) {
		t.Errorf("an update that is not there: %v", err)
	}
	if got := fields(t, s.incident.EditUpdate("u", " ", s.now)); !slices.Equal(got, []string{"incident_update.body"}) {
		t.Errorf("an empty text: %v", got)
	}
}

func TestEstimateEndsWithTheIncident(t *testing.T) {
	s := newStory(t).open(status.Post{EstimatedEndAt: when(noon.Add(2 * time.Hour))})
	if s.incident.EstimatedEndAt.IsZero() {
		t.Fatal("no estimate")
	}
	s.then(says(status.Resolved))
	if !s.incident.EstimatedEndAt.IsZero() {
		t.Error("the estimate outlived the incident")
	}
}

func TestFirstPostedAsResolvedIsOver(t *testing.T) {
	s := newStory(t).open(status.Post{Status: status.Resolved, Body: "It was down for a minute."})
	if s.incident.Open() || s.incident.ResolvedAt.IsZero() || !s.last.Opened {
		t.Errorf("%+v", s.incident)
	}
}
