package status_test

import (
	"testing"

	"github.com/allclear-status/allclear/status"
)

func TestImpactFollowsTheWorstStateGiven(t *testing.T) {
	for _, c := range []struct {
		name   string
		states map[string]status.ComponentStatus
		want   status.Impact
	}{
		{"nothing named", nil, status.ImpactNone},
		{"operational", map[string]status.ComponentStatus{"payments": status.Operational}, status.ImpactNone},
		{"under maintenance", map[string]status.ComponentStatus{"payments": status.UnderMaintenance}, status.ImpactNone},
		{"degraded", map[string]status.ComponentStatus{"payments": status.DegradedPerformance}, status.ImpactMinor},
		{"partial", map[string]status.ComponentStatus{"payments": status.PartialOutage}, status.ImpactMajor},
		{"major", map[string]status.ComponentStatus{"payments": status.MajorOutage}, status.ImpactCritical},
		{"the worse of two", map[string]status.ComponentStatus{"payments": status.DegradedPerformance, "search": status.PartialOutage}, status.ImpactMajor},
		{"not core alone", map[string]status.ComponentStatus{"blog": status.MajorOutage}, status.ImpactMinor},
		{"not core, partial", map[string]status.ComponentStatus{"blog": status.PartialOutage}, status.ImpactMinor},
		{"not core, degraded", map[string]status.ComponentStatus{"blog": status.DegradedPerformance}, status.ImpactMinor},
		{"not core beside core", map[string]status.ComponentStatus{"blog": status.MajorOutage, "payments": status.PartialOutage}, status.ImpactMajor},
	} {
		t.Run(c.name, func(t *testing.T) {
			post := status.Post{}
			for id, state := range c.states {
				post.Components = append(post.Components, status.ComponentState{ComponentID: id, Status: state})
			}
			s := newStory(t).open(post)
			if s.incident.Impact != c.want || s.incident.HighestImpact != c.want || s.last.ImpactBefore != status.ImpactNone || s.last.ImpactAfter != c.want {
				t.Errorf("impact %s, highest %s, change %+v; want %s", s.incident.Impact, s.incident.HighestImpact, s.last, c.want)
			}
		})
	}
}

// Each line is a life: what the posts do, and the impact after each.
func TestImpactThroughTheLifeOfAnIncident(t *testing.T) {
	type step struct {
		post status.Post
		want status.Impact
	}
	none, minor, major, critical := status.ImpactNone, status.ImpactMinor, status.ImpactMajor, status.ImpactCritical
	up, degraded, partial, down := status.Operational, status.DegradedPerformance, status.PartialOutage, status.MajorOutage
	for _, c := range []struct {
		name           string
		life           []step
		highest, shown status.Impact
	}{
		{"recovery before monitoring lowers", []step{{gives("", "payments", down), critical}, {gives("", "payments", partial), major},
			{gives(status.Identified, "payments", degraded), minor}, {gives("", "payments", up), none}}, critical, critical},
		{"recovery in monitoring does not lower", []step{{gives("", "payments", down), critical}, {gives(status.Monitoring, "payments", up), critical},
			{gives("", "payments", degraded), critical}}, critical, critical},
		{"recovery in resolving does not lower", []step{{gives("", "payments", partial), major}, {gives(status.Resolved, "payments", up), major}}, major, major},
		{"recovery after resolving does not lower", []step{{gives("", "payments", partial), major}, {says(status.Resolved), major},
			{gives("", "payments", up), major}}, major, major},
		{"worsening in monitoring raises", []step{{gives("", "payments", degraded), minor}, {says(status.Monitoring), minor}, {gives("", "payments", down), critical}}, critical, critical},
		{"after a fall back recovery lowers again", []step{{gives("", "payments", down), critical}, {gives(status.Monitoring, "payments", up), critical},
			{says(status.Identified), critical}, {gives("", "payments", partial), major}}, critical, critical},
		{"reopened keeps the grade that it had", []step{{gives("", "payments", down), critical}, {gives(status.Resolved, "payments", up), critical},
			{says(status.Investigating), critical}}, critical, critical},
		{"opened resolved takes what it names", []step{{gives(status.Resolved, "payments", partial), major}}, major, major},
		{"opened in monitoring, all well", []step{{gives(status.Monitoring, "payments", up), none}}, none, none},
		{"override wins over components", []step{{gives("", "payments", down), critical}, {override(minor), minor}, {gives("", "search", down), minor}}, critical, minor},
		{"override removed", []step{{gives("", "payments", degraded), minor}, {override(critical), critical}, {override(""), minor}}, critical, critical},
		{"override to none", []step{{gives("", "payments", down), critical}, {override(none), none}}, critical, none},
		{"override without components", []step{{override(major), major}}, major, major},
		{"a component left out lowers", []step{{gives("", "payments", down), critical}, {status.Post{ComponentIDs: []string{"search"}}, none}}, critical, critical},
		{"a second component keeps the worst", []step{{gives("", "payments", partial), major}, {gives("", "search", degraded), major}, {gives("", "payments", up), minor}}, major, major},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStory(t)
			before := none
			for n, step := range c.life {
				step.post.Name = "Card payments fail"
				s.post(step.post, n == 0)
				if s.incident.Impact != step.want || s.last.ImpactBefore != before || s.last.ImpactAfter != step.want {
					t.Errorf("step %d: %s to %s, now %s; want %s to %s", n, s.last.ImpactBefore, s.last.ImpactAfter, s.incident.Impact, before, step.want)
				}
				before = step.want
			}
			if s.incident.HighestImpact != c.highest || s.incident.ShownImpact() != c.shown {
				t.Errorf("highest %s, shown %s; want %s, %s", s.incident.HighestImpact, s.incident.ShownImpact(), c.highest, c.shown)
			}
		})
	}
}

// A component that is deleted while an incident touches it must not turn the
// incident critical.
func TestDeletedComponentStaysNotCore(t *testing.T) {
	s := newStory(t).open(gives("", "blog", status.MajorOutage))
	delete(s.components, "blog")
	s.then(says(status.Identified))
	if s.incident.Impact != status.ImpactMinor {
		t.Errorf("impact %s after the component was deleted, want minor", s.incident.Impact)
	}
}

func TestComponentMadeNotCoreLowersWithTheNextPost(t *testing.T) {
	s := newStory(t).open(gives("", "payments", status.MajorOutage))
	payments := s.components["payments"]
	payments.NotCore = true
	s.components["payments"] = payments
	if s.then(says(status.Identified)); s.incident.Impact != status.ImpactMinor {
		t.Errorf("impact %s, want minor", s.incident.Impact)
	}
}

func TestTouchedComponentsGrowAndShrink(t *testing.T) {
	s := newStory(t).open(gives("", "payments", status.MajorOutage))
	touched := func(what string, widened bool, want ...string) {
		t.Helper()
		if got := s.incident.ComponentIDs(); !equal(got, want) || s.last.Widened != widened {
			t.Errorf("%s: touches %v, widened %t; want %v, %t", what, got, s.last.Widened, want, widened)
		}
	}
	touched("opening is no widening", false, "payments")
	s.then(gives("", "payments", status.PartialOutage))
	touched("the same again", false, "payments")
	s.then(gives("", "search", status.DegradedPerformance))
	touched("a new one", true, "payments", "search")
	s.then(status.Post{ComponentIDs: []string{"search", "search"}})
	touched("a smaller set", false, "search")
	s.then(status.Post{ComponentIDs: []string{"blog"}})
	touched("another set", true, "blog")
	s.then(status.Post{ComponentIDs: []string{}, Components: []status.ComponentState{{ComponentID: "payments", Status: status.MajorOutage}}})
	touched("a state given touches, too", true, "payments")
	s.then(status.Post{ComponentIDs: []string{}})
	touched("none", false)
}

func TestOnlyRealChangesOfComponentsAreListed(t *testing.T) {
	s := newStory(t).open(status.Post{Components: []status.ComponentState{
		{ComponentID: "payments", Status: status.MajorOutage}, {ComponentID: "search", Status: status.Operational}}})
	if got := s.last.Components; len(got) != 1 || got[0] != (status.ComponentChange{ComponentID: "payments", Name: "Card payments", Old: status.Operational, New: status.MajorOutage}) {
		t.Errorf("changes %+v", got)
	}
	if s.then(says(status.Identified)); s.last.Components == nil || len(s.last.Components) != 0 {
		t.Errorf("changes %#v, want an empty list", s.last.Components)
	}
}

func TestGradesAreOrdered(t *testing.T) {
	for level, grade := range status.Grades() {
		if grade.Level() != level || !grade.ValidGrade() {
			t.Errorf("%s has level %d", grade, grade.Level())
		}
	}
	if status.ImpactMaintenance.Level() != 0 || status.ImpactMaintenance.ValidGrade() || status.Impact("x").Level() != 0 {
		t.Error("what is no grade has level 0")
	}
	if status.ImpactMinor.Worse(status.ImpactMajor) != status.ImpactMajor || status.ImpactMajor.Worse(status.ImpactMinor) != status.ImpactMajor {
		t.Error("the worse of minor and major is major")
	}
}
