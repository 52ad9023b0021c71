package publish

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// Published is what an incident post did.
type Published struct {
	Page       status.Page
	Incident   status.Incident
	Components []status.Component // every component of the page, after the post
	Groups     []status.Group
	Findings   []plainlanguage.Finding
	Audience   Audience
	// NoticeID is the notice about the post; 0 when it said nothing.
	NoticeID int64
	// Warnings are sentences for the person who posted.
	Warnings []string
	// Took is the time from the start of the act until the page showed it.
	Took time.Duration
}

// OpenIncident makes an incident public.
//
// Errors: *status.Invalid, *Refused.
func (p *Publisher) OpenIncident(ctx context.Context, actor auth.Actor, post status.Post) (Published, error) {
	return p.post(ctx, actor, "", post)
}

// PostUpdate changes an incident and, where the post speaks, adds an update to
// it. The incident may be named by its id or its number ("INC-14").
//
// Errors: status.ErrNotFound, *status.Invalid, *Refused.
func (p *Publisher) PostUpdate(ctx context.Context, actor auth.Actor, incident string, post status.Post) (Published, error) {
	return p.post(ctx, actor, incident, post)
}

func (p *Publisher) post(ctx context.Context, actor auth.Actor, incident string, post status.Post) (Published, error) {
	start := time.Now()
	var done Published
	page, err := p.within(ctx, func(tx *store.Tx, page status.Page) error {
		a := act{tx: tx, page: page, actor: actor, post: post, publisher: p}
		if err := a.run(ctx, incident); err != nil {
			return err
		}
		done = a.published()
		return nil
	})
	if err != nil {
		return Published{}, err
	}
	done.Page, done.Took = page, time.Since(start)
	if p.config.Published != nil {
		p.config.Published(done)
	}
	return done, nil
}

// act is one incident post inside its transaction.
type act struct {
	publisher *Publisher
	tx        *store.Tx
	page      status.Page
	actor     auth.Actor
	post      status.Post

	policy     *stakeholders.Policy
	components []status.Component
	groups     []status.Group
	incident   status.Incident
	change     status.Change
	findings   []plainlanguage.Finding
	noticeID   int64
	audience   Audience
	warnings   []string
}

func (a *act) run(ctx context.Context, incident string) error {
	if err := a.load(ctx, incident); err != nil {
		return err
	}
	opening := incident == ""
	a.speak(opening)
	if err := a.checkPromise(); err != nil {
		return err
	}
	change, err := a.incident.Apply(a.post, byID(a.components), a.tx.Now(), store.NewID(), opening)
	if err != nil {
		return err
	}
	a.change = change
	if err := a.checkWords(); err != nil {
		return err
	}
	if err := a.save(ctx, opening); err != nil {
		return err
	}
	return a.tell(ctx)
}

// load reads what the act needs.
func (a *act) load(ctx context.Context, incident string) (err error) {
	if a.policy, err = a.tx.Policy(ctx); err != nil {
		return err
	}
	a.post.Cadence = a.policy.NextUpdate
	if a.components, err = a.tx.Components(ctx); err != nil {
		return err
	}
	if a.groups, err = a.tx.Groups(ctx); err != nil {
		return err
	}
	if incident == "" {
		a.incident = status.Incident{ID: store.NewID(), Metadata: "{}"}
		return nil
	}
	a.incident, err = a.tx.FindIncident(ctx, incident)
	return err
}

// speak gives a post that changes what people see, but has no words, the plain
// sentence for that change.
func (a *act) speak(opening bool) {
	if strings.TrimSpace(a.post.Body) == "" {
		a.post.Body = ""
	}
	if a.post.Speaks() {
		return
	}
	to := a.post.Status
	switch {
	case opening && to == "":
		to = status.Investigating
	case !opening && to == a.incident.Status:
		to = ""
	}
	a.post.Body = standardWords[to]
	if a.post.Body == "" && a.worsens() {
		a.post.Body = a.stateWords()
	}
}

var standardWords = map[status.IncidentStatus]string{
	status.Investigating: "We are investigating this issue.",
	status.Identified:    "The issue has been identified and a fix is being worked on.",
	status.Monitoring:    "A fix is in place and we are watching the results.",
	status.Resolved:      "This incident has been resolved.",
}

// worsens says whether a wordless post gives a component a state or touches a
// new one: something that people must be told in words.
func (a *act) worsens() bool {
	known := byID(a.components)
	for _, s := range a.post.Components {
		if c, ok := known[s.ComponentID]; ok && c.Status != s.Status {
			return true
		}
	}
	return false
}

// stateWords says which components changed to what.
func (a *act) stateWords() string {
	var parts []string
	known := byID(a.components)
	for _, s := range a.post.Components {
		if c, ok := known[s.ComponentID]; ok && c.Status != s.Status {
			parts = append(parts, fmt.Sprintf("%s: %s.", c.Name, strings.ReplaceAll(string(s.Status), "_", " ")))
		}
	}
	return strings.Join(parts, " ")
}

// checkPromise refuses a promise that is broken already.
func (a *act) checkPromise() error {
	due := a.post.NextUpdateDueAt
	if !due.IsZero() && !due.After(a.tx.Now()) {
		return status.NewInvalid("incident.allclear.next_update_due_at", "is %s, which has passed; give a time in the future", due.UTC().Format(time.RFC3339))
	}
	return nil
}

// checkWords asks whether the texts are fit for their readers.
func (a *act) checkWords() error {
	var names []string
	for _, affected := range a.incident.Affected {
		names = append(names, byID(a.components)[affected.ComponentID].Name)
	}
	for _, c := range a.components {
		if len(a.incident.Affected) == 0 {
			names = append(names, c.Name)
		}
	}
	context := plainlanguage.Context{
		Profile: plainlanguage.ProfilePublic, Status: a.incident.Status, Components: names,
		PublicAddresses: a.publisher.config.PublicAddresses,
	}
	if a.post.Name != "" {
		a.findings = append(a.findings, plainlanguage.Check("name", a.post.Name, context)...)
	}
	a.findings = append(a.findings, plainlanguage.Check("body", a.post.Body, context)...)
	if plainlanguage.Blocking(a.findings) {
		return &Refused{Findings: a.findings}
	}
	return nil
}

// save writes the record and the audit row.
func (a *act) save(ctx context.Context, opening bool) (err error) {
	name := "post update"
	if opening {
		name = "open incident"
		if a.incident.Number, err = a.tx.NextIncidentNumber(ctx); err != nil {
			return err
		}
	}
	if a.change.To.Over() && !a.change.From.Over() {
		name = "resolve incident"
	}
	a.nameChanges()
	if err := a.tx.SaveIncident(ctx, a.incident); err != nil {
		return err
	}
	if err := a.tx.ChangeComponents(ctx, a.incident.ID, a.change.Components); err != nil {
		return err
	}
	if a.components, err = a.tx.Components(ctx); err != nil {
		return err
	}
	detail := map[string]any{"reference": a.incident.Reference(), "status": a.change.To, "impact": a.change.ImpactAfter, "notify": a.post.Notify}
	if latest, ok := a.incident.Latest(); ok && a.change.Spoke {
		detail["update_id"] = latest.ID
	}
	return a.tx.Audit(ctx, a.actor, name, "incident:"+a.incident.ID, detail, a.page.Version)
}

// nameChanges gives the changes the full names under which the page shows
// components: "Group - Component".
func (a *act) nameChanges() {
	groups := map[string]string{}
	for _, g := range a.groups {
		groups[g.ID] = g.Name
	}
	known := byID(a.components)
	for i, c := range a.change.Components {
		if group := groups[known[c.ComponentID].GroupID]; group != "" {
			a.change.Components[i].Name = group + " - " + known[c.ComponentID].Name
		}
	}
}

// tell puts the notice into the outbox and works out who will hear of it.
func (a *act) tell(ctx context.Context) error {
	event, raised := stakeholders.EventOf(a.change)
	if !a.change.Spoke || (!a.post.Notify && !event.Ends()) {
		return nil
	}
	latest, _ := a.incident.Latest()
	occasion := stakeholders.Occasion{
		Event: event, Impact: a.change.ImpactAfter, ImpactBefore: a.change.ImpactBefore, Raised: raised,
		Components: a.incident.ComponentIDs(), ClosureOnly: !a.post.Notify,
	}
	notice := notify.Notice{
		IncidentID: a.incident.ID, UpdateID: latest.ID, Occasion: occasion, PolicyVersion: a.policy.Version,
		Priority: notify.Priority(a.change.ImpactAfter), Content: a.content(event, latest), CreatedAt: a.tx.Now(),
	}
	var err error
	if a.audience, err = audienceOf(ctx, a.tx, a.policy, notice); err != nil {
		return err
	}
	a.warn(occasion)
	a.noticeID, err = a.tx.Enqueue(ctx, notice)
	return err
}

// warn says what the person who posted should know.
func (a *act) warn(o stakeholders.Occasion) {
	if o.Impact == status.ImpactNone && !o.Event.Ends() {
		a.warnings = append(a.warnings, "Nobody is told by email or chat: the incident has no impact. Give a component a state, or set impact_override.")
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
		ResolvedAt: a.incident.ResolvedAt, NextUpdateDueAt: a.incident.NextUpdateDueAt,
	}
	known := byID(a.components)
	for _, affected := range a.incident.Affected {
		component := known[affected.ComponentID]
		c.Affected = append(c.Affected, notify.AffectedComponent{Name: component.Name, Status: component.Status})
	}
	return c
}

func (a *act) published() Published {
	return Published{Incident: a.incident, Components: a.components, Groups: a.groups, Findings: a.findings,
		Audience: a.audience, NoticeID: a.noticeID, Warnings: a.warnings}
}

func byID(components []status.Component) map[string]status.Component {
	m := make(map[string]status.Component, len(components))
	for _, c := range components {
		m[c.ID] = c
	}
	return m
}
