package store

import (
	"context"
	"fmt"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
)

// deliveryKey is notify.Key as rows have it.
type deliveryKey struct {
	NoticeID int64  `db:"notice_id"`
	Channel  string `db:"channel"`
	Address  string `db:"address"`
}

func keyOf(k notify.Key) deliveryKey { return deliveryKey{k.NoticeID, string(k.Channel), k.Address} }

// encodeKeys names deliveries in a statement, as the argument $1 that keyTable
// reads.
func encodeKeys(keys []deliveryKey) string {
	var named rows
	for _, k := range keys {
		named.add(k.NoticeID, k.Channel, k.Address)
	}
	return named.encoded()
}

func (d *dialect) keyTable() string {
	return "(SELECT column1, column2, column3 FROM " + d.table("BIGINT", "TEXT", "TEXT") + ")"
}

// urgency is the order of sending: who has a high interest before the others,
// so that those who work on it and those who answer for it wait for no crowd,
// however bad what the crowd is told; then impact, then the quadrant (rule 11).
func urgency(priority int, q stakeholders.Quadrant) int {
	return urgencyOf(priority, max(0, q.Rank()))
}

func urgencyOf(priority, rank int) int {
	return rank/interested*interested*priorities + priority*interested + rank%interested
}

// urgencyTerm is urgency in a statement.
func urgencyTerm(priority, rank string) string {
	return fmt.Sprintf("%[2]s / %[3]d * %[4]d + %[1]s * %[3]d + %[2]s %% %[3]d", priority, rank, interested, interested*priorities)
}

const (
	priorities = 4 // of notices
	interested = 2 // quadrants whose interest is high; as many have a low one
	urgencies  = 2 * interested * priorities
)

// everyUrgency lists them for a statement, so that one look at the index finds
// whether anything is due, however much is held.
const everyUrgency = "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15"

// dueRow is a delivery that is due by itself.
type dueRow struct {
	deliveryKey
	quadrant stakeholders.Quadrant
	at       time.Time
}

// putOff schedules deliveries that wait for an older one, and shows it.
func (tx *Tx) putOff(ctx context.Context, due []dueRow) error {
	var values rows
	for _, r := range due {
		values.add(r.NoticeID, r.Channel, r.Address, micros(r.at))
	}
	if len(values) == 0 {
		return nil
	}
	if err := tx.exec(ctx, "put deliveries off", `
		UPDATE deliveries AS d
		SET due_at = v.column4
		FROM `+tx.dialect.table("BIGINT", "TEXT", "TEXT", "BIGINT")+`
		WHERE d.notice_id = v.column1 AND d.channel = v.column2 AND d.address = v.column3`, values.encoded()); err != nil {
		return err
	}
	return tx.schedule(ctx, due)
}

// schedule makes deliveries due at a time, free to be leased. A delivery that
// is not done has a due row exactly when its due_at is set; else its chunk
// leads to it.
func (tx *Tx) schedule(ctx context.Context, due []dueRow) error {
	for _, some := range batches(due, stretchSize) {
		var values rows
		for _, r := range some {
			values.add(r.NoticeID, r.Channel, r.Address, micros(r.at), max(0, r.quadrant.Rank()))
		}
		if err := tx.exec(ctx, "schedule deliveries", `
			INSERT INTO due_deliveries (notice_id, channel, address, due_at, priority, lease_owner, lease_until)
			SELECT v.column1, v.column2, v.column3, v.column4, `+urgencyTerm("n.priority", "v.column5")+`, '', 0
			FROM `+tx.dialect.table("BIGINT", "TEXT", "TEXT", "BIGINT", "INTEGER")+`
			CROSS JOIN notices n
			WHERE n.id = v.column1
			ON CONFLICT (notice_id, channel, address) DO UPDATE
			SET due_at = excluded.due_at, lease_owner = '', lease_until = 0`, values.encoded()); err != nil {
			return err
		}
	}
	return nil
}

// unschedule removes due rows.
func (tx *Tx) unschedule(ctx context.Context, keys []deliveryKey) error {
	for _, some := range batches(keys, stretchSize) {
		if err := tx.exec(ctx, "unschedule deliveries", `
			DELETE FROM due_deliveries
			WHERE (notice_id, channel, address) IN `+tx.dialect.keyTable(), encodeKeys(some)); err != nil {
			return err
		}
	}
	return nil
}
