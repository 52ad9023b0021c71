package notify

import (
	"sync"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
)

// ChannelHealth is how a channel is, as its last attempts showed.
type ChannelHealth struct {
	Up    bool
	Since time.Time // when it went down; zero while up
	Error string    // the last answer while down
}

// health remembers which channels could not be reached.
type health struct {
	now  func() time.Time
	mu   sync.Mutex
	down map[stakeholders.Channel]ChannelHealth
}

func newHealth(now func() time.Time) *health {
	return &health{now: now, down: map[stakeholders.Channel]ChannelHealth{}}
}

func (h *health) failed(channel stakeholders.Channel, words string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	known, ok := h.down[channel]
	if !ok {
		known.Since = h.now()
	}
	known.Error = words
	h.down[channel] = known
}

func (h *health) reached(channel stakeholders.Channel) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.down, channel)
}

func (h *health) all(channels map[stakeholders.Channel]Route) map[stakeholders.Channel]ChannelHealth {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := map[stakeholders.Channel]ChannelHealth{}
	for name := range channels {
		known, down := h.down[name]
		known.Up = !down
		all[name] = known
	}
	return all
}
