package store

import (
	"cmp"
	"context"
	"slices"

	"github.com/allclear-status/allclear/notify"
)

// A claim of a chunk writes nothing but the lease: while somebody has it, what of
// it is pending is being sent, and the row is written once, with its result.
// Whoever is about to decide what becomes of such a delivery, or of another one
// to the same person, first writes down what the lease says; so does who finds
// that a lease ran out, and does not know how far its holder came.

// flying is the state of a delivery d as it may be shown.
const flying = `CASE WHEN ` + leased + ` THEN 'sending' ELSE d.state END`

// leased says of a delivery d that it is being sent by its chunk's lease.
const leased = `d.state = 'pending' AND d.due_at = 0 AND EXISTS (
	    SELECT 1 FROM chunks c WHERE c.notice_id = d.notice_id AND c.number = d.chunk AND c.lease_owner <> '')`

// hold keeps everybody else from these threads, and from the chunks that lead to
// what waits in them, until the transaction ends; what flies in them is written
// down. Chunks come before threads, as for those who claim and record. What of
// them is in the transaction's own chunk is left alone.
func (tx *Tx) hold(ctx context.Context, keys []threadKey, own chunkKey) error {
	if tx.dialect.lock != "" {
		waiting, err := tx.firstPasses(ctx, keys, own)
		if err != nil {
			return err
		}
		if _, err := tx.lockChunks(ctx, waiting, tx.dialect.lock); err != nil {
			return err
		}
		if err := tx.lockThreads(ctx, keys); err != nil {
			return err
		}
	}
	_, err := tx.inFlight(ctx, keys, own, tx.dialect.lock)
	return err
}

// inFlight writes down what flies in these threads. It returns those whose chunk
// somebody else has at this moment, if the lock passes over them.
func (tx *Tx) inFlight(ctx context.Context, keys []threadKey, own chunkKey, lock string) (busy map[threadKey]bool, err error) {
	waiting, err := tx.firstPasses(ctx, keys, own)
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	chunks, err := tx.lockChunks(ctx, waiting, lock)
	if err != nil {
		return nil, err
	}
	busy = map[threadKey]bool{}
	var fly []claimKey
	for _, w := range waiting {
		switch isLeased, ours := chunks[w.chunk()]; {
		case !ours:
			busy[w.thread()] = true
		case isLeased:
			fly = append(fly, w.claimKey)
		}
	}
	return busy, tx.fly(ctx, fly)
}

// firstPass is a delivery that its chunk leads to.
type firstPass struct {
	claimKey
	Chunk int `db:"chunk"`
}

// chunkKey names a chunk.
type chunkKey struct {
	NoticeID int64 `db:"notice_id"`
	Number   int   `db:"number"`
}

func (p firstPass) chunk() chunkKey { return chunkKey{p.NoticeID, p.Chunk} }

func (k claimKey) thread() threadKey { return threadKey{k.IncidentID, k.Channel, k.Address} }

// firstPasses are the deliveries that wait in threads and that chunks lead to,
// but for one chunk's.
func (tx *Tx) firstPasses(ctx context.Context, keys []threadKey, but chunkKey) (found []firstPass, err error) {
	for _, some := range batches(keys, threadBatch) {
		var named rows
		for _, k := range some {
			if k.incident != "" { // nothing waits in a letter's
				named.add(k.incident, k.channel, k.address)
			}
		}
		if len(named) == 0 {
			continue
		}
		var waiting []firstPass
		if err := tx.list(ctx, "look for what is being sent", &waiting, `
			SELECT d.notice_id, d.channel, d.address, v.column1 AS incident_id, d.chunk
			FROM `+tx.dialect.table("TEXT", "TEXT", "TEXT")+`
			CROSS JOIN threads t
			CROSS JOIN deliveries d
			WHERE t.incident_id = v.column1 AND t.channel = v.column2 AND t.address = v.column3 AND t.waiting_id > 0
			  AND d.notice_id = t.waiting_id AND d.channel = v.column2 AND d.address = v.column3 AND d.state = 'pending' AND d.due_at = 0`,
			named.encoded()); err != nil {
			return nil, err
		}
		found = append(found, slices.DeleteFunc(waiting, func(p firstPass) bool { return p.chunk() == but })...)
	}
	return found, nil
}

// lockChunks keeps everybody else from chunks, and says which of them somebody
// leased. Those that the lock passes over are missing.
func (tx *Tx) lockChunks(ctx context.Context, waiting []firstPass, lock string) (map[chunkKey]bool, error) {
	keys := make([]chunkKey, len(waiting))
	for i, w := range waiting {
		keys[i] = w.chunk()
	}
	slices.SortFunc(keys, func(a, b chunkKey) int {
		return cmp.Or(cmp.Compare(a.NoticeID, b.NoticeID), cmp.Compare(a.Number, b.Number))
	})
	var named rows
	for _, k := range slices.Compact(keys) {
		named.add(k.NoticeID, k.Number)
	}
	locked := map[chunkKey]bool{}
	if len(named) == 0 {
		return locked, nil
	}
	var found []struct {
		chunkKey
		Leased bool `db:"leased"`
	}
	err := tx.list(ctx, "lock chunks", &found, `
		SELECT t.notice_id, t.number, t.lease_owner <> '' AS leased
		FROM `+tx.dialect.table("BIGINT", "INTEGER")+`
		CROSS JOIN chunks t
		WHERE t.notice_id = v.column1 AND t.number = v.column2
		ORDER BY t.notice_id, t.number`+lock, named.encoded())
	for _, c := range found {
		locked[c.chunkKey] = c.Leased
	}
	return locked, err
}

// fly writes down that deliveries are being sent, which their chunk's lease said
// so far. Those that are through by now are left alone.
func (tx *Tx) fly(ctx context.Context, keys []claimKey) error {
	for _, some := range batches(keys, stretchSize) {
		threads := make([]threadKey, len(some))
		about := make(map[deliveryKey]string, len(some))
		for i, k := range some {
			threads[i], about[k.deliveryKey] = k.thread(), k.IncidentID
		}
		if err := tx.lockThreads(ctx, threads); err != nil {
			return err
		}
		var flown []deliveryKey
		if err := tx.list(ctx, "mark sending", &flown, `
			UPDATE deliveries AS d
			SET state = 'sending', attempts = d.attempts + 1, said_id = CASE WHEN d.said_id = 0 THEN d.notice_id ELSE d.said_id END, updated_at = $2
			FROM `+tx.dialect.table(claimTypes...)+`
			WHERE d.notice_id = v.column1 AND d.channel = v.column2 AND d.address = v.column3 AND d.state = 'pending' AND d.due_at = 0
			RETURNING notice_id, channel, address`, encodeClaim(some), micros(tx.now)); err != nil {
			return err
		}
		var named rows
		for _, k := range flown {
			named.add(k.NoticeID, k.Channel, k.Address, about[k])
		}
		if len(named) == 0 {
			continue
		}
		if err := tx.exec(ctx, "mark sending", `
			UPDATE threads AS t
			SET flying_id = v.column1
			FROM `+tx.dialect.table(claimTypes...)+`
			WHERE t.incident_id = v.column4 AND t.channel = v.column2 AND t.address = v.column3`, named.encoded()); err != nil {
			return err
		}
	}
	return nil
}

// keyOfOutgoing is a delivery on its way as it is looked up.
func keyOfOutgoing(o notify.Outgoing) claimKey { return claimKey{keyOf(o.Key), o.IncidentID} }

// flyOwn writes down that those deliveries of a chunk are being sent whose
// results say more than that they arrived.
func (tx *Tx) flyOwn(ctx context.Context, b notify.Batch, results []notify.Recorded) error {
	if b.Chunk == 0 || len(results) == 0 {
		return nil
	}
	keys := make([]claimKey, len(results))
	for i, r := range results {
		keys[i] = keyOfOutgoing(r.Outgoing)
	}
	return tx.fly(ctx, keys)
}

// flyUnrecorded writes down, before a chunk is free again, what of it was sent
// without a result that could be recorded: whoever claims it next finds it in
// doubt.
func (tx *Tx) flyUnrecorded(ctx context.Context, b notify.Batch, ours lease, given []notify.Outgoing) error {
	if b.Chunk == 0 || !ours.chunk {
		return nil
	}
	back := make(map[notify.Key]bool, len(given))
	for _, o := range given {
		back[o.Key] = true
	}
	var keys []claimKey
	for _, g := range b.Groups {
		for _, o := range g.To {
			if !back[o.Key] {
				keys = append(keys, keyOfOutgoing(o))
			}
		}
	}
	return tx.fly(ctx, keys)
}

// withoutBusy writes down what flies in the threads of deliveries, and leaves
// out those of which somebody is deciding at this moment.
func (tx *Tx) withoutBusy(ctx context.Context, found []claimKey) ([]claimKey, error) {
	keys := make([]threadKey, len(found))
	for i, k := range found {
		keys[i] = k.thread()
	}
	busy, err := tx.inFlight(ctx, keys, chunkKey{}, tx.dialect.lockFree)
	if err != nil || len(busy) == 0 {
		return found, err
	}
	return slices.DeleteFunc(found, func(k claimKey) bool { return busy[k.thread()] }), nil
}
