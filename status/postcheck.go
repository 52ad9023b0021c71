package status

import (
	"strings"
	"time"
)

// maxMaintenance bounds the window of a maintenance: a longer one is a typing
// error.
const maxMaintenance = 31 * 24 * time.Hour

// check refuses a post that cannot be made true, naming every field at fault.
func (i *Incident) check(p Post, components map[string]Component, now time.Time, opening bool) error {
	bad := &Invalid{}
	if (opening || p.Name != "") && strings.TrimSpace(p.Name) == "" {
		bad.Add("incident.name", "is missing; give the incident a short title such as %q", "Card payments fail")
	}
	CheckText(bad, "incident.name", p.Name, MaxNameLength, true)
	CheckText(bad, "incident.body", p.Body, MaxBodyLength, false)
	checkAdded(bad, p)
	maintenance := i.checkKind(bad, p)
	if p.ImpactOverride != nil && *p.ImpactOverride != "" && !p.ImpactOverride.ValidGrade() {
		bad.Add("incident.impact_override", "is %q; it must be one of none, minor, major, critical", *p.ImpactOverride)
	}
	checkComponents(bad, p, components)
	i.checkWindow(bad, p, now, maintenance, opening)
	if p.EstimatedEndAt != nil && !p.EstimatedEndAt.IsZero() && !p.EstimatedEndAt.After(now) {
		bad.Add("incident.allclear.estimated_end_at", "is %s, which has passed; give a time in the future, or null", p.EstimatedEndAt.UTC().Format(time.RFC3339))
	}
	i.checkLong(bad, p, now, maintenance)
	checkBackfill(bad, p, now, maintenance, opening)
	if (i.Backfilled || !p.BackfillAt.IsZero()) && p.Draft != nil && *p.Draft {
		// Its publication would tell people of it as of something new.
		bad.Add("incident.allclear.draft", "is for what people are told about; a backfilled incident is published at once")
	}
	return bad.Err()
}

// maxWhatToDo keeps what readers can do to a sentence or two.
const maxWhatToDo = 500

// checkAdded refuses what is said besides the body where it cannot be said.
func checkAdded(bad *Invalid, p Post) {
	if p.WhatToDo != nil {
		CheckText(bad, "incident.allclear.what_to_do", *p.WhatToDo, maxWhatToDo, true)
	}
	CheckParts(bad, "incident.allclear.", p.InternalNote, p.CustomerAnswer)
}

// CheckParts refuses parts of a message that cannot be stored. The fields' names
// begin with a prefix.
func CheckParts(bad *Invalid, prefix string, note, answer *string) {
	if note != nil {
		CheckText(bad, prefix+"internal_note", *note, MaxBodyLength, false)
	}
	if answer != nil {
		CheckText(bad, prefix+"customer_answer", *answer, MaxBodyLength, false)
	}
}

// checkKind refuses a state of the other kind, and says whether this is a
// maintenance.
func (i *Incident) checkKind(bad *Invalid, p Post) (maintenance bool) {
	if i.Status == "" {
		maintenance = p.Status.ForMaintenance() || p.Status == "" && p.ScheduledFor != nil
	} else {
		maintenance = i.IsMaintenance()
	}
	switch {
	case p.Status == "" || maintenance && p.Status.ForMaintenance() || !maintenance && p.Status.ForIncident():
	case maintenance:
		bad.Add("incident.status", "is %q; that of a maintenance must be one of scheduled, in_progress, verifying, completed", p.Status)
	case i.Status == "":
		bad.Add("incident.status", "is %q; it must be one of investigating, identified, monitoring, resolved, or for a maintenance scheduled, in_progress, verifying, completed", p.Status)
	default:
		bad.Add("incident.status", "is %q; it must be one of investigating, identified, monitoring, resolved", p.Status)
	}
	return maintenance
}

func checkComponents(bad *Invalid, p Post, components map[string]Component) {
	for _, s := range p.Components {
		if _, ok := components[s.ComponentID]; !ok {
			bad.Add("incident.components", "names %q, which is not a component of this page", s.ComponentID)
		} else if !s.Status.Valid() {
			bad.Add("incident.components."+s.ComponentID, "is %q; it must be one of operational, degraded_performance, partial_outage, major_outage, under_maintenance", s.Status)
		}
	}
	for _, id := range p.ComponentIDs {
		if _, ok := components[id]; !ok {
			bad.Add("incident.component_ids", "names %q, which is not a component of this page", id)
		}
	}
}

// checkWindow refuses a window that cannot be, or one on trouble that nobody
// planned.
func (i *Incident) checkWindow(bad *Invalid, p Post, now time.Time, maintenance, opening bool) {
	if !maintenance {
		if p.ScheduledFor != nil || p.ScheduledUntil != nil {
			bad.Add("incident.scheduled_for", "is for a maintenance; give status scheduled, or leave scheduled_for and scheduled_until out")
		}
		if p.ExpectedImpact != nil {
			bad.Add("incident.allclear.expected_impact", "is for a maintenance; for an incident give components a state, or impact_override")
		}
		return
	}
	if p.ExpectedImpact != nil && !p.ExpectedImpact.ValidGrade() {
		bad.Add("incident.allclear.expected_impact", "is %q; it must be one of none, minor, major, critical", *p.ExpectedImpact)
	}
	from, until := i.ScheduledFor, i.ScheduledUntil
	set(&from, p.ScheduledFor)
	set(&until, p.ScheduledUntil)
	switch {
	case from.IsZero():
		bad.Add("incident.scheduled_for", "is missing; say when the maintenance begins, such as 2026-01-31T22:00:00Z")
	case until.IsZero():
		bad.Add("incident.scheduled_until", "is missing; say when the maintenance ends, such as 2026-01-31T23:30:00Z")
	case !until.After(from):
		bad.Add("incident.scheduled_until", "must be after scheduled_for")
	case until.Sub(from) > maxMaintenance:
		bad.Add("incident.scheduled_until", "is more than 31 days after scheduled_for; check the dates")
	case opening && (p.Status == "" || p.Status == MaintenanceScheduled) && !until.After(now):
		bad.Add("incident.scheduled_until", "has passed; announce a maintenance before it ends")
	}
}

// checkLong refuses a long incident where it is none yet.
func (i *Incident) checkLong(bad *Invalid, p Post, now time.Time, maintenance bool) {
	const field = "incident.allclear.long_incident"
	since := now.Sub(i.StartedAt)
	switch {
	case p.LongIncident == nil || !*p.LongIncident || i.LongEvery > 0:
	case maintenance:
		bad.Add(field, "is for incidents, not for a maintenance; move its end with scheduled_until")
	case p.Status.Over() || p.Status == "" && i.Status.Over():
		bad.Add(field, "is for an incident that goes on; leave it out of the post that ends it")
	case i.Status == "" || i.Draft:
		bad.Add(field, "is for an incident that has been public for %d minutes; leave it out for now", int(p.Long.After.Minutes()))
	case since < p.Long.After:
		bad.Add(field, "may be declared once the incident has lasted %d minutes; this one has for %d. Until then updates come at the usual times",
			int(p.Long.After.Minutes()), int(since.Minutes()))
	}
}

// checkBackfill refuses what cannot be put on the record afterwards.
func checkBackfill(bad *Invalid, p Post, now time.Time, maintenance, opening bool) {
	switch {
	case p.BackfillAt.IsZero():
	case !opening:
		bad.Add("incident.backfilled", "is for a new incident only")
	case maintenance:
		bad.Add("incident.backfilled", "is for incidents only, not for a maintenance")
	case p.BackfillAt.After(now):
		bad.Add("incident.backfill_date", "is in the future; give the day on which the incident happened")
	case p.Status != "" && !p.Status.Over():
		bad.Add("incident.status", "is %q; a backfilled incident is resolved", p.Status)
	case len(p.Components) > 0 || len(p.ComponentIDs) > 0:
		bad.Add("incident.components", "cannot be given for a backfilled incident")
	}
}
