package store

import (
	"context"
	"database/sql"

	"github.com/allclear-status/allclear/status"
)

type componentRow struct {
	ID                 string         `db:"id"`
	Name               string         `db:"name"`
	Description        string         `db:"description"`
	Status             string         `db:"status"`
	GroupID            sql.NullString `db:"group_id"`
	Position           int            `db:"position"`
	Showcase           bool           `db:"showcase"`
	OnlyShowIfDegraded bool           `db:"only_show_if_degraded"`
	StartDate          string         `db:"start_date"`
	NotCore            bool           `db:"not_core"`
	CreatedAt          int64          `db:"created_at"`
	UpdatedAt          int64          `db:"updated_at"`
}

func (r componentRow) component() status.Component {
	return status.Component{
		ID: r.ID, Name: r.Name, Description: r.Description, Status: status.ComponentStatus(r.Status),
		GroupID: r.GroupID.String, Position: r.Position, Showcase: r.Showcase,
		OnlyShowIfDegraded: r.OnlyShowIfDegraded, StartDate: r.StartDate, NotCore: r.NotCore,
		CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
}

// Components reads every component, by position over the whole page.
func (q queries) Components(ctx context.Context) ([]status.Component, error) {
	var rows []componentRow
	if err := q.list(ctx, "list components", &rows, `
		SELECT id, name, description, status, group_id, position, showcase, only_show_if_degraded,
		       start_date, not_core, created_at, updated_at
		FROM components
		ORDER BY position, created_at, id`); err != nil {
		return nil, err
	}
	return convert(rows, componentRow.component), nil
}

// Component reads one component.
func (q queries) Component(ctx context.Context, id string) (status.Component, error) {
	var row componentRow
	err := q.get(ctx, "read component", &row, `
		SELECT id, name, description, status, group_id, position, showcase, only_show_if_degraded,
		       start_date, not_core, created_at, updated_at
		FROM components
		WHERE id = $1`, id)
	return row.component(), err
}

// AddComponent inserts a component behind the others of its group.
func (tx *Tx) AddComponent(ctx context.Context, c status.Component) (status.Component, error) {
	group := nullable(c.GroupID)
	var row componentRow
	err := tx.get(ctx, "add component", &row, `
		INSERT INTO components (id, name, description, status, group_id, position, showcase,
		                        only_show_if_degraded, start_date, not_core, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5,
		        (SELECT COALESCE(MAX(position), 0) + 1 FROM components WHERE COALESCE(group_id, '') = COALESCE($5, '')),
		        $6, $7, $8, $9, $10, $10)
		RETURNING id, name, description, status, group_id, position, showcase, only_show_if_degraded,
		          start_date, not_core, created_at, updated_at`,
		c.ID, c.Name, c.Description, string(c.Status), group, c.Showcase, c.OnlyShowIfDegraded,
		c.StartDate, c.NotCore, micros(tx.now))
	return row.component(), err
}

// SaveComponent writes everything of a component but its status.
func (tx *Tx) SaveComponent(ctx context.Context, c status.Component) error {
	return tx.execOne(ctx, "save component", `
		UPDATE components
		SET name = $1, description = $2, group_id = $3, position = $4, showcase = $5,
		    only_show_if_degraded = $6, start_date = $7, not_core = $8, updated_at = $9
		WHERE id = $10`,
		c.Name, c.Description, nullable(c.GroupID), c.Position, c.Showcase,
		c.OnlyShowIfDegraded, c.StartDate, c.NotCore, micros(tx.now), c.ID)
}

// DeleteComponent removes a component and its history.
func (tx *Tx) DeleteComponent(ctx context.Context, id string) error {
	return tx.execOne(ctx, "delete component", `DELETE FROM components WHERE id = $1`, id)
}

// ChangeComponents gives components their new states and writes the history.
// incidentID is empty for a change by hand.
func (tx *Tx) ChangeComponents(ctx context.Context, incidentID string, changes []status.ComponentChange) error {
	for _, c := range changes {
		if err := tx.execOne(ctx, "change component", `
			UPDATE components SET status = $1, updated_at = $2 WHERE id = $3`,
			string(c.New), micros(tx.now), c.ComponentID); err != nil {
			return err
		}
		if err := tx.exec(ctx, "write component history", `
			INSERT INTO component_status_changes (component_id, incident_id, old_status, new_status, changed_at)
			VALUES ($1, $2, $3, $4, $5)`,
			c.ComponentID, nullable(incidentID), string(c.Old), string(c.New), micros(tx.now)); err != nil {
			return err
		}
	}
	return nil
}

// StatusChange is one row of a component's history.
type StatusChange struct {
	ComponentID string
	IncidentID  string
	Old, New    status.ComponentStatus
	ChangedAt   int64 `db:"changed_at"`
}

// ComponentHistory reads a component's changes of state, oldest first.
func (q queries) ComponentHistory(ctx context.Context, id string) ([]StatusChange, error) {
	var rows []struct {
		IncidentID sql.NullString `db:"incident_id"`
		Old        string         `db:"old_status"`
		New        string         `db:"new_status"`
		ChangedAt  int64          `db:"changed_at"`
	}
	if err := q.list(ctx, "read component history", &rows, `
		SELECT incident_id, old_status, new_status, changed_at
		FROM component_status_changes
		WHERE component_id = $1
		ORDER BY changed_at, id`, id); err != nil {
		return nil, err
	}
	history := make([]StatusChange, len(rows))
	for i, r := range rows {
		history[i] = StatusChange{id, r.IncidentID.String, status.ComponentStatus(r.Old), status.ComponentStatus(r.New), r.ChangedAt}
	}
	return history, nil
}

type groupRow struct {
	ID          string `db:"id"`
	Name        string `db:"name"`
	Description string `db:"description"`
	Position    int    `db:"position"`
	CreatedAt   int64  `db:"created_at"`
	UpdatedAt   int64  `db:"updated_at"`
}

func (r groupRow) group() status.Group {
	return status.Group{ID: r.ID, Name: r.Name, Description: r.Description, Position: r.Position,
		CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt)}
}

// Groups reads every component group by position.
func (q queries) Groups(ctx context.Context) ([]status.Group, error) {
	var rows []groupRow
	if err := q.list(ctx, "list component groups", &rows, `
		SELECT id, name, description, position, created_at, updated_at
		FROM component_groups
		ORDER BY position, created_at, id`); err != nil {
		return nil, err
	}
	return convert(rows, groupRow.group), nil
}

// AddGroup inserts a group behind what stands ungrouped on the page.
func (tx *Tx) AddGroup(ctx context.Context, g status.Group) (status.Group, error) {
	var row groupRow
	err := tx.get(ctx, "add component group", &row, `
		INSERT INTO component_groups (id, name, description, position, created_at, updated_at)
		VALUES ($1, $2, $3, 1 + (
		            SELECT COALESCE(MAX(position), 0)
		            FROM (SELECT position FROM component_groups
		                  UNION ALL SELECT position FROM components WHERE group_id IS NULL) AS taken),
		        $4, $4)
		RETURNING id, name, description, position, created_at, updated_at`,
		g.ID, g.Name, g.Description, micros(tx.now))
	return row.group(), err
}

// SaveGroup writes a group's name, description and position.
func (tx *Tx) SaveGroup(ctx context.Context, g status.Group) error {
	return tx.execOne(ctx, "save component group", `
		UPDATE component_groups
		SET name = $1, description = $2, position = $3, updated_at = $4
		WHERE id = $5`,
		g.Name, g.Description, g.Position, micros(tx.now), g.ID)
}

// DeleteGroup removes a group; its components stay, in no group.
func (tx *Tx) DeleteGroup(ctx context.Context, id string) error {
	return tx.execOne(ctx, "delete component group", `DELETE FROM component_groups WHERE id = $1`, id)
}

func convert[R, V any](rows []R, one func(R) V) []V {
	values := make([]V, len(rows))
	for i, row := range rows {
		values[i] = one(row)
	}
	return values
}

func nullable(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }
