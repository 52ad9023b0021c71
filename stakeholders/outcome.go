package stakeholders

import (
	"time"

	"github.com/allclear-status/allclear/status"
)

// Action is what is done about one contact for one notice.
type Action string

// The actions.
const (
	Skip Action = "skip" // nothing is sent, and nothing changes
	Send Action = "send" // send now
	Hold Action = "hold" // send at DueAt
	Drop Action = "drop" // send nothing, and drop what waits (rule 6)
)

// Outcome is the decision for one contact, with the thread taken into account.
type Outcome struct {
	Action Action
	DueAt  time.Time
	// OnlyIfOpen drops the message at DueAt unless the incident is still open
	// and not in monitoring.
	OnlyIfOpen bool
	// Gather says that the message goes together with others that wait for the
	// same address; empty: by itself.
	Gather Gather
	Rule   Rule
	Cell   string
	Reason string
}

// Settle turns a verdict into what is done for a person with this thread, for
// an event at the given time (rules 2, 5 and 6, and the cell's timing).
func (v Verdict) Settle(o Occasion, t Thread, at time.Time) Outcome {
	var out Outcome
	rest := v.rest
	switch {
	case o.Event.Ends():
		out = v.settleEnd(o, t, at)
	case o.Event.Closes() && t.Delayed:
		out = v.closing(t, at, "heard of a delay on this channel")
	case o.Event == CatchUp && (t.begun() || t.waits()):
		return Outcome{Action: Skip, Rule: RuleCatchUp, Cell: v.Cell, Reason: "was told already, or is about to be"}
	default:
		out = v.outcome(v.Own, t, at)
		if v.CatchUp != nil && !t.begun() {
			if late := v.outcome(v.CatchUp, t, at); earlier(late, out) {
				out = late
				out.Rule = RuleRaised
				rest.passing = rest.passingLate
			}
		}
	}
	return rest.leaves(out.inherit(t, at), at)
}

// Silent says that nothing comes of the verdict: Settle skips it, whatever the
// person was told.
func (v Verdict) Silent(o Occasion) bool {
	return v.Own == nil && v.CatchUp == nil && !o.Event.Closes()
}

// Foreseen is what Settle says whatever the person was told; false where that
// matters.
func (v Verdict) Foreseen(o Occasion, at time.Time) (Outcome, bool) {
	simple := v.Own == nil || *v.Own == Timing{} && !v.rest.digest
	if !simple || v.CatchUp != nil || o.Event.Closes() || o.Event == CatchUp {
		return Outcome{}, false
	}
	out := v.Settle(o, Thread{}, at)
	return out, out.Action != Hold
}

// inherit gives a message that would be held the due time of the one whose
// place it takes, where that is earlier, so that frequent updates never starve
// a hold. What was queued, held by no timing, was due already. And the newer
// message waits on no condition that the older one did not have. What goes
// into a digest takes nobody's place.
func (out Outcome) inherit(t Thread, at time.Time) Outcome {
	if out.Action != Hold || out.Gather == GatherDay || !t.waits() {
		return out
	}
	out.OnlyIfOpen = out.OnlyIfOpen && t.Conditions
	if t.WaitingDue.Before(out.DueAt) {
		out.DueAt = t.WaitingDue
		if t.Quiet {
			out.Gather = GatherQuiet
		}
	}
	if !t.Held || !out.DueAt.After(at) {
		out.Action, out.DueAt, out.OnlyIfOpen, out.Gather = Send, time.Time{}, false, ""
	}
	return out
}

// settleEnd decides an end: who heard of the start hears of it; where the
// start was held and never sent, both are dropped. What was critical is heard
// of all the same when the quiet hours end that held it (rule 5).
func (v Verdict) settleEnd(o Occasion, t Thread, at time.Time) Outcome {
	switch {
	case t.begun():
		return v.closing(t, at, "heard of the start on this channel")
	case t.Held && t.Quiet && o.Event == Resolved && o.Highest == status.ImpactCritical:
		return Outcome{Action: Hold, DueAt: t.WaitingDue, Gather: GatherQuiet, Rule: RuleQuiet, Cell: v.Cell,
			Reason: "quiet hours; it was critical"}
	case t.Held && (v.Rule != RuleManager || v.Own == nil):
		return Outcome{Action: Drop, Rule: RuleSupersede, Cell: v.Cell, Reason: "it ended before the held message went out"}
	default:
		return v.outcome(v.Own, t, at)
	}
}

// closing is what the table gives, or else the end that is owed. That waits on
// no condition: nothing is open any more.
func (v Verdict) closing(t Thread, at time.Time, reason string) Outcome {
	out := v.outcome(v.Own, t, at)
	if v.Closure && (out.Action == Skip || out.OnlyIfOpen) {
		out = v.outcome(&Timing{}, t, at)
		out.Rule, out.Cell, out.Reason = RuleClosure, v.Cell, reason
	}
	return out
}

// outcome applies one timing to a thread.
func (v Verdict) outcome(timing *Timing, t Thread, at time.Time) Outcome {
	out := Outcome{Action: Skip, Rule: v.Rule, Cell: v.Cell, Reason: v.Reason}
	if timing == nil {
		return out
	}
	if timing.Told && !t.begun() {
		out.Reason = "only for those who were told already"
		return out
	}
	if timing.Delayed && !t.Delayed {
		out.Reason = "only for those who were told of a delay"
		return out
	}
	if timing.Digest || v.rest.digest {
		return v.digest(out, timing, at)
	}
	due := at
	if timing.Hold > 0 {
		due = at.Add(timing.Hold)
	}
	if timing.StillOpen > 0 {
		due, out.OnlyIfOpen = at.Add(timing.StillOpen), true
	}
	if last, told := t.last(at); timing.Limit > 0 && told && last.Add(timing.Limit).After(due) {
		due = last.Add(timing.Limit)
	}
	out.Action = Send
	if due.After(at) {
		out.Action, out.DueAt = Hold, due
	}
	return out
}

// digest puts a message into the next daily digest.
func (v Verdict) digest(out Outcome, timing *Timing, at time.Time) Outcome {
	zone := v.rest.zone
	if zone == nil {
		zone = time.UTC
	}
	out.Action, out.Gather, out.DueAt, out.OnlyIfOpen = Hold, GatherDay, v.rest.digestAt.Next(at, zone), timing.StillOpen > 0
	if v.rest.digest {
		out.Rule, out.Reason = RuleNarrowing, "asked for a daily digest"
	}
	return out
}

// earlier says whether a reaches the person before b does.
func earlier(a, b Outcome) bool {
	switch {
	case a.Action == Skip || a.Action == Drop:
		return false
	case b.Action == Skip || b.Action == Drop:
		return true
	case a.Action == Send:
		return b.Action == Hold
	default:
		return b.Action == Hold && a.DueAt.Before(b.DueAt)
	}
}
