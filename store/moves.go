package store

import (
	"context"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/stakeholders"
)

// Move is an entry of the register that came, went or changed its place in the
// matrix.
type Move struct {
	ID            int64
	StakeholderID string
	Name          string                // as it was then
	From, To      stakeholders.Quadrant // empty: not in the register
	Actor         auth.Actor
	Reason        string
	At            time.Time
}

type moveRow struct {
	ID            int64  `db:"id"`
	StakeholderID string `db:"stakeholder_id"`
	Name          string `db:"name"`
	From          string `db:"from_quadrant"`
	To            string `db:"to_quadrant"`
	ActorKind     string `db:"actor_kind"`
	ActorID       string `db:"actor_id"`
	ActorName     string `db:"actor_name"`
	Reason        string `db:"reason"`
	MovedAt       int64  `db:"moved_at"`
}

func (r moveRow) move() Move {
	return Move{r.ID, r.StakeholderID, r.Name, stakeholders.Quadrant(r.From), stakeholders.Quadrant(r.To),
		auth.Actor{Kind: r.ActorKind, ID: r.ActorID, Name: r.ActorName}, r.Reason, instant(r.MovedAt)}
}

// AddMove writes one more line of the register's history.
func (tx *Tx) AddMove(ctx context.Context, m Move) error {
	return tx.exec(ctx, "write move", `
		INSERT INTO stakeholder_moves (stakeholder_id, name, from_quadrant, to_quadrant, actor_kind, actor_id, actor_name, reason, moved_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		m.StakeholderID, m.Name, string(m.From), string(m.To), m.Actor.Kind, m.Actor.ID, m.Actor.Name, m.Reason, micros(tx.now))
}

// Moves reads the register's history, the newest first: that of one entry, or
// of all when id is empty.
func (q queries) Moves(ctx context.Context, id string, limit, offset int) ([]Move, error) {
	var rows []moveRow
	if err := q.list(ctx, "read moves", &rows, `
		SELECT id, stakeholder_id, name, from_quadrant, to_quadrant, actor_kind, actor_id, actor_name, reason, moved_at
		FROM stakeholder_moves
		WHERE $1 = '' OR stakeholder_id = $1
		ORDER BY id DESC
		LIMIT $2 OFFSET $3`, id, limit, offset); err != nil {
		return nil, err
	}
	return convert(rows, moveRow.move), nil
}
