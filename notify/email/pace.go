package email

import (
	"context"
	"sync"
	"time"
)

// pace spreads the messages over time for one mail server: not more in a
// second than its URL says, and fewer while the server asks for it.
type pace struct {
	now func() time.Time

	mu    sync.Mutex
	limit float64 // messages in a second; 0: as many as it takes
	// rate is what is allowed now; 0: as the limit says. It halves when the
	// server is overrun and grows back while it is not.
	rate   float64
	aim    float64   // where rate grows back to
	grown  time.Time // when rate was last changed
	slowed time.Time // when it was last halved
	next   time.Time // when the next message may go
	window time.Time // since when sent counts
	sent   int
	seen   float64 // messages in a second, as last measured
}

const (
	minRate   = 1.0         // a server that answers at all gets as much
	regrow    = time.Minute // from nothing to the aim
	slowAgain = time.Second // several sessions that hear the same count once
)

func newPace(limit float64, now func() time.Time) *pace { return &pace{now: now, limit: limit} }

// reserve takes the next place in line and says how long to wait for it.
func (p *pace) reserve() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.measure(now)
	p.grow(now)
	rate := p.current()
	if rate == 0 {
		return 0
	}
	if p.next.Before(now) {
		p.next = now
	}
	wait := p.next.Sub(now)
	p.next = p.next.Add(time.Duration(float64(time.Second) / rate))
	return wait
}

// current is the rate that holds now; 0: any.
func (p *pace) current() float64 {
	if p.rate > 0 {
		return p.rate
	}
	return p.limit
}

// measure counts what is sent: it is what an unlimited rate is halved from.
func (p *pace) measure(now time.Time) {
	if passed := now.Sub(p.window); passed >= time.Second {
		p.seen = float64(p.sent) / passed.Seconds()
		p.window, p.sent = now, 0
	}
	p.sent++
}

// grow lets a rate that was halved come back.
func (p *pace) grow(now time.Time) {
	if p.rate == 0 {
		return
	}
	p.rate += p.aim * float64(now.Sub(p.grown)) / float64(regrow)
	p.grown = now
	if p.rate >= p.aim {
		p.rate = 0
	}
}

// slow halves the rate: the server is overrun.
func (p *pace) slow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if now.Sub(p.slowed) < slowAgain {
		return
	}
	p.grow(now)
	from := p.current()
	if from == 0 {
		from = max(p.seen, float64(p.sent))
	}
	if p.rate == 0 {
		p.aim = from
		if p.limit == 0 {
			p.aim = max(from, 2*minRate)
		}
	}
	p.rate, p.grown, p.slowed = max(from/2, minRate), now, now
}

// wait lets the next message go when its time has come; false means that the
// context ended first.
func (p *pace) wait(ctx context.Context) bool {
	pause := p.reserve()
	if pause <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
