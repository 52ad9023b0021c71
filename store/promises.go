package store

import (
	"context"
	"time"

	"github.com/allclear-status/allclear/status"
)

type promiseRow struct {
	IncidentID string `db:"incident_id"`
	Number     int    `db:"number"`
	MadeAt     int64  `db:"made_at"`
	DueAt      int64  `db:"due_at"`
	EndedAt    int64  `db:"ended_at"`
	Ended      string `db:"ended"`
}

func (r promiseRow) promise() status.Promise {
	return status.Promise{IncidentID: r.IncidentID, Number: r.Number, MadeAt: instant(r.MadeAt), DueAt: instant(r.DueAt),
		EndedAt: instant(r.EndedAt), End: status.PromiseEnd(r.Ended)}
}

const promiseColumns = `p.incident_id, p.number, p.made_at, p.due_at, p.ended_at, p.ended`

// AddPromise writes down that we will speak again about an incident by a time.
func (tx *Tx) AddPromise(ctx context.Context, incidentID string, due time.Time) error {
	return tx.exec(ctx, "add promise", `
		INSERT INTO promises (incident_id, number, made_at, due_at, ended_at, ended)
		SELECT CAST($1 AS TEXT), COALESCE(MAX(number), 0) + 1, CAST($2 AS BIGINT), CAST($3 AS BIGINT), 0, ''
		FROM promises
		WHERE incident_id = $1`, incidentID, micros(tx.now), micros(due))
}

// EndPromise writes down what became of a promise, now.
func (tx *Tx) EndPromise(ctx context.Context, p status.Promise, end status.PromiseEnd) error {
	return tx.execOne(ctx, "end promise", `
		UPDATE promises
		SET ended_at = $3, ended = $4
		WHERE incident_id = $1 AND number = $2 AND ended = ''`, p.IncidentID, p.Number, micros(tx.now), string(end))
}

// Promises lists those about one incident, in the order in which they were made.
func (q queries) Promises(ctx context.Context, incidentID string) ([]status.Promise, error) {
	var rows []promiseRow
	err := q.list(ctx, "list promises", &rows, `
		SELECT `+promiseColumns+`
		FROM promises p
		WHERE p.incident_id = $1
		ORDER BY p.number`, incidentID)
	return convert(rows, promiseRow.promise), err
}

// PublicPromises lists those about public incidents that fell or fall due in a
// span of time, the end of it excluded.
func (q queries) PublicPromises(ctx context.Context, from, to time.Time) ([]status.Promise, error) {
	var rows []promiseRow
	err := q.list(ctx, "list promises", &rows, `
		SELECT `+promiseColumns+`
		FROM promises p
		JOIN incidents i ON i.id = p.incident_id
		WHERE p.due_at >= $1 AND p.due_at < $2 AND NOT i.draft AND i.withdrawn_at = 0
		ORDER BY p.due_at, p.incident_id, p.number`, micros(from), micros(to))
	return convert(rows, promiseRow.promise), err
}
