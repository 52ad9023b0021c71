package store

import (
	"context"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
)

// Registered is what is known of the addresses of the register besides what
// stands in it.
type Registered struct {
	// Subscriptions of those addresses, confirmed by the time asked for.
	Subscriptions []stakeholders.Subscriber
	// ByClass counts them: they are told as stakeholders (rule 4), not as
	// members of their class.
	ByClass map[int64]int64
	// Suppressed are addresses that nothing is sent to.
	Suppressed map[Place]bool
}

// Registered reads which addresses of the register subscribed too, and which
// are not sent to any more. Each is looked up by its key, however many
// subscribers there are: as a join, PostgreSQL would rather read every
// subscriber while it has not counted the contacts.
func (q queries) Registered(ctx context.Context, before time.Time) (r Registered, err error) {
	r = Registered{ByClass: map[int64]int64{}, Suppressed: map[Place]bool{}}
	var known []struct {
		Place
		SubscriberID string `db:"subscriber_id"`
		Suppressed   bool   `db:"suppressed"`
	}
	if err := q.list(ctx, "read registered addresses", &known, `
		WITH places AS MATERIALIZED (
		    SELECT DISTINCT channel, address
		    FROM contacts),
		known AS MATERIALIZED (
		    SELECT p.channel, p.address,
		           COALESCE((SELECT s.id FROM subscribers s WHERE s.channel = p.channel AND s.address = p.address), '') AS subscriber_id,
		           COALESCE((SELECT TRUE FROM suppressions x WHERE x.channel = p.channel AND x.address = p.address), FALSE) AS suppressed
		    FROM places p)
		SELECT channel, address, subscriber_id, suppressed
		FROM known
		WHERE suppressed OR subscriber_id <> '' OR EXISTS (SELECT 1 FROM suppressions WHERE reason = 'erased')`); err != nil {
		return r, err
	}
	var ids []string
	var maybe []Place // erased
	for _, k := range known {
		if k.Suppressed {
			r.Suppressed[k.Place] = true
		} else {
			maybe = append(maybe, k.Place)
		}
		if k.SubscriberID != "" {
			ids = append(ids, k.SubscriberID)
		}
	}
	if err := q.addErased(ctx, &r, maybe); err != nil || len(ids) == 0 {
		return r, err
	}
	return r, q.addSubscriptions(ctx, &r, ids, before)
}

// addErased adds those of some addresses that were erased.
func (q queries) addErased(ctx context.Context, r *Registered, maybe []Place) error {
	if len(maybe) == 0 {
		return nil // most of the time
	}
	erased, err := q.erasedAmong(ctx, maybe)
	for p := range erased {
		r.Suppressed[p] = true
	}
	return err
}

// addSubscriptions adds those of the named subscribers who confirmed by a time.
func (q queries) addSubscriptions(ctx context.Context, r *Registered, ids []string, before time.Time) error {
	query, args, err := q.in(`
		SELECT `+subscriberColumns+`, s.class_id
		FROM subscribers s
		JOIN subscriber_classes c ON c.id = s.class_id
		WHERE s.id IN (?) AND s.confirmed_at > 0 AND s.confirmed_at <= ? AND s.unsubscribed_at = 0 AND s.quarantined_at = 0
		ORDER BY s.channel, s.address`, ids, micros(before))
	if err != nil {
		return err
	}
	var rows []struct {
		subscriberRow
		ClassID int64 `db:"class_id"`
	}
	if err := q.list(ctx, "read registered subscriptions", &rows, query, args...); err != nil {
		return err
	}
	for _, row := range rows {
		s, err := row.subscriber()
		if err != nil {
			return err
		}
		r.Subscriptions = append(r.Subscriptions, s)
		r.ByClass[row.ClassID]++
	}
	return nil
}
