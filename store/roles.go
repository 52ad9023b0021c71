package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// The subjects of roles.
const (
	pageRoles         = "page"
	componentRolesKey = "component:"
	incidentRolesKey  = "incident:"
)

// RoleSubject names what somebody has a role on.
type RoleSubject string

// PageRoles, ComponentRoles and IncidentRoles are the subjects there are.
func PageRoles() RoleSubject               { return pageRoles }
func ComponentRoles(id string) RoleSubject { return RoleSubject(componentRolesKey + id) }
func IncidentRoles(id string) RoleSubject  { return RoleSubject(incidentRolesKey + id) }
func (s RoleSubject) Component() (string, bool) {
	return strings.CutPrefix(string(s), componentRolesKey)
}

// kind is the subject's kind alone.
func (s RoleSubject) kind() string {
	kind, _, _ := strings.Cut(string(s), ":")
	return kind
}

// roleContact is a contact of somebody who is not in the register, as it is
// kept; what is secret of it is in endpoints.
type roleContact struct {
	Channel stakeholders.Channel `json:"channel"`
	Address string               `json:"address"`
	Label   string               `json:"label,omitempty"`
}

type roleRow struct {
	Subject       string `db:"subject"`
	Role          string `db:"role"`
	StakeholderID string `db:"stakeholder_id"`
	Name          string `db:"name"`
	Contacts      string `db:"contacts"`
}

func (r roleRow) holder() (h stakeholders.Holder, err error) {
	h = stakeholders.Holder{StakeholderID: r.StakeholderID, Name: r.Name}
	var contacts []roleContact
	if err := json.Unmarshal([]byte(r.Contacts), &contacts); err != nil {
		return h, fmt.Errorf("read role %s of %s: %w", r.Role, r.Subject, err)
	}
	for _, c := range contacts {
		h.Contacts = append(h.Contacts, stakeholders.Contact{Channel: c.Channel, Address: c.Address, Label: c.Label})
	}
	return h, nil
}

// SaveRole gives somebody a role. The contacts of an entry of the register are
// that entry's, as they are when they are needed.
func (tx *Tx) SaveRole(ctx context.Context, on RoleSubject, role stakeholders.Role, h stakeholders.Holder) error {
	contacts := []roleContact{}
	if h.StakeholderID == "" {
		for _, c := range h.Contacts {
			if err := tx.seal(ctx, c); err != nil {
				return err
			}
			contacts = append(contacts, roleContact{c.Channel, c.Address, c.Label})
		}
	}
	encoded, err := json.Marshal(contacts)
	if err != nil {
		return fmt.Errorf("save role: %w", err)
	}
	return tx.exec(ctx, "save role", `
		INSERT INTO roles (subject, role, stakeholder_id, name, contacts, given_at)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (subject, role) DO UPDATE
		SET stakeholder_id = excluded.stakeholder_id, name = excluded.name, contacts = excluded.contacts, given_at = excluded.given_at`,
		string(on), string(role), h.StakeholderID, h.Name, string(encoded), micros(tx.now))
}

// ClearRole takes a role from whoever has it.
func (tx *Tx) ClearRole(ctx context.Context, on RoleSubject, role stakeholders.Role) error {
	return tx.exec(ctx, "clear role", `DELETE FROM roles WHERE subject = $1 AND role = $2`, string(on), string(role))
}

// DefaultRoles reads who has which role unless an incident says otherwise: on
// the page, and for components.
func (q queries) DefaultRoles(ctx context.Context) (map[RoleSubject]stakeholders.Roster, error) {
	return q.rosters(ctx, `subject NOT LIKE 'incident:%'`)
}

// RosterOf reads who was given which role on one subject itself.
func (q queries) RosterOf(ctx context.Context, on RoleSubject) (stakeholders.Roster, error) {
	rosters, err := q.rosters(ctx, `subject = $1`, string(on))
	return rosters[on], err
}

// Roster reads who has which role on an incident: by its own settings, else by
// those of the first component that it touches, else by the page's.
func (q queries) Roster(ctx context.Context, i status.Incident) (stakeholders.Roster, error) {
	subjects := []RoleSubject{IncidentRoles(i.ID)}
	for _, id := range i.ComponentIDs() {
		subjects = append(subjects, ComponentRoles(id))
	}
	subjects = append(subjects, pageRoles)
	var named rows
	for _, s := range subjects {
		named.add(string(s))
	}
	rosters, err := q.rosters(ctx, `subject IN (SELECT column1 FROM `+q.dialect.table("TEXT")+`)`, named.encoded())
	roster := stakeholders.Roster{}
	for _, s := range subjects {
		for role, duty := range rosters[s] {
			if _, taken := roster[role]; !taken {
				roster[role] = duty
			}
		}
	}
	return roster, err
}

func (q queries) rosters(ctx context.Context, condition string, args ...any) (map[RoleSubject]stakeholders.Roster, error) {
	var found []roleRow
	if err := q.list(ctx, "read roles", &found, `
		SELECT subject, role, stakeholder_id, name, contacts
		FROM roles
		WHERE `+condition, args...); err != nil || len(found) == 0 {
		return map[RoleSubject]stakeholders.Roster{}, err
	}
	register, err := q.roleHolders(ctx)
	if err != nil {
		return nil, err
	}
	rosters := map[RoleSubject]stakeholders.Roster{}
	for _, r := range found {
		on := RoleSubject(r.Subject)
		holder, err := r.holder()
		if err != nil {
			return nil, err
		}
		if entry, there := register[r.StakeholderID]; there {
			holder = entry
		}
		if rosters[on] == nil {
			rosters[on] = stakeholders.Roster{}
		}
		rosters[on][stakeholders.Role(r.Role)] = stakeholders.Duty{Holder: holder, From: on.kind()}
	}
	return rosters, nil
}

// roleHolders reads those entries of the register that have a role somewhere.
func (q queries) roleHolders(ctx context.Context) (map[string]stakeholders.Holder, error) {
	var found []struct {
		ID       string `db:"id"`
		Name     string `db:"name"`
		Language string `db:"language"`
		TimeZone string `db:"time_zone"`
		Channel  string `db:"channel"`
		Address  string `db:"address"`
		Label    string `db:"label"`
	}
	err := q.list(ctx, "read who has roles", &found, `
		SELECT s.id, s.name, s.language, s.time_zone, COALESCE(c.channel, '') AS channel, COALESCE(c.address, '') AS address,
		       COALESCE(c.label, '') AS label
		FROM stakeholders s
		LEFT JOIN contacts c ON c.stakeholder_id = s.id
		WHERE s.id IN (SELECT stakeholder_id FROM roles)
		ORDER BY s.id, c.position`)
	holders := map[string]stakeholders.Holder{}
	for _, r := range found {
		h := holders[r.ID]
		h.StakeholderID, h.Name, h.Language, h.TimeZone = r.ID, r.Name, r.Language, r.TimeZone
		if r.Channel != "" {
			h.Contacts = append(h.Contacts, stakeholders.Contact{Channel: stakeholders.Channel(r.Channel), Address: r.Address, Label: r.Label})
		}
		holders[r.ID] = h
	}
	return holders, err
}

// RoleLink is a link by which who has a role acts on an incident, once. It is
// sent in one letter.
type RoleLink struct {
	ID         string
	IncidentID string
	NoticeID   int64
	Role       stakeholders.Role
	Holder     string // stakeholders.Holder.Key
	Name       string
	DueAt      time.Time // the promise that it is about
	ExpiresAt  time.Time
	UsedAt     time.Time // zero: not used
}

// AddRoleLink keeps a link.
func (tx *Tx) AddRoleLink(ctx context.Context, l RoleLink) error {
	return tx.exec(ctx, "add role link", `
		INSERT INTO role_links (id, incident_id, notice_id, role, holder, name, due_at, expires_at, used_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)`,
		l.ID, l.IncidentID, l.NoticeID, string(l.Role), l.Holder, l.Name, micros(l.DueAt), micros(l.ExpiresAt))
}

// RoleLink reads a link.
func (q queries) RoleLink(ctx context.Context, id string) (RoleLink, error) {
	var r struct {
		ID         string `db:"id"`
		IncidentID string `db:"incident_id"`
		NoticeID   int64  `db:"notice_id"`
		Role       string `db:"role"`
		Holder     string `db:"holder"`
		Name       string `db:"name"`
		DueAt      int64  `db:"due_at"`
		ExpiresAt  int64  `db:"expires_at"`
		UsedAt     int64  `db:"used_at"`
	}
	err := q.get(ctx, "read role link", &r, `
		SELECT id, incident_id, notice_id, role, holder, name, due_at, expires_at, used_at
		FROM role_links
		WHERE id = $1`, id)
	return RoleLink{r.ID, r.IncidentID, r.NoticeID, stakeholders.Role(r.Role), r.Holder, r.Name,
		instant(r.DueAt), instant(r.ExpiresAt), instant(r.UsedAt)}, err
}

// UseRoleLink uses a link up; it is status.ErrNotFound when it was used before.
func (tx *Tx) UseRoleLink(ctx context.Context, id string) error {
	return tx.execOne(ctx, "use role link", `
		UPDATE role_links
		SET used_at = $2
		WHERE id = $1 AND used_at = 0`, id, micros(tx.now))
}

// SupersedeReminders ends the letters to an incident's own people that wait to
// be sent: what they ask for has been done.
func (tx *Tx) SupersedeReminders(ctx context.Context, incidentID, why string) error {
	var ended []deliveryKey
	if err := tx.list(ctx, "supersede reminders", &ended, `
		UPDATE deliveries
		SET state = 'superseded', answer = $2, updated_at = $3, due_at = 0
		WHERE notice_id IN (SELECT notice_id FROM role_links WHERE incident_id = $1)
		  AND state IN ('held', 'pending', 'uncertain')
		RETURNING notice_id, channel, address`, incidentID, why, micros(tx.now)); err != nil {
		return err
	}
	return tx.unschedule(ctx, ended)
}
