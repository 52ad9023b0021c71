package web

import (
	"html/template"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// incidentCard is an incident as the status page lists it.
type incidentCard struct {
	Address   string
	Reference string
	Name      string
	Open      bool
	Ongoing   string // in place of the state, where a list tells only what is not over
	State     string
	Impact    toned
	Affected  []componentView
	Started   moment
	Ended     *moment // nil: not over
	Next      *promiseView
	Estimate  *moment // when it is expected to be over; nil: no estimate, or it has passed
	WhatToDo  string  // what readers can do; empty: nothing was said
	Window    string  // when a maintenance takes place; empty for what is none or is over
	Begun     bool
	Latest    *updateView // nil: nothing was said yet
	Updates   int
}

// promiseView is the time by which we promised to speak again.
type promiseView struct {
	Due     moment
	Overdue bool
	Long    string // says so of a long incident; empty: it is none
}

// updateView is one dated message.
type updateView struct {
	ID      string
	State   string
	At      moment
	Body    template.HTML
	Changes []componentView // the state that each component was given
}

// card is an incident as the page lists it.
func (s *Snapshot) card(i status.Incident, tag string) incidentCard {
	loc, now := s.record.Page.Location(), s.localNow()
	c := incidentCard{
		Address: "/incidents/" + i.ID, Reference: i.Reference(), Name: i.Name, Open: i.Open(), Ongoing: lang.Text(tag, "page.ongoing"),
		State: incidentState(tag, i.Status), Impact: impactOf(tag, i), Affected: affectedViews(s.record, i, tag),
		Started: short(tag, i.StartedAt.In(loc), now), Updates: len(i.Updates), Next: s.promise(i, tag), WhatToDo: i.WhatToDo,
		Begun: i.Status != status.MaintenanceScheduled,
	}
	if i.IsMaintenance() && i.Open() {
		from, until := statuspage.Window(i)
		c.Window = lang.Text(tag, "maintenance.window", lang.Moment(tag, from.In(loc)), lang.Since(tag, until.In(loc), from))
	}
	if !i.ResolvedAt.IsZero() {
		ended := short(tag, i.ResolvedAt.In(loc), i.StartedAt.In(loc))
		c.Ended, c.Started = &ended, clock(tag, i.StartedAt.In(loc))
	}
	if i.Open() && i.EstimatedEndAt.After(s.builtAt) {
		estimate := short(tag, i.EstimatedEndAt.In(loc), now)
		c.Estimate = &estimate
	}
	if latest, ok := i.Latest(); ok {
		view := s.update(latest, tag)
		c.Latest = &view
	}
	return c
}

// promise is nil when nothing is promised.
func (s *Snapshot) promise(i status.Incident, tag string) *promiseView {
	if i.NextUpdateDueAt.IsZero() || !i.Open() {
		return nil
	}
	due := i.NextUpdateDueAt.In(s.record.Page.Location())
	view := &promiseView{Due: short(tag, due, s.localNow()), Overdue: !due.After(s.builtAt)}
	if i.LongEvery > 0 {
		view.Long = lang.Text(tag, "incident.long", int(i.LongEvery.Minutes()))
	}
	return view
}

func (s *Snapshot) update(u status.Update, tag string) updateView {
	view := updateView{
		ID: u.ID, State: incidentState(tag, u.Status), Body: markup.HTML(u.Body),
		At: short(tag, u.DisplayAt.In(s.record.Page.Location()), s.localNow()),
	}
	for _, c := range u.Changes {
		view.Changes = append(view.Changes, componentView{Name: statuspage.ChangedName(s.record, c), State: componentState(tag, c.New)})
	}
	return view
}

// affectedViews lists what an incident touches, in its present state.
func affectedViews(r status.Record, i status.Incident, tag string) []componentView {
	list := []componentView{}
	for _, id := range i.ComponentIDs() {
		if c, ok := r.Component(id); ok {
			list = append(list, componentView{Name: statuspage.FullName(r, c), State: componentState(tag, c.Status)})
		}
	}
	return list
}
