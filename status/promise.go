package status

import (
	"slices"
	"time"
)

// Promise is one time by which we said, in public, to speak again about an
// incident, and what became of it.
type Promise struct {
	IncidentID string
	Number     int // of the incident's promises, from 1
	MadeAt     time.Time
	DueAt      time.Time
	EndedAt    time.Time // zero: it stands
	End        PromiseEnd
}

// PromiseEnd is how a promise ended; empty while it stands.
type PromiseEnd string

// The ends of a promise. One that fell due is ended by speaking alone: moving
// it then makes another one and leaves it as broken as it is.
const (
	PromiseSpoken    PromiseEnd = "spoken"    // in time, or late
	PromiseMoved     PromiseEnd = "moved"     // to another time, before it fell due
	PromiseWithdrawn PromiseEnd = "withdrawn" // the incident left the record
)

// PromiseState is how a promise stands at a time.
type PromiseState string

// The states of a promise.
const (
	PromiseOpen      PromiseState = "open"    // not due yet
	PromiseOverdue   PromiseState = "overdue" // due, and nothing was said
	PromiseKept      PromiseState = "kept"
	PromiseLate      PromiseState = "late" // spoken, after it fell due
	PromiseWasMoved  PromiseState = "moved"
	PromiseWasPulled PromiseState = "withdrawn"
)

// State is how the promise stands.
func (p Promise) State(now time.Time) PromiseState {
	switch {
	case p.End == PromiseMoved:
		return PromiseWasMoved
	case p.End == PromiseWithdrawn:
		return PromiseWasPulled
	case p.End == PromiseSpoken && !p.EndedAt.After(p.DueAt):
		return PromiseKept
	case p.End == PromiseSpoken:
		return PromiseLate
	case now.After(p.DueAt):
		return PromiseOverdue
	default:
		return PromiseOpen
	}
}

// LateBy is how long after it fell due we spoke, or have not spoken yet; 0 when
// it was kept, moved or is not due.
func (p Promise) LateBy(now time.Time) time.Duration {
	switch p.State(now) {
	case PromiseLate:
		return p.EndedAt.Sub(p.DueAt)
	case PromiseOverdue:
		return now.Sub(p.DueAt)
	default:
		return 0
	}
}

// PromiseRecord counts what became of promises.
type PromiseRecord struct {
	Kept int
	Late int // those overdue now among them
	// Moved were put to another time before they fell due, and Open are not due
	// yet; neither counts for or against us.
	Moved int
	Open  int
	// Median and Worst are of those that were late, in how long.
	Median time.Duration
	Worst  time.Duration
}

// CountPromises counts promises as they stand at a time. Those of withdrawn
// incidents do not count.
func CountPromises(promises []Promise, now time.Time) PromiseRecord {
	var r PromiseRecord
	var late []time.Duration
	for _, p := range promises {
		switch p.State(now) {
		case PromiseKept:
			r.Kept++
		case PromiseLate, PromiseOverdue:
			r.Late++
			late = append(late, p.LateBy(now))
		case PromiseWasMoved:
			r.Moved++
		case PromiseOpen:
			r.Open++
		}
	}
	if len(late) > 0 {
		slices.Sort(late)
		r.Worst = late[len(late)-1]
		r.Median = (late[(len(late)-1)/2] + late[len(late)/2]) / 2
	}
	return r
}

// KeptShare is the part of the promises that fell due which were kept, from 0
// to 1; false when none fell due.
func (r PromiseRecord) KeptShare() (float64, bool) {
	if r.Kept+r.Late == 0 {
		return 0, false
	}
	return float64(r.Kept) / float64(r.Kept+r.Late), true
}

// KeptPercent is KeptShare in whole percent, rounded down: 100 means all.
func (r PromiseRecord) KeptPercent() (int, bool) {
	if r.Kept+r.Late == 0 {
		return 0, false
	}
	return 100 * r.Kept / (r.Kept + r.Late), true
}

// PromiseSpan is how far back the public record of promises reaches.
const PromiseSpan = 90 * 24 * time.Hour
