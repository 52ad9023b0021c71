package notify_test

import (
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
)

var start = time.Date(2026, 11, 22, 10, 44, 2, 0, time.UTC)

func TestPausesGrowAndStayWithinTheirJitter(t *testing.T) {
	r := notify.DefaultRetry()
	for attempt, middle := range map[int]time.Duration{
		1: 15 * time.Second, 2: 30 * time.Second, 3: time.Minute, 4: 2 * time.Minute, 5: 4 * time.Minute, 6: 8 * time.Minute,
		7: 15 * time.Minute, 8: 15 * time.Minute, 1000: 15 * time.Minute,
	} {
		least, most := time.Duration(float64(middle)*0.8), time.Duration(float64(middle)*1.2)
		distinct := map[time.Duration]bool{}
		for range 200 {
			pause := r.Pause(attempt)
			if pause < least || pause > most {
				t.Fatalf("attempt %d: pause %s is not within %s and %s", attempt, pause, least, most)
			}
			distinct[pause] = true
		}
		if len(distinct) < 100 {
			t.Errorf("attempt %d: %d distinct pauses in 200; all would come back at once", attempt, len(distinct))
		}
	}
}

func TestWhatFollowsFromAResult(t *testing.T) {
	fixed := notify.Retry{First: 10 * time.Second, Most: time.Hour, MaxAge: 24 * time.Hour}
	young, old := start.Add(-time.Minute), start.Add(-24*time.Hour)
	for name, c := range map[string]struct {
		result  notify.Result
		attempt int
		created time.Time
		state   notify.State
		again   time.Duration // 0: never
	}{
		"delivered":                         {notify.Result{Outcome: notify.Delivered}, 1, young, notify.Sent, 0},
		"delivered when too old":            {notify.Result{Outcome: notify.Delivered}, 1, old, notify.Sent, 0},
		"permanent":                         {notify.Result{Outcome: notify.Permanent}, 1, young, notify.Failed, 0},
		"transient":                         {notify.Result{Outcome: notify.Transient}, 3, young, notify.Pending, 40 * time.Second},
		"transient, too old":                {notify.Result{Outcome: notify.Transient}, 3, old, notify.Failed, 0},
		"uncertain":                         {notify.Result{Outcome: notify.UncertainSent}, 1, young, notify.Uncertain, 10 * time.Second},
		"uncertain, too old":                {notify.Result{Outcome: notify.UncertainSent}, 1, old, notify.Uncertain, 0},
		"rate limited":                      {notify.Result{Outcome: notify.RateLimited, RetryAt: start.Add(77 * time.Second)}, 9, young, notify.Pending, 77 * time.Second},
		"rate limited, no time":             {notify.Result{Outcome: notify.RateLimited}, 1, young, notify.Pending, 10 * time.Second},
		"rate limited until a time past":    {notify.Result{Outcome: notify.RateLimited, RetryAt: start.Add(-time.Hour)}, 1, young, notify.Pending, 10 * time.Second},
		"rate limited for a year":           {notify.Result{Outcome: notify.RateLimited, RetryAt: start.AddDate(1, 0, 0)}, 1, young, notify.Pending, time.Hour},
		"channel failed":                    {notify.Result{Outcome: notify.Unavailable}, 1, young, notify.Pending, 10 * time.Second},
		"channel failed for the ninth time": {notify.Result{Outcome: notify.Unavailable}, 9, young, notify.Pending, 2 * time.Minute},
		"channel failed, too old":           {notify.Result{Outcome: notify.Unavailable}, 1, old, notify.Failed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			rec := fixed.Follow(notify.Outgoing{Attempt: c.attempt, CreatedAt: c.created}, c.result, start)
			if rec.State != c.state {
				t.Errorf("state %s, want %s", rec.State, c.state)
			}
			want := time.Time{}
			if c.again != 0 {
				want = start.Add(c.again)
			}
			if !rec.RetryAt.Equal(want) {
				t.Errorf("again at %s, want %s", rec.RetryAt, want)
			}
		})
	}
}
