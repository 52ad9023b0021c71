package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// relay is one mail server that takes our mail, with what is known of it now.
type relay struct {
	server    Server
	tlsConfig *tls.Config
	scrub     scrubber
	pace      *pace
	slots     chan struct{} // one for each connection
	now       func() time.Time

	mu      sync.Mutex
	fails   int       // since it last answered
	next    time.Time // when to try it again
	doubted time.Time // until when (see doubt)
}

// How long a relay that failed is left alone while another answers.
const (
	firstRest = time.Second
	mostRest  = time.Minute
)

func newRelay(s Server, given *tls.Config, now func() time.Time) *relay {
	return &relay{server: s, tlsConfig: newTLSConfig(s, given), scrub: newScrubber(s), pace: newPace(float64(s.Rate), now),
		slots: make(chan struct{}, s.Connections), now: now}
}

func newTLSConfig(s Server, given *tls.Config) *tls.Config {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if given != nil {
		cfg = given.Clone()
	} else if s.TLS == TLSOpportunistic && s.Loopback() {
		// A mail server on this machine usually has a certificate that it made
		// itself, and nobody stands in between.
		cfg.InsecureSkipVerify = true
	}
	if cfg.ServerName == "" {
		cfg.ServerName = s.Host
	}
	return cfg
}

// rested says whether the relay is to be tried before one that failed less.
func (r *relay) rested() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fails == 0 || !r.now().Before(r.next)
}

// failed leaves the relay alone for a while, longer each time.
func (r *relay) failed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	rest := mostRest
	if r.fails < 6 {
		rest = firstRest << r.fails
	}
	r.fails++
	r.next = r.now().Add(rest)
}

// answered says that the relay is there.
func (r *relay) answered() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fails = 0
}

// doubtFor is how long a server is sent one command at a time that fell silent
// when it was sent several.
const doubtFor = time.Hour

// doubt notes that the server offered PIPELINING and fell silent in the midst
// of it, or lost count: some throw away what they did not wait for.
func (r *relay) doubt() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.doubted = r.now().Add(doubtFor)
}

func (r *relay) inDoubt() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now().Before(r.doubted)
}

// heed slows down when a server asks for it. What it says of one mailbox is
// not about us.
func (r *relay) heed(f *fault) {
	if f == nil || f.code < 400 || f.code >= 500 {
		return
	}
	if f.code != 421 && f.stage == stageRcpt && (strings.HasPrefix(f.words, "4.1.") || strings.HasPrefix(f.words, "4.2.")) {
		return
	}
	r.pace.slow()
}

// take takes one of the relay's connections, if there is one.
func (r *relay) take() bool {
	select {
	case r.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

// free gives a connection back.
func (r *relay) free() { <-r.slots }

// counted is a connection that gives its place back when it is closed.
type counted struct {
	net.Conn
	free func()
}

// Close implements net.Conn. The place is free when the connection is closed and
// not before: some servers count, and refuse one more than agreed.
func (c counted) Close() error {
	defer c.free()
	return c.Conn.Close()
}

// order is in which order to try the relays: as the settings have them, those
// that failed lately last.
func (c *Channel) order() []*relay {
	var first, last []*relay
	for _, r := range c.relays {
		if r.rested() {
			first = append(first, r)
		} else {
			last = append(last, r)
		}
	}
	return append(first, last...)
}

// dial opens a line to the first relay that answers. When all connections of
// those that do are in use, it waits for one. The error is fit to show.
func (c *Channel) dial(ctx context.Context) (*line, error) {
	var words []string
	var busy *relay
	for _, r := range c.order() {
		if !r.take() {
			if busy == nil {
				busy = r
			}
			continue
		}
		l, err := c.dialRelay(ctx, r)
		if err == nil || ctx.Err() != nil {
			return l, err
		}
		words = append(words, err.Error())
	}
	if busy == nil {
		return nil, errors.New(strings.Join(words, "; "))
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case busy.slots <- struct{}{}:
		return c.dialRelay(ctx, busy)
	}
}

// dialRelay opens a line to one relay, of which a connection was taken.
func (c *Channel) dialRelay(ctx context.Context, r *relay) (*line, error) {
	free := sync.OnceFunc(r.free)
	l, err := c.reach(ctx, r, free)
	if err != nil {
		free()
		if ctx.Err() == nil {
			r.failed()
		}
		return nil, fmt.Errorf("connect to mail server %s: %w", r.server, err)
	}
	r.answered()
	return l, nil
}
