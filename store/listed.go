package store

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
)

// Listed is the register with what else is known of its addresses, as the rules
// read it. Whoever reads it shares it with others: nobody changes it.
type Listed struct {
	Register []stakeholders.Stakeholder
	// Segments are its entries that stand for subscribers.
	Segments []stakeholders.Stakeholder
	// Subscriptions are those of its addresses, confirmed by the time asked for.
	Subscriptions []stakeholders.Subscriber
	// Readers are the register's people, joined with these subscriptions.
	Readers stakeholders.Readers
	// ByClass counts the subscriptions: their owners are told as stakeholders
	// (rule 4), not as members of their class.
	ByClass map[int64]int64
	// Suppressed are addresses that nothing is sent to.
	Suppressed map[Place]bool
}

// listedCache keeps what Listed last read. Beside the register's mark there is
// one for its addresses: every write to a subscription or a suppression of an
// address that the register names gives it a new, random value in its own
// transaction. So what was read under both marks holds for as long as the
// database shows them, whichever replica wrote it.
type listedCache struct {
	last atomic.Pointer[markedList]
}

type markedList struct {
	marks         listedMarks
	register      []stakeholders.Stakeholder
	subscriptions []listedSubscription
	suppressed    map[Place]bool
	// all is the list with every subscription, the last of which was confirmed at
	// the time.
	all       Listed
	confirmed time.Time
}

// listedSubscription is a subscription of an address that the register names.
type listedSubscription struct {
	stakeholders.Subscriber
	class int64
}

// listedMarks are what stands for the state of the register and of its addresses.
type listedMarks struct {
	Register  string `db:"register_mark"`
	Addresses string `db:"listed_mark"`
}

func (q queries) listedMarks(ctx context.Context) (m listedMarks, err error) {
	err = q.get(ctx, "read register marks", &m, `
		SELECT COALESCE((SELECT value FROM settings WHERE name = 'register_mark'), '') AS register_mark,
		       COALESCE((SELECT value FROM settings WHERE name = 'listed_mark'), '') AS listed_mark`)
	return m, err
}

// markListed says that the subscription or the suppression of an address
// changes; every write to one does so first. Where the register does not name
// the address, nothing is marked. Whoever changes the register waits until the
// transaction ends, and this one for them: else an address could enter the
// register and be subscribed at once, and neither would see the other.
func (tx *Tx) markListed(ctx context.Context, channel stakeholders.Channel, address string) error {
	if tx.dialect.share != "" {
		if err := tx.exec(ctx, "mark listed address", `SELECT 1 FROM settings t WHERE t.name = 'register_mark'`+tx.dialect.share); err != nil {
			return err
		}
	}
	return tx.exec(ctx, "mark listed address", `
		INSERT INTO settings (name, value)
		SELECT 'listed_mark', CAST($1 AS TEXT)
		WHERE EXISTS (SELECT 1 FROM contacts WHERE channel = $2 AND address = $3)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, NewID(), string(channel), address)
}

// Listed reads the register with what is known of its addresses; subscriptions
// count that were confirmed by a time.
func (q queries) Listed(ctx context.Context, before time.Time) (Listed, error) {
	marks, err := q.listedMarks(ctx)
	if err != nil {
		return Listed{}, err
	}
	if known := q.listed.last.Load(); known != nil && known.marks == marks {
		return known.by(before), nil
	}
	list := &markedList{marks: marks}
	if list.register, err = q.Register(ctx); err != nil {
		return Listed{}, err
	}
	if err := q.addKnown(ctx, list); err != nil {
		return Listed{}, err
	}
	list.all = list.with(list.subscriptions)
	for _, s := range list.subscriptions {
		if s.ConfirmedAt.After(list.confirmed) {
			list.confirmed = s.ConfirmedAt
		}
	}
	// Where each statement sees what was committed meanwhile, a write may have
	// come between: then this is not what the marks stand for.
	after, err := q.listedMarks(ctx)
	if err != nil {
		return Listed{}, err
	}
	if after == marks {
		q.listed.last.Store(list)
	}
	return list.by(before), nil
}

// by leaves out the subscriptions that were confirmed later.
func (l *markedList) by(before time.Time) Listed {
	if !l.confirmed.After(before) {
		return l.all
	}
	return l.with(slices.DeleteFunc(slices.Clone(l.subscriptions), func(s listedSubscription) bool { return s.ConfirmedAt.After(before) }))
}

func (l *markedList) with(subscriptions []listedSubscription) Listed {
	known := make([]stakeholders.Subscriber, len(subscriptions))
	byClass := map[int64]int64{}
	for i, s := range subscriptions {
		known[i] = s.Subscriber
		byClass[s.class]++
	}
	segments := slices.DeleteFunc(slices.Clone(l.register), func(s stakeholders.Stakeholder) bool { return s.Kind != stakeholders.Segment })
	return Listed{Register: l.register, Segments: slices.Clip(segments), Subscriptions: known, Readers: stakeholders.NewReaders(stakeholders.Recipients(l.register, known)),
		ByClass: byClass, Suppressed: l.suppressed}
}

// addKnown reads which addresses of the register subscribed too, and which are
// not sent to any more. Each is looked up by its key, however many subscribers
// there are: as a join, PostgreSQL would rather read every subscriber while it
// has not counted the contacts.
func (q queries) addKnown(ctx context.Context, list *markedList) error {
	list.suppressed = map[Place]bool{}
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
		return err
	}
	var ids []string
	var maybe []Place // erased
	for _, k := range known {
		if k.Suppressed {
			list.suppressed[k.Place] = true
		} else {
			maybe = append(maybe, k.Place)
		}
		if k.SubscriberID != "" {
			ids = append(ids, k.SubscriberID)
		}
	}
	if len(maybe) > 0 { // seldom
		erased, err := q.erasedAmong(ctx, maybe)
		if err != nil {
			return err
		}
		for p := range erased {
			list.suppressed[p] = true
		}
	}
	return q.addSubscriptions(ctx, list, ids)
}

// addSubscriptions adds those of the named subscribers who are told.
func (q queries) addSubscriptions(ctx context.Context, list *markedList, ids []string) error {
	for _, some := range batches(ids, stretchSize) {
		query, args, err := q.in(`
			SELECT `+subscriberColumns+`, s.class_id
			FROM subscribers s
			JOIN subscriber_classes c ON c.id = s.class_id
			WHERE s.id IN (?) AND s.confirmed_at > 0 AND s.unsubscribed_at = 0 AND s.quarantined_at = 0
			ORDER BY s.channel, s.address`, some)
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
			list.subscriptions = append(list.subscriptions, listedSubscription{s, row.ClassID})
		}
	}
	return nil
}
