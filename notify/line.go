package notify

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
)

// line is one channel's part of the worker: somebody who claims, a few who
// send, each with a session that it keeps while there is work, and somebody who
// writes down what became of it.
type line struct {
	*Worker
	name    stakeholders.Channel
	route   Route
	wake    chan struct{}
	breaker *breaker
	stock   *stock
	marks   chan mark
	spare   chan Session    // opened to see whether the channel answers again
	lasting context.Context // as long as results can be written down
}

// maxSessions bounds how many connections one channel uses at the same time.
const maxSessions = 64

func newLine(w *Worker, name stakeholders.Channel, route Route) *line {
	route.Sessions = min(maxSessions, max(1, route.Sessions))
	route.Extra = min(maxSessions-route.Sessions, max(0, route.Extra))
	if route.Retry == (Retry{}) {
		route.Retry = w.settings.Retry
	}
	return &line{
		Worker: w, name: name, route: route, wake: make(chan struct{}, 1), breaker: newBreaker(w.settings),
		stock: newStock(route.Sessions, route.Extra, w.settings), marks: make(chan mark, markMost), spare: make(chan Session, 1),
	}
}

// run works until the context ends and what is in hand has finished.
func (l *line) run(ctx context.Context) {
	lasting, end := context.WithCancel(context.Background())
	defer end()
	l.lasting = lasting
	defer context.AfterFunc(ctx, func() {
		if l.within(finish) {
			return
		}
		l.stock.cutOff()
		if !l.within(patience) {
			end()
		}
	})()
	var senders, marker sync.WaitGroup
	marker.Go(l.mark)
	for range l.route.Sessions + l.route.Extra {
		senders.Go(func() { l.serve(ctx) })
	}
	l.claim(ctx)
	l.giveUp(true)
	senders.Wait()
	close(l.marks)
	marker.Wait()
	l.closeSpare()
}

// finish bounds how long the slices in hand may take when the worker is to
// stop. After that a session ends with the message that it is handing over.
const finish = 5 * time.Second

// within waits until the line has come to its end, at most so long.
func (l *line) within(d time.Duration) bool {
	select {
	case <-l.lasting.Done():
		return true
	case <-time.After(d):
		return false
	}
}

// claim fills the stock, and waits while there is enough or nothing is due.
// Chunks and rows due by themselves take turns, so that neither starves the
// other. Whatever is more urgent than all of the stock is claimed at once.
func (l *line) claim(ctx context.Context) {
	tick := time.NewTicker(l.settings.Poll)
	defer tick.Stop()
	for dueFirst := false; ctx.Err() == nil; {
		for ctx.Err() == nil && l.claimOne(ctx, dueFirst) {
			dueFirst = !dueFirst
		}
		select {
		case <-ctx.Done():
		case <-l.wake:
		case <-l.stock.low:
		case <-tick.C:
		}
	}
}

// claimOne claims once, and reports whether there may be more to claim.
func (l *line) claimOne(ctx context.Context, dueFirst bool) bool {
	before, wanted := l.stock.wants()
	if !wanted {
		return false
	}
	permitted, try := l.breaker.permit(l.now())
	if !permitted {
		return false
	}
	if try {
		session, err := l.open(ctx)
		if err != nil {
			return false
		}
		l.closeSpare()
		l.spare <- session
	}
	asked := time.Now()
	batch, err := l.outbox.Claim(ctx, Claim{Channel: l.name, Lease: l.settings.Lease, Limit: l.settings.Due, DueFirst: dueFirst, Before: before, Mine: l.stock.leases()})
	if err != nil {
		if ctx.Err() == nil {
			l.log.Error("claim deliveries", "channel", l.name, "error", err)
		}
		return false
	}
	if batch.Size() == 0 {
		if batch.Settled == 0 {
			l.closeSpare()
			return false
		}
		return true
	}
	if h, ok := l.stock.put(batch, newGrip(l.settings.Lease, asked)); !ok {
		h.grip.let()
		l.release(batch, everything(h.Batch))
	}
	return true
}

// closeSpare ends the session that nobody needed.
func (l *line) closeSpare() {
	select {
	case session := <-l.spare:
		_ = session.Close()
	default:
	}
}

// serve sends slices over one session, as long as there are some. It keeps the
// session for a moment when there are none.
func (l *line) serve(ctx context.Context) {
	var session Session
	hangUp := func() {
		if session != nil {
			_ = session.Close() // every result is reported already
			session = nil
		}
	}
	defer hangUp()
	idle := time.NewTimer(l.settings.Poll)
	defer idle.Stop()
	for ctx.Err() == nil {
		took, ok := l.stock.take()
		if ok {
			session = l.handle(ctx, session, took)
			continue
		}
		idle.Reset(l.settings.Poll)
		select {
		case <-ctx.Done():
		case <-l.stock.more:
		case <-idle.C:
			hangUp()
			select {
			case <-ctx.Done():
			case <-l.stock.more:
			}
		}
	}
}

// handle sends one slice and returns the session for the next; none when the
// channel cannot be reached.
func (l *line) handle(ctx context.Context, session Session, s slice) Session {
	began, busy, reached := l.now(), false, false
	if session == nil {
		var err error
		if session, err = l.take(ctx); err != nil {
			l.unreachable(ctx, s, err)
			l.stock.done(s, 0, false)
			return nil
		}
		began = l.now()
	}
	if fit, ok := l.check(ctx, s); ok {
		if busy, reached = l.send(session, slice{s.hand, s.text, fit, s.turn}); !reached {
			l.giveUp(false)
		}
	} else {
		reached = true // it was not tried
		l.giveBack(s.hand, s.to)
	}
	l.stock.done(s, l.now().Sub(began), busy)
	if !reached {
		_ = session.Close() // every result is reported already
		return nil
	}
	return session
}

// take opens a session, or takes the one that was opened for a try.
func (l *line) take(ctx context.Context) (Session, error) {
	select {
	case session := <-l.spare:
		return session, nil
	default:
		return l.open(ctx)
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

// unreachable records that a slice could not be tried: it is held for a retry.
// The rest of the stock goes back, as if it had never been claimed.
func (l *line) unreachable(ctx context.Context, s slice, err error) {
	if ctx.Err() != nil {
		l.giveBack(s.hand, s.to)
		return
	}
	for _, o := range s.to {
		l.marks <- mark{s.hand, l.route.Retry.Follow(o, Result{Outcome: Unavailable, Answer: err.Error()}, l.now())}
	}
	l.giveUp(false)
}

// giveBack releases a slice that was not handed to anybody, and with it what is
// left of its batch, now or when the rest is written down.
func (l *line) giveBack(h *hand, rest []Outgoing) {
	if rest := l.stock.giveBack(h, rest); len(rest) > 0 {
		l.release(h.Batch, rest)
	}
}

// giveUp releases all of the stock that nobody has taken; for good when the line
// ends.
func (l *line) giveUp(ending bool) {
	for h, rest := range l.stock.clear(ending) {
		l.release(h.Batch, rest)
	}
}

func everything(b Batch) []Outgoing {
	var all []Outgoing
	for _, g := range b.Groups {
		all = append(all, g.To...)
	}
	return all
}

// check leaves out, at the last moment, who left since the batch was claimed.
// It reports false when nothing of it may be sent from here now.
func (l *line) check(ctx context.Context, s slice) (fit []Outgoing, ok bool) {
	var gone map[Key]string
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := l.insist(within, "check deliveries", func(ctx context.Context) (err error) {
		gone, err = l.outbox.Check(ctx, s.hand.Batch, s.to)
		return err
	})
	if err != nil || ctx.Err() != nil || s.hand.grip.Err() != nil {
		return nil, false
	}
	if len(gone) == 0 {
		return s.to, true
	}
	for _, o := range s.to {
		if reason, left := gone[o.Key]; left {
			l.marks <- mark{s.hand, Recorded{Outgoing: o, Result: Result{Outcome: Permanent, Answer: reason}, At: l.now(), State: Suppressed}}
		} else {
			fit = append(fit, o)
		}
	}
	return fit, true
}

// portionTime is about how long a session is deaf to what is more urgent.
const portionTime = 200 * time.Millisecond

// send sends a slice, portion by portion where the channel sends one message
// after another. When something more urgent came in, or the slice takes long,
// what is left of it goes back into the stock: however slow the server is, a
// small important audience waits for the messages under way and no others.
func (l *line) send(session Session, s slice) (busy, reached bool) {
	portion := len(s.to)
	if l.route.OneByOne {
		portion = 1
	}
	reached = true
	for began, rest := l.now(), s.to; len(rest) > 0; {
		at, n := l.now(), min(portion, len(rest))
		var complaint bool
		complaint, reached = l.sendPortion(session, slice{s.hand, s.text, rest[:n:n], s.turn})
		busy, rest = busy || complaint, rest[n:]
		switch now := l.now(); {
		case len(rest) == 0:
		case !reached, s.hand.grip.Err() != nil, now.Sub(began) > longSlice, l.stock.urgent(s.hand):
			if gone := l.stock.putBack(s, rest); len(gone) > 0 {
				l.release(s.hand.Batch, gone)
			}
			return busy, reached
		case now.Sub(at) < portionTime:
			portion *= 2
		default:
			portion = max(1, portion/2)
		}
	}
	return busy, reached
}

// sendPortion sends to a few recipients and has written down what became of each. It
// is cut off by nothing but the channel's own time limits and the end of the
// lease: what was begun is finished, so that its result is known. It reports
// whether the server wants less at a time, and whether the channel could be
// reached.
func (l *line) sendPortion(session Session, s slice) (busy, reached bool) {
	s.text = s.text.AsOf(l.now())
	recipients := make([]Recipient, len(s.to))
	for i, o := range s.to {
		recipients[i] = l.personal(s.text, o)
	}
	var mu sync.Mutex
	var failure *Result
	session.Send(s.hand.grip, s.text, recipients, func(i int, r Result) {
		mu.Lock()
		busy = busy || r.Busy
		if r.Outcome == Unavailable && failure == nil {
			failure = &r
		}
		mu.Unlock()
		recorded := l.route.Retry.Follow(s.to[i], r, l.now())
		l.observe(s.text, recorded)
		l.logged(recorded)
		l.marks <- mark{s.hand, recorded}
	})
	if failure != nil {
		l.down(failure.Answer)
	}
	return busy, failure == nil
}

// logged says what became of a delivery. That it was sent stands in the ledger;
// a million lines of that would hide the others.
func (l *line) logged(r Recorded) {
	level := slog.LevelInfo
	if r.State == Sent {
		level = slog.LevelDebug
	}
	if !l.log.Enabled(context.Background(), level) {
		return
	}
	about := "incident_id"
	if r.Event == stakeholders.ComponentChanged {
		about = "component_id"
	}
	l.log.Log(context.Background(), level, "delivery",
		"notice_id", r.NoticeID, about, r.IncidentID, "channel", r.Channel, "state", r.State, "attempt", r.Attempt)
}

// patience bounds how long a database that is away is waited for, except with
// results: they wait as long as the worker runs, and then so long again. What
// is never written down counts as uncertain.
const patience = time.Minute

// record writes results and extends the lease, trying again while the database
// is away.
func (l *line) record(h *hand, results []Recorded) {
	var asked time.Time
	if err := l.insist(l.lasting, "record results", func(ctx context.Context) error {
		asked = time.Now()
		return l.outbox.Record(ctx, h.Batch, results)
	}); err == nil {
		h.grip.renew(asked)
	}
}

func (l *line) release(b Batch, rest []Outgoing) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = l.insist(ctx, "release deliveries", func(ctx context.Context) error { return l.outbox.Release(ctx, b, rest) })
}

// insist repeats an act until it is done or the context ends. What was sent must
// be written down: for that the context is not the worker's.
func (l *line) insist(ctx context.Context, act string, do func(context.Context) error) error {
	once := func() error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		return do(ctx)
	}
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		err := once()
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
