package status_test

import (
	"slices"
	"testing"

	"github.com/allclear-status/allclear/status"
)

// STATUSPAGE.md 1.4, line by line: o operational, u under maintenance,
// d degraded, p partial outage, m major outage.
func TestRollupIsStatuspages(t *testing.T) {
	for _, c := range []struct{ leaves, indicator, description string }{
		{"", "none", "All Systems Operational"},
		{"o", "none", "All Systems Operational"},
		{"ooo", "none", "All Systems Operational"},
		{"m", "critical", "Major System Outage"},
		{"mmm", "critical", "Major System Outage"},
		{"p", "major", "Partial System Outage"},
		{"ppp", "major", "Partial System Outage"},
		{"mo", "major", "Partial System Outage"},
		{"mp", "major", "Partial System Outage"},
		{"md", "major", "Partial System Outage"},
		{"mu", "major", "Partial System Outage"},
		{"mpduo", "major", "Partial System Outage"},
		{"po", "minor", "Minor Service Outage"},
		{"pd", "minor", "Minor Service Outage"},
		{"pu", "minor", "Minor Service Outage"},
		{"d", "minor", "Degraded System Service"},
		{"ddd", "minor", "Degraded System Service"},
		{"do", "minor", "Partially Degraded Service"},
		{"du", "minor", "Partially Degraded Service"},
		{"u", "maintenance", "Service Under Maintenance"},
		{"uo", "maintenance", "Service Under Maintenance"},
		{"uuu", "maintenance", "Service Under Maintenance"},
	} {
		if got := status.RollUp(leaves(c.leaves)); string(got.Indicator) != c.indicator || got.Description != c.description {
			t.Errorf("%q: %s %q, want %s %q", c.leaves, got.Indicator, got.Description, c.indicator, c.description)
		}
	}
}

func leaves(letters string) []status.Component {
	states := map[rune]status.ComponentStatus{'o': status.Operational, 'u': status.UnderMaintenance,
		'd': status.DegradedPerformance, 'p': status.PartialOutage, 'm': status.MajorOutage}
	var components []status.Component
	for _, letter := range letters {
		components = append(components, status.Component{Status: states[letter]})
	}
	return components
}

func TestHeadlineIsTheWorseOfComponentsAndIncidents(t *testing.T) {
	incident := func(i status.Impact) status.Incident { return status.Incident{Status: status.Investigating, Impact: i} }
	planned := func(s status.IncidentStatus) status.Incident {
		return status.Incident{Status: s, Impact: status.ImpactMaintenance}
	}
	for _, c := range []struct {
		name   string
		leaves string
		open   []status.Incident
		want   status.Headline
	}{
		{"all well", "oo", nil, status.Headline{Indicator: "none", Key: "operational"}},
		{"components alone", "mo", nil, status.Headline{Indicator: "major", Key: "major"}},
		{"an incident alone", "oo", []status.Incident{incident(status.ImpactCritical)}, status.Headline{Indicator: "critical", Key: "critical"}},
		{"the worst of several", "do", []status.Incident{incident(status.ImpactMajor), incident(status.ImpactMinor)}, status.Headline{Indicator: "major", Key: "major"}},
		{"components worse", "mm", []status.Incident{incident(status.ImpactMinor)}, status.Headline{Indicator: "critical", Key: "critical"}},
		{"an incident of no impact", "oo", []status.Incident{incident(status.ImpactNone)}, status.Headline{Indicator: "minor", Key: "incident"}},
		{"no impact beside a grade", "oo", []status.Incident{incident(status.ImpactNone), incident(status.ImpactMajor)}, status.Headline{Indicator: "major", Key: "major"}},
		{"no impact during maintenance", "uo", []status.Incident{incident(status.ImpactNone)}, status.Headline{Indicator: "minor", Key: "incident"}},
		{"components in maintenance", "uo", nil, status.Headline{Indicator: "maintenance", Key: "maintenance"}},
		{"maintenance in progress", "oo", []status.Incident{planned(status.MaintenanceInProgress)}, status.Headline{Indicator: "maintenance", Key: "maintenance"}},
		{"maintenance being verified", "oo", []status.Incident{planned(status.MaintenanceVerifying)}, status.Headline{Indicator: "maintenance", Key: "maintenance"}},
		{"maintenance to come", "oo", []status.Incident{planned(status.MaintenanceScheduled)}, status.Headline{Indicator: "none", Key: "operational"}},
		{"trouble during maintenance", "do", []status.Incident{planned(status.MaintenanceInProgress)}, status.Headline{Indicator: "minor", Key: "minor"}},
	} {
		if got := status.HeadlineOf(leaves(c.leaves), c.open); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestComponentStatesAreOrderedFromBestToWorst(t *testing.T) {
	want := []status.ComponentStatus{status.Operational, status.UnderMaintenance, status.DegradedPerformance, status.PartialOutage, status.MajorOutage}
	if got := status.ComponentStatuses(); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	for i, s := range want {
		if s.Badness() != i || !s.Valid() {
			t.Errorf("%s has badness %d", s, s.Badness())
		}
	}
	if status.ComponentStatus("down").Valid() {
		t.Error("down is no state")
	}
	if got := status.WorstStatus(leaves("odu")); got != status.DegradedPerformance {
		t.Errorf("worst %s", got)
	}
	if got := status.WorstStatus(nil); got != status.Operational {
		t.Errorf("worst of none %s", got)
	}
}
