package store

import (
	"context"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// Bounce is a report that a message could not be delivered after all.
type Bounce struct {
	notify.Key
	Hard   bool   // for good, not for now
	Answer string // a server's words
}

// AddBounce keeps one report for each message; it says whether this one says
// anything new.
func (tx *Tx) AddBounce(ctx context.Context, b Bounce) (bool, error) {
	var changed []int
	err := tx.list(ctx, "keep bounce", &changed, `
		INSERT INTO bounces (channel, address, notice_id, at, hard, answer)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (channel, address, notice_id) DO UPDATE
		SET hard = excluded.hard, answer = excluded.answer
		WHERE excluded.hard AND NOT bounces.hard
		RETURNING 1`,
		string(b.Channel), b.Address, b.NoticeID, micros(tx.now), b.Hard, storable(b.Answer))
	return len(changed) > 0, err
}

// NoteBounce adds a server's words to those by which the message was accepted.
func (tx *Tx) NoteBounce(ctx context.Context, k notify.Key, words string) error {
	return tx.exec(ctx, "note bounce", `
		UPDATE deliveries
		SET answer = answer || $1, updated_at = $2
		WHERE notice_id = $3 AND channel = $4 AND address = $5 AND state IN ('sent', 'uncertain')`,
		storable("; then bounced: "+words), micros(tx.now), k.NoticeID, string(k.Channel), k.Address)
}

// CountBounces counts the messages to an address that came back since a time.
func (q queries) CountBounces(ctx context.Context, channel stakeholders.Channel, address string, since time.Time) (n int, err error) {
	err = q.get(ctx, "count bounces", &n, `
		SELECT COUNT(*) FROM bounces WHERE channel = $1 AND address = $2 AND at > $3`, string(channel), address, micros(since))
	return n, err
}

// ToldAddresses lists the addresses to which a notice went on a channel, after
// one of them.
func (q queries) ToldAddresses(ctx context.Context, noticeID int64, channel stakeholders.Channel, after string, limit int) (addresses []string, err error) {
	err = q.list(ctx, "list addresses", &addresses, `
		SELECT address
		FROM deliveries
		WHERE notice_id = $1 AND channel = $2 AND address > $3
		ORDER BY address
		LIMIT $4`, noticeID, string(channel), after, limit)
	return addresses, err
}

// Suppression is an address to which nothing is sent.
type Suppression struct {
	stakeholders.Contact
	Reason  string // Unsubscribed, Removed, or why the address is dead
	Since   time.Time
	Bounces int // messages that came back
}

// SuppressionFilter says which suppressions are wanted; empty members say
// nothing.
type SuppressionFilter struct {
	Channel stakeholders.Channel
	Address string
	// After is the last that was read, where reading goes on; zero: from the start.
	After  stakeholders.Contact
	Limit  int
	Offset int
}

// Suppressions lists them by channel and address.
func (q queries) Suppressions(ctx context.Context, f SuppressionFilter) ([]Suppression, error) {
	var rows []struct {
		Channel string `db:"channel"`
		Address string `db:"address"`
		Reason  string `db:"reason"`
		Since   int64  `db:"created_at"`
		Bounces int    `db:"bounces"`
	}
	if err := q.list(ctx, "list suppressions", &rows, `
		SELECT x.channel, x.address, x.reason, x.created_at,
		       (SELECT COUNT(*) FROM bounces b WHERE b.channel = x.channel AND b.address = x.address) AS bounces
		FROM suppressions x
		WHERE ($1 = '' OR x.channel = $1) AND ($2 = '' OR x.address = $2) AND (x.channel, x.address) > ($3, $4)
		ORDER BY x.channel, x.address
		LIMIT $5 OFFSET $6`, string(f.Channel), f.Address, string(f.After.Channel), f.After.Address, f.Limit, f.Offset); err != nil {
		return nil, err
	}
	all := make([]Suppression, len(rows))
	for i, r := range rows {
		all[i] = Suppression{stakeholders.Contact{Channel: stakeholders.Channel(r.Channel), Address: r.Address}, r.Reason, instant(r.Since), r.Bounces}
	}
	return all, nil
}

// LiftSuppression lets an address be sent to again and forgets what came back
// from it.
//
// Errors: status.ErrNotFound.
func (tx *Tx) LiftSuppression(ctx context.Context, channel stakeholders.Channel, address string) error {
	if err := tx.markListed(ctx, channel, address); err != nil {
		return err
	}
	var lifted []int
	if err := tx.list(ctx, "lift suppression", &lifted, `
		DELETE FROM suppressions WHERE channel = $1 AND address IN ($2, $3) RETURNING 1`,
		string(channel), address, tx.Pseudonym(Place{channel, address})); err != nil {
		return err
	}
	if len(lifted) == 0 {
		return status.ErrNotFound
	}
	return tx.exec(ctx, "forget bounces", `DELETE FROM bounces WHERE channel = $1 AND address = $2`, string(channel), address)
}
