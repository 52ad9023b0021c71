package store

import (
	"context"
	"slices"
)

// digestNow is how a digest stands when it is about to be sent.
type digestNow struct {
	deliveryKey
	Stale bool `db:"stale"` // there is newer to say about an incident in it
	Busy  bool `db:"busy"`  // something about an incident in it is being sent to the same person
}

// digestsNow looks at the digests among claimed rows. One may have waited for
// hours for its next try, and what it says has a past by then.
func (tx *Tx) digestsNow(ctx context.Context, claimed []claimRow) (map[deliveryKey]digestNow, error) {
	digests := slices.DeleteFunc(slices.Clone(claimed), func(r claimRow) bool { return !together(r.Event) })
	found := map[deliveryKey]digestNow{}
	for _, some := range batches(digests, stretchSize) {
		var named rows
		for _, r := range some {
			named.add(r.NoticeID, r.Channel, r.Address)
		}
		busy, err := tx.digestsInFlight(ctx, named)
		if err != nil {
			return nil, err
		}
		var list []digestNow
		if err := tx.list(ctx, "look at digests", &list, `
			SELECT m.merged_id AS notice_id, m.channel, m.address,
			       MAX(CASE WHEN n.event NOT IN ('retrospective', 'action_done') AND m.said_id < (
			           SELECT MAX(x.id) FROM notices x
			           WHERE x.incident_id = n.incident_id AND x.expanded_at > 0 AND x.event NOT IN (`+besides+`)) THEN 1 ELSE 0 END) = 1 AS stale,
			       MAX(CASE WHEN t.flying_id NOT IN (0, m.said_id) THEN 1 ELSE 0 END) = 1 AS busy
			FROM `+tx.dialect.table("BIGINT", "TEXT", "TEXT")+`
			CROSS JOIN deliveries m
			CROSS JOIN notices n
			CROSS JOIN threads t
			WHERE m.merged_id = v.column1 AND m.merged_id > 0 AND m.channel = v.column2 AND m.address = v.column3 AND n.id = m.notice_id
			  AND t.incident_id = n.incident_id AND t.channel = m.channel AND t.address = m.address
			GROUP BY m.merged_id, m.channel, m.address`, named.encoded()); err != nil {
			return nil, err
		}
		for _, d := range list {
			d.Busy = d.Busy || busy[d.deliveryKey]
			found[d.deliveryKey] = d
		}
	}
	return found, nil
}

// digestsInFlight writes down what flies in the threads of all that digests are
// about, and says about which digests somebody else is deciding at this moment.
func (tx *Tx) digestsInFlight(ctx context.Context, digests rows) (map[deliveryKey]bool, error) {
	var parts []claimKey // each with the digest's number
	if err := tx.list(ctx, "look at digests", &parts, `
		SELECT DISTINCT m.merged_id AS notice_id, m.channel, m.address, n.incident_id
		FROM `+tx.dialect.table("BIGINT", "TEXT", "TEXT")+`
		CROSS JOIN deliveries m
		CROSS JOIN notices n
		WHERE m.merged_id = v.column1 AND m.merged_id > 0 AND m.channel = v.column2 AND m.address = v.column3
		  AND n.id = m.notice_id AND n.incident_id IS NOT NULL`, digests.encoded()); err != nil {
		return nil, err
	}
	keys := make([]threadKey, len(parts))
	for i, p := range parts {
		keys[i] = p.thread()
	}
	threads, err := tx.inFlight(ctx, keys, chunkKey{}, tx.dialect.lockFree)
	busy := map[deliveryKey]bool{}
	for _, p := range parts {
		if threads[p.thread()] {
			busy[p.deliveryKey] = true
		}
	}
	return busy, err
}

// staleWords is why a digest is not sent.
const staleWords = "there was newer to say; put together again"

// gatherAnew takes digests apart that are not to be sent: what they held is put
// together again, as it stands now.
func (tx *Tx) gatherAnew(ctx context.Context, digests []deliveryKey) error {
	for _, some := range batches(digests, stretchSize) {
		results := make([]mergedResult, len(some))
		for i, k := range some {
			results[i] = mergedResult{k, 0, true}
		}
		if err := tx.recordMerged(ctx, results); err != nil {
			return err
		}
		named := encodeKeys(some)
		if err := tx.exec(ctx, "take digests apart", `
			UPDATE threads AS t
			SET waiting_id = x.notice_id
			FROM (SELECT n.incident_id, m.channel, m.address, MAX(m.notice_id) AS notice_id
			      FROM `+tx.dialect.table("BIGINT", "TEXT", "TEXT")+`
			      CROSS JOIN deliveries m
			      CROSS JOIN notices n
			      WHERE m.merged_id = v.column1 AND m.merged_id > 0 AND m.channel = v.column2 AND m.address = v.column3 AND n.id = m.notice_id
			        AND m.gather = 'quiet'
			      GROUP BY n.incident_id, m.channel, m.address) AS x
			WHERE t.incident_id = x.incident_id AND t.channel = x.channel AND t.address = x.address AND t.waiting_id = 0`, named); err != nil {
			return err
		}
		if err := tx.exec(ctx, "take digests apart", `
			UPDATE deliveries AS d
			SET state = 'held', merged_id = 0, said_id = 0, answer = '', due_at = $2, updated_at = $2
			FROM `+tx.dialect.table("BIGINT", "TEXT", "TEXT")+`
			WHERE d.merged_id = v.column1 AND d.merged_id > 0 AND d.channel = v.column2 AND d.address = v.column3`, named, micros(tx.now)); err != nil {
			return err
		}
		again := make([]dueRow, len(some))
		for i, k := range some {
			again[i] = dueRow{deliveryKey: k, at: tx.now}
		}
		if err := tx.gather(ctx, again); err != nil {
			return err
		}
	}
	return nil
}

// flyDigests marks in the threads of all that digests are about that they are
// being sent.
func (tx *Tx) flyDigests(ctx context.Context, send []claimRow) error {
	var named rows
	for _, r := range send {
		if together(r.Event) {
			named.add(r.NoticeID, r.Channel, r.Address)
		}
	}
	if len(named) == 0 {
		return nil
	}
	return tx.exec(ctx, "mark sending", `
		UPDATE threads AS t
		SET flying_id = x.said_id
		FROM (SELECT n.incident_id, m.channel, m.address, MAX(m.said_id) AS said_id
		      FROM `+tx.dialect.table("BIGINT", "TEXT", "TEXT")+`
		      CROSS JOIN deliveries m
		      CROSS JOIN notices n
		      WHERE m.merged_id = v.column1 AND m.merged_id > 0 AND m.channel = v.column2 AND m.address = v.column3 AND n.id = m.notice_id
		      GROUP BY n.incident_id, m.channel, m.address) AS x
		WHERE t.incident_id = x.incident_id AND t.channel = x.channel AND t.address = x.address`, named.encoded())
}
