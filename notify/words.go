package notify

import (
	"cmp"
	"strings"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// Tag is the language of all that this program says in the message; what people
// wrote stays as they wrote it.
func (t Text) Tag() string { return lang.Match(cmp.Or(t.Language, t.Content.Language)) }

// Label is what a message is to its readers, in a word or two that stand before
// its title: for a start how bad it is, else what happened.
func Label(t Text) string {
	tag := t.Tag()
	switch event := t.event(); event {
	case stakeholders.Opened:
		return lang.Text(tag, "notice.label."+grade(t.Content.Impact))
	case stakeholders.Identified, stakeholders.Monitoring, stakeholders.Resolved:
		return lang.Text(tag, "incident."+string(event))
	default:
		if key := "notice.label." + string(event); lang.Known(key) {
			return lang.Text(tag, key)
		}
		return lang.Text(tag, "notice.label.update")
	}
}

// event is what the message is to its readers: to who has not heard of it yet,
// a step on the way is the start.
func (t Text) event() stakeholders.Event {
	event := t.Content.Event
	switch event {
	case stakeholders.CatchUp:
	case stakeholders.Updated, stakeholders.Identified, stakeholders.Monitoring, stakeholders.ImpactLowered, stakeholders.Reopened,
		stakeholders.FellBack, stakeholders.MaintenanceMoved, stakeholders.MaintenanceOverruns, stakeholders.MaintenanceExtended:
		if !t.First {
			return event
		}
	default:
		return event
	}
	switch {
	case t.Content.Status == status.MaintenanceScheduled:
		return stakeholders.MaintenanceAnnounced
	case t.Content.Status.ForMaintenance():
		return stakeholders.MaintenanceStarted
	default:
		return stakeholders.Opened
	}
}

func grade(impact status.Impact) string {
	if !impact.ValidGrade() {
		return string(status.ImpactNone)
	}
	return string(impact)
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

// StateOf is how something affected is; empty where that says nothing: before
// planned work it is as ever, and a look back is not about now.
func StateOf(tag string, c Content, a AffectedComponent) string {
	if a.Status == "" || c.Status == status.MaintenanceScheduled || looksBack(c.Event) {
		return ""
	}
	return lang.Text(tag, "component."+string(a.Status))
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
