package lang

import (
	"fmt"
	"strings"
	"time"
)

// Date is a day, for example "21 Nov 2026".
func Date(tag string, t time.Time) string {
	c := of(tag)
	return c.fill(c.Formats.Date, t)
}

// ShortDate is a day without its year, for example "21 Nov".
func ShortDate(tag string, t time.Time) string {
	c := of(tag)
	return c.fill(c.Formats.Short, t)
}

// Day is a day of the last weeks as a heading, for example "Saturday, 21 November".
func Day(tag string, t time.Time) string {
	c := of(tag)
	return c.fill(c.Formats.Day, t)
}

// Month is a month as a heading, for example "November 2026".
func Month(tag string, t time.Time) string {
	c := of(tag)
	return c.fill(c.Formats.Month, t)
}

// Clock is a time of day with its zone, for example "10:42 UTC".
func Clock(tag string, t time.Time) string {
	c := of(tag)
	return c.fill(c.Formats.Clock, t)
}

// Moment is a day and a time with its zone, for example
// "21 Nov 2026, 10:42 UTC".
func Moment(tag string, t time.Time) string {
	return of(tag).both(Date(tag, t), Clock(tag, t))
}

// Since is t as short as it can be said on the day of now: the time alone when
// both fall on one day in t's zone, the whole moment otherwise.
func Since(tag string, t, now time.Time) string {
	now = now.In(t.Location())
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return Clock(tag, t)
	}
	return Moment(tag, t)
}

// Zone is the abbreviation of t's zone. Zones that have none ("-03") are
// written as their distance from UTC.
func Zone(t time.Time) string {
	name, offset := t.Zone()
	if name != "" && name[0] != '+' && name[0] != '-' {
		return name
	}
	if offset == 0 {
		return "UTC"
	}
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	if minutes := offset / 60 % 60; minutes != 0 {
		return fmt.Sprintf("UTC%c%d:%02d", sign, offset/3600, minutes)
	}
	return fmt.Sprintf("UTC%c%d", sign, offset/3600)
}

func (c *catalogue) both(date, clock string) string {
	return strings.NewReplacer("{date}", date, "{clock}", clock).Replace(c.Formats.Both)
}

func (c *catalogue) fill(format string, t time.Time) string {
	return strings.NewReplacer(
		"{weekday}", c.Weekdays[t.Weekday()],
		"{d}", fmt.Sprint(t.Day()),
		"{month}", c.Months[t.Month()-1],
		"{mon}", c.MonthsShort[t.Month()-1],
		"{yyyy}", fmt.Sprint(t.Year()),
		"{time}", t.Format("15:04"),
		"{zone}", Zone(t),
	).Replace(format)
}
