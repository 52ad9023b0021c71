package stakeholders

import (
	"slices"

	"github.com/allclear-status/allclear/status"
)

// Gather says with what a message is put together instead of going by itself.
type Gather string

// The ways of putting together.
const (
	GatherDay   Gather = "day"   // the daily digest
	GatherQuiet Gather = "quiet" // the summary when quiet hours end
)

// The events of what is put together.
const (
	DailyDigest  Event = "daily_digest"
	QuietSummary Event = "quiet_summary"
)

// Lasting says whether what an event says stays true whatever is said later
// about the incident, so that nothing newer takes its place.
func (e Event) Lasting() bool { return e == Retrospective || e == ActionDone }

// Gathered is a message that was held to be put together with others, at the
// moment when that falls due.
type Gathered struct {
	NoticeID   int64 // its own; later notices have higher ones
	IncidentID string
	Gather     Gather
	Event      Event
	OnlyIfOpen bool
	// The incident as it is now.
	State     status.IncidentStatus
	Highest   status.Impact
	Withdrawn bool
	// ToldID is the newest notice that the person was told about the incident
	// on this channel, 0: none; Newest the newest that there is to tell.
	ToldID, Newest int64
	// Flying says that something about it is being sent at this moment.
	Flying bool
	// EndID is the newest end that rule 2 owes to who was told; 0: none.
	EndID int64
	// WaitingID is the notice that waits to go to the person by itself, whatever
	// happens; 0: none.
	WaitingID int64
}

// overtaken says whether the person knows more by now, or is about to.
func (g Gathered) overtaken() bool {
	return !g.Event.Lasting() && (g.ToldID >= g.NoticeID && g.ToldID >= g.Newest || g.WaitingID > g.NoticeID)
}

// left says why a message is left out of what is put together; empty: it is
// in. When quiet hours end people hear what is open, what was critical and the
// ends they are owed (rule 5); a digest holds whatever was put into it, but
// for what they know more of by now.
func (g Gathered) left() string {
	over := g.Withdrawn || g.State.Over()
	switch {
	case g.Withdrawn && !g.Event.Ends():
		return "it was withdrawn before the held message went out"
	case g.overtaken():
		return "a newer message about the incident takes its place"
	case g.OnlyIfOpen && (over || g.State == status.Monitoring):
		return "no longer open when it fell due"
	case g.Event.Lasting():
		return ""
	case g.Gather == GatherQuiet && over && !g.owed() && (g.Withdrawn || g.Highest != status.ImpactCritical):
		return "it ended before the quiet hours did"
	default:
		return ""
	}
}

// owed says whether the person was told about the incident, and not yet how it
// ended (rule 2). Whatever is said now says so.
func (g Gathered) owed() bool { return (g.ToldID > 0 || g.Flying) && g.ToldID < g.EndID }

// Together is what one address is sent of the messages that waited for it.
type Together struct {
	// Event is the digest's, when it is about more than one incident; empty:
	// the one message of Incidents goes by itself.
	Event Event
	// Incidents are the messages by incident, each oldest first, in the order
	// in which the incidents came up.
	Incidents [][]Gathered
	Left      []Left
}

// Left is a message that is not sent, with the reason.
type Left struct {
	Gathered
	Reason     string
	Superseded bool // a newer message takes its place
}

// PutTogether says what becomes of the messages that waited for one address.
func PutTogether(waiting []Gathered) Together {
	var t Together
	waiting = slices.SortedFunc(slices.Values(waiting), func(a, b Gathered) int { return int(a.NoticeID - b.NoticeID) })
	at := map[string]int{}
	day := false
	for _, g := range waiting {
		if reason := g.left(); reason != "" {
			t.Left = append(t.Left, Left{g, reason, g.overtaken()})
			continue
		}
		i, ok := at[g.IncidentID]
		if !ok {
			i = len(t.Incidents)
			at[g.IncidentID] = i
			t.Incidents = append(t.Incidents, nil)
		}
		t.Incidents[i] = append(t.Incidents[i], g)
		day = day || g.Gather == GatherDay
	}
	if len(t.Incidents) > 1 {
		t.Event = QuietSummary
		if day {
			t.Event = DailyDigest
		}
	}
	return t
}
