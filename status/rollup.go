package status

// Indicator is the page's state in one word, as the Statuspage interface
// reports it: none, minor, major, critical or maintenance.
type Indicator string

// The indicators.
const (
	IndicatorNone        Indicator = "none"
	IndicatorMinor       Indicator = "minor"
	IndicatorMajor       Indicator = "major"
	IndicatorCritical    Indicator = "critical"
	IndicatorMaintenance Indicator = "maintenance"
)

// Rollup is the page's state and the sentence that goes with it. Clients
// switch on the exact text of Description; there are seven.
type Rollup struct {
	Indicator   Indicator
	Description string
}

// RollUp computes the state of the page from its components alone, groups and
// incidents left aside, as Statuspage does (STATUSPAGE.md 1.4).
func RollUp(components []Component) Rollup {
	count := map[ComponentStatus]int{}
	for _, c := range components {
		count[c.Status]++
	}
	all := len(components)
	switch {
	case all == 0 || count[Operational] == all:
		return Rollup{IndicatorNone, "All Systems Operational"}
	case count[MajorOutage] == all:
		return Rollup{IndicatorCritical, "Major System Outage"}
	case count[PartialOutage] == all, count[MajorOutage] > 0:
		return Rollup{IndicatorMajor, "Partial System Outage"}
	case count[PartialOutage] > 0:
		return Rollup{IndicatorMinor, "Minor Service Outage"}
	case count[DegradedPerformance] == all:
		return Rollup{IndicatorMinor, "Degraded System Service"}
	case count[DegradedPerformance] > 0:
		return Rollup{IndicatorMinor, "Partially Degraded Service"}
	default:
		return Rollup{IndicatorMaintenance, "Service Under Maintenance"}
	}
}

// Headline is what the page says first: the worse of the component rollup and
// the open incidents. Unlike the indicator it does not say that all is well
// while somebody is still investigating.
type Headline struct {
	Indicator Indicator
	// Key names the sentence: operational, maintenance, minor, major, critical,
	// or incident for an open incident of no stated impact.
	Key string
}

// HeadlineOf computes the headline from the components and the open incidents.
func HeadlineOf(components []Component, open []Incident) Headline {
	rollup := RollUp(components)
	level, unstated, working := levelOf(rollup.Indicator), false, false
	for _, i := range open {
		switch {
		case i.IsMaintenance():
			working = working || i.Status == MaintenanceInProgress || i.Status == MaintenanceVerifying
		case i.Impact == ImpactNone:
			unstated = true
		default:
			level = max(level, i.Impact.Level())
		}
	}
	switch {
	case level > 0:
		grade := grades[level]
		return Headline{Indicator(grade), string(grade)}
	case unstated:
		return Headline{IndicatorMinor, "incident"}
	case working || rollup.Indicator == IndicatorMaintenance:
		return Headline{IndicatorMaintenance, "maintenance"}
	default:
		return Headline{IndicatorNone, "operational"}
	}
}

func levelOf(i Indicator) int { return Impact(i).Level() }
