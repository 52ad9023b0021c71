package store

import "context"

// UpdateParts is what one update says to some readers only: a note for those who
// are managed closely, on their private contacts, and an answer that support may
// give to customers. Incidents are read without it.
type UpdateParts struct {
	UpdateID       string `db:"update_id"`
	IncidentID     string `db:"incident_id"`
	InternalNote   string `db:"internal_note"`
	CustomerAnswer string `db:"customer_answer"`
}

// Empty says whether there is nothing besides the public text.
func (p UpdateParts) Empty() bool { return p.InternalNote == "" && p.CustomerAnswer == "" }

// UpdateParts reads those of some incidents, in the order of the updates. It is
// for the managing door and for who posts; no public reader asks for it.
func (q queries) UpdateParts(ctx context.Context, incidentIDs ...string) ([]UpdateParts, error) {
	if len(incidentIDs) == 0 {
		return nil, nil
	}
	query, args, err := q.in(`
		SELECT p.update_id, p.incident_id, p.internal_note, p.customer_answer
		FROM update_parts p
		JOIN incident_updates u ON u.id = p.update_id
		WHERE p.incident_id IN (?)
		ORDER BY p.incident_id, u.number`, incidentIDs)
	if err != nil {
		return nil, err
	}
	var parts []UpdateParts
	return parts, q.list(ctx, "read update parts", &parts, query, args...)
}

// SaveUpdateParts writes the parts of one update; empty ones remove the row.
func (tx *Tx) SaveUpdateParts(ctx context.Context, p UpdateParts) error {
	if p.Empty() {
		return tx.exec(ctx, "remove update parts", `DELETE FROM update_parts WHERE update_id = $1`, p.UpdateID)
	}
	return tx.exec(ctx, "save update parts", `
		INSERT INTO update_parts (update_id, incident_id, internal_note, customer_answer)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (update_id) DO UPDATE
		SET internal_note = excluded.internal_note, customer_answer = excluded.customer_answer`,
		p.UpdateID, p.IncidentID, p.InternalNote, p.CustomerAnswer)
}
