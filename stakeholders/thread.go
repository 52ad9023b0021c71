package stakeholders

import "time"

// Thread is what one person was told so far about one incident on one channel.
type Thread struct {
	ToldAt     time.Time // last time something was sent; zero: never
	WaitingDue time.Time // when what is held or queued falls due; zero: nothing waits
	Held       bool      // what waits was held by a timing
	Quiet      bool      // what waits was held by quiet hours
	Conditions bool      // what waits is dropped unless still open
	InFlight   bool      // something is being sent at this moment
	Delayed    bool      // a delay of a maintenance was told
}

// Told says whether anything was sent.
func (t Thread) Told() bool { return !t.ToldAt.IsZero() }

// begun says whether something was sent, is being sent, or is queued to be
// sent at once: what no timing holds back will be heard.
func (t Thread) begun() bool {
	return t.Told() || t.InFlight || (t.waits() && !t.Held)
}

// waits says whether something is held or queued.
func (t Thread) waits() bool { return !t.WaitingDue.IsZero() }

// last is when something was last sent; what is being sent counts as now.
func (t Thread) last(now time.Time) (time.Time, bool) {
	if t.InFlight {
		return now, true
	}
	return t.ToldAt, t.Told()
}
