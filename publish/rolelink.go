package publish

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// rolePurpose is what the links in reminders are sealed for.
const rolePurpose = "still working"

// roleLinkFor is how long the link in a reminder works.
const roleLinkFor = 4 * time.Hour

// Why a link in a reminder does nothing, although we made it.
var (
	// ErrUsed is a link that was used before.
	ErrUsed = errors.New("the link was used")
	// ErrOutdated is a link about a promise that stands no more: there was an
	// update, the incident is over, or somebody else has the role now.
	ErrOutdated = errors.New("the link is out of date")
)

// rolePerson is who gets a reminder, in the ledger: "role:<role>:<incident>:<link>".
func rolePerson(role stakeholders.Role, incidentID, linkID string) string {
	return strings.Join([]string{rolePrefix, string(role), incidentID, linkID}, ":")
}

const rolePrefix = "role"

// RoleLink is the address by which the person of a reminder says that the work
// goes on; sentAt is when the reminder was made. Who is no such person has none.
func (p *Publisher) RoleLink(person string, sentAt time.Time) (string, bool) {
	if !strings.HasPrefix(person, rolePrefix+":") {
		return "", false
	}
	expires := sentAt.Add(roleLinkFor).UnixMicro()
	return p.config.PublicURL + "/remind/" + p.config.Key.SealLink(rolePurpose, fmt.Sprintf("%s:%d", person, expires)), true
}

// openRoleLink finds the link that a token is for, or status.ErrNotFound. What
// the token says must be what is kept of the link.
func (p *Publisher) openRoleLink(ctx context.Context, q roleLinkReader, token string) (store.RoleLink, error) {
	subject, err := p.config.Key.OpenLink(rolePurpose, token)
	parts := strings.Split(subject, ":")
	if err != nil || len(parts) != 5 {
		return store.RoleLink{}, fmt.Errorf("open role link: %w", status.ErrNotFound)
	}
	link, err := q.RoleLink(ctx, parts[3])
	if err != nil {
		return link, err
	}
	expires, err := strconv.ParseInt(parts[4], 10, 64)
	if err != nil || parts[1] != string(link.Role) || parts[2] != link.IncidentID {
		return store.RoleLink{}, fmt.Errorf("open role link: %w", status.ErrNotFound)
	}
	if at := time.UnixMicro(expires); at.Before(link.ExpiresAt) {
		link.ExpiresAt = at
	}
	return link, nil
}

// roleLinkReader is the part of the store that is read about a link.
type roleLinkReader interface {
	RoleLink(ctx context.Context, id string) (store.RoleLink, error)
	Incident(ctx context.Context, id string) (status.Incident, error)
	Roster(ctx context.Context, i status.Incident) (stakeholders.Roster, error)
	Policy(ctx context.Context) (*stakeholders.Policy, error)
}

// checkRoleLink reads the incident of a link that still works.
func checkRoleLink(ctx context.Context, q roleLinkReader, link store.RoleLink, now time.Time) (status.Incident, error) {
	if !link.UsedAt.IsZero() {
		return status.Incident{}, fmt.Errorf("follow role link: %w", ErrUsed)
	}
	incident, err := q.Incident(ctx, link.IncidentID)
	switch {
	case errors.Is(err, status.ErrNotFound):
		return incident, fmt.Errorf("follow role link: %w", ErrOutdated)
	case err != nil:
		return incident, err
	case !incident.Public() || !incident.Open() || !incident.NextUpdateDueAt.Equal(link.DueAt):
		return incident, fmt.Errorf("follow role link: %w", ErrOutdated)
	case now.After(link.ExpiresAt):
		return incident, fmt.Errorf("follow role link: %w", ErrExpired)
	}
	roster, err := q.Roster(ctx, incident)
	if err != nil {
		return incident, err
	}
	if len(roster.Has(link.Holder)) == 0 {
		return incident, fmt.Errorf("follow role link: %w", ErrOutdated)
	}
	return incident, nil
}

// StillWorking is what the link in a reminder would post.
type StillWorking struct {
	Incident status.Incident
	Name     string
	Role     stakeholders.Role
	DueAt    time.Time
	// Text is the message, without the time of the next update.
	Text string
	// Usual is how long until the next update by the policy; Others are what may
	// be chosen instead.
	Usual  time.Duration
	Others []time.Duration
}

// otherCadences may be chosen instead of the usual time until the next update.
func otherCadences() []time.Duration {
	return []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour}
}

// usualCadence is when the next update is due where nobody chooses; where the
// policy promises nothing, half an hour.
func usualCadence(policy *stakeholders.Policy, i status.Incident) time.Duration {
	if i.LongEvery > 0 {
		return i.LongEvery
	}
	if every := policy.NextUpdate(i.Impact); every > 0 {
		return every
	}
	return 30 * time.Minute
}

// stillWords say that the work goes on, as far as it is.
func stillWords(tag string, state status.IncidentStatus) string {
	return lang.Text(tag, "still."+string(state))
}

// RoleLinkInfo says what the link in a reminder would post. It changes nothing.
//
// Errors: status.ErrNotFound for a link that we did not make, ErrUsed,
// ErrExpired, ErrOutdated.
func (p *Publisher) RoleLinkInfo(ctx context.Context, token string) (StillWorking, error) {
	link, err := p.openRoleLink(ctx, p.store, token)
	if err != nil {
		return StillWorking{}, err
	}
	incident, err := checkRoleLink(ctx, p.store, link, p.store.Now())
	if err != nil {
		return StillWorking{}, err
	}
	policy, err := p.store.Policy(ctx)
	if err != nil {
		return StillWorking{}, err
	}
	page, err := p.store.Page(ctx)
	return StillWorking{Incident: incident, Name: link.Name, Role: link.Role, DueAt: link.DueAt, Text: stillWords(page.Language, incident.Status),
		Usual: usualCadence(policy, incident), Others: otherCadences()}, err
}

// SayStillWorking posts that there is no news yet, and when the next update
// comes; after is one of the times that RoleLinkInfo gives, 0 the usual one. The
// link is used up by it.
//
// Errors: those of RoleLinkInfo, *status.Invalid.
func (p *Publisher) SayStillWorking(ctx context.Context, token string, after time.Duration) (Published, error) {
	if _, err := p.RoleLinkInfo(ctx, token); err != nil { // without waiting for anybody
		return Published{}, err
	}
	return p.publish(ctx, func(tx *store.Tx, page status.Page) (*act, string, error) {
		link, err := p.openRoleLink(ctx, tx, token)
		if err != nil {
			return nil, "", err
		}
		incident, err := checkRoleLink(ctx, tx, link, tx.Now())
		if err != nil {
			return nil, "", err
		}
		policy, err := tx.Policy(ctx)
		if err != nil {
			return nil, "", err
		}
		if after, err = chosenCadence(after, usualCadence(policy, incident)); err != nil {
			return nil, "", err
		}
		if err := tx.UseRoleLink(ctx, link.ID); err != nil {
			return nil, "", fmt.Errorf("follow role link: %w", errors.Join(ErrUsed, err))
		}
		next := tx.Now().Add(after).Truncate(time.Minute)
		if !next.After(tx.Now()) {
			next = next.Add(time.Minute)
		}
		words := stillWords(page.Language, incident.Status) + " " +
			lang.Text(page.Language, "incident.next_by", lang.Since(page.Language, next.In(page.Location()), tx.Now())) + "."
		actor := auth.Actor{Kind: "link", ID: link.Holder, Name: fmt.Sprintf("role link: %s, %s", link.Name, roleWords(link.Role)), Scope: auth.ScopePost}
		return &act{tx: tx, page: page, actor: actor, post: status.Post{Body: words, Notify: true, NextUpdateDueAt: next}, publisher: p}, link.IncidentID, nil
	})
}

// chosenCadence is the time until the next update, where it may be chosen.
func chosenCadence(after, usual time.Duration) (time.Duration, error) {
	if after == 0 || after == usual {
		return usual, nil
	}
	for _, other := range otherCadences() {
		if after == other {
			return after, nil
		}
	}
	return 0, status.NewInvalid("next", "must be 15, 30 or 60 minutes, or the usual time")
}

// roleWords are a role's name as one says it.
func roleWords(role stakeholders.Role) string { return strings.ReplaceAll(string(role), "_", " ") }
