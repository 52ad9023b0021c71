package status_test

import (
	"testing"
	"time"

	"github.com/allclear-status/allclear/status"
)

func TestPromiseIsKeptLateOrMoved(t *testing.T) {
	due := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		what  string
		end   status.PromiseEnd
		ended time.Duration // after it fell due
		now   time.Duration
		state status.PromiseState
		late  time.Duration
	}{
		{"not due yet", "", 0, -time.Minute, status.PromiseOpen, 0},
		{"at the very moment", "", 0, 0, status.PromiseOpen, 0},
		{"not spoken", "", 0, time.Minute, status.PromiseOverdue, time.Minute},
		{"spoken in time", status.PromiseSpoken, -time.Second, time.Hour, status.PromiseKept, 0},
		{"spoken at the very moment", status.PromiseSpoken, 0, time.Hour, status.PromiseKept, 0},
		{"spoken late", status.PromiseSpoken, time.Second, time.Hour, status.PromiseLate, time.Second},
		{"moved", status.PromiseMoved, -time.Second, time.Hour, status.PromiseWasMoved, 0},
		{"withdrawn after it fell due", status.PromiseWithdrawn, time.Hour, 2 * time.Hour, status.PromiseWasPulled, 0},
	} {
		p := status.Promise{DueAt: due, End: c.end}
		if c.end != "" {
			p.EndedAt = due.Add(c.ended)
		}
		if state, late := p.State(due.Add(c.now)), p.LateBy(due.Add(c.now)); state != c.state || late != c.late {
			t.Errorf("%s: %s by %s, want %s by %s", c.what, state, late, c.state, c.late)
		}
	}
}

func TestPromisesAreCountedWithTheMedianOfTheLateOnes(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	due := now.Add(-time.Hour)
	spoken := func(late time.Duration) status.Promise {
		return status.Promise{DueAt: due, EndedAt: due.Add(late), End: status.PromiseSpoken}
	}
	promises := []status.Promise{
		spoken(-time.Minute), spoken(0), spoken(2 * time.Minute), spoken(4 * time.Minute),
		{DueAt: now.Add(time.Minute)}, {DueAt: due, EndedAt: due, End: status.PromiseMoved}, {DueAt: due, EndedAt: due, End: status.PromiseWithdrawn},
	}
	got := status.CountPromises(promises, now)
	if want := (status.PromiseRecord{Kept: 2, Late: 2, Moved: 1, Open: 1, Median: 3 * time.Minute, Worst: 4 * time.Minute}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	got = status.CountPromises(append(promises, status.Promise{DueAt: due}), now)
	share, _ := got.KeptShare()
	if percent, ok := got.KeptPercent(); got.Late != 3 || got.Median != 4*time.Minute || got.Worst != time.Hour || percent != 40 || !ok || share != 0.4 {
		t.Errorf("with one that is overdue: %+v, %d %%", got, percent)
	}
	if _, ok := (status.PromiseRecord{Open: 1, Moved: 3}).KeptShare(); ok {
		t.Error("a share of nothing")
	}
	if percent, _ := (status.PromiseRecord{Kept: 999, Late: 1}).KeptPercent(); percent != 99 {
		t.Errorf("999 of 1000 is %d %%", percent)
	}
}
