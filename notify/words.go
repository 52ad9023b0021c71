package notify

import (
	"strings"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// Label is what a notice is, in a word or two that stand before its title: for
// a start how bad it is, else what happened.
func Label(tag string, c Content) string {
	switch c.Event {
	case stakeholders.Opened:
		return lang.Text(tag, "notice.label."+grade(c.Impact))
	case stakeholders.Identified, stakeholders.Monitoring, stakeholders.Resolved:
		return lang.Text(tag, "incident."+string(c.Event))
	}
	if key := "notice.label." + string(c.Event); lang.Known(key) {
		return lang.Text(tag, key)
	}
	return lang.Text(tag, "notice.label.update")
}

func grade(impact status.Impact) string {
	if !impact.ValidGrade() {
		return string(status.ImpactNone)
	}
	return string(impact)
}

// LetterKey is where the words of a letter about one person's subscription
// stand; empty for every other notice.
func LetterKey(c Content) string {
	switch c.Event {
	case stakeholders.SubscriptionConfirm:
		return "letter.confirm"
	case stakeholders.SubscriptionKnown:
		return "letter.known"
	default:
		return ""
	}
}

// Fact is one line of what a message says at a glance.
type Fact struct{ Name, Value string }

// StateFact is how far the work is, and how bad it is while it goes on; false
// when the content has no state.
func StateFact(tag string, c Content) (Fact, bool) {
	if c.Status == "" {
		return Fact{}, false
	}
	state := lang.Text(tag, "incident."+string(c.Status))
	if c.Impact.Level() > 0 && !c.Status.Over() {
		state += " · " + lang.Text(tag, "impact."+string(c.Impact))
	}
	return Fact{lang.Text(tag, "notice.state"), state}, true
}

// TimeFacts are the times: the window of planned work, else since when, until
// when, and when it is expected to be over.
func TimeFacts(tag string, c Content) []Fact {
	var facts []Fact
	moment := func(t time.Time) string { return lang.Moment(tag, t.In(c.Location())) }
	if !c.ScheduledFor.IsZero() && c.Status.ForMaintenance() {
		return append(facts, Fact{lang.Text(tag, "notice.planned"), lang.Text(tag, "notice.span", moment(c.ScheduledFor), moment(c.ScheduledUntil))})
	}
	if !c.StartedAt.IsZero() {
		name := "incident.since"
		if !c.ResolvedAt.IsZero() {
			name = "incident.started"
		}
		facts = append(facts, Fact{lang.Text(tag, name), moment(c.StartedAt)})
	}
	if !c.ResolvedAt.IsZero() {
		facts = append(facts, Fact{lang.Text(tag, "incident.resolved_at"), moment(c.ResolvedAt)})
	}
	if !c.EstimatedEndAt.IsZero() {
		facts = append(facts, Fact{lang.Text(tag, "incident.estimate"), moment(c.EstimatedEndAt)})
	}
	return facts
}

// DoFact is what readers can do; false when nothing was said of it.
func DoFact(tag string, c Content) (Fact, bool) {
	return Fact{lang.Text(tag, "incident.what_to_do"), strings.Join(strings.Fields(markup.StripXML(c.WhatToDo)), " ")}, c.WhatToDo != ""
}
