package email

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/allclear-status/allclear/internal/clock"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// perSecond is how many messages a pace lets through in a second of a clock.
func perSecond(p *pace, c *clock.Manual) int {
	sent := 0
	for end := c.Now().Add(time.Second); c.Now().Before(end); sent++ {
		c.Advance(p.reserve())
		c.Advance(10 * time.Microsecond) // what sending takes
	}
	return sent
}

func near(got, want int) bool { return got >= want*9/10-1 && got <= want*11/10+1 }

func TestRateIsKept(t *testing.T) {
	c := clock.NewManual(noon)
	p := newPace(100, c.Now)
	for range 5 {
		if got := perSecond(p, c); !near(got, 100) {
			t.Errorf("%d messages in a second, not 100", got)
		}
	}
	c.Advance(time.Hour) // a pause saves nothing up
	if got := perSecond(p, c); !near(got, 100) {
		t.Errorf("%d messages in the second after a pause, not 100", got)
	}
}

func TestRateHalvesAndGrowsBack(t *testing.T) {
	c := clock.NewManual(noon)
	p := newPace(100, c.Now)
	perSecond(p, c)
	p.slow()
	p.slow() // another session that hears the same
	if got := perSecond(p, c); !near(got, 51) {
		t.Errorf("%d messages in a second, not half of 100", got)
	}
	p.slow()
	if got := perSecond(p, c); !near(got, 26) {
		t.Errorf("%d messages in a second, not a quarter of 100", got)
	}
	before := 0
	for range 5 {
		c.Advance(9 * time.Second)
		got := perSecond(p, c)
		if got <= before {
			t.Errorf("after %d messages in a second %d: it does not grow", before, got)
		}
		before = got
	}
	c.Advance(time.Minute)
	if got := perSecond(p, c); !near(got, 100) {
		t.Errorf("%d messages in a second, not 100 again", got)
	}
}

// Without a limit the rate is halved from what was sent, and free again later.
func TestServerWithoutALimitIsSpared(t *testing.T) {
	c := clock.NewManual(noon)
	p := newPace(0, c.Now)
	for range 300 {
		if p.reserve() != 0 {
			t.Fatal("it waits")
		}
		c.Advance(10 * time.Millisecond)
	}
	p.slow()
	if got := perSecond(p, c); !near(got, 51) {
		t.Errorf("%d messages in a second, not half of 100", got)
	}
	c.Advance(time.Minute)
	for range 2 {
		if p.reserve() != 0 {
			t.Error("it still waits after a minute without trouble")
		}
	}
}

// However a server complains, messages go on, never faster than allowed.
func TestPaceNeverStopsAndNeverExceeds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := clock.NewManual(noon)
		limit := rapid.IntRange(1, 1000).Draw(t, "limit")
		p := newPace(float64(limit), c.Now)
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			switch rapid.IntRange(0, 2).Draw(t, "step") {
			case 0:
				p.slow()
			case 1:
				c.Advance(time.Duration(rapid.Int64Range(0, int64(2*time.Minute)).Draw(t, "pause")))
			default:
				wait := p.reserve()
				if wait > time.Second {
					t.Fatalf("waits %v", wait)
				}
				c.Advance(wait)
				if rate := p.current(); rate > float64(limit) || rate < minRate {
					t.Fatalf("%v messages in a second of %d", rate, limit)
				}
			}
		}
	})
}
