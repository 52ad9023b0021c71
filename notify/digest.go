package notify

import (
	"cmp"
	"slices"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// kind is why an item stands in a digest, in the order of reading.
type kind int

const (
	itemOpen kind = iota
	itemPlanned
	itemOver
	itemReview
)

var kindKeys = [...]string{"digest.open", "digest.planned", "digest.over", "digest.review"}

func (i Item) kind() kind {
	switch {
	case len(i.Events) > 0 && !slices.ContainsFunc(i.Events, func(e stakeholders.Event) bool { return !looksBack(e) }):
		return itemReview
	case i.Status.Over():
		return itemOver
	case i.Status == status.MaintenanceScheduled:
		return itemPlanned
	default:
		return itemOpen
	}
}

func looksBack(e stakeholders.Event) bool {
	return e == stakeholders.Retrospective || e == stakeholders.ActionDone
}

// Tally counts what a digest holds, in words: "2 open", "1 over".
func Tally(t Text) []string {
	counts := [len(kindKeys)]int{}
	for _, item := range t.Content.Items {
		counts[item.kind()]++
	}
	// What is open comes first, then what is over: they are the news.
	var words []string
	for _, k := range []kind{itemOpen, itemOver, itemPlanned, itemReview} {
		if counts[k] > 0 {
			words = append(words, lang.Text(t.Tag(), kindKeys[k], counts[k]))
		}
	}
	return words
}

// DigestTitle is the heading of a digest.
func DigestTitle(t Text) string {
	if t.Content.Event == stakeholders.QuietSummary {
		return lang.Text(t.Tag(), "digest.title_quiet")
	}
	return lang.Text(t.Tag(), "digest.title_daily")
}

// Entry is one item of a digest in words.
type Entry struct {
	Title   string
	State   string // "Identified · Critical impact"
	Facts   []Fact // the times
	Words   string // of the newest update, short
	Do      *Fact  // what readers can do
	Next    string
	URL     string
	Content Content // the item as a message of its own
}

// maxWords is how many characters of an update a digest shows.
const maxWords = 280

// Entries are the items of a digest in the order of reading: what is open, the
// worst first, what is planned, what is over, what looks back. Items past limit
// are left out and counted.
func Entries(t Text, way Way, limit int) (entries []Entry, more int) {
	items := slices.Clone(t.Content.Items)
	slices.SortStableFunc(items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.kind(), b.kind()), cmp.Compare(b.Impact.Level(), a.Impact.Level()))
	})
	if len(items) > limit {
		items, more = items[:limit], len(items)-limit
	}
	for _, item := range items {
		entries = append(entries, newEntry(t, item, way))
	}
	return entries, more
}

func newEntry(t Text, item Item, way Way) Entry {
	c, tag := item.content(t.Content), t.Tag()
	e := Entry{Title: markup.Line(item.Title), Facts: TimeFacts(tag, c), URL: item.URL}
	if state, ok := StateFact(tag, c); ok {
		e.State = state.Value
	}
	if item.Status.Over() { // the names are left: how they were then is past
		c.Affected = make([]AffectedComponent, len(item.Affected))
		for i, a := range item.Affected {
			c.Affected[i].Name = a.Name
		}
	}
	e.Content = c
	if item.kind() == itemReview {
		e.State = Label(Text{Content: c, Language: tag})
	}
	e.Words = markup.Excerpt(markup.Gist(item.Body), maxWords)
	if !item.Status.Over() {
		// Against the digest's own time: it may be read on another day than the
		// update was posted.
		c.PostedAt = t.Content.PostedAt
		if do, ok := DoFact(tag, c); ok {
			e.Do = &do
		}
		e.Next = Next(Text{Content: c, Language: tag, Pace: t.Pace}, way)
	}
	return e
}

// content is an item as the content of a message of its own.
func (i Item) content(digest Content) Content {
	c := Content{
		PageName: digest.PageName, PageURL: digest.PageURL, TimeZone: digest.TimeZone, Language: digest.Language,
		IncidentID: i.IncidentID, Reference: i.Reference, URL: i.URL, Title: i.Title, Status: i.Status, Impact: i.Impact,
		Body: i.Body, WhatToDo: i.WhatToDo, Affected: i.Affected, StartedAt: i.StartedAt, PostedAt: i.PostedAt, ResolvedAt: i.ResolvedAt,
		NextUpdateDueAt: i.NextUpdateDueAt, ScheduledFor: i.ScheduledFor, ScheduledUntil: i.ScheduledUntil,
	}
	if len(i.Events) > 0 {
		c.Event = i.Events[len(i.Events)-1]
	}
	return c
}
