package notify_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

func TestDigestIsReadFromTheWorstDown(t *testing.T) {
	text := notify.Text{Language: "en", Content: notify.Content{PageName: "Acme", Event: stakeholders.QuietSummary, Items: []notify.Item{
		{Title: "over", Status: status.Resolved, Events: []stakeholders.Event{stakeholders.Resolved}},
		{Title: "review", Status: status.Resolved, Events: []stakeholders.Event{stakeholders.Retrospective}},
		{Title: "mild", Status: status.Identified, Impact: status.ImpactMinor},
		{Title: "planned", Status: status.MaintenanceScheduled},
		{Title: "bad", Status: status.Investigating, Impact: status.ImpactCritical, Body: strings.Repeat("word ", 200)},
	}}}
	if got := notify.Subject(text); got != "While it was quiet: 2 open, 1 over, 1 planned, 1 retrospective – Acme" {
		t.Errorf("subject %q", got)
	}
	entries, more := notify.Entries(text, notify.ByMail, 4)
	var got []string
	for _, e := range entries {
		got = append(got, e.State+": "+e.Title)
	}
	want := "[Investigating · Critical impact: bad Identified · Minor impact: mild Scheduled: planned Resolved: over]"
	if fmt.Sprint(got) != want || more != 1 {
		t.Errorf("%v and %d more, want %s", got, more, want)
	}
	if words := entries[0].Words; len(words) > 300 || !strings.HasSuffix(words, "word…") {
		t.Errorf("the words are not short: %q", words)
	}
}
