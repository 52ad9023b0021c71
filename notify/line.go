package notify

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
)

// line is one channel's part of the worker: a few goroutines, each with a
// session of its own that it keeps while there is work.
type line struct {
	*Worker
	name    stakeholders.Channel
	route   Route
	wake    chan struct{}
	breaker *breaker
}

func newLine(w *Worker, name stakeholders.Channel, route Route) *line {
	return &line{Worker: w, name: name, route: route, wake: make(chan struct{}, max(1, route.Sessions)), breaker: newBreaker(w.settings)}
}

// run works until the context ends and what is in hand has finished.
func (l *line) run(ctx context.Context) {
	var all sync.WaitGroup
	for range max(1, l.route.Sessions) {
		all.Go(func() { l.serve(ctx) })
	}
	all.Wait()
}

// serve claims and sends, and waits when nothing is due.
func (l *line) serve(ctx context.Context) {
	tick := time.NewTicker(l.settings.Poll)
	defer tick.Stop()
	for turn := 0; ctx.Err() == nil; turn++ {
		l.work(ctx, turn%2 == 1)
		select {
		case <-ctx.Done():
		case <-l.wake:
		case <-tick.C:
		}
	}
}

// work sends batches over one session until none is due. Chunks and rows due
// by themselves take turns, so that neither starves the other.
func (l *line) work(ctx context.Context, dueFirst bool) {
	permitted, try := l.breaker.permit(l.now())
	if !permitted {
		return
	}
	var session Session
	defer func() {
		if session != nil {
			_ = session.Close() // every result is recorded already
		}
	}()
	if try {
		var err error
		if session, err = l.open(ctx); err != nil {
			return
		}
	}
	for ; ctx.Err() == nil; dueFirst = !dueFirst {
		batch, err := l.outbox.Claim(ctx, Claim{Channel: l.name, Lease: l.settings.Lease, Limit: l.settings.Due, DueFirst: dueFirst})
		if err != nil {
			if ctx.Err() == nil {
				l.log.Error("claim deliveries", "channel", l.name, "error", err)
			}
			return
		}
		if batch.Size() == 0 {
			if batch.Settled == 0 {
				return
			}
			continue
		}
		signal(l.wake) // there may be more for the next one
		if session == nil {
			stop := l.keepLease(batch)
			session, err = l.open(ctx)
			stop()
			if err != nil {
				l.unreachable(ctx, batch, err)
				return
			}
		}
		if !l.send(ctx, session, batch) {
			return
		}
	}
}

// open opens a session and notes whether the channel can be reached.
func (l *line) open(ctx context.Context) (Session, error) {
	session, err := l.route.Channel.Open(ctx)
	switch {
	case err == nil:
		l.breaker.reached()
		l.health.reached(l.name)
		return session, nil
	case ctx.Err() == nil:
		l.down(err.Error())
	}
	return nil, err
}

// down notes that the channel cannot be reached.
func (l *line) down(words string) {
	l.breaker.failed(l.now())
	l.health.failed(l.name, words)
	l.log.Warn("channel cannot be reached", "channel", l.name, "error", words)
}

// unreachable records that a whole batch could not be tried: it is held for a
// retry.
func (l *line) unreachable(ctx context.Context, b Batch, err error) {
	if ctx.Err() != nil {
		l.release(b, everything(b))
		return
	}
	var results []Recorded
	for _, o := range everything(b) {
		results = append(results, l.settings.Retry.Follow(o, Result{Outcome: Unavailable, Answer: err.Error()}, l.now()))
	}
	l.record(b, results)
}

func everything(b Batch) []Outgoing {
	var all []Outgoing
	for _, g := range b.Groups {
		all = append(all, g.To...)
	}
	return all
}

// send hands a batch over slice by slice and records after each. When the
// context ends, the channel fails or the lease is lost, the slice in hand is
// finished and the rest given back; then it reports false.
func (l *line) send(ctx context.Context, s Session, b Batch) bool {
	left := everything(b)
	for _, g := range b.Groups {
		for slice := range slices.Chunk(g.To, max(1, l.settings.Slice)) {
			fit, ok := l.check(ctx, b, slice)
			if !ok {
				l.release(b, left)
				return false
			}
			reached := l.sendSlice(ctx, s, b, g.Text, fit)
			left = left[len(slice):]
			if !reached {
				l.release(b, left)
				return false
			}
		}
	}
	return true
}

// check leaves out, at the last moment, who left since the batch was claimed.
// It reports false when nothing of it may be sent from here now.
func (l *line) check(ctx context.Context, b Batch, slice []Outgoing) (fit []Outgoing, ok bool) {
	var gone map[Key]string
	err := l.insist(ctx, "check deliveries", func(ctx context.Context) (err error) {
		gone, err = l.outbox.Check(ctx, b, slice)
		return err
	})
	if err != nil || ctx.Err() != nil {
		return nil, false
	}
	var ended []Recorded
	for _, o := range slice {
		if reason, left := gone[o.Key]; left {
			ended = append(ended, Recorded{Outgoing: o, Result: Result{Outcome: Permanent, Answer: reason}, At: l.now(), State: Suppressed})
		} else {
			fit = append(fit, o)
		}
	}
	if len(ended) > 0 {
		l.record(b, ended)
	}
	return fit, true
}

// sendSlice sends to a few recipients and records what became of each. It is
// cut off by nothing but the channel's own time limits: what was begun is
// finished, so that its result is known. It reports whether the channel could
// be reached.
func (l *line) sendSlice(ctx context.Context, s Session, b Batch, text Text, to []Outgoing) bool {
	if len(to) == 0 {
		return true
	}
	recipients := make([]Recipient, len(to))
	for i, o := range to {
		recipients[i] = l.personal(text, o)
	}
	results := make([]Recorded, 0, len(to))
	var mu sync.Mutex
	stop := l.keepLease(b)
	s.Send(context.WithoutCancel(ctx), text, recipients, func(i int, r Result) {
		mu.Lock()
		defer mu.Unlock()
		results = append(results, l.settings.Retry.Follow(to[i], r, l.now()))
	})
	stop()
	for _, r := range results {
		about := "incident_id"
		if r.Event == stakeholders.ComponentChanged {
			about = "component_id"
		}
		l.log.Info("delivery", "notice_id", r.NoticeID, about, r.IncidentID, "channel", r.Channel, "state", r.State, "attempt", r.Attempt)
	}
	l.record(b, results)
	for _, r := range results {
		if r.Result.Outcome == Unavailable {
			l.down(r.Result.Answer)
			return false
		}
	}
	return true
}

// keepLease extends a batch's lease while its sending takes long; the function
// returned ends that.
func (l *line) keepLease(b Batch) func() {
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(l.settings.Lease / 3)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				l.record(b, nil)
			}
		}
	}()
	return func() { close(done); <-stopped }
}

// recordPatience bounds how long results wait for a database that is away;
// after that the lease runs out and they count as uncertain.
const recordPatience = time.Minute

// record writes results, trying again while the database is away.
func (l *line) record(b Batch, results []Recorded) {
	_ = l.insist(context.Background(), "record results", func(ctx context.Context) error { return l.outbox.Record(ctx, b, results) })
}

func (l *line) release(b Batch, rest []Outgoing) {
	_ = l.insist(context.Background(), "release deliveries", func(ctx context.Context) error { return l.outbox.Release(ctx, b, rest) })
}

// insist repeats an act until it is done or patience ends. What was sent must
// be written down: for that the context is not the worker's.
func (l *line) insist(ctx context.Context, act string, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, recordPatience)
	defer cancel()
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		err := do(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
			l.log.Error(act, "channel", l.name, "error", err)
		}
		if errors.Is(err, ErrLeaseLost) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}
