package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/allclear-status/allclear/status"
)

type incidentRow struct {
	ID              string `db:"id"`
	Number          int64  `db:"number"`
	Name            string `db:"name"`
	Status          string `db:"status"`
	Impact          string `db:"impact"`
	ImpactOverride  string `db:"impact_override"`
	HighestImpact   string `db:"highest_impact"`
	Metadata        string `db:"metadata"`
	CreatedAt       int64  `db:"created_at"`
	UpdatedAt       int64  `db:"updated_at"`
	StartedAt       int64  `db:"started_at"`
	MonitoringAt    int64  `db:"monitoring_at"`
	ResolvedAt      int64  `db:"resolved_at"`
	NextUpdateDueAt int64  `db:"next_update_due_at"`
	EstimatedEndAt  int64  `db:"estimated_end_at"`
	LongEvery       int64  `db:"long_every"`
	WhatToDo        string `db:"what_to_do"`
	ScheduledFor    int64  `db:"scheduled_for"`
	ScheduledUntil  int64  `db:"scheduled_until"`
	ExpectedImpact  string `db:"expected_impact"`
	Draft           bool   `db:"draft"`
	Backfilled      bool   `db:"backfilled"`
	WithdrawnAt     int64  `db:"withdrawn_at"`
}

func (r incidentRow) incident() status.Incident {
	return status.Incident{
		ID: r.ID, Number: r.Number, Name: r.Name, Status: status.IncidentStatus(r.Status),
		Impact: status.Impact(r.Impact), ImpactOverride: status.Impact(r.ImpactOverride), HighestImpact: status.Impact(r.HighestImpact),
		Metadata: r.Metadata, CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt), StartedAt: instant(r.StartedAt),
		MonitoringAt: instant(r.MonitoringAt), ResolvedAt: instant(r.ResolvedAt), NextUpdateDueAt: instant(r.NextUpdateDueAt),
		EstimatedEndAt: instant(r.EstimatedEndAt), LongEvery: time.Duration(r.LongEvery) * time.Microsecond, WhatToDo: r.WhatToDo, ScheduledFor: instant(r.ScheduledFor), ScheduledUntil: instant(r.ScheduledUntil),
		ExpectedImpact: status.Impact(r.ExpectedImpact), Draft: r.Draft, Backfilled: r.Backfilled, WithdrawnAt: instant(r.WithdrawnAt),
		Affected: []status.Affected{}, Updates: []status.Update{},
	}
}

const incidentColumns = `i.id, i.number, i.name, i.status, i.impact, i.impact_override, i.highest_impact, i.metadata,
	i.created_at, i.updated_at, i.started_at, i.monitoring_at, i.resolved_at, i.next_update_due_at, i.estimated_end_at, i.long_every, i.what_to_do,
	i.scheduled_for, i.scheduled_until, i.expected_impact, i.draft, i.backfilled, i.withdrawn_at`

// IncidentFilter says which incidents to list, newest first.
type IncidentFilter struct {
	OpenOnly bool
	// Drafts lists the drafts instead of what is public.
	Drafts bool
	// States are those to list; none: any.
	States []status.IncidentStatus
	// Query finds incidents whose name or updates contain it; empty: all.
	Query         string
	Limit, Offset int
}

// Incidents lists incidents with their updates and components; withdrawn ones
// are never among them.
func (q queries) Incidents(ctx context.Context, f IncidentFilter) ([]status.Incident, error) {
	conditions, args := []string{"i.withdrawn_at = 0", "i.draft = $1"}, []any{f.Drafts}
	if len(f.States) > 0 {
		var marks []string
		for _, state := range f.States {
			args = append(args, string(state))
			marks = append(marks, fmt.Sprintf("$%d", len(args)))
		}
		conditions = append(conditions, "i.status IN ("+strings.Join(marks, ", ")+")")
	}
	if f.OpenOnly {
		conditions = append(conditions, "i.status NOT IN ('resolved', 'completed')")
	}
	if f.Query != "" {
		args = append(args, "%"+escapeLike(strings.ToLower(f.Query))+"%")
		conditions = append(conditions, fmt.Sprintf(
			`(LOWER(i.name) LIKE $%[1]d ESCAPE '\' OR EXISTS (
				SELECT 1 FROM incident_updates u WHERE u.incident_id = i.id AND LOWER(u.body) LIKE $%[1]d ESCAPE '\'))`, len(args)))
	}
	args = append(args, f.Limit, f.Offset)
	var rows []incidentRow
	if err := q.list(ctx, "list incidents", &rows, fmt.Sprintf(`
		SELECT %s
		FROM incidents i
		WHERE %s
		ORDER BY i.created_at DESC, i.number DESC
		LIMIT $%d OFFSET $%d`, incidentColumns, strings.Join(conditions, " AND "), len(args)-1, len(args)), args...); err != nil {
		return nil, err
	}
	return q.whole(ctx, convert(rows, incidentRow.incident))
}

// PublicIncidentsBetween reads what is public and began in a span of time, the
// end of it excluded; newest first.
func (q queries) PublicIncidentsBetween(ctx context.Context, from, to time.Time) ([]status.Incident, error) {
	var rows []incidentRow
	if err := q.list(ctx, "list incidents", &rows, `
		SELECT `+incidentColumns+`
		FROM incidents i
		WHERE NOT i.draft AND i.withdrawn_at = 0 AND i.started_at >= $1 AND i.started_at < $2
		ORDER BY i.created_at DESC, i.number DESC`, micros(from), micros(to)); err != nil {
		return nil, err
	}
	return q.whole(ctx, convert(rows, incidentRow.incident))
}

// Incident reads one incident with its updates and components, also a draft;
// one that was withdrawn is not found.
func (q queries) Incident(ctx context.Context, id string) (status.Incident, error) {
	var row incidentRow
	if err := q.get(ctx, "read incident", &row, `
		SELECT `+incidentColumns+`
		FROM incidents i
		WHERE i.id = $1 AND i.withdrawn_at = 0`, id); err != nil {
		return status.Incident{}, err
	}
	whole, err := q.whole(ctx, []status.Incident{row.incident()})
	if err != nil {
		return status.Incident{}, err
	}
	return whole[0], nil
}

// FindIncident reads one incident by its id or by its number said aloud
// ("INC-14", any case).
func (q queries) FindIncident(ctx context.Context, name string) (status.Incident, error) {
	if number, ok := incidentNumber(name); ok {
		id, err := q.numbered(ctx, number)
		if err != nil {
			return status.Incident{}, err
		}
		return q.Incident(ctx, id)
	}
	return q.Incident(ctx, name)
}

// incidentNumber is the number in a name such as "INC-14".
func incidentNumber(name string) (number int64, ok bool) {
	digits, ok := strings.CutPrefix(strings.ToUpper(name), "INC-")
	number, err := strconv.ParseInt(digits, 10, 64)
	return number, ok && err == nil
}

func (q queries) numbered(ctx context.Context, number int64) (id string, err error) {
	err = q.get(ctx, "find incident", &id, `SELECT id FROM incidents WHERE number = $1`, number)
	return id, err
}

// IncidentID is the id of an incident named by it or by its number, also of one
// that was withdrawn: what was said about it stays in the ledger.
func (q queries) IncidentID(ctx context.Context, name string) (id string, err error) {
	if number, ok := incidentNumber(name); ok {
		return q.numbered(ctx, number)
	}
	err = q.get(ctx, "find incident", &id, `SELECT id FROM incidents WHERE id = $1`, name)
	return id, err
}

// whole adds updates and components to incidents, two queries for all.
func (q queries) whole(ctx context.Context, incidents []status.Incident) ([]status.Incident, error) {
	if len(incidents) == 0 {
		return incidents, nil
	}
	byID, ids := map[string]*status.Incident{}, make([]string, len(incidents))
	for i := range incidents {
		byID[incidents[i].ID], ids[i] = &incidents[i], incidents[i].ID
	}
	if err := q.addUpdates(ctx, ids, byID); err != nil {
		return nil, err
	}
	return incidents, q.addAffected(ctx, ids, byID)
}

func (q queries) addUpdates(ctx context.Context, ids []string, byID map[string]*status.Incident) error {
	var rows []struct {
		ID              string `db:"id"`
		IncidentID      string `db:"incident_id"`
		Status          string `db:"status"`
		Body            string `db:"body"`
		Changes         string `db:"changes"`
		Notify          bool   `db:"notify"`
		CreatedAt       int64  `db:"created_at"`
		UpdatedAt       int64  `db:"updated_at"`
		DisplayAt       int64  `db:"display_at"`
		NextUpdateDueAt int64  `db:"next_update_due_at"`
		WhatToDo        string `db:"what_to_do"`
	}
	query, args, err := q.in(`
		SELECT id, incident_id, status, body, changes, notify, created_at, updated_at, display_at, next_update_due_at, what_to_do
		FROM incident_updates
		WHERE incident_id IN (?)
		ORDER BY incident_id, number`, ids)
	if err != nil {
		return err
	}
	if err := q.list(ctx, "list incident updates", &rows, query, args...); err != nil {
		return err
	}
	for _, r := range rows {
		update := status.Update{
			ID: r.ID, IncidentID: r.IncidentID, Status: status.IncidentStatus(r.Status), Body: r.Body, Notify: r.Notify,
			CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt), DisplayAt: instant(r.DisplayAt),
			NextUpdateDueAt: instant(r.NextUpdateDueAt), WhatToDo: r.WhatToDo, Changes: []status.ComponentChange{},
		}
		if err := json.Unmarshal([]byte(r.Changes), &update.Changes); err != nil {
			return fmt.Errorf("read incident update %s: %w", r.ID, err)
		}
		byID[r.IncidentID].Updates = append(byID[r.IncidentID].Updates, update)
	}
	return nil
}

func (q queries) addAffected(ctx context.Context, ids []string, byID map[string]*status.Incident) error {
	var rows []struct {
		IncidentID  string `db:"incident_id"`
		ComponentID string `db:"component_id"`
		Graded      string `db:"graded"`
		NotCore     bool   `db:"not_core"`
	}
	query, args, err := q.in(`
		SELECT ic.incident_id, ic.component_id, ic.graded, c.not_core
		FROM incident_components ic
		JOIN components c ON c.id = ic.component_id
		WHERE ic.incident_id IN (?)
		ORDER BY ic.incident_id, ic.position`, ids)
	if err != nil {
		return err
	}
	if err := q.list(ctx, "list incident components", &rows, query, args...); err != nil {
		return err
	}
	for _, r := range rows {
		i := byID[r.IncidentID]
		i.Affected = append(i.Affected, status.Affected{ComponentID: r.ComponentID, NotCore: r.NotCore, Graded: status.ComponentStatus(r.Graded)})
	}
	return nil
}

// SaveIncident writes an incident, the set of its components and its updates.
func (tx *Tx) SaveIncident(ctx context.Context, i status.Incident) error {
	if err := tx.exec(ctx, "save incident", `
		INSERT INTO incidents (id, number, name, status, impact, impact_override, highest_impact, metadata, created_at,
		                       updated_at, started_at, monitoring_at, resolved_at, next_update_due_at, estimated_end_at,
		                       what_to_do, scheduled_for, scheduled_until, expected_impact, draft, backfilled, withdrawn_at, long_every)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
		ON CONFLICT (id) DO UPDATE
		SET name = excluded.name, status = excluded.status, impact = excluded.impact,
		    impact_override = excluded.impact_override, highest_impact = excluded.highest_impact,
		    metadata = excluded.metadata, updated_at = excluded.updated_at, monitoring_at = excluded.monitoring_at,
		    resolved_at = excluded.resolved_at, next_update_due_at = excluded.next_update_due_at,
		    created_at = excluded.created_at, started_at = excluded.started_at, estimated_end_at = excluded.estimated_end_at,
		    what_to_do = excluded.what_to_do, long_every = excluded.long_every,
		    scheduled_for = excluded.scheduled_for, scheduled_until = excluded.scheduled_until,
		    expected_impact = excluded.expected_impact, draft = excluded.draft, withdrawn_at = excluded.withdrawn_at`,
		i.ID, i.Number, i.Name, string(i.Status), string(i.Impact), string(i.ImpactOverride), string(i.HighestImpact),
		i.Metadata, micros(i.CreatedAt), micros(i.UpdatedAt), micros(i.StartedAt), micros(i.MonitoringAt),
		micros(i.ResolvedAt), micros(i.NextUpdateDueAt), micros(i.EstimatedEndAt), i.WhatToDo, micros(i.ScheduledFor), micros(i.ScheduledUntil),
		string(i.ExpectedImpact), i.Draft, i.Backfilled, micros(i.WithdrawnAt), i.LongEvery.Microseconds()); err != nil {
		return err
	}
	if err := tx.saveAffected(ctx, i); err != nil {
		return err
	}
	return tx.saveUpdates(ctx, i.Updates)
}

func (tx *Tx) saveAffected(ctx context.Context, i status.Incident) error {
	if err := tx.exec(ctx, "save incident components", `DELETE FROM incident_components WHERE incident_id = $1`, i.ID); err != nil {
		return err
	}
	for position, a := range i.Affected {
		if err := tx.exec(ctx, "save incident components", `
			INSERT INTO incident_components (incident_id, component_id, position, graded)
			VALUES ($1, $2, $3, $4)`, i.ID, a.ComponentID, position, string(a.Graded)); err != nil {
			return err
		}
	}
	return nil
}

// saveUpdates writes an incident's updates in one statement, however many.
func (tx *Tx) saveUpdates(ctx context.Context, updates []status.Update) error {
	var saved rows
	for i, u := range updates {
		changes := u.Changes
		if changes == nil {
			changes = []status.ComponentChange{}
		}
		encoded, err := json.Marshal(changes)
		if err != nil {
			return fmt.Errorf("save incident updates: %w", err)
		}
		saved.add(u.ID, u.IncidentID, i+1, string(u.Status), u.Body, string(encoded), u.Notify,
			micros(u.CreatedAt), micros(u.UpdatedAt), micros(u.DisplayAt), micros(u.NextUpdateDueAt), u.WhatToDo)
	}
	return tx.exec(ctx, "save incident updates", `
		INSERT INTO incident_updates (id, incident_id, number, status, body, changes, notify, created_at,
		                              updated_at, display_at, next_update_due_at, what_to_do)
		SELECT column1, column2, column3, column4, column5, column6, column7, column8, column9, column10, column11, column12
		FROM `+tx.dialect.table("TEXT", "TEXT", "INTEGER", "TEXT", "TEXT", "TEXT", "BOOLEAN", "BIGINT", "BIGINT", "BIGINT", "BIGINT", "TEXT")+`
		WHERE TRUE
		ON CONFLICT (id) DO UPDATE
		SET status = excluded.status, body = excluded.body, changes = excluded.changes, notify = excluded.notify,
		    created_at = excluded.created_at, updated_at = excluded.updated_at, display_at = excluded.display_at,
		    next_update_due_at = excluded.next_update_due_at, what_to_do = excluded.what_to_do`, saved.encoded())
}

// escapeLike makes text literal inside a LIKE pattern.
func escapeLike(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}
