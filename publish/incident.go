package publish

import (
	"context"
	"errors"
	"time"

	"github.com/allclear-status/allclear/auth"
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
	// Words says what the body could say instead, and what it leaves unsaid.
	Words    plainlanguage.Report
	Audience Audience
	// NoticeID is the notice about the post; 0 when it said nothing.
	NoticeID int64
	// Warnings are sentences for the person who posted.
	Warnings []string
	// Parts are what the incident's updates say to some readers only; they are
	// for who may post.
	Parts []store.UpdateParts
	// UndoUntil is until when the push can be taken back; zero: not at all.
	UndoUntil time.Time
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
	return p.publish(ctx, func(tx *store.Tx, page status.Page) (*act, string, error) {
		return &act{tx: tx, page: page, actor: actor, post: post, publisher: p}, incident, nil
	})
}

// publish performs an incident post that is prepared inside its transaction,
// about the incident that goes with it; empty: a new one.
func (p *Publisher) publish(ctx context.Context, prepare func(tx *store.Tx, page status.Page) (*act, string, error)) (Published, error) {
	start := time.Now()
	var done Published
	var said status.Post
	page, err := p.within(ctx, func(tx *store.Tx, page status.Page) error {
		a, incident, err := prepare(tx, page)
		if err != nil {
			return err
		}
		said = a.post
		if err := a.run(ctx, incident); err != nil {
			return err
		}
		done = a.published()
		return nil
	})
	if refused := (*Refused)(nil); errors.As(err, &refused) && p.config.Refused != nil {
		p.config.Refused(map[string]string{"name": said.Name, "body": said.Body}, aboutPublic(refused.Findings))
	}
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
	glossary   plainlanguage.Glossary
	findings   []plainlanguage.Finding
	words      plainlanguage.Report // of the body
	noticeID   int64
	audience   Audience
	warnings   []string
	overridden []plainlanguage.Rule
	// parts are those of the incident's updates, said those of this one.
	parts []store.UpdateParts
	said  store.UpdateParts
	// undoUntil is until when the push can be taken back.
	undoUntil time.Time
	// preview, when set, is filled in instead of publishing.
	preview *Preview
}

func (a *act) run(ctx context.Context, incident string) error {
	if err := a.load(ctx, incident); err != nil {
		return err
	}
	opening := incident == ""
	if err := a.checkPromise(); err != nil {
		return err
	}
	if err := a.speak(opening); err != nil {
		return err
	}
	was := a.incident
	change, err := a.incident.Apply(a.post, byID(a.components), a.tx.Now(), store.NewID(), opening)
	if err != nil {
		return err
	}
	a.change = change
	if err := a.loadParts(ctx); err != nil {
		return err
	}
	if err := a.checkWords(); err != nil {
		return err
	}
	if err := a.save(ctx, opening); err != nil {
		return err
	}
	if err := a.handOver(ctx); err != nil {
		return err
	}
	if err := a.followUp(ctx, was); err != nil {
		return err
	}
	for _, c := range a.change.Components {
		if err := tellChange(ctx, a.tx, a.page, a.policy, c, !a.change.Notify); err != nil {
			return err
		}
	}
	return a.tell(ctx)
}

// load reads what the act needs.
func (a *act) load(ctx context.Context, incident string) (err error) {
	if a.policy, err = a.tx.Policy(ctx); err != nil {
		return err
	}
	a.post.Cadence = a.policy.NextUpdate
	a.post.ImpactOverride = graded(a.policy, a.post.ImpactOverride)
	a.post.Long.After, a.post.Long.Every = a.policy.LongIncident()
	if err := a.loadGlossary(ctx); err != nil {
		return err
	}
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

// loadGlossary reads the company's own words.
func (a *act) loadGlossary(ctx context.Context) error {
	document, err := a.tx.Glossary(ctx)
	if err != nil {
		return err
	}
	a.glossary, err = plainlanguage.ParseGlossary(document)
	return err
}

// graded understands an impact by the name that the policy gives it. The words of
// the record stay the same for every program that reads it.
func graded(policy *stakeholders.Policy, override *status.Impact) *status.Impact {
	if override == nil || override.ValidGrade() {
		return override
	}
	if impact, ok := policy.Graded(string(*override)); ok {
		return &impact
	}
	return override
}

// checkPromise refuses a promise that is broken already.
func (a *act) checkPromise() error {
	due := a.post.NextUpdateDueAt
	if !due.IsZero() && !due.After(a.tx.Now()) {
		return status.NewInvalid("incident.allclear.next_update_due_at", "is %s, which has passed; give a time in the future", due.UTC().Format(time.RFC3339))
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
	if a.change.Withdrawn {
		name = "take incident back into drafts"
	}
	a.nameChanges()
	if err := a.tx.SaveIncident(ctx, a.incident); err != nil {
		return err
	}
	if a.post.InternalNote != nil || a.post.CustomerAnswer != nil {
		if err := a.tx.SaveUpdateParts(ctx, a.said); err != nil {
			return err
		}
	}
	if err := a.tx.ChangeComponents(ctx, a.incident.ID, a.change.Components); err != nil {
		return err
	}
	if len(a.change.Components) > 0 {
		if a.components, err = a.tx.Components(ctx); err != nil {
			return err
		}
	}
	if latest, ok := a.incident.Latest(); ok && a.change.Spoke {
		if err := a.saveWords(ctx, latest.ID); err != nil {
			return err
		}
	}
	detail := map[string]any{"reference": a.incident.Reference(), "status": a.change.To, "impact": a.change.ImpactAfter, "notify": a.post.Notify}
	if latest, ok := a.incident.Latest(); ok && a.change.Spoke {
		detail["update_id"] = latest.ID
	}
	if names := partsNamed(a.said); len(names) > 0 {
		detail["parts"] = names
	}
	if a.publisher.hand != nil {
		detail["audience"] = a.publisher.hand.detail()
	}
	if len(a.overridden) > 0 {
		detail["overridden"], detail["reason"] = a.overridden, a.publisher.override
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

func (a *act) published() Published {
	return Published{Incident: a.incident, Components: a.components, Groups: a.groups, Findings: a.findings, Words: a.words,
		Audience: a.audience, NoticeID: a.noticeID, Warnings: a.warnings, Parts: a.parts, UndoUntil: a.undoUntil}
}

func byID(components []status.Component) map[string]status.Component {
	m := make(map[string]status.Component, len(components))
	for _, c := range components {
		m[c.ID] = c
	}
	return m
}
