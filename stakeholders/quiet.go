package stakeholders

import (
	"fmt"
	"strings"
	"time"

	"github.com/allclear-status/allclear/status"
)

// TimeOfDay is a wall-clock time in minutes since midnight.
type TimeOfDay int

// QuietHours is the part of each day in which a person is not disturbed. It
// may pass midnight. The zero QuietHours is none.
type QuietHours struct{ From, To TimeOfDay }

// NormalizeQuietHours is quiet hours as they are stored, "22:00-07:00"; false
// for what is none.
func NormalizeQuietHours(text string) (string, bool) {
	q, ok := parseQuietHours(text)
	return fmt.Sprintf("%02d:%02d-%02d:%02d", q.From/60, q.From%60, q.To/60, q.To%60), ok
}

// parseQuietHours reads two times of day, "22:00-07:00".
func parseQuietHours(text string) (QuietHours, bool) {
	from, to, ok := strings.Cut(text, "-")
	a, err1 := time.Parse("15:04", strings.TrimSpace(from))
	b, err2 := time.Parse("15:04", strings.TrimSpace(to))
	q := QuietHours{timeOfDay(a), timeOfDay(b)}
	return q, ok && err1 == nil && err2 == nil && q.From != q.To
}

func timeOfDay(t time.Time) TimeOfDay { return TimeOfDay(t.Hour()*60 + t.Minute()) }

// Until says when the quiet hours that cover a moment end, by the clocks of a
// zone; false: none cover it. They begin with their first minute and end
// before the minute at which they end.
func (q QuietHours) Until(at time.Time, zone *time.Location) (time.Time, bool) {
	if q.From == q.To {
		return time.Time{}, false
	}
	until := at
	year, month, day := at.In(zone).Date()
	for before := 1; before >= -1; before-- { // a day that a zone leaves out joins two nights
		last := day - before
		if q.To < q.From {
			last++
		}
		start, end := wall(year, month, day-before, q.From, zone), wall(year, month, last, q.To, zone)
		if !until.Before(start) && until.Before(end) {
			until = end
		}
	}
	return until.UTC(), until.After(at)
}

// Next is the first moment after another at which the clocks of a zone show a
// time of day.
func (d TimeOfDay) Next(at time.Time, zone *time.Location) time.Time {
	year, month, day := at.In(zone).Date()
	for ; ; day++ {
		if t := wall(year, month, day, d, zone).UTC(); t.After(at) {
			return t
		}
	}
}

// wall is the first moment of a day at which the clocks of a zone show a time
// of day or, where they pass over it, a later one.
func wall(year int, month time.Month, day int, d TimeOfDay, zone *time.Location) time.Time {
	t := time.Date(year, month, day, int(d)/60, int(d)%60, 0, 0, zone)
	start, end := t.ZoneBounds()
	wanted := time.Date(year, month, day, int(d)/60, int(d)%60, 0, 0, time.UTC)
	_, offset := t.Zone()
	switch shown := t.Add(time.Duration(offset) * time.Second).UTC(); {
	case shown.After(wanted): // put behind a gap
		return start
	case shown.Before(wanted): // put before a gap
		return end
	}
	if !start.IsZero() { // may be the second time that the clocks show it
		_, earlier := start.Add(-time.Second).Zone()
		if first := t.Add(-time.Duration(earlier-offset) * time.Second); earlier > offset && first.Before(start) {
			return first
		}
	}
	return t
}

// disturbs says whether an event is news that some are woken for, if it is
// critical: not what is planned for later, nor what is looked back upon.
func (e Event) disturbs() bool {
	switch e.Row() {
	case Retrospective, ActionDone, MaintenanceAnnounced, MaintenanceIn24h:
		return false
	default:
		return true
	}
}

// rest is when and where a person is to be left alone, and how much may pass.
type rest struct {
	zone    *time.Location
	quiet   QuietHours
	passing bool // quiet hours do not hold this event (rule 5)
	// passingLate says so of a catch-up, which reads the impact as it is now.
	passingLate bool
	digest      bool      // the person asked for a daily digest of everything
	digestAt    TimeOfDay // when the day's digest comes
}

// restOf reads a recipient's hours for one contact: teams, their shared
// channels and programs have none.
func restOf(p *Policy, o Occasion, r Recipient, c Contact) rest {
	name := r.Preferences.TimeZone
	if name == "" {
		name = o.TimeZone
	}
	hour, minute := p.DigestAt()
	rest := rest{zone: p.zone(name), digestAt: TimeOfDay(hour*60 + minute)}
	if c.Channel == Webhook {
		return rest
	}
	rest.digest = r.Kind == FromSubscription && r.Preferences.DailyDigest
	if r.Team || c.Shared {
		return rest
	}
	rest.quiet, _ = parseQuietHours(r.Preferences.QuietHours)
	woken := o.Event.disturbs() && (r.Quadrant == ManageClosely || r.Quadrant == KeepInformed)
	rest.passing, rest.passingLate = woken && impactRead(o) == status.ImpactCritical, woken && o.Impact == status.ImpactCritical
	return rest
}

// leaves moves what would disturb to the end of the quiet hours.
func (r rest) leaves(out Outcome, at time.Time) Outcome {
	due := at
	if out.Action == Hold {
		due = out.DueAt
	}
	if out.Action != Send && out.Action != Hold || r.passing && out.Gather != GatherDay {
		return out
	}
	end, quiet := r.quiet.Until(due, r.zone)
	if !quiet {
		return out
	}
	out.Action, out.DueAt = Hold, end
	if out.Gather == "" {
		out.Gather, out.Rule, out.Reason = GatherQuiet, RuleQuiet, "quiet hours; "+out.Reason
	}
	return out
}
