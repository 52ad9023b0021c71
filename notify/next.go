package notify

import (
	"time"

	"github.com/allclear-status/allclear/internal/lang"
)

// Way is how a message calls the way by which it came.
type Way string

// The ways: mail among other mails, chat in the place where it is read.
const (
	ByMail Way = "email"
	ByChat Way = "chat"
)

// Next is when to expect more; empty when nothing was promised. Where updates
// reach these readers at most once in a while, or not at all, it says so: the page
// keeps the promise, the channel comes after or is silent. A promise that is past
// is none: then the page has the newest.
func Next(t Text, way Way) string {
	c, tag := t.Content, t.Tag()
	if c.NextUpdateDueAt.IsZero() {
		return ""
	}
	at := lang.Since(tag, c.NextUpdateDueAt.In(c.Location()), c.PostedAt)
	next := lang.Text(tag, "incident.next_by", at)
	switch {
	case t.Late:
		next = lang.Text(tag, "notice.next_past")
	case t.Pace < 0:
		next = lang.Text(tag, "notice.next_page_only", at)
	case t.Pace >= time.Minute:
		next = lang.Text(tag, "notice.next_page", at, within(tag, t.Pace, "."+string(way)))
	}
	if c.LongMinutes > 0 {
		next += " · " + lang.Text(tag, "incident.long", c.LongMinutes)
	}
	return next
}

// within is a period in whole hours or minutes, with the way.
func within(tag string, pace time.Duration, way string) string {
	switch {
	case pace == time.Hour:
		return lang.Text(tag, "notice.within_hour"+way)
	case pace%time.Hour == 0:
		return lang.Text(tag, "notice.within_hours"+way, int(pace/time.Hour))
	default:
		return lang.Text(tag, "notice.within_minutes"+way, int((pace+time.Minute-1)/time.Minute))
	}
}
