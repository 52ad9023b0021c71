package publish_test

import (
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

// Who came, or asked for more, after a post was not told of it for that reason,
// and not because of a cell that says to tell.
func TestWhoCameLateIsToldWhy(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) { // it is 10:45 UTC
		w := newWorld(t, s, c)
		const late, wider = "late@customer.example", "wider@customer.example"
		w.subscribe(wider, true)
		w.wish(wider, publish.Wishes{LeastImpact: "critical"})
		w.open(status.PartialOutage)
		w.step()
		c.Advance(time.Minute)
		w.subscribe(late, true)
		w.wish(wider, publish.Wishes{})
		for person, want := range map[string]string{
			late:  "UTC, after this was posted.",
			wider: "Not told: not among the readers when this was posted; as things are now, table (opened, keep_satisfied, major: P) would tell them.",
		} {
			why, err := w.publisher.Why(t.Context(), "INC-1", person)
			if err != nil || len(why) == 0 || !strings.HasSuffix(why[0].Words, want) {
				t.Errorf("%s: %+v, %v; want %q", person, why, err, want)
			}
		}
	})
}
