package stakeholders_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// A post at the very moment at which a limit or a hold ends takes the place of
// what was held: one message, as the sender has it (store, "falls due as it is
// posted").
func TestPostAsAHoldEndsIsOneMessage(t *testing.T) {
	start := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		r    stakeholders.Recipient
		last stakeholders.Event
		want []string
	}{
		{registered(stakeholders.ManageClosely, "a@x"), stakeholders.Resolved, []string{"03:00 opened", "03:30 resolved"}},
		{registered(stakeholders.ManageClosely, "a@x"), stakeholders.Updated, []string{"03:00 opened", "03:30 update"}},
		{registered(stakeholders.KeepInformed, "a@x"), stakeholders.Updated, []string{"03:00 opened", "04:00 update"}}, // the limit goes on
	} {
		end := status.Investigating
		if c.last.Ends() {
			end = status.Resolved
		}
		steps := []stakeholders.Step{
			{At: start, State: status.Investigating, Occasion: occasion(stakeholders.Opened, status.ImpactCritical)},
			{At: start.Add(20 * time.Minute), State: status.Investigating, Occasion: occasion(stakeholders.Updated, status.ImpactCritical)},
			{At: start.Add(30 * time.Minute), State: end, Occasion: occasion(c.last, status.ImpactCritical)},
		}
		var got []string
		for _, h := range stakeholders.Simulate(defaultPolicy(t), steps, []stakeholders.Recipient{c.r}, start.Add(4*time.Hour)) {
			got = append(got, fmt.Sprintf("%s %s", h.At.Format("15:04"), h.Event))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s, %s: %q, want %q", c.r.Quadrant, c.last, got, c.want)
		}
	}
}
