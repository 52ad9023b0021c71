package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/allclear-status/allclear/notify"
)

// The stages of a notice's expansion.
const (
	stageRegister    = "register"
	stageSubscribers = "subscribers"
	stageClosure     = "closure"
)

// about is what a notice n is about, by which threads are kept: the incident, or
// the component whose change of state it is; ” for a letter.
const about = `COALESCE(n.incident_id, n.component_id, '')`

// Enqueue stores a notice; it is the only way for anything to be sent, and it
// exists inside a transaction only. The worker expands it after the commit.
func (tx *Tx) Enqueue(ctx context.Context, n notify.Notice) (id int64, err error) {
	stage := stageRegister
	if n.IncidentID == "" {
		stage = stageSubscribers // people are told by incidents only
	}
	occasion, err := json.Marshal(n.Occasion)
	if err != nil {
		return 0, fmt.Errorf("enqueue notice: %w", err)
	}
	content, err := json.Marshal(n.Content)
	if err != nil {
		return 0, fmt.Errorf("enqueue notice: %w", err)
	}
	err = tx.get(ctx, "enqueue notice", &id, `
		INSERT INTO notices (incident_id, component_id, update_id, event, occasion, content, policy_version, priority, created_at,
		                     stage, start_at, cursor_channel, cursor_address, expanded_at, chunks)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', '', 0, 0)
		RETURNING id`,
		nullable(n.IncidentID), n.ComponentID, n.UpdateID, string(n.Occasion.Event), string(occasion), string(content),
		n.PolicyVersion, n.Priority, micros(tx.now), stage, micros(n.StartAt))
	return id, err
}

type noticeRow struct {
	ID            int64  `db:"id"`
	IncidentID    string `db:"incident_id"`
	ComponentID   string `db:"component_id"`
	UpdateID      string `db:"update_id"`
	Occasion      string `db:"occasion"`
	Content       string `db:"content"`
	PolicyVersion int64  `db:"policy_version"`
	Priority      int    `db:"priority"`
	CreatedAt     int64  `db:"created_at"`
	Stage         string `db:"stage"`
	StartAt       int64  `db:"start_at"`
	ExpandedAt    int64  `db:"expanded_at"`
	CursorChannel string `db:"cursor_channel"`
	CursorAddress string `db:"cursor_address"`
	Chunks        int    `db:"chunks"` // how many it was cut into so far
	ForgottenAt   int64  `db:"forgotten_at"`
}

const noticeColumns = `n.id, COALESCE(n.incident_id, '') AS incident_id, n.component_id, n.update_id, n.occasion, n.content, n.policy_version,
	n.priority, n.created_at, n.stage, n.start_at, n.expanded_at, n.cursor_channel, n.cursor_address, n.chunks, n.forgotten_at`

func (r noticeRow) notice() (notify.Notice, error) {
	n := notify.Notice{ID: r.ID, IncidentID: r.IncidentID, ComponentID: r.ComponentID, UpdateID: r.UpdateID, PolicyVersion: r.PolicyVersion,
		Priority: r.Priority, CreatedAt: instant(r.CreatedAt), StartAt: instant(r.StartAt), TakenBack: r.ExpandedAt == takenBack,
		ForgottenAt: instant(r.ForgottenAt)}
	if err := json.Unmarshal([]byte(r.Occasion), &n.Occasion); err != nil {
		return n, fmt.Errorf("read notice %d: %w", r.ID, err)
	}
	if err := json.Unmarshal([]byte(r.Content), &n.Content); err != nil {
		return n, fmt.Errorf("read notice %d: %w", r.ID, err)
	}
	return n, nil
}

// Notice reads one notice.
func (q queries) Notice(ctx context.Context, id int64) (notify.Notice, error) {
	var row noticeRow
	if err := q.get(ctx, "read notice", &row, `SELECT `+noticeColumns+` FROM notices n WHERE n.id = $1`, id); err != nil {
		return notify.Notice{}, err
	}
	return row.notice()
}

// Notices reads the notices about an incident, oldest first.
func (q queries) Notices(ctx context.Context, incidentID string) ([]notify.Notice, error) {
	var rows []noticeRow
	if err := q.list(ctx, "list notices", &rows, `
		SELECT `+noticeColumns+`
		FROM notices n
		WHERE n.incident_id = $1
		ORDER BY n.id`, incidentID); err != nil {
		return nil, err
	}
	notices := make([]notify.Notice, len(rows))
	for i, row := range rows {
		var err error
		if notices[i], err = row.notice(); err != nil {
			return nil, err
		}
	}
	return notices, nil
}

// Unexpanded counts the notices whose audience should be worked out and is not
// yet.
func (s *Store) Unexpanded(ctx context.Context) (n int, err error) {
	err = s.get(ctx, "count notices", &n, `
		SELECT COUNT(*)
		FROM notices n
		WHERE n.expanded_at = 0 AND n.start_at <= $1
		  AND NOT EXISTS (
		      SELECT 1 FROM notices o
		      WHERE o.incident_id = n.incident_id AND o.id < n.id AND o.expanded_at = 0 AND o.start_at > $1)`, micros(s.Now()))
	return n, err
}
