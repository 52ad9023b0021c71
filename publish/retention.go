package publish

import (
	"context"
	"sync"
	"time"

	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// retentionKind is the kind of the timer by which old deliveries are removed.
const retentionKind = "retention"

// How the ledger is kept short: a little at a time, so that nobody waits for it.
// A portion takes about as long as portionTime, which SQLite's one writer is held
// for, and then the others have their turn for as long. On a machine that is slow
// because of others it is not worth while to remove ever less at a time: what a
// transaction costs is then what counts.
const (
	portionTime    = 20 * time.Millisecond
	mostPortionGap = 100 * time.Millisecond
	fewestRows     = 1000 // some 5 ms on a machine that has nothing else to do
	mostRows       = 5000
	retentionEvery = 24 * time.Hour
)

// portion is how many rows are removed at once: as many as the database manages in
// that time.
type portion struct {
	mu   sync.Mutex
	rows int
}

func newPortion() *portion { return &portion{rows: fewestRows} }

func (p *portion) size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rows
}

// took notes how long a portion of a size took; no step changes the next by more
// than half or twice.
func (p *portion) took(rows int, d time.Duration) {
	next := rows * 2
	if d > 0 {
		next = min(next, max(rows/2, int(int64(rows)*int64(portionTime)/int64(d))))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows = min(mostRows, max(fewestRows, next))
}

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
	rows, began := p.portion.size(), time.Now()
	more, err := tx.ForgetDeliveries(ctx, tx.Now().Add(-p.config.KeepDeliveries), rows)
	if more {
		took := time.Since(began)
		p.portion.took(rows, took)
		return tx.Now().Add(min(max(took, portionTime), mostPortionGap)), err
	}
	return tx.Now().Add(retentionEvery), err
}
