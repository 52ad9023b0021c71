package web

import (
	"strings"
	"testing"
)

func TestPlannedMaintenanceIsAnnouncedAndNotAmongWhatHappened(t *testing.T) {
	site := newBench(t, plannedRecord()).Site
	page := mainText(t, site, "/")
	at := -1
	for _, want := range []string{
		"Happening now", "Card payments fail", "Maintenance In progress INC-11 Search moves to larger machines", "Planned for 21 Nov 2026, 10:00 UTC to 12:00 UTC",
		"Components", "Planned maintenance", "Maintenance Scheduled INC-10 Search moves to larger machines", "Planned for 25 Nov 2026, 22:00 UTC to 26 Nov 2026, 02:00 UTC", "Past incidents",
	} {
		found := strings.Index(page, want)
		if found <= at {
			t.Errorf("%q stands at %d, want it after %d", want, found, at)
		}
		at = max(at, found)
	}
	if past := page[strings.Index(page, "Past incidents"):]; strings.Contains(past, "INC-10") || !strings.Contains(past, "INC-11") {
		t.Error("what is only announced is among what happened")
	}
	if own := mainText(t, site, "/incidents/m11111111111"); !strings.Contains(own, "Planned for 25 Nov 2026, 22:00 UTC") || strings.Contains(own, "Started") {
		t.Errorf("its own page says %q", own)
	}
}
