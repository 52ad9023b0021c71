package notify

import (
	"context"
	"sync"
	"time"
)

// grip is the hold that a lease gives on a batch, by this machine's own count:
// it ends before the lease does. A server that hung, or whose database was away
// for so long, must not go on with words that another server has overtaken.
type grip struct {
	context.Context // ends with it
	end             context.CancelFunc
	lasts           time.Duration

	mu    sync.Mutex
	timer *time.Timer
	until time.Time
}

// newGrip begins with a lease that was asked for at that time.
func newGrip(lease time.Duration, asked time.Time) *grip {
	g := &grip{lasts: lease * 5 / 6}
	g.Context, g.end = context.WithCancel(context.Background())
	g.until = asked.Add(g.lasts)
	g.timer = time.AfterFunc(time.Until(g.until), g.end)
	return g
}

// Err is not nil once the grip has ended. It looks at the time itself: in a
// server that hung and goes on, whoever asks may be ahead of the timer.
func (g *grip) Err() error {
	g.mu.Lock()
	if !time.Now().Before(g.until) {
		g.end()
	}
	g.mu.Unlock()
	return g.Context.Err()
}

// renew notes that the lease was extended by who asked at that time. What has
// ended stays ended.
func (g *grip) renew(asked time.Time) {
	if g.Err() != nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := asked.Add(g.lasts); until.After(g.until) {
		g.until = until
		g.timer.Reset(time.Until(until))
	}
}

// let gives it up.
func (g *grip) let() {
	g.timer.Stop()
	g.end()
}
