package notify

import (
	"testing"
	"testing/synctest"
	"time"
)

// A process that was frozen finds its timers late: whoever is about to send
// asks the time, and not whether a timer has run.
func TestGripHasEndedBeforeItsTimerSaysSo(t *testing.T) {
	for range 100 {
		if newGrip(time.Minute, time.Now().Add(-time.Minute)).Err() == nil {
			t.Fatal("a lease that ran out is still held")
		}
	}
}

func TestGripLastsAsLongAsItIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGrip(30*time.Second, time.Now())
		for range 10 {
			time.Sleep(20 * time.Second)
			g.renew(time.Now())
			g.renew(time.Now().Add(-time.Minute)) // an answer that was late
		}
		if g.Err() != nil {
			t.Fatal("it ended although it was renewed")
		}
		time.Sleep(25 * time.Second)
		g.renew(time.Now())
		select {
		case <-g.Done():
		default:
			t.Error("it lasts as long as the lease")
		}
		if g.Err() == nil {
			t.Error("what has ended was renewed")
		}
	})
}
