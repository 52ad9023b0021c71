package publish

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// standardWords say what a change of state means, where the post has no words
// of its own. Those of a maintenance are the ones that Statuspage writes.
var standardWords = map[status.IncidentStatus]string{
	status.Investigating:         "We are investigating this issue.",
	status.Identified:            "The issue has been identified and a fix is being worked on.",
	status.Monitoring:            "A fix is in place and we are watching the results.",
	status.Resolved:              "This incident has been resolved.",
	status.MaintenanceScheduled:  "We have planned maintenance for this time.",
	status.MaintenanceInProgress: "Scheduled maintenance is currently in progress. We will provide updates as necessary.",
	status.MaintenanceVerifying:  "The work is done, and we are checking that everything works.",
	status.MaintenanceCompleted:  "The scheduled maintenance has been completed.",
}

// speak gives a post that changes what people must know, but has no words, the
// plain sentence for that change. What it would change is tried on a copy.
func (a *act) speak(opening bool) error {
	if a.post.Speaks() {
		return nil
	}
	a.post.Body = ""
	trial := a.incident
	trial.Affected, trial.Updates = slices.Clone(trial.Affected), slices.Clone(trial.Updates)
	change, err := trial.Apply(a.post, byID(a.components), a.tx.Now(), "", opening)
	if err != nil {
		return err
	}
	switch {
	case !opening && (change.Hidden || change.Opened): // a draft has words already
	case change.Cancelled:
		a.post.Body = "This maintenance has been cancelled."
	case opening || change.From != change.To:
		a.post.Body = standardWords[change.To]
	case change.Moved, change.Extended:
		a.post.Body = fmt.Sprintf("The maintenance is now planned from %s to %s.", a.moment(trial.ScheduledFor), a.moment(trial.ScheduledUntil))
	case change.BecameLong:
		a.post.Body = fmt.Sprintf("This takes longer than usual. From now on there is an update every %d minutes.", int(trial.LongEvery.Minutes()))
	default:
		a.post.Body = a.changeWords(change, trial)
	}
	return nil
}

// changeWords says what a wordless post changes; nothing that people must be
// told gives no words.
func (a *act) changeWords(change status.Change, after status.Incident) string {
	var parts []string
	known := byID(a.components)
	for _, c := range change.Components {
		parts = append(parts, fmt.Sprintf("%s: %s.", known[c.ComponentID].Name, strings.ReplaceAll(string(c.New), "_", " ")))
	}
	if _, raised := stakeholders.EventOf(change); len(parts) > 0 || !raised && change.ImpactAfter == change.ImpactBefore {
		return strings.Join(parts, " ")
	}
	if change.Widened {
		for _, affected := range after.Affected {
			if !slices.Contains(a.incident.ComponentIDs(), affected.ComponentID) {
				parts = append(parts, fmt.Sprintf("This now also affects %s.", known[affected.ComponentID].Name))
			}
		}
	}
	if change.ImpactAfter != change.ImpactBefore {
		parts = append(parts, fmt.Sprintf("The impact is now %s.", change.ImpactAfter))
	}
	return strings.Join(parts, " ")
}

// checkWords asks whether the texts are fit for their readers, and whether
// what is not may be published all the same.
func (a *act) checkWords() error {
	context := a.wordsContext()
	if a.post.Name != "" {
		a.findings = append(a.findings, plainlanguage.Check("name", a.post.Name, a.wordsFor(context, stakeholders.KeepSatisfied))...)
	}
	a.words = plainlanguage.Review("body", a.post.Body, a.wordsFor(context, stakeholders.Monitor))
	a.findings = append(a.findings, a.words.Findings...)
	a.checkParts(context)
	var stopping []plainlanguage.Finding
	for _, f := range a.findings {
		switch {
		case f.Level != plainlanguage.LevelError:
		case !a.publisher.lets(a.actor, f.Rule):
			stopping = append(stopping, f)
		case !slices.Contains(a.overridden, f.Rule):
			a.overridden = append(a.overridden, f.Rule)
		}
	}
	if len(stopping) > 0 && a.preview == nil {
		return &Refused{Findings: a.findings, Stopping: stopping}
	}
	if a.preview != nil {
		a.preview.Refused = len(stopping) > 0
	}
	return nil
}

// wordsContext is what the check is told about the texts of an incident.
func (a *act) wordsContext() plainlanguage.Context {
	i := a.incident
	c := plainlanguage.Context{
		Profile: plainlanguage.ProfilePublic, Status: i.Status, Impact: i.Impact, States: map[string]status.ComponentStatus{},
		PublicAddresses: a.publisher.config.PublicAddresses, Previous: a.previousWords(), Now: a.tx.Now(), StartedAt: i.StartedAt,
		NextUpdateDueAt: i.NextUpdateDueAt, WhatToDo: i.WhatToDo,
	}
	affected := i.ComponentIDs()
	for _, component := range a.components {
		if slices.Contains(affected, component.ID) {
			c.Components = append(c.Components, component.Name)
			c.States[component.Name] = component.Status
		} else if len(affected) == 0 {
			c.Components = append(c.Components, component.Name)
		} else {
			c.Allowed = append(c.Allowed, component.Name)
		}
	}
	for _, group := range a.groups {
		c.Allowed = append(c.Allowed, group.Name)
	}
	for _, change := range a.change.Components {
		if name := byID(a.components)[change.ComponentID].Name; name != "" {
			c.States[name] = change.New
		}
	}
	return a.glossary.Into(c)
}

// wordsFor is the context of a text that is public, and that a quadrant gets as
// well: it has to suit both.
func (a *act) wordsFor(public plainlanguage.Context, quadrant stakeholders.Quadrant) plainlanguage.Context {
	public.Profile = plainlanguage.LeastKnowing(public.Profile, a.glossary.ReadersOf(string(quadrant), public.Profile))
	return public
}

// previousWords is the text of the update before the one that is posted.
func (a *act) previousWords() string {
	updates := a.incident.Updates
	if a.change.Spoke && len(updates) > 0 {
		updates = updates[:len(updates)-1]
	}
	if !a.change.Spoke || len(updates) == 0 {
		return ""
	}
	return updates[len(updates)-1].Body
}

// saveWords keeps what was found in an update, for the month's report.
func (a *act) saveWords(ctx context.Context, updateID string) error {
	check := store.WordsCheck{UpdateID: updateID, Actor: a.actor, Findings: a.findings, Overridden: a.overridden}
	if len(a.overridden) > 0 {
		check.Reason = a.publisher.override
	}
	return a.tx.SaveWordsCheck(ctx, check)
}

// lets says whether a text is published in spite of an error: overridden with
// a reason, or at a gate that only warns. Secrets, personal data and
// placeholders stop a text at either gate.
func (p *Publisher) lets(actor auth.Actor, rule plainlanguage.Rule) bool {
	if p.override != "" && MayOverride(actor.Scope, rule) {
		return true
	}
	switch rule {
	case plainlanguage.RuleSecret, plainlanguage.RulePersonalData, plainlanguage.RulePlaceholder:
		return false
	default:
		return actor.Gate == auth.GateWarn
	}
}

// MayOverride says whether somebody with a scope may publish a text in spite
// of an error of a rule, with a reason: nobody a placeholder, only an admin a
// secret.
func MayOverride(scope auth.Scope, rule plainlanguage.Rule) bool {
	switch rule {
	case plainlanguage.RulePlaceholder:
		return false
	case plainlanguage.RuleSecret:
		return scope.Includes(auth.ScopeAdmin)
	default:
		return scope.Includes(auth.ScopePost)
	}
}

// Overriding is a Publisher that lets texts through in spite of errors that
// may be overridden, for a reason that goes into the audit log.
func (p *Publisher) Overriding(reason string) *Publisher {
	with := *p
	with.override = strings.TrimSpace(reason)
	return &with
}
