package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// forgettable says which notices n are old enough: what they are about is over
// and has not changed since, nothing of them is left to do, and no delivery that
// stays became part of them.
const forgettable = `n.created_at < $1 AND n.forgotten_at = 0 AND n.expanded_at <> 0
	AND (n.incident_id IS NULL OR EXISTS (
	    SELECT 1 FROM incidents i
	    WHERE i.id = n.incident_id AND (i.status IN ('resolved', 'completed') OR i.withdrawn_at > 0) AND i.updated_at < $1))
	AND NOT EXISTS (SELECT 1 FROM chunks c WHERE c.notice_id = n.id)
	AND NOT EXISTS (SELECT 1 FROM due_deliveries t WHERE t.notice_id = n.id)
	AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.notice_id = n.id AND d.apart = 'held' AND ` + settledStates + `)
	AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.merged_id = n.id AND d.merged_id > 0)`

// noticeCost is how many rows the statements for one notice count as.
const noticeCost = 10

// ForgetDeliveries removes some of the oldest deliveries from before a time with
// their attempts, about as many as limit says, and says whether there are more.
// What was said stays with its incident; a letter to one person goes with its
// delivery.
func (tx *Tx) ForgetDeliveries(ctx context.Context, before time.Time, limit int) (more bool, err error) {
	if err := tx.byKey(ctx); err != nil {
		return false, err
	}
	for left := int64(limit); left > 0; left -= noticeCost {
		n := oldNotice{before: before}
		err := tx.get(ctx, "find old notice", &n, `
			SELECT n.id, COALESCE(n.incident_id, '') AS incident_id, n.component_id, n.occasion
			FROM notices n
			WHERE `+forgettable+`
			ORDER BY n.created_at, n.id
			LIMIT 1`, micros(before))
		if errors.Is(err, status.ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		for _, part := range []func(context.Context, oldNotice, int64) (int64, error){tx.forgetAttempts, tx.forgetRows, tx.forgetThreads} {
			removed, err := part(ctx, n, left)
			if err != nil || removed >= left {
				return true, err
			}
			left -= removed
		}
		if err := tx.endNotice(ctx, n); err != nil {
			return false, err
		}
	}
	return true, nil
}

// oldNotice is a notice whose deliveries are removed.
type oldNotice struct {
	ID          int64  `db:"id"`
	IncidentID  string `db:"incident_id"`
	ComponentID string `db:"component_id"`
	Occasion    string `db:"occasion"`
	before      time.Time
}

// letter says whether a notice is about no incident: to one person, or a digest.
func (n oldNotice) letter() bool { return n.IncidentID == "" && n.ComponentID == "" }

func (tx *Tx) forgetAttempts(ctx context.Context, n oldNotice, limit int64) (int64, error) {
	return tx.execCount(ctx, "forget attempts", `
		DELETE FROM attempts
		WHERE notice_id = $1 AND (channel, address, number) IN (
		    SELECT channel, address, number FROM attempts WHERE notice_id = $1 ORDER BY channel, address, number LIMIT $2)`, n.ID, limit)
}

// forgetRows removes deliveries. The notice goes on counting those that were
// sent, so that it can be said how many were told.
func (tx *Tx) forgetRows(ctx context.Context, n oldNotice, limit int64) (int64, error) {
	var gone []struct {
		Place
		Sent bool `db:"sent"`
	}
	if err := tx.list(ctx, "forget deliveries", &gone, `
		DELETE FROM deliveries
		WHERE notice_id = $1 AND (channel, address) IN (
		    SELECT channel, address FROM deliveries WHERE notice_id = $1 ORDER BY channel, address LIMIT $2)
		RETURNING channel, address, state = 'sent' AS sent`, n.ID, limit); err != nil || len(gone) == 0 {
		return 0, err
	}
	unsent := 0
	places := make([]Place, len(gone))
	for i, d := range gone {
		places[i] = d.Place
		if !d.Sent {
			unsent++
		}
	}
	if n.letter() {
		if err := tx.forgetLetterThreads(ctx, n, places); err != nil {
			return 0, err
		}
	}
	return int64(len(gone)), tx.wrote(ctx, n.ID, -int64(unsent))
}

// forgetThreads removes what people were told of an incident, with the last of
// its notices.
func (tx *Tx) forgetThreads(ctx context.Context, n oldNotice, limit int64) (int64, error) {
	if n.IncidentID == "" {
		return 0, nil
	}
	return tx.execCount(ctx, "forget threads", `
		DELETE FROM threads
		WHERE incident_id = $1 AND (channel, address) IN (
		    SELECT channel, address FROM threads WHERE incident_id = $1 ORDER BY channel, address LIMIT $3)
		  AND NOT EXISTS (SELECT 1 FROM notices o WHERE o.incident_id = $1 AND o.id <> $2 AND o.forgotten_at = 0)`, n.IncidentID, n.ID, limit)
}

// forgetLetterThreads removes the rows that letters to some addresses lock, where
// no later letter came or is to come.
func (tx *Tx) forgetLetterThreads(ctx context.Context, n oldNotice, places []Place) error {
	var named rows
	keys := make([]threadKey, len(places))
	for i, p := range places {
		named.add(string(p.Channel), p.Address)
		keys[i] = threadKey{"", string(p.Channel), p.Address}
	}
	if err := tx.lockThreads(ctx, keys); err != nil {
		return err
	}
	return tx.exec(ctx, "forget threads of letters", `
		DELETE FROM threads
		WHERE incident_id = '' AND told_at < $2 AND flying_id = 0 AND (channel, address) IN (SELECT column1, column2 FROM `+tx.dialect.table("TEXT", "TEXT")+`)
		  AND NOT EXISTS (SELECT 1 FROM due_deliveries t WHERE t.channel = threads.channel AND t.address = threads.address)
		  AND NOT EXISTS (
		      SELECT 1
		      FROM chunks c
		      JOIN notices o ON o.id = c.notice_id
		      WHERE c.channel = threads.channel AND threads.address BETWEEN c.first_address AND c.last_address
		        AND o.incident_id IS NULL AND o.component_id = '')`, named.encoded(), micros(n.before))
}

// endNotice removes what explains a notice's deliveries, and the notice itself
// where it is a letter. Whom a manager added to an audience by hand is forgotten
// with the rest.
func (tx *Tx) endNotice(ctx context.Context, n oldNotice) error {
	for _, statement := range []string{
		`DELETE FROM decisions WHERE notice_id = $1`,
		`DELETE FROM audience_classes WHERE notice_id = $1`,
		`DELETE FROM role_links WHERE notice_id = $1`,
		`DELETE FROM bounces WHERE notice_id = $1`,
	} {
		if err := tx.exec(ctx, "forget notice", statement, n.ID); err != nil {
			return err
		}
	}
	if n.letter() {
		return tx.exec(ctx, "forget letter", `DELETE FROM notices WHERE id = $1`, n.ID)
	}
	occasion, err := withoutGuests(n.Occasion)
	if err != nil {
		return fmt.Errorf("forget notice %d: %w", n.ID, err)
	}
	return tx.exec(ctx, "forget notice", `UPDATE notices SET forgotten_at = $1, occasion = $2 WHERE id = $3`, micros(tx.now), occasion, n.ID)
}

// withoutGuests is an occasion without those whom the manager added to it.
func withoutGuests(occasion string) (string, error) {
	var o stakeholders.Occasion
	if err := json.Unmarshal([]byte(occasion), &o); err != nil {
		return "", err
	}
	if len(o.Hand.Also) == 0 {
		return occasion, nil
	}
	o.Hand.Also = nil
	encoded, err := json.Marshal(o)
	return string(encoded), err
}
