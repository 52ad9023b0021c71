package notify

import (
	"math/rand/v2"
	"time"
)

// Retry says when to try again: growing pauses with jitter, until an age.
type Retry struct {
	First  time.Duration // before the second attempt
	Most   time.Duration // the longest pause
	Jitter float64       // each pause varies by this share, up and down
	MaxAge time.Duration // after this long since the decision to tell, give up
}

// DefaultRetry tries for a day: 15 s, 30 s, 1 min … 15 min.
func DefaultRetry() Retry {
	return Retry{First: 15 * time.Second, Most: 15 * time.Minute, Jitter: 0.2, MaxAge: 24 * time.Hour}
}

// ChatRetry tries for a day, too, but soon and often: a chat is away for seconds
// rather than minutes, and there a message is worth most while it is new.
func ChatRetry() Retry {
	return Retry{First: 5 * time.Second, Most: 5 * time.Minute, Jitter: 0.2, MaxAge: 24 * time.Hour}
}

// Pause is how long to wait after the given attempt, from 1.
func (r Retry) Pause(attempt int) time.Duration {
	pause := r.First
	for i := 1; i < attempt && pause < r.Most; i++ {
		pause *= 2
	}
	pause = min(pause, r.Most)
	return time.Duration(float64(pause) * (1 + r.Jitter*(2*rand.Float64()-1)))
}

// maxRetryAfter bounds how far a server may put us off.
const maxRetryAfter = time.Hour

// maxOutagePause bounds the pause while a channel as a whole cannot be reached:
// the fault is not the recipient's, and everybody is to be told soon after it
// is back.
const maxOutagePause = 2 * time.Minute

// Follow turns a result into what is recorded: the state, and when to try
// again.
func (r Retry) Follow(o Outgoing, result Result, now time.Time) Recorded {
	rec := Recorded{Outgoing: o, Result: result, At: now}
	switch result.Outcome {
	case Delivered:
		rec.State = Sent
		return rec
	case Permanent:
		rec.State = Failed
		return rec
	case UncertainSent:
		rec.State = Uncertain
	default:
		rec.State = Pending
	}
	rec.RetryAt = now.Add(r.Pause(o.Attempt))
	if latest := now.Add(maxOutagePause); result.Outcome == Unavailable && rec.RetryAt.After(latest) {
		rec.RetryAt = latest
	}
	if result.Outcome == RateLimited && result.RetryAt.After(now) {
		rec.RetryAt = result.RetryAt
		if latest := now.Add(maxRetryAfter); rec.RetryAt.After(latest) {
			rec.RetryAt = latest
		}
	}
	if rec.RetryAt.Sub(o.CreatedAt) > r.MaxAge {
		rec.RetryAt = time.Time{}
		if rec.State == Pending {
			rec.State = Failed
		}
	}
	return rec
}
