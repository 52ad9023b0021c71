package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
)

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
	Gather       string `db:"gather"`
	Delayed      bool   `db:"delayed"`
}

// facts are what the rules read of a thread.
func (t thread) facts() stakeholders.Thread {
	facts := stakeholders.Thread{ToldAt: instant(t.ToldAt), InFlight: t.FlyingID != 0, Delayed: t.Delayed}
	switch notify.State(t.WaitingState) {
	case notify.Held:
		facts.Held, facts.Quiet = true, t.Gather == string(stakeholders.GatherQuiet)
		fallthrough
	case notify.Pending, notify.Uncertain:
		facts.WaitingDue, facts.Conditions = instant(t.WaitingDue), t.OnlyIfOpen
	}
	return facts
}

// retries says whether a time is that of a message that was to be sent at once
// and failed so far. Who takes over that time takes over that it is owed: no
// timing holds it, so the end does not drop it.
func (t thread) retries(at time.Time) bool {
	facts := t.facts()
	return !facts.WaitingDue.IsZero() && !facts.Held && facts.WaitingDue.Equal(at)
}

// delayedThread says of a row t of threads whether a delay of the maintenance was
// told, or is about to be.
const delayedThread = `EXISTS (
	    SELECT 1
	    FROM notices o
	    JOIN deliveries x ON x.notice_id = o.id AND x.channel = t.channel AND x.address = t.address
	    WHERE o.incident_id = t.incident_id AND o.event IN ('maintenance_overruns', 'maintenance_extended')
	      AND x.state IN ('pending', 'sending', 'sent', 'uncertain', 'merged'))`

// threadColumns are those of thread, of threads t and the deliveries d that
// wait in them.
const threadColumns = `t.channel, t.address, t.person, t.told_at, t.told_id, t.waiting_id,
	CASE WHEN ` + leased + ` THEN t.waiting_id ELSE t.flying_id END AS flying_id,
	COALESCE(` + flying + `, '') AS waiting_state,
	COALESCE(CASE WHEN d.due_at > 0 THEN d.due_at ELSE d.created_at END, 0) AS waiting_due,
	COALESCE(d.only_if_open, FALSE) AS only_if_open, COALESCE(d.gather, '') AS gather,
	` + delayedThread + ` AS delayed`

// threads reads what the given addresses were told about an incident.
func (q queries) threads(ctx context.Context, incidentID string, places []Place) (map[Place]thread, error) {
	found := map[Place]thread{}
	for _, some := range batches(places, threadBatch) {
		var named rows
		for _, p := range some {
			named.add(string(p.Channel), p.Address)
		}
		var told []thread
		if err := q.list(ctx, "read threads", &told, `
			SELECT `+threadColumns+`
			FROM `+q.dialect.table("TEXT", "TEXT")+`
			CROSS JOIN threads t
			LEFT JOIN deliveries d ON d.notice_id = t.waiting_id AND d.channel = t.channel AND d.address = t.address
			WHERE t.incident_id = $2 AND t.channel = v.column1 AND t.address = v.column2`,
			named.encoded(), incidentID); err != nil {
			return nil, err
		}
		for _, row := range told {
			found[Place{stakeholders.Channel(row.Channel), row.Address}] = row
		}
	}
	return found, nil
}

// threadBatch bounds how many threads one statement names.
const threadBatch = 1000

// threadKey names a thread.
type threadKey struct{ incident, channel, address string }

// lockThreads keeps everybody else from these threads, and so from the
// deliveries in them, until the transaction ends. Whoever changes a delivery
// holds its thread; they are taken in one order, so that nobody waits in a
// circle, and before anything is read that a decision rests on.
func (tx *Tx) lockThreads(ctx context.Context, keys []threadKey) error {
	if tx.dialect.lock == "" {
		return nil
	}
	keys = slices.Clone(keys)
	slices.SortFunc(keys, func(a, b threadKey) int {
		return cmp.Or(cmp.Compare(a.incident, b.incident), cmp.Compare(a.channel, b.channel), cmp.Compare(a.address, b.address))
	})
	for _, some := range batches(slices.Compact(keys), threadBatch) {
		var named rows
		for _, k := range some {
			named.add(k.incident, k.channel, k.address)
		}
		if err := tx.exec(ctx, "lock threads", `
			SELECT 1
			FROM `+tx.dialect.table("TEXT", "TEXT", "TEXT")+`
			CROSS JOIN threads t
			WHERE t.incident_id = v.column1 AND t.channel = v.column2 AND t.address = v.column3
			ORDER BY t.incident_id, t.channel, t.address`+tx.dialect.lock, named.encoded()); err != nil {
			return err
		}
	}
	return nil
}

// freeThreads locks those of the deliveries' threads that nobody else has, and
// says which deliveries they are. It never waits.
func (tx *Tx) freeThreads(ctx context.Context, found []claimKey) ([]claimKey, error) {
	if tx.dialect.lockFree == "" {
		return found, nil
	}
	var free []claimKey
	err := tx.list(ctx, "lock threads", &free, `
		SELECT v.column1 AS notice_id, t.channel, t.address, t.incident_id
		FROM `+tx.dialect.table(claimTypes...)+`
		CROSS JOIN threads t
		WHERE t.channel = v.column2 AND t.address = v.column3 AND t.incident_id = v.column4`+tx.dialect.lockFree, encodeClaim(found))
	return free, err
}

func placeOf(c stakeholders.Contact) Place { return Place{c.Channel, c.Address} }

// RegisterThreads reads what the addresses of the register were told about an
// incident. It locks nothing: who posts does not wait for those who send. The
// incident stands in the materialized part, so that each thread is looked up by
// its whole key: beside a constant, PostgreSQL would rather read every thread
// of an incident that it has not counted yet.
func (q queries) RegisterThreads(ctx context.Context, incidentID string) (func(stakeholders.Contact) stakeholders.Thread, error) {
	var told []thread
	err := q.list(ctx, "read threads", &told, `
		WITH places AS MATERIALIZED (
		    SELECT DISTINCT channel, address, CAST($1 AS TEXT) AS incident_id
		    FROM contacts)
		SELECT `+threadColumns+`
		FROM places p
		CROSS JOIN threads t
		LEFT JOIN deliveries d ON d.notice_id = t.waiting_id AND d.channel = t.channel AND d.address = t.address
		WHERE t.incident_id = p.incident_id AND t.channel = p.channel AND t.address = p.address`, incidentID)
	facts := make(map[Place]stakeholders.Thread, len(told))
	for _, row := range told {
		facts[Place{stakeholders.Channel(row.Channel), row.Address}] = row.facts()
	}
	return func(c stakeholders.Contact) stakeholders.Thread { return facts[placeOf(c)] }, err
}
