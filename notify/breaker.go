package notify

import (
	"sync"
	"time"
)

// breaker spares a channel that cannot be reached: nothing is claimed for it,
// and from time to time one goroutine tries whether it answers again. So an
// outage costs each message at most one attempt, whatever its length.
type breaker struct {
	pause Retry
	mu    sync.Mutex
	tries int       // since it was last reached
	next  time.Time // when to try again
}

// maxProbePause is the longest time between two tries of a channel that is
// down.
const maxProbePause = 30 * time.Second

func newBreaker(s Settings) *breaker {
	return &breaker{pause: Retry{First: s.Poll, Most: maxProbePause, Jitter: s.Retry.Jitter}}
}

// permit says whether to work now, and whether the channel must be tried
// before anything is claimed. One goroutine at a time is sent to try.
func (b *breaker) permit(now time.Time) (work, try bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tries == 0 {
		return true, false
	}
	// A pause that seems longer than any was begun before the clock was put back.
	if now.Before(b.next) && b.next.Sub(now) <= 2*maxProbePause {
		return false, false
	}
	b.next = now.Add(b.pause.Pause(b.tries))
	return true, true
}

// failed says that the channel could not be reached.
func (b *breaker) failed(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tries++
	b.next = now.Add(b.pause.Pause(b.tries))
}

// reached says that the channel answered.
func (b *breaker) reached() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tries = 0
}
