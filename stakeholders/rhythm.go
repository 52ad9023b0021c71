package stakeholders

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/allclear-status/allclear/status"
)

// rhythm is what a policy says of time: when the next word is due, who is
// reminded of it, and when digests go out.
type rhythm struct {
	next         map[status.Impact]time.Duration
	firstPost    map[status.Impact]time.Duration
	longAfter    time.Duration
	longEvery    time.Duration
	reminders    Reminders
	digestHour   int
	digestMinute int
}

// Reminders says when an incident's own people are reminded that an update is
// due: the communication lead before and at the time, the others after it.
type Reminders struct {
	Before       time.Duration
	ManagerAfter time.Duration
	DeputyAfter  time.Duration
}

// defaultRhythm holds for what a policy leaves out. Nothing is promised for an
// impact that it does not name.
func defaultRhythm() rhythm {
	return rhythm{
		next:       map[status.Impact]time.Duration{},
		firstPost:  map[status.Impact]time.Duration{},
		longAfter:  2 * time.Hour,
		longEvery:  time.Hour,
		reminders:  Reminders{Before: 5 * time.Minute, ManagerAfter: 5 * time.Minute, DeputyAfter: 15 * time.Minute},
		digestHour: 9,
	}
}

// NextUpdate is how long after a post of this impact the next update is due; 0
// when none is promised.
func (p *Policy) NextUpdate(impact status.Impact) time.Duration { return p.rhythm.next[impact] }

// NextUpdates are the promises of every impact that has one.
func (p *Policy) NextUpdates() map[status.Impact]time.Duration { return maps.Clone(p.rhythm.next) }

// FirstPost is how long after an incident was taken in the first public update
// is due; 0 when nothing is asked.
func (p *Policy) FirstPost(impact status.Impact) time.Duration { return p.rhythm.firstPost[impact] }

// FirstPosts are the deadlines of every impact that has one.
func (p *Policy) FirstPosts() map[status.Impact]time.Duration { return maps.Clone(p.rhythm.firstPost) }

// LongIncident says after which time a long incident may be declared, and how
// often it then owes an update.
func (p *Policy) LongIncident() (after, every time.Duration) {
	return p.rhythm.longAfter, p.rhythm.longEvery
}

// Reminders says when an incident's own people are reminded of an update.
func (p *Policy) Reminders() Reminders { return p.rhythm.reminders }

// DigestAt is the time of day, where the person is, at which the daily digest
// goes out.
func (p *Policy) DigestAt() (hour, minute int) { return p.rhythm.digestHour, p.rhythm.digestMinute }

// lengthWords writes a time as a policy does: 15m, 2h, 1h30m.
func lengthWords(d time.Duration) string {
	text := strings.TrimSuffix(d.String(), "0s")
	if hours, ok := strings.CutSuffix(text, "h0m"); ok {
		return hours + "h"
	}
	if text == "" {
		return fmt.Sprint(d)
	}
	return text
}
