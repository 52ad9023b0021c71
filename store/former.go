package store

import (
	"context"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
)

// FormerPlace is an address that was told of an incident as somebody's of the
// register.
type FormerPlace struct {
	Place
	Person string `db:"person"` // "stakeholder:<id>"
}

// FormerPlaces reads what was told of an incident to entries of the register that
// changed since, or were removed; which of the addresses still stand there is the
// caller's to see. changed are the ids of those that are still there. They are
// few, and found by an index.
func (q queries) FormerPlaces(ctx context.Context, incidentID string, changed []string, since time.Time) ([]FormerPlace, error) {
	var gone []string
	if err := q.list(ctx, "read removed stakeholders", &gone, `
		SELECT DISTINCT stakeholder_id
		FROM stakeholder_moves
		WHERE to_quadrant = '' AND moved_at >= $1`, micros(since)); err != nil {
		return nil, err
	}
	var persons rows
	for _, id := range append(gone, changed...) {
		persons.add(string(stakeholders.FromRegister) + ":" + id)
	}
	if len(persons) == 0 {
		return nil, nil
	}
	var found []FormerPlace
	err := q.list(ctx, "read former places", &found, `
		SELECT DISTINCT d.person, d.channel, d.address
		FROM `+q.dialect.table("TEXT")+`
		CROSS JOIN notices n
		CROSS JOIN deliveries d
		JOIN threads t ON t.incident_id = $2 AND t.channel = d.channel AND t.address = d.address
		WHERE n.incident_id = $2 AND d.person = v.column1 AND d.notice_id = n.id AND `+listedPerson+`
		  AND (t.told_id > 0 OR t.flying_id > 0 OR t.waiting_id > 0)
		ORDER BY d.channel, d.address, d.person`, persons.encoded(), incidentID)
	return found, err
}

// ChangedSubscriber is a member of a class who was in another one before, or was
// told in another way.
type ChangedSubscriber struct {
	ClassID int64 `db:"class_id"`
	Place
}

// ChangedSubscribers reads who is told as a subscriber and chose anew since a
// time, the latest first, up to a limit; and who of some addresses is a subscriber.
func (q queries) ChangedSubscribers(ctx context.Context, since time.Time, at []Place, limit int) ([]ChangedSubscriber, error) {
	const told = `s.confirmed_at > 0 AND s.unsubscribed_at = 0 AND s.quarantined_at = 0
		  AND NOT EXISTS (SELECT 1 FROM contacts k WHERE k.channel = s.channel AND k.address = s.address)`
	var changed []ChangedSubscriber
	if err := q.list(ctx, "read changed subscribers", &changed, `
		SELECT s.class_id, s.channel, s.address
		FROM subscribers s
		WHERE s.changed_at > 0 AND s.changed_at >= $1 AND `+told+`
		ORDER BY s.changed_at DESC
		LIMIT $2`, micros(since), limit); err != nil || len(at) == 0 {
		return changed, err
	}
	known := map[Place]bool{}
	for _, c := range changed {
		known[c.Place] = true
	}
	var named rows
	for _, p := range at {
		if !known[p] {
			named.add(string(p.Channel), p.Address)
		}
	}
	var more []ChangedSubscriber
	err := q.list(ctx, "read subscribers", &more, `
		SELECT s.class_id, s.channel, s.address
		FROM `+q.dialect.table("TEXT", "TEXT")+`
		CROSS JOIN subscribers s
		WHERE s.channel = v.column1 AND s.address = v.column2 AND `+told, named.encoded())
	return append(changed, more...), err
}

// Threads reads what some addresses were told about an incident. It locks nothing.
func (q queries) Threads(ctx context.Context, incidentID string, places []Place) (map[Place]stakeholders.Thread, error) {
	rows, err := q.threads(ctx, incidentID, places)
	facts := make(map[Place]stakeholders.Thread, len(rows))
	for place, row := range rows {
		facts[place] = row.facts()
	}
	return facts, err
}
