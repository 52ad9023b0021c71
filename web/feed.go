package web

import (
	"cmp"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// How many incidents the history holds at most, and how many updates the feed
// of updates does: chat programs ask every quarter of an hour, and should miss
// none.
const (
	feedIncidents = 50
	feedUpdates   = 100
)

// feed is a list of entries before it is written as RSS, Atom or JSON.
type feed struct {
	name     string // of its addresses: history or updates
	title    string
	about    string
	language string
	page     status.Page
	entries  []entry // newest first
}

// entry is one item. Its guid never changes: a reader that knows it would
// otherwise show the item anew, and a chat room would be told twice.
type entry struct {
	guid      string
	tag       string // what Atom's id ends with
	title     string
	link      string
	html      string
	text      string // may be empty
	published time.Time
	updated   time.Time
	dated     time.Time // what RSS, which has one date, shows
	ends      time.Time // of a maintenance; else zero
}

// historyFeed has one entry an incident, in Statuspage's shape. Its fixed words
// stay English in every language, because programs look for
// "<strong>Resolved</strong>".
func historyFeed(sn *Snapshot) feed {
	r := sn.record
	f := feed{
		name: "history", title: markup.StripXML(r.Page.Name) + " Status - Incident History",
		about:    lang.Text(r.Page.Language, "history.description", markup.StripXML(r.Page.Name)),
		language: cmp.Or(r.Page.Language, lang.Default), page: r.Page, entries: []entry{},
	}
	for _, i := range r.Incidents[:min(len(r.Incidents), feedIncidents)] {
		f.entries = append(f.entries, incidentEntry(r.Page, i))
	}
	return f
}

func incidentEntry(p status.Page, i status.Incident) entry {
	address := statuspage.IncidentURL(p, i.ID)
	e := entry{
		guid: address, tag: fmt.Sprintf("Incident/%d", i.Number), title: markup.StripXML(i.Name), link: address,
		html: feedBody(p, i), published: i.CreatedAt, updated: i.UpdatedAt, dated: i.CreatedAt,
	}
	if latest, ok := i.Latest(); ok {
		e.dated = latest.DisplayAt
	}
	if i.IsMaintenance() {
		e.dated, e.ends = statuspage.Window(i)
	}
	return e
}

// feedBody is the incident's timeline as HTML, newest first, in the markup
// that readers of Statuspage's feeds take apart.
func feedBody(p status.Page, i status.Incident) string {
	var out strings.Builder
	if i.IsMaintenance() {
		from, until := statuspage.Window(i)
		fmt.Fprintf(&out, "<p><strong>THIS IS A SCHEDULED EVENT %s</strong></p>", stampSpan(from.In(p.Location()), until.In(p.Location()), "%2d"))
	}
	for n := len(i.Updates) - 1; n >= 0; n-- {
		at, said := i.Updates[n].DisplayAt.In(p.Location()), ""
		if n == len(i.Updates)-1 && i.WhatToDo != "" {
			said = "<br>" + doLine(lang.Default, i.WhatToDo)
		}
		fmt.Fprintf(&out, "<p><small>%s %s</small><br><strong>%s</strong> - %s</p>",
			stamp(at, "%2d"), html.EscapeString(lang.Zone(at)), updateLabel(lang.Default, i, n), lines(i.Updates[n].Body)+said)
	}
	return out.String()
}

// doLine is what readers can do, as HTML.
func doLine(tag, words string) string {
	return html.EscapeString(lang.Text(tag, "incident.what_to_do") + ": " + markup.StripXML(words))
}

// updateLabel is the state that an update brought, or that it brought none.
func updateLabel(tag string, i status.Incident, n int) string {
	if n > 0 && i.Updates[n-1].Status == i.Updates[n].Status {
		return lang.Text(tag, "incident.update")
	}
	return incidentState(tag, i.Updates[n].Status)
}

// stamp is a time in Statuspage's markup, by which scripts find its parts. day
// is the verb that writes the day.
func stamp(at time.Time, day string) string {
	return fmt.Sprintf("%s <var data-var='date'>"+day+"</var>, <var data-var='time'>%s</var>", at.Format("Jan"), at.Day(), at.Format("15:04"))
}

// stampSpan is a span of time in that markup; the day is said again only when
// it is another. Without an end it is a moment.
func stampSpan(from, until time.Time, day string) string {
	zone := " " + html.EscapeString(lang.Zone(from))
	switch {
	case until.IsZero():
		return stamp(from, day) + zone
	case from.Format(time.DateOnly) == until.Format(time.DateOnly):
		return fmt.Sprintf("%s - <var data-var='time'>%s</var>%s", stamp(from, day), until.Format("15:04"), zone)
	default:
		return stamp(from, day) + " - " + stamp(until, day) + zone
	}
}

// lines is a message as one paragraph of HTML with its line breaks.
func lines(body string) string {
	return strings.ReplaceAll(html.EscapeString(markup.Text(body)), "\n", "<br>")
}

// updatesFeed has one entry an update, for chat rooms: readers that go by the
// guid never show the later updates of an incident whose entry they know.
func updatesFeed(sn *Snapshot, tag string) feed {
	r := sn.record
	name := markup.StripXML(r.Page.Name)
	f := feed{
		name: "updates", title: lang.Text(tag, "feed.updates_title", name), about: lang.Text(tag, "feed.updates_about", name),
		language: tag, page: r.Page, entries: []entry{},
	}
	for _, i := range r.Incidents {
		for n := range i.Updates {
			f.entries = append(f.entries, updateEntry(r, i, n, tag))
		}
	}
	slices.SortStableFunc(f.entries, func(a, b entry) int {
		return cmp.Or(b.published.Compare(a.published), b.updated.Compare(a.updated))
	})
	f.entries = f.entries[:min(len(f.entries), feedUpdates)]
	return f
}

func updateEntry(r status.Record, i status.Incident, n int, tag string) entry {
	u := i.Updates[n]
	return entry{
		guid: u.ID, tag: "IncidentUpdate/" + u.ID, link: statuspage.IncidentURL(r.Page, i.ID) + "#" + u.ID,
		title: lang.Text(tag, "feed.update_title", updateLabel(tag, i, n), markup.StripXML(i.Name)),
		html:  updateBody(r, i, u, tag), text: markup.Text(u.Body),
		published: u.DisplayAt, updated: later(u.DisplayAt, u.UpdatedAt), dated: u.DisplayAt,
	}
}

// updateBody is what was said, what it did to the components and what it
// promised. It says nothing that is no longer so a minute later.
func updateBody(r status.Record, i status.Incident, u status.Update, tag string) string {
	var out strings.Builder
	out.WriteString(string(markup.HTML(u.Body)))
	if len(u.Changes) > 0 {
		out.WriteString("<ul>")
		for _, c := range u.Changes {
			fmt.Fprintf(&out, "<li>%s: %s</li>", html.EscapeString(markup.StripXML(statuspage.ChangedName(r, c))), html.EscapeString(componentState(tag, c.New).Word))
		}
		out.WriteString("</ul>")
	}
	loc := r.Page.Location()
	if from, until := statuspage.Window(i); u.Status == status.MaintenanceScheduled {
		fmt.Fprintf(&out, "<p>%s</p>", html.EscapeString(lang.Text(tag, "maintenance.window", lang.Moment(tag, from.In(loc)), lang.Since(tag, until.In(loc), from))))
	}
	if u.WhatToDo != "" {
		fmt.Fprintf(&out, "<p>%s</p>", doLine(tag, u.WhatToDo))
	}
	if due := u.NextUpdateDueAt; !due.IsZero() && !u.Status.Over() {
		fmt.Fprintf(&out, "<p>%s</p>", html.EscapeString(lang.Text(tag, "incident.next_by", lang.Moment(tag, due.In(loc)))))
	}
	return out.String()
}

// changed is when the newest entry was last changed, or the page without one.
func (f feed) changed() time.Time {
	latest := time.Time{}
	for _, e := range f.entries {
		latest = later(latest, e.updated)
	}
	if latest.IsZero() {
		return f.page.UpdatedAt
	}
	return latest
}

// host is the page's host, as it stands in tag: addresses.
func (f feed) host() string {
	if address, err := url.Parse(f.page.URL); err == nil && address.Hostname() != "" {
		return address.Hostname()
	}
	return "localhost"
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
