package safehttp

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Limits are how a host that receives messages is treated. Zero fields have
// good values.
type Limits struct {
	AtOnce int           // messages under way to one host; 0: 16
	Every  time.Duration // between two messages to one address; 0: 1 s; below 0: none
	Fails  int           // failures in a row after which a host is left alone; 0: 3
	First  time.Duration // for how long at first; 0: 15 s
	Most   time.Duration // and at most; 0: 5 min
	Wait   time.Duration // how long a message may wait here for its turn; 0: 2 s
	// Slow is how old the oldest message under way to a host may be before no
	// more follow it; 0: 3 s.
	Slow time.Duration
}

func (l Limits) complete() Limits {
	set := func(d *time.Duration, good time.Duration) {
		if *d == 0 {
			*d = good
		}
	}
	set(&l.Every, time.Second)
	set(&l.First, 15*time.Second)
	set(&l.Most, 5*time.Minute)
	set(&l.Wait, 2*time.Second)
	set(&l.Slow, 3*time.Second)
	if l.AtOnce <= 0 {
		l.AtOnce = 16
	}
	if l.Fails <= 0 {
		l.Fails = 3
	}
	return l
}

// Hosts keeps each host that receives messages to itself: one that hangs, fails
// or asks for patience holds up no message to another. It is safe for use by
// several goroutines.
type Hosts struct {
	limits Limits
	now    func() time.Time
	mu     sync.Mutex
	hosts  map[string]*host
}

// host is what is known of one receiving host.
type host struct {
	underway map[*Visit]time.Time // since when
	changed  chan struct{}        // closed when a visit ends
	answered time.Time            // when it last answered
	fails    int
	rests    time.Time            // until when nothing is sent to it
	next     map[string]time.Time // when each address may have its next message
}

// NewHosts knows no host yet.
func NewHosts(l Limits) *Hosts {
	return &Hosts{limits: l.complete(), now: time.Now, hosts: map[string]*host{}}
}

// Visit is one message under way.
type Visit struct {
	hosts   *Hosts
	host    *host
	address string
}

// Enter asks to send a message to an address, and waits a little for its turn.
// Nil says that the message cannot go now, and when to ask again. Who got a
// visit must leave it.
func (h *Hosts) Enter(ctx context.Context, to *url.URL) (*Visit, time.Time) {
	v := &Visit{hosts: h, address: to.String()}
	last := h.now().Add(h.limits.Wait)
	for {
		at, changed := h.try(v, plainHost(to.Hostname())+":"+to.Port())
		now := h.now()
		switch {
		case at.IsZero() && changed == nil:
			return v, at
		case at.IsZero() && now.Before(last): // it may be soon
			at = last
		case at.IsZero():
			return nil, now.Add(h.limits.Wait)
		case at.After(last), ctx.Err() != nil:
			return nil, at
		}
		pause := time.NewTimer(at.Sub(now))
		select {
		case <-ctx.Done():
			pause.Stop()
			return nil, at
		case <-pause.C:
		case <-changed:
		}
		pause.Stop()
	}
}

// recent is for how long an answer speaks for a host. Until it has answered, a
// host gets one message at a time: it may be one that hangs.
const recent = 10 * time.Minute

// try begins a visit. Else it says when to try again; where it cannot know,
// changed is closed when there may be room.
func (h *Hosts) try(v *Visit, name string) (at time.Time, changed <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	k, ok := h.hosts[name]
	if !ok {
		h.forget(now)
		k = &host{underway: map[*Visit]time.Time{}, changed: make(chan struct{}), next: map[string]time.Time{}}
		h.hosts[name] = k
	}
	v.host = k
	switch next := k.next[v.address]; {
	case k.rests.After(now):
		return k.rests, k.changed
	case len(k.underway) > 0 && k.slow(now, h.limits.Slow):
		return now.Add(h.limits.Slow + h.limits.Wait), k.changed
	case len(k.underway) >= h.limits.AtOnce, len(k.underway) > 0 && (k.fails > 0 || now.Sub(k.answered) > recent):
		return time.Time{}, k.changed
	case next.After(now):
		return next, k.changed
	}
	if h.limits.Every > 0 {
		if len(k.next) >= maxKnown {
			k.prune(now)
		}
		k.next[v.address] = now.Add(h.limits.Every)
	}
	k.underway[v] = now
	return time.Time{}, nil
}

// slow says whether a message is under way for longer than usual.
func (k *host) slow(now time.Time, limit time.Duration) bool {
	for _, since := range k.underway {
		if now.Sub(since) > limit {
			return true
		}
	}
	return false
}

// maxKnown bounds how many hosts, and addresses of one, are remembered before
// those with nothing to say are forgotten.
const maxKnown = 1000

func (h *Hosts) forget(now time.Time) {
	if len(h.hosts) < maxKnown {
		return
	}
	for name, known := range h.hosts {
		known.prune(now)
		if len(known.underway) == 0 && len(known.next) == 0 && !known.rests.After(now) {
			delete(h.hosts, name)
		}
	}
}

func (k *host) prune(now time.Time) {
	for address, next := range k.next {
		if !next.After(now) {
			delete(k.next, address)
		}
	}
}

// Leave ends a visit with its answer. Where the address asked for patience, no
// message goes there before that time.
func (v *Visit) Leave(a Answer, again time.Time) {
	h, k := v.hosts, v.host
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	delete(k.underway, v)
	close(k.changed)
	k.changed = make(chan struct{})
	if again.After(k.next[v.address]) {
		k.next[v.address] = again
	}
	if a.Err == nil && a.Code < http.StatusInternalServerError {
		k.fails, k.rests, k.answered = 0, time.Time{}, now
		return
	}
	if k.fails++; k.fails >= h.limits.Fails {
		pause := h.limits.First << min(k.fails-h.limits.Fails, 10)
		k.rests = now.Add(min(pause, h.limits.Most))
	}
}
