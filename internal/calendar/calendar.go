// Package calendar writes iCalendar files (RFC 5545) of events in UTC, for
// calendars that people subscribe to. It knows no incident and reads no clock.
package calendar

import (
	"bytes"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Calendar is what is published under one address.
type Calendar struct {
	Name   string
	Events []Event
}

// Event takes place from Start until End; End may be missing.
type Event struct {
	UID         string // never changes
	Summary     string
	Description string
	URL         string
	Start, End  time.Time
	Created     time.Time
	Changed     time.Time
	Sequence    int // rises with each change
	Cancelled   bool
}

// Encode writes the calendar: lines end in CRLF and are folded at 75 octets.
func (c Calendar) Encode() []byte {
	w := &writer{}
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", "-//Allclear//Status page//EN")
	w.line("CALSCALE", "GREGORIAN")
	w.line("METHOD", "PUBLISH")
	w.text("NAME", c.Name)
	w.text("X-WR-CALNAME", c.Name)
	w.line("REFRESH-INTERVAL;VALUE=DURATION", "PT1H")
	w.line("X-PUBLISHED-TTL", "PT1H")
	for _, e := range c.Events {
		w.event(e)
	}
	w.line("END", "VCALENDAR")
	return w.out.Bytes()
}

// width is how many octets a line holds before it is folded, its end not
// counted.
const width = 75

type writer struct{ out bytes.Buffer }

func (w *writer) event(e Event) {
	w.line("BEGIN", "VEVENT")
	w.text("UID", e.UID)
	w.time("DTSTAMP", e.Changed)
	w.time("DTSTART", e.Start)
	if e.End.After(e.Start) {
		w.time("DTEND", e.End)
	}
	w.text("SUMMARY", e.Summary)
	if e.Description != "" {
		w.text("DESCRIPTION", e.Description)
	}
	if e.URL != "" {
		w.line("URL", clean(e.URL))
	}
	w.time("CREATED", e.Created)
	w.time("LAST-MODIFIED", e.Changed)
	w.line("SEQUENCE", strconv.Itoa(max(e.Sequence, 0)))
	w.line("STATUS", map[bool]string{false: "CONFIRMED", true: "CANCELLED"}[e.Cancelled])
	w.line("TRANSP", "TRANSPARENT") // nobody is busy because of it
	w.line("END", "VEVENT")
}

func (w *writer) time(name string, t time.Time) { w.line(name, t.UTC().Format("20060102T150405Z")) }

// text writes a value in which commas, semicolons and line breaks are escaped.
func (w *writer) text(name, value string) {
	value = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(value)
	w.line(name, clean(strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(value)))
}

// clean removes what no line may hold: control characters but the tab, and
// bytes that are not UTF-8.
func clean(value string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError {
			return -1
		}
		return r
	}, value)
}

// line writes one line, folded between characters.
func (w *writer) line(name, value string) {
	rest, room := name+":"+value, width
	for len(rest) > room {
		cut := room
		for !utf8.RuneStart(rest[cut]) {
			cut--
		}
		w.out.WriteString(rest[:cut] + "\r\n ")
		rest, room = rest[cut:], width-1
	}
	w.out.WriteString(rest + "\r\n")
}
