package publish

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// TimedAct is what is done when a timer of one kind falls due.
type TimedAct struct {
	// Public acts change what the public sees: the page's version rises first,
	// and visitors see the new one once the act is on disk.
	Public bool
	// Do acts inside the transaction that ends the timer: both happen, once, or
	// neither. It finds out for itself whether there is still something to do,
	// however late it is called. A time that is not zero is when to do it again.
	Do func(ctx context.Context, tx *store.Tx, page status.Page, t store.Timer) (again time.Time, err error)
}

// timedActs are the acts by the kind of their timers.
func (p *Publisher) timedActs() map[string]TimedAct {
	return map[string]TimedAct{
		reviewTimer:     {Do: p.remindOwner},
		reminderKind:    {Do: p.remind},
		firstPostKind:   {Do: p.remind},
		unconfirmedKind: {Do: p.forget},
		purgeKind:       {Do: p.purge},

		store.QuarantineTimer: {Do: p.quarantine},
		retentionKind:         {Do: p.forgetDeliveries},
	}
}

// How the timekeeper works.
const (
	timerPoll  = time.Second      // how often it looks without being woken
	timerLease = time.Minute      // how long a server that died keeps a timer
	timerLimit = 10 * time.Second // how long one act may take
	timerBatch = 5                // how many it claims at once: their acts fit into the lease
	firstPause = 2 * time.Second  // after an act that failed; it doubles each time
	mostPause  = 5 * time.Minute
)

// Timekeeper carries out what falls due. Any number of them may work on one
// database, one in each server.
type Timekeeper struct {
	publisher *Publisher
	acts      map[string]TimedAct
	kinds     []string
	wake      chan struct{}
	soon      time.Time // when an act is to go on before the next look; zero: none
}

// Timekeeper makes a timekeeper for all acts; Run starts it.
func (p *Publisher) Timekeeper() *Timekeeper { return NewTimekeeper(p, p.timedActs()) }

// NewTimekeeper makes a timekeeper for some acts.
func NewTimekeeper(p *Publisher, acts map[string]TimedAct) *Timekeeper {
	k := &Timekeeper{publisher: p, acts: acts, wake: make(chan struct{}, 1)}
	for kind := range acts {
		k.kinds = append(k.kinds, kind)
	}
	slices.Sort(k.kinds)
	return k
}

// Wake says that a timer may have been set: the timekeeper looks at once. It
// never blocks.
func (k *Timekeeper) Wake() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// Run works until the context ends and the act in hand is done.
func (k *Timekeeper) Run(ctx context.Context) {
	tick := time.NewTicker(timerPoll)
	defer tick.Stop()
	for {
		for ctx.Err() == nil && k.Step(ctx) {
		}
		var soon <-chan time.Time
		if !k.soon.IsZero() {
			soon = time.After(time.Until(k.soon))
		}
		select {
		case <-ctx.Done():
			return
		case <-k.wake:
		case <-soon:
			k.soon = time.Time{}
		case <-tick.C:
		}
	}
}

// Step claims what is due, a few timers at most, and carries it out. It reports
// false when there was nothing, or the database is away.
func (k *Timekeeper) Step(ctx context.Context) bool {
	timers, err := k.publisher.store.ClaimTimers(ctx, k.kinds, timerLease, timerBatch)
	if err != nil { // what was found may not be ours: the claim itself may not have got through
		if ctx.Err() == nil {
			k.publisher.config.Log.Error("claim timers", "error", err)
		}
		return false
	}
	for _, t := range timers {
		k.carryOut(context.WithoutCancel(ctx), t)
	}
	return len(timers) > 0
}

// carryOut does what a timer asks for, or puts it off.
func (k *Timekeeper) carryOut(ctx context.Context, t store.Timer) {
	ctx, cancel := context.WithTimeout(ctx, timerLimit)
	defer cancel()
	log := k.publisher.config.Log.With(slog.String("timer", t.Kind), slog.String("subject", t.Subject))
	err := k.act(ctx, t)
	switch {
	case err == nil:
		log.Debug("timed act", "late", k.publisher.store.Now().Sub(t.DueAt))
	case errors.Is(err, store.ErrTimerLost):
		log.Debug("timed act not needed any more")
	default:
		pause := min(firstPause<<min(t.Attempts, 10), mostPause)
		log.Error("timed act", "attempt", t.Attempts+1, "next_in", pause, "error", err)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timerLimit)
		defer cancel()
		if err := k.publisher.store.PutTimerOff(ctx, t, pause); err != nil {
			log.Error("put timer off", "error", err) // its lease runs out
		}
	}
}

// act carries a timer out and ends it, in one transaction.
func (k *Timekeeper) act(ctx context.Context, t store.Timer) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	act := k.acts[t.Kind]
	var page status.Page
	var again time.Duration
	err = k.publisher.store.InTxAgain(ctx, func(tx *store.Tx) (err error) {
		read := tx.Page
		if act.Public {
			read = tx.BumpPage
		}
		if page, err = read(ctx); err != nil {
			return err
		}
		page.URL = k.publisher.config.PublicURL
		next, err := act.Do(ctx, tx, page, t)
		if err != nil {
			return err
		}
		if again = 0; !next.IsZero() {
			again = next.Sub(tx.Now())
		}
		return tx.EndTimer(ctx, t, next)
	})
	if err == nil && again > 0 && again < timerPoll {
		if at := time.Now().Add(again); k.soon.IsZero() || at.Before(k.soon) {
			k.soon = at
		}
	}
	switch {
	case err != nil:
		return err
	case act.Public:
		k.publisher.done(ctx, page.Version)
	case k.publisher.config.Wake != nil:
		k.publisher.config.Wake()
	}
	return nil
}
