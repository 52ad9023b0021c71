package publish

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// tell puts the notice into the outbox and works out who will hear of it.
func (a *act) tell(ctx context.Context) error {
	event, raised, err := a.event(ctx)
	if err != nil {
		return err
	}
	notified := a.change.Notify
	switch {
	case a.change.Hidden && !a.change.Withdrawn, !a.change.Spoke && !a.change.Withdrawn:
		return a.refuseHand() // a draft, or nothing was said
	case !notified:
		if err := a.refuseHand(); err != nil || !event.Closes() {
			return err
		}
	}
	latest, _ := a.incident.Latest()
	if a.change.Withdrawn {
		latest = status.Update{Body: withdrawnWords, CreatedAt: a.tx.Now()}
	}
	hand, err := a.readHand(ctx)
	if err != nil {
		return err
	}
	return a.enqueue(ctx, stakeholders.Occasion{
		Event: event, Hand: hand, Impact: a.change.ImpactAfter, ImpactBefore: a.change.ImpactBefore, Raised: raised,
		Highest: a.incident.HighestImpact.Worse(a.change.ImpactAfter), Components: a.incident.ComponentIDs(), ClosureOnly: !notified,
	}, latest)
}

// enqueue stores the notice about an update.
func (a *act) enqueue(ctx context.Context, o stakeholders.Occasion, update status.Update) (err error) {
	o.TimeZone = a.page.TimeZone
	notice := notify.Notice{
		IncidentID: a.incident.ID, UpdateID: update.ID, Occasion: o, PolicyVersion: a.policy.Version,
		Priority: notify.Priority(o.Impact), Content: a.content(o.Event, update), CreatedAt: a.tx.Now(),
	}
	var in audienceInputs
	var settled []stakeholders.Settled
	var each func(*stakeholders.Settled)
	if a.preview != nil {
		each = func(s *stakeholders.Settled) { settled = append(settled, *s) }
	}
	if a.audience, in, err = audienceOf(ctx, a.tx, a.policy, notice, each); err != nil {
		return err
	}
	a.warn(o)
	if a.preview != nil {
		return a.look(ctx, notice, in, settled)
	}
	if err := a.delay(ctx, &notice); err != nil {
		return err
	}
	a.noticeID, err = a.tx.Enqueue(ctx, notice)
	return err
}

// moment is a time as texts show it: in the page's zone, with the zone.
func (a *act) moment(t time.Time) string {
	return lang.Moment(a.page.Language, t.In(a.page.Location()))
}

// warn says what the person who posted should know.
func (a *act) warn(o stakeholders.Occasion) {
	if o.Impact == status.ImpactNone && !o.Event.Ends() {
		remedy := "the incident has no impact. Give a component a state, or set impact_override."
		if a.incident.IsMaintenance() {
			remedy = "the maintenance has no expected impact. Set allclear.expected_impact."
		}
		a.warnings = append(a.warnings, "Nobody is told by email or chat: "+remedy)
	}
	if o.Event == stakeholders.Resolved {
		for _, affected := range a.incident.Affected {
			if c := byID(a.components)[affected.ComponentID]; c.Status != status.Operational {
				a.warnings = append(a.warnings, fmt.Sprintf("The incident is resolved, but the page still shows %s as %s.", c.Name, strings.ReplaceAll(string(c.Status), "_", " ")))
			}
		}
	}
}

// content freezes what is said.
func (a *act) content(event stakeholders.Event, u status.Update) notify.Content {
	c := notify.Content{
		PageName: a.page.Name, PageURL: a.page.URL, TimeZone: a.page.TimeZone, Language: a.page.Language,
		Event: event, IncidentID: a.incident.ID, Reference: a.incident.Reference(), URL: a.page.URL + "/incidents/" + a.incident.ID,
		Title: a.incident.Name, Status: a.incident.Status, Impact: a.incident.Impact, Body: u.Body,
		Affected: []notify.AffectedComponent{}, StartedAt: a.incident.StartedAt, PostedAt: u.CreatedAt,
		ResolvedAt: a.incident.ResolvedAt, NextUpdateDueAt: a.incident.NextUpdateDueAt, EstimatedEndAt: a.incident.EstimatedEndAt,
		LongMinutes:  int(a.incident.LongEvery.Minutes()),
		ScheduledFor: a.incident.ScheduledFor, ScheduledUntil: a.incident.ScheduledUntil, WhatToDo: a.incident.WhatToDo,
		InternalNote: a.said.InternalNote, CustomerAnswer: a.said.CustomerAnswer,
	}
	if a.incident.IsMaintenance() {
		c.Impact = status.ImpactMaintenance
	}
	if !a.incident.Public() {
		c.URL = a.page.URL + "/" // its own page is gone
	}
	known := byID(a.components)
	for _, affected := range a.incident.Affected {
		component := known[affected.ComponentID]
		c.Affected = append(c.Affected, notify.AffectedComponent{Name: component.Name, Status: component.Status})
	}
	return c
}
