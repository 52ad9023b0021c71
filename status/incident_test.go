package status_test

import (
	"testing"
	"time"

	"github.com/allclear-status/allclear/status"
)

// The states that an incident can be in and be sent to; every pair is allowed,
// as life has them all.
func TestEveryTransitionOfAnIncident(t *testing.T) {
	const (
		nothing  = ""
		reopened = "reopened"
		fellBack = "fell back"
	)
	investigating, identified, monitoring, resolved := status.Investigating, status.Identified, status.Monitoring, status.Resolved
	for _, c := range []struct {
		from, to status.IncidentStatus
		is       string
	}{
		{investigating, investigating, nothing}, {investigating, identified, nothing}, {investigating, monitoring, nothing}, {investigating, resolved, nothing},
		{identified, investigating, nothing}, {identified, identified, nothing}, {identified, monitoring, nothing}, {identified, resolved, nothing},
		{monitoring, investigating, fellBack}, {monitoring, identified, fellBack}, {monitoring, monitoring, nothing}, {monitoring, resolved, nothing},
		{resolved, investigating, reopened}, {resolved, identified, reopened}, {resolved, monitoring, reopened}, {resolved, resolved, nothing},
	} {
		t.Run(string(c.from)+" to "+string(c.to), func(t *testing.T) {
			s := newStory(t).open(says(c.from))
			before := s.incident
			s.then(says(c.to))
			if got := s.incident.Status; got != c.to {
				t.Errorf("state %s, want %s", got, c.to)
			}
			if s.last.From != c.from || s.last.To != c.to || s.last.Opened {
				t.Errorf("change %+v", s.last)
			}
			if s.last.Reopened() != (c.is == reopened) || s.last.FellBack() != (c.is == fellBack) {
				t.Errorf("reopened %t, fell back %t; want %q", s.last.Reopened(), s.last.FellBack(), c.is)
			}
			if s.incident.Open() != (c.to != resolved) {
				t.Errorf("open: %t", s.incident.Open())
			}
			checkDates(t, s, before, c.from, c.to)
		})
	}
}

// checkDates says what each move does to the incident's dates.
func checkDates(t *testing.T, s *story, before status.Incident, from, to status.IncidentStatus) {
	t.Helper()
	resolvedAt := time.Time{}
	switch {
	case to == status.Resolved && from == status.Resolved:
		resolvedAt = before.ResolvedAt
	case to == status.Resolved:
		resolvedAt = s.now
	}
	if got := s.incident.ResolvedAt; !got.Equal(resolvedAt) {
		t.Errorf("resolved at %s, want %s", got, resolvedAt)
	}
	monitoringAt := before.MonitoringAt
	if to == status.Monitoring && from != status.Monitoring {
		monitoringAt = s.now
	}
	if got := s.incident.MonitoringAt; !got.Equal(monitoringAt) {
		t.Errorf("in monitoring since %s, want %s", got, monitoringAt)
	}
	if !s.incident.StartedAt.Equal(before.StartedAt) || !s.incident.CreatedAt.Equal(before.CreatedAt) || !s.incident.UpdatedAt.Equal(s.now) {
		t.Errorf("started %s, created %s, updated %s", s.incident.StartedAt, s.incident.CreatedAt, s.incident.UpdatedAt)
	}
}

func TestIncidentOpensInEveryState(t *testing.T) {
	for _, state := range append(status.IncidentStatuses(), "") {
		s := newStory(t).open(says(state))
		want := state
		if want == "" {
			want = status.Investigating
		}
		if s.incident.Status != want || !s.last.Opened || s.last.Reopened() || s.last.FellBack() || s.last.From != "" || s.last.To != want {
			t.Errorf("opened as %q: %+v", state, s.last)
		}
		if over := want == status.Resolved; s.incident.ResolvedAt.IsZero() == over {
			t.Errorf("opened as %q: resolved at %s", state, s.incident.ResolvedAt)
		}
	}
}

func TestResolvedIncidentStaysResolved(t *testing.T) {
	s := newStory(t).open(says(status.Investigating)).then(says(status.Resolved))
	at := s.incident.ResolvedAt
	s.then(status.Post{Body: "A postscript."})
	if s.incident.Open() || !s.incident.ResolvedAt.Equal(at) {
		t.Errorf("%s, resolved at %s, want %s", s.incident.Status, s.incident.ResolvedAt, at)
	}
	if s.last.Reopened() {
		t.Error("a postscript reopens nothing")
	}
}

func TestUpdatesAreKeptOldestFirst(t *testing.T) {
	s := newStory(t).open(status.Post{Body: "We are looking.", Notify: true}).
		then(status.Post{Name: "Payments fail"}).
		then(status.Post{Body: " \n"}).
		then(status.Post{Body: "It is the card network.", Status: status.Identified})
	var bodies []string
	for _, u := range s.incident.Updates {
		bodies = append(bodies, u.Body)
	}
	if len(bodies) != 2 || bodies[0] != "We are looking." || bodies[1] != "It is the card network." {
		t.Errorf("updates %q: a post without words adds none", bodies)
	}
	latest, ok := s.incident.Latest()
	if !ok || latest.Status != status.Identified || !latest.CreatedAt.Equal(s.now) || !latest.DisplayAt.Equal(s.now) || latest.Notify {
		t.Errorf("latest %+v", latest)
	}
	if !s.incident.Updates[0].Notify || s.incident.Name != "Payments fail" {
		t.Errorf("%+v", s.incident)
	}
	if _, ok := (status.Incident{}).Latest(); ok {
		t.Error("an incident without updates has no latest")
	}
}

func TestPromiseFollowsThePost(t *testing.T) {
	cadence := func(i status.Impact) time.Duration {
		return map[status.Impact]time.Duration{status.ImpactCritical: 15 * time.Minute, status.ImpactMinor: 30 * time.Minute}[i]
	}
	with := func(p status.Post) status.Post {
		p.Cadence = cadence
		return p
	}
	speak := func(state status.IncidentStatus) status.Post { return with(status.Post{Status: state, Body: "Words."}) }
	s := newStory(t)
	due := func(what string, want time.Time) {
		t.Helper()
		if got := s.incident.NextUpdateDueAt; !got.Equal(want) {
			t.Errorf("%s: due %s, want %s", what, got, want)
		}
	}

	s.open(with(gives("", "payments", status.MajorOutage)))
	first := s.now.Add(15 * time.Minute)
	due("opening promises by impact, even without words", first)
	s.then(with(status.Post{Name: "New name"}))
	due("a post without words promises nothing new", first)
	s.then(speak(""))
	due("a spoken update moves the promise on", s.now.Add(15*time.Minute))
	if latest, _ := s.incident.Latest(); !latest.NextUpdateDueAt.Equal(s.incident.NextUpdateDueAt) {
		t.Error("the update carries the promise that it made")
	}
	long := s.now.Add(2 * time.Hour)
	s.then(with(status.Post{Body: "Words.", NextUpdateDueAt: long}))
	due("what the manager promises wins", long)
	s.then(speak(status.Monitoring))
	due("in monitoring too", s.now.Add(15*time.Minute))
	s.then(speak(status.Resolved))
	due("nothing is promised once it is over", time.Time{})
	s.then(with(status.Post{Body: "Postscript.", NextUpdateDueAt: long}))
	due("not even by hand", time.Time{})
	s.then(speak(status.Investigating))
	due("reopening promises again", s.now.Add(15*time.Minute))
	none := override(status.ImpactNone)
	none.Body = "Words."
	s.then(with(none))
	due("an impact without a rhythm promises nothing", time.Time{})
}

func TestReferenceIsSaidAloud(t *testing.T) {
	if got := (status.Incident{Number: 14}).Reference(); got != "INC-14" {
		t.Error(got)
	}
}

func TestRefusedPostChangesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		post    status.Post
		opening bool
		fields  []string
	}{
		"no name":             {status.Post{}, true, []string{"incident.name"}},
		"blank name":          {status.Post{Name: " \t"}, true, []string{"incident.name", "incident.name"}},
		"blank new name":      {status.Post{Name: "  "}, false, []string{"incident.name"}},
		"line in name":        {status.Post{Name: "a\nb"}, false, []string{"incident.name"}},
		"long name":           {status.Post{Name: long(256)}, false, []string{"incident.name"}},
		"long body":           {status.Post{Body: long(25_001)}, false, []string{"incident.body"}},
		"not a state":         {says("over"), false, []string{"incident.status"}},
		"postmortem":          {says("postmortem"), false, []string{"incident.status"}},
		"maintenance's state": {says(status.MaintenanceScheduled), false, []string{"incident.status"}},
		"not a grade":         {override("huge"), false, []string{"incident.impact_override"}},
		"maintenance grade":   {override(status.ImpactMaintenance), false, []string{"incident.impact_override"}},
		"unknown component":   {gives("", "nope", status.MajorOutage), false, []string{"incident.components"}},
		"unknown state":       {gives("", "payments", "down"), false, []string{"incident.components.payments"}},
		"unknown id":          {status.Post{ComponentIDs: []string{"payments", "nope"}}, false, []string{"incident.component_ids"}},
		"everything at once": {status.Post{Status: "x", Components: []status.ComponentState{{ComponentID: "nope"}}, Body: "\x00"}, true,
			[]string{"incident.name", "incident.body", "incident.status", "incident.components"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t).open(gives("", "payments", status.MajorOutage))
			before := s.incident
			_, err := s.incident.Apply(c.post, s.components, s.now, "u", c.opening)
			if got := fields(t, err); !equal(got, c.fields) {
				t.Errorf("refused %v, want %v: %v", got, c.fields, err)
			}
			if !sameIncident(before, s.incident) {
				t.Errorf("the incident changed: %+v", s.incident)
			}
		})
	}
}
