package stakeholders

import (
	"slices"
	"time"

	"github.com/allclear-status/allclear/status"
)

// Course follows what one contact is told about one incident when nothing
// goes wrong: everything is sent the moment it may be. The zero Course is that
// of somebody who was told nothing yet.
type Course struct {
	thread   Thread
	toldID   int64
	endID    int64     // the newest end that may be owed
	waiting  *waiting  // goes by itself, or with the summary after quiet hours
	gathered []waiting // in the daily digest
	// The incident as the last post left it.
	state   status.IncidentStatus
	highest status.Impact
}

// waiting is a message that was held.
type waiting struct {
	id      int64
	event   Event
	outcome Outcome
}

// Message is one message of a course.
type Message struct {
	At      time.Time
	Event   Event // that it was held for
	Gather  Gather
	Outcome Outcome
}

// Thread is what the contact was told so far.
func (c *Course) Thread() Thread { return c.thread }

// Elapse lets time pass up to a moment, and returns what went out meanwhile.
func (c *Course) Elapse(to time.Time) []Message {
	var sent []Message
	if w := c.waiting; w != nil && !w.outcome.DueAt.After(to) {
		c.waiting = nil
		told := c.thread.ToldAt
		c.thread = Thread{ToldAt: told, Delayed: c.thread.Delayed}
		if c.goes(*w) {
			sent = append(sent, c.send(w.id, w.event, w.outcome, w.outcome.DueAt))
		}
	}
	due := slices.DeleteFunc(slices.Clone(c.gathered), func(w waiting) bool { return w.outcome.DueAt.After(to) })
	if len(due) == 0 {
		return sent
	}
	c.gathered = slices.DeleteFunc(c.gathered, func(w waiting) bool { return !w.outcome.DueAt.After(to) })
	due = slices.DeleteFunc(due, func(w waiting) bool { return !c.goes(w) })
	if len(due) > 0 {
		last := due[len(due)-1]
		sent = append(sent, c.send(last.id, last.event, last.outcome, last.outcome.DueAt))
	}
	slices.SortStableFunc(sent, func(a, b Message) int { return a.At.Compare(b.At) })
	return sent
}

// goes says whether what was held is still sent when it falls due.
func (c *Course) goes(w waiting) bool {
	if w.outcome.Gather == "" {
		return !w.outcome.OnlyIfOpen || !c.state.Over() && c.state != status.Monitoring
	}
	g := Gathered{NoticeID: w.id, Gather: w.outcome.Gather, Event: w.event, OnlyIfOpen: w.outcome.OnlyIfOpen,
		State: c.state, Highest: c.highest, ToldID: c.toldID, Newest: c.toldID, EndID: c.endID}
	return g.left() == ""
}

func (c *Course) send(id int64, event Event, out Outcome, at time.Time) Message {
	delay := event == MaintenanceOverruns || event == MaintenanceExtended
	c.thread = Thread{ToldAt: at, Delayed: c.thread.Delayed || delay, WaitingDue: c.thread.WaitingDue, Held: c.thread.Held,
		Quiet: c.thread.Quiet, Conditions: c.thread.Conditions}
	c.toldID = max(c.toldID, id)
	return Message{at, event, out.Gather, out}
}

// Post takes an event that the contact's verdict was made for, after which the
// incident is in a state. Notices have rising ids. It returns the outcome and
// what went out until then and at once; times never go back.
func (c *Course) Post(id int64, o Occasion, v Verdict, state status.IncidentStatus, at time.Time) (Outcome, []Message) {
	sent := c.Elapse(at)
	out := v.Settle(o, c.thread, at)
	c.become(state, o.Highest)
	return out, append(sent, c.take(id, o.Event, out, at)...)
}

// become notes how the incident stands after a post.
func (c *Course) become(state status.IncidentStatus, highest status.Impact) {
	c.state, c.highest = state, highest
}

// take does what was decided about an event, and returns what goes out at once.
func (c *Course) take(id int64, event Event, out Outcome, at time.Time) []Message {
	switch {
	case out.Action == Skip:
	case out.Action == Hold && out.Gather == GatherDay:
		c.gathered = append(c.gathered, waiting{id, event, out})
	case out.Action == Hold:
		c.waiting = &waiting{id, event, out}
		c.thread.WaitingDue, c.thread.Held, c.thread.Quiet, c.thread.Conditions = out.DueAt, true, out.Gather == GatherQuiet, out.OnlyIfOpen
	default:
		c.waiting = nil
		c.thread = Thread{ToldAt: c.thread.ToldAt, Delayed: c.thread.Delayed}
		if out.Action == Send {
			return []Message{c.send(id, event, out, at)}
		}
	}
	return nil
}
