package notify

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
)

// Worker gets deliveries sent: it expands audiences, claims what is due, hands
// it to the channels and records what became of it.
type Worker struct {
	outbox   Outbox
	channels map[stakeholders.Channel]Route
	personal Personal
	now      func() time.Time
	log      *slog.Logger
	settings Settings
	observer Observer

	wake   chan struct{} // for the expander
	lines  map[stakeholders.Channel]*line
	health *health
}

// Route is a channel with how it is used.
type Route struct {
	Channel Channel
	// Sessions is how many connections there are at the same time while there is
	// enough to send: 1 to 64. A server that asks for less gets less.
	Sessions int
	// OneByOne says that a session sends one message after another: between two
	// of them it can turn to something more urgent.
	OneByOne bool
	// Extra is how many more sessions there may be while others wait for slow
	// receivers, where each receiver is a server of its own. 0: it is one server
	// that is slow, and more sessions would not help it.
	Extra int
	// Retry is when to try again on this channel; its zero value is as the
	// worker does everywhere.
	Retry Retry
}

// Personal makes what only one recipient's message carries, in the language of
// the text that all of its readers get.
type Personal func(Text, Outgoing) Recipient

// Settings are the worker's times and sizes; DefaultSettings has good ones.
type Settings struct {
	Poll  time.Duration // how often to look without being woken
	Lease time.Duration // how long a claim holds without a sign of life
	Slice int           // how many messages one session is handed at a time, at most
	Stock int           // how many are claimed ahead of those that are being sent
	Due   int           // how many due rows one claim takes
	Retry Retry
}

// DefaultSettings are the settings of a server.
func DefaultSettings() Settings {
	return Settings{Poll: time.Second, Lease: 30 * time.Second, Slice: 500, Stock: 500, Due: 100, Retry: DefaultRetry()}
}

// Config is what a worker works with.
type Config struct {
	Outbox   Outbox
	Channels map[stakeholders.Channel]Route
	Personal Personal
	Now      func() time.Time
	Log      *slog.Logger
	Settings Settings
	Observer Observer // nil: nobody counts
}

// NewWorker makes a worker; Run starts it.
func NewWorker(c Config) *Worker {
	w := &Worker{
		outbox: c.Outbox, channels: c.Channels, personal: c.Personal, now: c.Now, log: c.Log, settings: c.Settings, observer: c.Observer,
		wake: make(chan struct{}, 1), lines: map[stakeholders.Channel]*line{}, health: newHealth(c.Now),
	}
	for name, route := range c.Channels {
		w.lines[name] = newLine(w, name, route)
	}
	return w
}

// Wake says that something was committed: the worker looks at once instead of
// at its next tick. It never blocks.
func (w *Worker) Wake() { signal(w.wake) }

// Health says how each channel is.
func (w *Worker) Health() map[stakeholders.Channel]ChannelHealth { return w.health.all(w.channels) }

// Run works until the context ends and the sends in hand have finished.
func (w *Worker) Run(ctx context.Context) {
	var lines sync.WaitGroup
	for _, l := range w.lines {
		lines.Go(func() { l.run(ctx) })
	}
	w.expand(ctx)
	lines.Wait()
}

// expand works out audiences, one stretch after another, and wakes the lines
// after each: the first are told while the last are still being looked up.
func (w *Worker) expand(ctx context.Context) {
	tick := time.NewTicker(w.settings.Poll)
	defer tick.Stop()
	for {
		for ctx.Err() == nil {
			more, err := w.outbox.Expand(ctx)
			if err != nil && ctx.Err() == nil {
				w.log.Error("expand audience", "error", err)
			}
			if err != nil || !more {
				break
			}
			w.wakeLines()
		}
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		case <-tick.C:
		}
	}
}

func (w *Worker) wakeLines() {
	for _, l := range w.lines {
		signal(l.wake)
	}
}

// signal wakes whoever waits, or leaves a note for who will.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
