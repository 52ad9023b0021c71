package publish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// The timers by which an incident's own people are reminded: that an update is
// due, and that a draft is not public yet.
const (
	reminderKind  = "reminder"
	firstPostKind = "first_post"
)

// step is one reminder: who is asked first, and how long after the due time.
type step struct {
	name string
	role stakeholders.Role
	at   time.Duration
}

// reminderSteps are those about an update.
func reminderSteps(p *stakeholders.Policy) []step {
	times := p.Reminders()
	return append([]step{{"before", stakeholders.CommunicationLead, -times.Before}}, firstPostSteps(p)...)
}

// firstPostSteps are those about a draft: nothing is due before its deadline.
func firstPostSteps(p *stakeholders.Policy) []step {
	times := p.Reminders()
	return []step{
		{"due", stakeholders.CommunicationLead, 0},
		{"manager", stakeholders.IncidentManager, times.ManagerAfter},
		{"deputy", stakeholders.Deputy, times.DeputyAfter},
	}
}

// reminderPayload says which due time a reminder is about: one that holds no
// more is not sent.
type reminderPayload struct {
	DueAt time.Time         `json:"due_at"`
	Role  stakeholders.Role `json:"role"`
}

// followUp keeps what follows in time from a post: the record of promises, and
// the reminders of those who are to keep them.
func (a *act) followUp(ctx context.Context, was status.Incident) error {
	if err := keepPromises(ctx, a.tx, was, a.incident, a.change.Spoke); err != nil {
		return err
	}
	if err := a.setReminders(ctx, was); err != nil {
		return err
	}
	return a.warnUnreminded(ctx)
}

// keepPromises writes down what a post made of the promises so far, and the one
// that it makes itself. Speaking ends every promise, in time or late; moving
// ends one that is not due yet.
func keepPromises(ctx context.Context, tx *store.Tx, was, is status.Incident, spoke bool) error {
	moved := !was.NextUpdateDueAt.Equal(is.NextUpdateDueAt)
	if !spoke && !moved {
		return nil
	}
	made, err := tx.Promises(ctx, is.ID)
	if err != nil {
		return err
	}
	for _, p := range made {
		end := status.PromiseEnd("")
		switch {
		case p.End != "":
		case !is.Public():
			end = status.PromiseWithdrawn
		case spoke || !is.Open():
			end = status.PromiseSpoken
		case tx.Now().Before(p.DueAt):
			end = status.PromiseMoved
		}
		if end == "" {
			continue
		}
		if err := tx.EndPromise(ctx, p, end); err != nil {
			return err
		}
	}
	if is.NextUpdateDueAt.IsZero() || !is.Public() {
		return nil
	}
	return tx.AddPromise(ctx, is.ID, is.NextUpdateDueAt)
}

// setReminders sets the timers of what is due next, and takes back those of
// what is done, with the letters that wait to be sent about it.
func (a *act) setReminders(ctx context.Context, was status.Incident) error {
	if !was.NextUpdateDueAt.Equal(a.incident.NextUpdateDueAt) {
		if err := forgetReminders(ctx, a.tx, a.incident.ID, reminderKind); err != nil {
			return err
		}
		if err := setSteps(ctx, a.tx, reminderKind, a.incident.ID, a.incident.NextUpdateDueAt, reminderSteps(a.policy)); err != nil {
			return err
		}
	}
	before, now := firstPostDue(a.policy, was), firstPostDue(a.policy, a.incident)
	if before.Equal(now) {
		return nil
	}
	if err := forgetReminders(ctx, a.tx, a.incident.ID, firstPostKind); err != nil {
		return err
	}
	return setSteps(ctx, a.tx, firstPostKind, a.incident.ID, now, firstPostSteps(a.policy))
}

// firstPostDue is when a draft is to be public; zero for what is none.
func firstPostDue(p *stakeholders.Policy, i status.Incident) time.Time {
	within := p.FirstPost(i.Impact)
	if !i.Draft || !i.WithdrawnAt.IsZero() || !i.Open() || i.IsMaintenance() || within == 0 {
		return time.Time{}
	}
	return i.CreatedAt.Add(within)
}

// setSteps sets those timers that are not past already; a zero due time sets
// none.
func setSteps(ctx context.Context, tx *store.Tx, kind, incidentID string, due time.Time, steps []step) error {
	if due.IsZero() {
		return nil
	}
	var timers []store.NewTimer
	for _, s := range steps {
		if at := due.Add(s.at); at.After(tx.Now()) {
			key := store.TimerKey{Kind: kind, Subject: incidentID, Name: s.name}
			timers = append(timers, store.NewTimer{TimerKey: key, DueAt: at, Payload: reminderPayload{due, s.role}})
		}
	}
	return tx.SetTimers(ctx, timers)
}

// forgetReminders takes the reminders of a kind about an incident back.
func forgetReminders(ctx context.Context, tx *store.Tx, incidentID, kind string) error {
	if err := tx.ClearTimers(ctx, kind, incidentID); err != nil {
		return err
	}
	return tx.SupersedeReminders(ctx, incidentID, "what it reminds of was done, or is due at another time")
}

// warnUnreminded says when a promise was made that nobody will be reminded of.
func (a *act) warnUnreminded(ctx context.Context) error {
	due := a.incident.NextUpdateDueAt
	if due.IsZero() {
		due = firstPostDue(a.policy, a.incident)
	}
	if due.IsZero() {
		return nil
	}
	roster, err := a.tx.Roster(ctx, a.incident)
	if err != nil {
		return err
	}
	for _, duty := range roster.Line(stakeholders.CommunicationLead) {
		if contacts, err := reachable(ctx, a.tx, duty); err != nil || len(contacts) > 0 {
			return err
		}
	}
	a.warnings = append(a.warnings, "Nobody is set to be reminded of the next update. Give somebody the role communication_lead, on this incident or for the page.")
	return nil
}

// reachable are the contacts by which a holder can be reminded.
func reachable(ctx context.Context, tx *store.Tx, duty stakeholders.Duty) ([]stakeholders.Contact, error) {
	var contacts []stakeholders.Contact
	for _, c := range duty.Contacts {
		if c.Channel != stakeholders.Email && !c.Channel.Chat() {
			continue
		}
		reason, err := tx.Suppressed(ctx, c.Channel, c.Address)
		if err != nil {
			return nil, err
		}
		if reason == "" {
			contacts = append(contacts, c)
		}
	}
	return contacts, nil
}

// remind carries a reminder out: a letter to each contact of whoever has the
// role, or of the next in line.
func (p *Publisher) remind(ctx context.Context, tx *store.Tx, page status.Page, t store.Timer) (time.Time, error) {
	var about reminderPayload
	if err := json.Unmarshal(t.Payload, &about); err != nil {
		return time.Time{}, fmt.Errorf("read reminder: %w", err)
	}
	incident, err := tx.Incident(ctx, t.Subject)
	if errors.Is(err, status.ErrNotFound) {
		return time.Time{}, nil // withdrawn
	}
	if err != nil {
		return time.Time{}, err
	}
	policy, err := tx.Policy(ctx)
	if err != nil {
		return time.Time{}, err
	}
	due := incident.NextUpdateDueAt
	if t.Kind == firstPostKind {
		due = firstPostDue(policy, incident)
	}
	if !due.Equal(about.DueAt) {
		return time.Time{}, nil
	}
	roster, err := tx.Roster(ctx, incident)
	if err != nil {
		return time.Time{}, err
	}
	for _, duty := range roster.Line(about.Role) {
		contacts, err := reachable(ctx, tx, duty)
		if err != nil {
			return time.Time{}, err
		}
		if len(contacts) > 0 {
			letter := reminder{tx: tx, page: page, policy: policy, incident: incident, duty: duty, role: roster.Has(duty.Key())[0], kind: t.Kind, due: due}
			if _, held := roster[about.Role]; held && roster[about.Role].Key() == duty.Key() {
				letter.role = about.Role
			}
			return time.Time{}, letter.send(ctx, contacts)
		}
	}
	p.config.Log.Warn("nobody is set to be reminded of an update", "incident_id", incident.ID, "reference", incident.Reference(), "due_at", due)
	return time.Time{}, nil
}

// reminder is a letter to one holder of a role.
type reminder struct {
	tx       *store.Tx
	page     status.Page
	policy   *stakeholders.Policy
	incident status.Incident
	duty     stakeholders.Duty
	role     stakeholders.Role
	kind     string
	due      time.Time
}

// send puts the letters into the outbox, each with a link of its own.
func (r reminder) send(ctx context.Context, contacts []stakeholders.Contact) error {
	for _, c := range contacts {
		id := store.NewID()
		notice, err := r.tx.EnqueueTo(ctx, notify.Notice{
			Occasion: stakeholders.Occasion{Event: r.event()}, PolicyVersion: r.policy.Version,
			Priority: notify.Priority(status.ImpactCritical), Content: r.content(),
		}, store.Addressee{Contact: c, Person: rolePerson(r.role, r.incident.ID, id), Quadrant: stakeholders.ManageClosely,
			Reason: fmt.Sprintf("is to see to it that the next update comes, as %s", roleWords(r.role))})
		if err != nil {
			return err
		}
		if err := r.tx.AddRoleLink(ctx, store.RoleLink{ID: id, IncidentID: r.incident.ID, NoticeID: notice, Role: r.role,
			Holder: r.duty.Key(), Name: r.duty.Name, DueAt: r.due, ExpiresAt: r.tx.Now().Add(roleLinkFor)}); err != nil {
			return err
		}
	}
	return nil
}

func (r reminder) event() stakeholders.Event {
	if r.kind == firstPostKind {
		return stakeholders.FirstPostReminder
	}
	return stakeholders.UpdateReminder
}

// content is what the letter says, in the language and the zone of its reader.
func (r reminder) content() notify.Content {
	c := notify.Content{
		PageName: r.page.Name, PageURL: r.page.URL, TimeZone: r.page.TimeZone, Language: r.page.Language, Event: r.event(),
		IncidentID: r.incident.ID, Reference: r.incident.Reference(), Title: r.incident.Name, Status: r.incident.Status, Impact: r.incident.Impact,
		StartedAt: r.incident.StartedAt, PostedAt: r.tx.Now(), NextUpdateDueAt: r.due, Role: r.role,
	}
	if r.duty.Language != "" {
		c.Language = lang.Match(r.duty.Language)
	}
	if r.duty.TimeZone != "" {
		c.TimeZone = r.duty.TimeZone
	}
	return c
}
