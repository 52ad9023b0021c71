package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

type subscriberRow struct {
	ID             string `db:"id"`
	Channel        string `db:"channel"`
	Address        string `db:"address"`
	Segment        string `db:"segment"`
	Preferences    string `db:"preferences"`
	Basis          string `db:"basis"`
	ConfirmedAt    int64  `db:"confirmed_at"`
	UnsubscribedAt int64  `db:"unsubscribed_at"`
	CreatedAt      int64  `db:"created_at"`
	Label          string `db:"label"`
	Email          string `db:"email"`
	Failures       int    `db:"failures"`
	FailingSince   int64  `db:"failing_since"`
	QuarantinedAt  int64  `db:"quarantined_at"`
}

func (r subscriberRow) subscriber() (stakeholders.Subscriber, error) {
	s := stakeholders.Subscriber{
		ID: r.ID, Contact: stakeholders.Contact{Channel: stakeholders.Channel(r.Channel), Address: r.Address, Label: r.Label, OptedIn: true},
		Email: r.Email, Segment: r.Segment, Basis: r.Basis, ConfirmedAt: instant(r.ConfirmedAt), UnsubscribedAt: instant(r.UnsubscribedAt), CreatedAt: instant(r.CreatedAt),
		Failures: r.Failures, FailingSince: instant(r.FailingSince), QuarantinedAt: instant(r.QuarantinedAt),
	}
	if err := json.Unmarshal([]byte(r.Preferences), &s.Preferences); err != nil {
		return s, fmt.Errorf("read preferences of subscriber %s: %w", r.ID, err)
	}
	return s, nil
}

const subscriberColumns = `s.id, s.channel, s.address, c.segment, c.preferences, s.basis, s.confirmed_at, s.unsubscribed_at, s.created_at, s.label, s.email,
	s.failures, s.failing_since, s.quarantined_at`

// Subscribers lists who has not left, oldest first.
func (q queries) Subscribers(ctx context.Context, limit, offset int) ([]stakeholders.Subscriber, error) {
	return q.subscribers(ctx, `
		SELECT `+subscriberColumns+`
		FROM subscribers s
		JOIN subscriber_classes c ON c.id = s.class_id
		WHERE s.unsubscribed_at = 0
		ORDER BY s.created_at, s.id
		LIMIT $1 OFFSET $2`, limit, offset)
}

// Subscriber reads one subscriber, also one who left.
func (q queries) Subscriber(ctx context.Context, id string) (stakeholders.Subscriber, error) {
	return q.oneSubscriber(ctx, `WHERE s.id = $1`, id)
}

// SubscriberAt reads the subscriber of an address, also one who left.
func (q queries) SubscriberAt(ctx context.Context, channel stakeholders.Channel, address string) (stakeholders.Subscriber, error) {
	return q.oneSubscriber(ctx, `WHERE s.channel = $1 AND s.address = $2`, string(channel), address)
}

// OwnedWebhooks lists the webhooks of whoever has an email address, also those
// that get nothing any more.
func (q queries) OwnedWebhooks(ctx context.Context, email string) ([]stakeholders.Subscriber, error) {
	return q.subscribers(ctx, `
		SELECT `+subscriberColumns+`
		FROM subscribers s
		JOIN subscriber_classes c ON c.id = s.class_id
		WHERE s.channel = $1 AND s.email = $2
		ORDER BY s.id`, string(stakeholders.Webhook), email)
}

func (q queries) oneSubscriber(ctx context.Context, where string, args ...any) (stakeholders.Subscriber, error) {
	var row subscriberRow
	if err := q.get(ctx, "read subscriber", &row, `
		SELECT `+subscriberColumns+`
		FROM subscribers s
		JOIN subscriber_classes c ON c.id = s.class_id
		`+where, args...); err != nil {
		return stakeholders.Subscriber{}, err
	}
	return row.subscriber()
}

func (q queries) subscribers(ctx context.Context, query string, args ...any) ([]stakeholders.Subscriber, error) {
	var rows []subscriberRow
	if err := q.list(ctx, "list subscribers", &rows, query, args...); err != nil {
		return nil, err
	}
	all := make([]stakeholders.Subscriber, len(rows))
	for i, row := range rows {
		var err error
		if all[i], err = row.subscriber(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// HoldSubscriber reads one subscriber and keeps everybody else from changing it
// until the transaction ends: two who confirm at once count once.
func (tx *Tx) HoldSubscriber(ctx context.Context, id string) (stakeholders.Subscriber, error) {
	if err := tx.exec(ctx, "hold subscriber", `SELECT 1 FROM subscribers t WHERE t.id = $1`+tx.dialect.lock, id); err != nil {
		return stakeholders.Subscriber{}, err
	}
	return tx.Subscriber(ctx, id)
}

// HoldSubscriberAt is HoldSubscriber by address.
func (tx *Tx) HoldSubscriberAt(ctx context.Context, channel stakeholders.Channel, address string) (stakeholders.Subscriber, error) {
	if err := tx.exec(ctx, "hold subscriber", `
		SELECT 1 FROM subscribers t WHERE t.channel = $1 AND t.address = $2`+tx.dialect.lock, string(channel), address); err != nil {
		return stakeholders.Subscriber{}, err
	}
	return tx.SubscriberAt(ctx, channel, address)
}

// SaveSubscriber writes a subscriber and keeps the counts of the classes. A
// secret address given in clear (Contact.Endpoint) is sealed.
func (tx *Tx) SaveSubscriber(ctx context.Context, s stakeholders.Subscriber) error {
	if err := tx.markListed(ctx, s.Contact.Channel, s.Contact.Address); err != nil {
		return err
	}
	class, err := tx.classOf(ctx, s)
	if err != nil {
		return err
	}
	if err := tx.count(ctx, s.ID, -1); err != nil {
		return err
	}
	if err := tx.seal(ctx, s.Contact); err != nil {
		return err
	}
	if err := tx.exec(ctx, "save subscriber", `
		INSERT INTO subscribers (id, channel, address, class_id, basis, confirmed_at, unsubscribed_at, created_at, label, email, failures, failing_since, quarantined_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (id) DO UPDATE
		SET changed_at = CASE WHEN subscribers.class_id <> excluded.class_id THEN $14 ELSE subscribers.changed_at END,
		    class_id = excluded.class_id, basis = excluded.basis, confirmed_at = excluded.confirmed_at,
		    unsubscribed_at = excluded.unsubscribed_at, label = excluded.label, email = excluded.email,
		    failures = excluded.failures, failing_since = excluded.failing_since, quarantined_at = excluded.quarantined_at`,
		s.ID, string(s.Contact.Channel), s.Contact.Address, class, s.Basis,
		micros(s.ConfirmedAt), micros(s.UnsubscribedAt), micros(s.CreatedAt), s.Contact.Label, s.Email,
		s.Failures, micros(s.FailingSince), micros(s.QuarantinedAt), micros(tx.now)); err != nil {
		return err
	}
	return tx.count(ctx, s.ID, +1)
}

// classOf finds or makes the class of equal preferences.
func (tx *Tx) classOf(ctx context.Context, s stakeholders.Subscriber) (id int64, err error) {
	preferences, err := json.Marshal(s.Preferences)
	if err != nil {
		return 0, fmt.Errorf("save subscriber: %w", err)
	}
	err = tx.get(ctx, "find subscriber class", &id, `
		INSERT INTO subscriber_classes (channel, segment, preferences, confirmed)
		VALUES ($1, $2, $3, 0)
		ON CONFLICT (channel, segment, preferences) DO UPDATE SET segment = excluded.segment
		RETURNING id`, string(s.Contact.Channel), s.Segment, string(preferences))
	return id, err
}

// count adds to the number of confirmed members of a subscriber's class, when
// the subscriber is told.
func (tx *Tx) count(ctx context.Context, subscriberID string, by int) error {
	return tx.exec(ctx, "count subscribers", `
		UPDATE subscriber_classes
		SET confirmed = confirmed + $1
		WHERE id = (SELECT class_id FROM subscribers WHERE id = $2 AND confirmed_at > 0 AND unsubscribed_at = 0 AND quarantined_at = 0)`,
		by, subscriberID)
}

// SubscriberClass is everybody who subscribed to one channel with the same
// preferences.
type SubscriberClass struct {
	ID          int64
	Channel     stakeholders.Channel
	Segment     string
	Preferences stakeholders.Preferences
	// Confirmed is how many are told: they confirmed, and neither left nor
	// are quarantined.
	Confirmed int64
}

// SubscriberClasses reads every class, also those without members.
func (q queries) SubscriberClasses(ctx context.Context) ([]SubscriberClass, error) {
	var rows []struct {
		ID          int64  `db:"id"`
		Channel     string `db:"channel"`
		Segment     string `db:"segment"`
		Preferences string `db:"preferences"`
		Confirmed   int64  `db:"confirmed"`
	}
	if err := q.list(ctx, "read subscriber classes", &rows, `
		SELECT id, channel, segment, preferences, confirmed
		FROM subscriber_classes
		ORDER BY id`); err != nil {
		return nil, err
	}
	classes := make([]SubscriberClass, len(rows))
	for i, r := range rows {
		classes[i] = SubscriberClass{ID: r.ID, Channel: stakeholders.Channel(r.Channel), Segment: r.Segment, Confirmed: r.Confirmed}
		if err := json.Unmarshal([]byte(r.Preferences), &classes[i].Preferences); err != nil {
			return nil, fmt.Errorf("read subscriber class %d: %w", r.ID, err)
		}
	}
	return classes, nil
}

// SampleSubscribers lists a few subscribers of a class, or a few who never
// confirmed when classID is 0.
func (q queries) SampleSubscribers(ctx context.Context, classID int64, limit int) ([]stakeholders.Subscriber, error) {
	if classID == 0 {
		return q.subscribers(ctx, `
			SELECT `+subscriberColumns+`
			FROM subscribers s
			JOIN subscriber_classes c ON c.id = s.class_id
			WHERE s.confirmed_at = 0 AND s.unsubscribed_at = 0
			ORDER BY s.address
			LIMIT $1`, limit)
	}
	return q.subscribers(ctx, `
		SELECT `+subscriberColumns+`
		FROM subscribers s
		JOIN subscriber_classes c ON c.id = s.class_id
		WHERE s.class_id = $1 AND s.confirmed_at > 0 AND s.unsubscribed_at = 0 AND s.quarantined_at = 0
		ORDER BY s.address
		LIMIT $2`, classID, limit)
}

// Unconfirmed counts those who asked to be told and never confirmed it.
func (q queries) Unconfirmed(ctx context.Context) (n int64, err error) {
	err = q.get(ctx, "count unconfirmed subscribers", &n, `
		SELECT COUNT(*) FROM subscribers WHERE confirmed_at = 0 AND unsubscribed_at = 0`)
	return n, err
}

// Suppress stops everything to an address, for good: it is checked when
// deliveries are claimed. An address that is suppressed already keeps the
// first reason, but for one that others decided, or that the address is dead,
// and its owner now leaves.
func (tx *Tx) Suppress(ctx context.Context, channel stakeholders.Channel, address, reason string) error {
	if err := tx.markListed(ctx, channel, address); err != nil {
		return err
	}
	return tx.exec(ctx, "suppress address", `
		INSERT INTO suppressions (channel, address, reason, created_at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (channel, address) DO UPDATE
		SET reason = excluded.reason, created_at = excluded.created_at
		WHERE suppressions.reason IN ($5, $7) OR excluded.reason = $6 AND suppressions.reason <> $6`,
		string(channel), address, reason, micros(tx.now), Removed, Unsubscribed, Quarantined)
}

// Why nothing is sent to somebody who is no dead address.
const (
	Unsubscribed = "unsubscribed" // they left
	Removed      = "removed"      // who manages the subscribers took them off
	Quarantined  = "quarantined"  // a webhook took no message for an hour
	// ErasedAddress is known by its pseudonym alone.
	ErasedAddress = "erased"
)

// stillSent says whether a message goes to a suppressed address all the same:
// the question whether they want to come back, to those who left, were taken
// off or are quarantined, and to no address that is dead.
func stillSent(event stakeholders.Event, reason string) bool {
	return event == stakeholders.SubscriptionConfirm && slices.Contains([]string{Unsubscribed, Removed, Quarantined, ErasedAddress}, reason)
}

// Welcome lifts the suppression of an address whose owner left, was taken off,
// quarantined or erased, and came back. One for another reason stays.
func (tx *Tx) Welcome(ctx context.Context, channel stakeholders.Channel, address string) error {
	if err := tx.markListed(ctx, channel, address); err != nil {
		return err
	}
	return tx.exec(ctx, "lift suppression", `
		DELETE FROM suppressions WHERE channel = $1 AND address IN ($2, $5) AND reason IN ($3, $4, $6, $7)`,
		string(channel), address, Unsubscribed, Removed, tx.Pseudonym(Place{channel, address}), ErasedAddress, Quarantined)
}

// WelcomeRegistered lifts the suppression of addresses that were taken off the
// subscribers and that the register names now.
func (tx *Tx) WelcomeRegistered(ctx context.Context) error {
	if err := tx.markRegister(ctx); err != nil {
		return err
	}
	return tx.exec(ctx, "lift suppressions", `
		DELETE FROM suppressions
		WHERE reason = $1
		  AND EXISTS (SELECT 1 FROM contacts k WHERE k.channel = suppressions.channel AND k.address = suppressions.address)`, Removed)
}

// DeleteUntold removes the row of somebody who never confirmed, or is
// quarantined, with the secret address that nobody else is told at. Such a row
// is in no count.
func (tx *Tx) DeleteUntold(ctx context.Context, s stakeholders.Subscriber) error {
	if err := tx.markListed(ctx, s.Contact.Channel, s.Contact.Address); err != nil {
		return err
	}
	if err := tx.exec(ctx, "delete subscriber", `DELETE FROM subscribers WHERE id = $1 AND (confirmed_at = 0 OR quarantined_at > 0)`, s.ID); err != nil {
		return err
	}
	if err := tx.exec(ctx, "lift suppression", `
		DELETE FROM suppressions WHERE channel = $1 AND address = $2 AND reason = $3`, string(s.Contact.Channel), s.Contact.Address, Quarantined); err != nil {
		return err
	}
	return tx.exec(ctx, "delete endpoint", `
		DELETE FROM endpoints
		WHERE channel = $1 AND address = $2
		  AND NOT EXISTS (SELECT 1 FROM contacts k WHERE k.channel = $1 AND k.address = $2)
		  AND NOT EXISTS (SELECT 1 FROM subscribers s WHERE s.channel = $1 AND s.address = $2)`, string(s.Contact.Channel), s.Contact.Address)
}

// Suppressed says why nothing is sent to an address; empty: it is sent to.
func (q queries) Suppressed(ctx context.Context, channel stakeholders.Channel, address string) (reason string, err error) {
	err = q.get(ctx, "read suppression", &reason, `
		SELECT COALESCE((SELECT reason FROM suppressions WHERE channel = $1 AND address = $2),
		                (SELECT reason FROM suppressions WHERE channel = $1 AND address = $3), '')`, string(channel), address, q.Pseudonym(Place{channel, address}))
	return reason, err
}

// Place is one address on one channel.
type Place struct {
	Channel stakeholders.Channel `db:"channel"`
	Address string               `db:"address"`
}

// SuppressedAmong reads to which of some addresses nothing is sent.
func (q queries) SuppressedAmong(ctx context.Context, places []Place) (map[Place]bool, error) {
	var named rows
	for _, p := range places {
		named.add(string(p.Channel), p.Address)
	}
	var found []Place
	if err := q.list(ctx, "read suppressed addresses", &found, `
		SELECT x.channel, x.address
		FROM `+q.dialect.table("TEXT", "TEXT")+`
		CROSS JOIN suppressions x
		WHERE x.channel = v.column1 AND x.address = v.column2`, named.encoded()); err != nil {
		return nil, err
	}
	suppressed := map[Place]bool{}
	for _, p := range found {
		suppressed[p] = true
	}
	erased, err := q.erasedAmong(ctx, places)
	for p := range erased {
		suppressed[p] = true
	}
	return suppressed, err
}

// erasedAmong says which of some addresses were erased. Without any that were it
// costs one look.
func (q queries) erasedAmong(ctx context.Context, places []Place) (map[Place]bool, error) {
	if any, err := q.anyErased(ctx); err != nil || !any {
		return nil, err
	}
	erased := map[Place]bool{}
	for _, some := range batches(places, stretchSize) {
		var named rows
		for _, p := range some {
			named.add(string(p.Channel), p.Address, q.Pseudonym(p))
		}
		var found []Place
		if err := q.list(ctx, "read erased addresses", &found, `
			SELECT v.column1 AS channel, v.column2 AS address
			FROM `+q.dialect.table("TEXT", "TEXT", "TEXT")+`
			CROSS JOIN suppressions x
			WHERE x.channel = v.column1 AND x.address = v.column3`, named.encoded()); err != nil {
			return nil, err
		}
		for _, p := range found {
			erased[p] = true
		}
	}
	return erased, nil
}

// anyErased says whether any address was erased; most of the time none was.
func (q queries) anyErased(ctx context.Context) (bool, error) {
	var any int
	err := q.get(ctx, "look for erased addresses", &any, `SELECT 1 FROM suppressions WHERE reason = 'erased' LIMIT 1`)
	if errors.Is(err, status.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Unsubscribe ends a subscription of an address, if there is one.
func (tx *Tx) Unsubscribe(ctx context.Context, channel stakeholders.Channel, address string) error {
	if err := tx.markListed(ctx, channel, address); err != nil {
		return err
	}
	if err := tx.exec(ctx, "unsubscribe", `
		UPDATE subscriber_classes
		SET confirmed = confirmed - 1
		WHERE id = (SELECT class_id FROM subscribers
		            WHERE channel = $1 AND address = $2 AND confirmed_at > 0 AND unsubscribed_at = 0 AND quarantined_at = 0)`,
		string(channel), address); err != nil {
		return err
	}
	return tx.exec(ctx, "unsubscribe", `
		UPDATE subscribers
		SET unsubscribed_at = $1
		WHERE channel = $2 AND address = $3 AND unsubscribed_at = 0`,
		micros(tx.now), string(channel), address)
}
