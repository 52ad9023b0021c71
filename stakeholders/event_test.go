package stakeholders_test

import (
	"testing"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

func TestOnePostIsTheFirstEventThatFits(t *testing.T) {
	investigating, identified, monitoring, resolved := status.Investigating, status.Identified, status.Monitoring, status.Resolved
	none, minor, major, critical := status.ImpactNone, status.ImpactMinor, status.ImpactMajor, status.ImpactCritical
	for _, c := range []struct {
		name   string
		change status.Change
		event  stakeholders.Event
		raised bool
	}{
		{"opened", status.Change{Opened: true, To: investigating, ImpactAfter: major}, stakeholders.Opened, false},
		{"opened identified", status.Change{Opened: true, To: identified, ImpactAfter: major}, stakeholders.Opened, false},
		{"opened in monitoring", status.Change{Opened: true, To: monitoring, ImpactAfter: major}, stakeholders.Opened, false},
		{"opened resolved", status.Change{Opened: true, To: resolved, ImpactAfter: major}, stakeholders.Resolved, false},
		{"resolved", status.Change{From: identified, To: resolved, ImpactBefore: major, ImpactAfter: major}, stakeholders.Resolved, false},
		{"resolved straight away", status.Change{From: investigating, To: resolved}, stakeholders.Resolved, false},
		{"resolved, lowered too", status.Change{From: monitoring, To: resolved, ImpactBefore: major, ImpactAfter: none}, stakeholders.Resolved, false},
		{"resolved, raised too", status.Change{From: monitoring, To: resolved, ImpactBefore: minor, ImpactAfter: critical, Widened: true}, stakeholders.Resolved, false},
		{"postscript", status.Change{From: resolved, To: resolved}, stakeholders.Updated, false},
		{"postscript, wider", status.Change{From: resolved, To: resolved, Widened: true}, stakeholders.Updated, false},
		{"reopened", status.Change{From: resolved, To: investigating}, stakeholders.Reopened, false},
		{"reopened as identified", status.Change{From: resolved, To: identified}, stakeholders.Reopened, false},
		{"reopened into monitoring", status.Change{From: resolved, To: monitoring}, stakeholders.Reopened, false},
		{"reopened and raised", status.Change{From: resolved, To: investigating, ImpactBefore: minor, ImpactAfter: major}, stakeholders.Reopened, true},
		{"fell back", status.Change{From: monitoring, To: investigating}, stakeholders.FellBack, false},
		{"fell back to identified", status.Change{From: monitoring, To: identified}, stakeholders.FellBack, false},
		{"fell back and lowered", status.Change{From: monitoring, To: identified, ImpactBefore: critical, ImpactAfter: major}, stakeholders.FellBack, false},
		{"monitoring", status.Change{From: investigating, To: monitoring}, stakeholders.Monitoring, false},
		{"monitoring and raised", status.Change{From: identified, To: monitoring, ImpactBefore: minor, ImpactAfter: critical}, stakeholders.Monitoring, true},
		{"still monitoring", status.Change{From: monitoring, To: monitoring}, stakeholders.Updated, false},
		{"identified", status.Change{From: investigating, To: identified}, stakeholders.Identified, false},
		{"identified and lowered", status.Change{From: investigating, To: identified, ImpactBefore: critical, ImpactAfter: minor}, stakeholders.Identified, false},
		{"identified and widened", status.Change{From: investigating, To: identified, Widened: true}, stakeholders.Identified, true},
		{"still identified", status.Change{From: identified, To: identified}, stakeholders.Updated, false},
		{"back to investigating", status.Change{From: identified, To: investigating}, stakeholders.Updated, false},
		{"update", status.Change{From: investigating, To: investigating}, stakeholders.Updated, false},
		{"raised", status.Change{From: investigating, To: investigating, ImpactBefore: minor, ImpactAfter: major}, stakeholders.Updated, true},
		{"raised from none", status.Change{From: investigating, To: investigating, ImpactBefore: none, ImpactAfter: minor}, stakeholders.Updated, true},
		{"widened", status.Change{From: investigating, To: investigating, Widened: true}, stakeholders.Updated, true},
		{"lowered", status.Change{From: investigating, To: investigating, ImpactBefore: major, ImpactAfter: minor}, stakeholders.ImpactLowered, false},
		{"lowered and widened", status.Change{From: investigating, To: investigating, ImpactBefore: major, ImpactAfter: minor, Widened: true}, stakeholders.ImpactLowered, true},
	} {
		if event, raised := stakeholders.EventOf(c.change); event != c.event || raised != c.raised {
			t.Errorf("%s: %s, raised %t; want %s, %t", c.name, event, raised, c.event, c.raised)
		}
	}
}

func TestEventsThatStartAndEnd(t *testing.T) {
	starts := []stakeholders.Event{stakeholders.Opened, stakeholders.Reopened, stakeholders.FellBack, stakeholders.MaintenanceAnnounced, stakeholders.MaintenanceMoved, stakeholders.MaintenanceCancelled}
	for _, e := range starts {
		if !e.Starts() {
			t.Errorf("%s starts something", e)
		}
	}
	for _, e := range []stakeholders.Event{stakeholders.Resolved, stakeholders.Withdrawn, stakeholders.MaintenanceCancelled} {
		if !e.Ends() {
			t.Errorf("%s ends something", e)
		}
	}
	for _, e := range []stakeholders.Event{stakeholders.Updated, stakeholders.Identified, stakeholders.Monitoring, stakeholders.ImpactLowered, stakeholders.MaintenanceCompleted} {
		if e.Starts() || e.Ends() {
			t.Errorf("%s is in between", e)
		}
	}
}

func TestPlaceInTheMatrix(t *testing.T) {
	for _, c := range []struct {
		power, interest stakeholders.Level
		want            stakeholders.Quadrant
	}{
		{stakeholders.High, stakeholders.High, stakeholders.ManageClosely}, {stakeholders.High, stakeholders.Low, stakeholders.KeepSatisfied},
		{stakeholders.Low, stakeholders.High, stakeholders.KeepInformed}, {stakeholders.Low, stakeholders.Low, stakeholders.Monitor},
	} {
		if got := stakeholders.Place(c.power, c.interest); got != c.want || !got.Valid() {
			t.Errorf("power %s, interest %s: %s, want %s", c.power, c.interest, got, c.want)
		}
	}
	for rank, q := range []stakeholders.Quadrant{stakeholders.ManageClosely, stakeholders.KeepInformed, stakeholders.KeepSatisfied, stakeholders.Monitor} {
		if q.Rank() != rank || stakeholders.Quadrants()[rank] != q {
			t.Errorf("%s is told at rank %d, want %d", q, q.Rank(), rank)
		}
	}
	if stakeholders.Level("medium").Valid() || stakeholders.Quadrant("").Valid() {
		t.Error("there are two levels and four quadrants")
	}
}

func TestPlannedWorkHasEventsOfItsOwn(t *testing.T) {
	scheduled, running := status.MaintenanceScheduled, status.MaintenanceInProgress
	for want, c := range map[stakeholders.Event]status.Change{
		stakeholders.MaintenanceAnnounced: {Opened: true, To: scheduled},
		stakeholders.MaintenanceMoved:     {From: scheduled, To: scheduled, Moved: true},
		stakeholders.MaintenanceStarted:   {From: scheduled, To: running},
		stakeholders.MaintenanceExtended:  {From: running, To: running, Extended: true},
		stakeholders.Updated:              {From: running, To: status.MaintenanceVerifying},
		stakeholders.MaintenanceCompleted: {From: running, To: status.MaintenanceCompleted},
		stakeholders.MaintenanceCancelled: {From: scheduled, To: status.MaintenanceCompleted, Cancelled: true},
	} {
		c.Maintenance = true
		if got, raised := stakeholders.EventOf(c); got != want || raised {
			t.Errorf("%+v is %s, want %s", c, got, want)
		}
	}
	if got, _ := stakeholders.EventOf(status.Change{Maintenance: true, From: scheduled, Withdrawn: true}); got != stakeholders.MaintenanceCancelled {
		t.Errorf("a maintenance taken back before it began is %s", got)
	}
	if got, _ := stakeholders.EventOf(status.Change{From: status.Identified, To: status.Identified, Withdrawn: true}); got != stakeholders.Withdrawn {
		t.Errorf("an incident taken back is %s", got)
	}
}
