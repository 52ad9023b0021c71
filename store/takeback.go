package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
)

// takenBack stands for the time of the expansion that never was.
const takenBack = -1

// waits says which notices can still be taken back: those of which nobody was
// told, and whose time has not come.
const waits = `expanded_at = 0 AND stage = '` + stageRegister + `' AND start_at > $1`

// TakeBack takes the notices about an update back whose time has not come, and
// says how many. An empty update stands for every one of the incident.
func (tx *Tx) TakeBack(ctx context.Context, incidentID, updateID string) (int, error) {
	var ids []int64
	err := tx.list(ctx, "take notices back", &ids, `
		UPDATE notices
		SET expanded_at = $4
		WHERE `+waits+` AND incident_id = $2 AND ($3 = '' OR update_id = $3)
		RETURNING id`, micros(tx.now), incidentID, updateID, takenBack)
	return len(ids), err
}

// TookBack says whether the newest notice about an incident was taken back;
// those that sum it up for a few are left out.
func (q queries) TookBack(ctx context.Context, incidentID string) (took bool, err error) {
	err = q.get(ctx, "read newest notice", &took, `
		SELECT COALESCE((SELECT expanded_at = $2 FROM notices WHERE incident_id = $1 AND event <> $3 ORDER BY id DESC LIMIT 1), FALSE)`,
		incidentID, takenBack, string(stakeholders.CatchUp))
	return took, err
}

// Reword changes what a notice says whose time has not come; one whose time has
// come stays as it is.
func (tx *Tx) Reword(ctx context.Context, id int64, c notify.Content) error {
	content, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("reword notice: %w", err)
	}
	return tx.exec(ctx, "reword notice", `
		UPDATE notices
		SET content = $3
		WHERE `+waits+` AND id = $2`, micros(tx.now), id, string(content))
}
