package store

import (
	"context"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
)

// place is one address on one channel.
type place struct {
	Channel stakeholders.Channel `db:"channel"`
	Address string               `db:"address"`
}

// thread is a row of threads with the delivery that waits in it.
type thread struct {
	Channel   string `db:"channel"`
	Address   string `db:"address"`
	Person    string `db:"person"`
	ToldAt    int64  `db:"told_at"`
	ToldID    int64  `db:"told_id"`
	WaitingID int64  `db:"waiting_id"`
	FlyingID  int64  `db:"flying_id"`

	WaitingState string `db:"waiting_state"`
	WaitingDue   int64  `db:"waiting_due"`
	OnlyIfOpen   bool   `db:"only_if_open"`
}

// facts are what the rules read of a thread.
func (t thread) facts() stakeholders.Thread {
	facts := stakeholders.Thread{ToldAt: instant(t.ToldAt), InFlight: t.FlyingID != 0}
	switch notify.State(t.WaitingState) {
	case notify.Held:
		facts.Held = true
		fallthrough
	case notify.Pending, notify.Uncertain:
		facts.WaitingDue, facts.Conditions = instant(t.WaitingDue), t.OnlyIfOpen
	}
	return facts
}

// threads reads and locks what the given addresses were told about an
// incident.
func (tx *Tx) threads(ctx context.Context, incidentID string, places []place) (map[place]thread, error) {
	found := map[place]thread{}
	for _, some := range batches(places, 1000) {
		addresses := make([]string, len(some))
		for i, p := range some {
			addresses[i] = p.Address
		}
		query, args, err := tx.in(`
			SELECT t.channel, t.address, t.person, t.told_at, t.told_id, t.waiting_id, t.flying_id,
			       COALESCE(d.state, '') AS waiting_state,
			       COALESCE(CASE WHEN d.due_at > 0 THEN d.due_at ELSE d.created_at END, 0) AS waiting_due,
			       COALESCE(d.only_if_open, FALSE) AS only_if_open
			FROM threads t
			LEFT JOIN deliveries d ON d.notice_id = t.waiting_id AND d.channel = t.channel AND d.address = t.address
			WHERE t.incident_id = ? AND t.address IN (?)
			ORDER BY t.channel, t.address`+tx.dialect.lockThreads, incidentID, addresses)
		if err != nil {
			return nil, err
		}
		var rows []thread
		if err := tx.list(ctx, "read threads", &rows, query, args...); err != nil {
			return nil, err
		}
		for _, row := range rows {
			found[place{stakeholders.Channel(row.Channel), row.Address}] = row
		}
	}
	return found, nil
}

func placeOf(c stakeholders.Contact) place { return place{c.Channel, c.Address} }

// Threads reads what the given contacts were told about an incident.
func (tx *Tx) Threads(ctx context.Context, incidentID string, contacts []stakeholders.Contact) (func(stakeholders.Contact) stakeholders.Thread, error) {
	places := make([]place, len(contacts))
	for i, c := range contacts {
		places[i] = placeOf(c)
	}
	threads, err := tx.threads(ctx, incidentID, places)
	return func(c stakeholders.Contact) stakeholders.Thread { return threads[placeOf(c)].facts() }, err
}
