package store

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
)

// QuarantineTimer is the kind of the timers that are set, for at once, when a
// subscriber's webhook has failed for too long.
const QuarantineTimer = "quarantine"

// recordReceivers notes which subscribers' webhooks take what they are sent, and
// which fail, in a row. What says nothing of the webhook does not count.
func (tx *Tx) recordReceivers(ctx context.Context, b notify.Batch, sent, others []notify.Recorded) error {
	if !b.Channel.Secret() {
		return nil
	}
	var well rows
	var ill []notify.Recorded
	for _, r := range slices.Concat(sent, others) {
		id, ok := strings.CutPrefix(r.Person, string(stakeholders.FromSubscription)+":")
		switch {
		case !ok, r.State == notify.Suppressed, r.Result.Neutral:
		case r.Result.Outcome == notify.Delivered:
			well.add(id)
		default:
			r.Person = id
			ill = append(ill, r)
		}
	}
	if len(well) > 0 {
		if err := tx.exec(ctx, "note who answers", `
			UPDATE subscribers AS s
			SET failures = 0, failing_since = 0
			FROM `+tx.dialect.table("TEXT")+`
			WHERE s.id = v.column1 AND s.failures > 0`, well.encoded()); err != nil {
			return err
		}
	}
	slices.SortStableFunc(ill, func(a, b notify.Recorded) int { return cmp.Compare(a.Person, b.Person) }) // one order for all who lock
	for _, r := range ill {
		if err := tx.recordFailure(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// recordFailure counts one request that a webhook did not take; r.Person is the
// subscriber's id.
func (tx *Tx) recordFailure(ctx context.Context, r notify.Recorded) error {
	var now []struct {
		Failures int   `db:"failures"`
		Since    int64 `db:"failing_since"`
	}
	if err := tx.list(ctx, "note who fails", &now, `
		UPDATE subscribers
		SET failures = failures + 1, failing_since = CASE WHEN failing_since = 0 THEN $2 ELSE failing_since END
		WHERE id = $1 AND unsubscribed_at = 0 AND quarantined_at = 0
		RETURNING failures, failing_since`, r.Person, micros(r.At)); err != nil || len(now) == 0 {
		return err
	}
	if s := (stakeholders.Subscriber{Failures: now[0].Failures, FailingSince: instant(now[0].Since)}); !s.Failing(r.At) {
		return nil
	}
	return tx.SetTimer(ctx, TimerKey{Kind: QuarantineTimer, Subject: r.Person}, tx.now, nil)
}
