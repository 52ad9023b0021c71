package publish

import (
	"context"
	"time"

	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// retentionKind is the kind of the timer by which old deliveries are removed.
const retentionKind = "retention"

// How the ledger is kept short: a little at a time, so that nobody waits for it.
const (
	retentionBatch = 1000
	retentionPause = time.Second
	retentionEvery = 24 * time.Hour
)

// retentionTimer is the one timer of its kind.
var retentionTimer = store.TimerKey{Kind: retentionKind, Subject: "deliveries"}

// StartRetention sets the timer by which old deliveries are removed, if there is
// none.
func (p *Publisher) StartRetention(ctx context.Context) error {
	return p.store.InTxAgain(ctx, func(tx *store.Tx) error {
		set, err := tx.Timers(ctx, retentionTimer.Kind, retentionTimer.Subject)
		if err != nil || len(set) > 0 {
			return err
		}
		return tx.SetTimer(ctx, retentionTimer, tx.Now().Add(time.Minute), struct{}{})
	})
}

// forgetDeliveries removes some of the oldest deliveries, and comes back soon
// while there are more.
func (p *Publisher) forgetDeliveries(ctx context.Context, tx *store.Tx, _ status.Page, _ store.Timer) (time.Time, error) {
	if p.config.KeepDeliveries <= 0 {
		return tx.Now().Add(retentionEvery), nil
	}
	more, err := tx.ForgetDeliveries(ctx, tx.Now().Add(-p.config.KeepDeliveries), retentionBatch)
	if more {
		return tx.Now().Add(retentionPause), err
	}
	return tx.Now().Add(retentionEvery), err
}
