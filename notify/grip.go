package notify

import (
	"context"
	"time"
)

// grip is the hold that a lease gives on a batch, by this machine's own count:
// it ends before the lease does. A server that hung, or whose database was away
// for so long, must not go on with words that another server has overtaken.
type grip struct {
	context.Context // ends with it
	end             context.CancelFunc
	timer           *time.Timer
	lasts           time.Duration
}

// newGrip begins with a lease that was asked for at that time.
func newGrip(lease time.Duration, asked time.Time) *grip {
	g := &grip{lasts: lease * 5 / 6}
	g.Context, g.end = context.WithCancel(context.Background())
	g.timer = time.AfterFunc(g.lasts-time.Since(asked), g.end)
	return g
}

// renew notes that the lease was extended by who asked at that time. What has
// ended stays ended.
func (g *grip) renew(asked time.Time) {
	if left := g.lasts - time.Since(asked); left > 0 && g.Err() == nil {
		g.timer.Reset(left)
	}
}

// let gives it up.
func (g *grip) let() {
	g.timer.Stop()
	g.end()
}
