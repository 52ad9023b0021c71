package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/allclear-status/allclear/notify"
)

// Check implements notify.Outbox.
func (s *Store) Check(ctx context.Context, b notify.Batch, next []notify.Outgoing) (map[notify.Key]string, error) {
	if len(next) == 0 {
		return nil, nil
	}
	gone, held, err := s.lookAt(ctx, b, next)
	if err != nil {
		return nil, err
	}
	reasons := map[notify.Key]string{}
	if len(gone) > 0 {
		for _, o := range next {
			if reason, ok := gone[Place{o.Channel, o.Address}]; ok && !stillSent(o.Event, reason) {
				reasons[o.Key] = reason
			}
		}
	}
	if b.Chunk == 0 {
		next = slices.DeleteFunc(slices.Clone(next), func(o notify.Outgoing) bool { return reasons[o.Key] != "" })
		held, err = s.rowsHeld(ctx, b, next)
	}
	if err == nil && !held {
		err = fmt.Errorf("check lease: %w", notify.ErrLeaseLost)
	}
	return reasons, err
}

// lookAt reads to which of a batch's addresses nothing is to be sent, and perhaps
// others: the few between the first and the last of a chunk are read at once,
// with whether the chunk is still the batch's. Else somebody has it now, or has
// finished it already.
func (q queries) lookAt(ctx context.Context, b notify.Batch, next []notify.Outgoing) (gone map[Place]string, held bool, err error) {
	var found []struct {
		Place         // empty: something else is said
		Reason string `db:"reason"`
	}
	const leased, erasures = "leased", `
		UNION ALL
		SELECT '', '', '` + ErasedAddress + `'
		WHERE EXISTS (SELECT 1 FROM suppressions WHERE reason = '` + ErasedAddress + `')`
	if b.Chunk != 0 {
		first, last := next[0].Address, next[0].Address
		for _, o := range next {
			first, last = min(first, o.Address), max(last, o.Address)
		}
		err = q.list(ctx, "check deliveries", &found, `
			SELECT channel, address, reason
			FROM suppressions
			WHERE channel = $1 AND address BETWEEN $2 AND $3
			UNION ALL
			SELECT '', '', '`+leased+`'
			FROM chunks
			WHERE notice_id = $4 AND number = $5 AND lease_owner = $6`+erasures,
			string(b.Channel), first, last, b.NoticeID, b.Chunk, b.Lease)
	} else {
		err = q.list(ctx, "check deliveries", &found, `
			SELECT x.channel, x.address, x.reason
			FROM `+q.dialect.table("BIGINT", "TEXT", "TEXT")+`
			CROSS JOIN suppressions x
			WHERE x.channel = v.column2 AND x.address = v.column3`+erasures, encodeKeys(keysOf(next)))
	}
	if err != nil {
		return nil, false, err
	}
	gone, erased := make(map[Place]string, len(found)), false
	for _, f := range found {
		switch {
		case f.Channel != "":
			gone[f.Place] = f.Reason
		case f.Reason == leased:
			held = true
		default:
			erased = true
		}
	}
	if erased {
		err = q.alsoErased(ctx, next, gone)
	}
	return gone, held, err
}

// alsoErased adds those of the addresses that are known by their pseudonyms alone.
func (q queries) alsoErased(ctx context.Context, next []notify.Outgoing, gone map[Place]string) error {
	places := make([]Place, len(next))
	for i, o := range next {
		places[i] = Place{o.Channel, o.Address}
	}
	erased, err := q.erasedAmong(ctx, places)
	for p := range erased {
		if gone[p] == "" {
			gone[p] = ErasedAddress
		}
	}
	return err
}

// rowsHeld says whether all of these due deliveries are still the batch's.
func (s *Store) rowsHeld(ctx context.Context, b notify.Batch, next []notify.Outgoing) (bool, error) {
	var held int
	err := s.get(ctx, "check lease", &held, `
		SELECT COUNT(*)
		FROM due_deliveries
		WHERE lease_owner = $2 AND (notice_id, channel, address) IN `+s.dialect.keyTable(), encodeKeys(keysOf(next)), b.Lease)
	return held >= len(next), err
}
