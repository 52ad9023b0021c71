package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// readingConnections is over how many connections a page is read.
const readingConnections = 32

// Reading asks for a page at a steady rate, as many readers do who know nothing
// of one another: a request is due whether the one before was answered or not,
// and its time counts from when it was due.
type Reading struct {
	end    context.CancelFunc
	all    sync.WaitGroup
	mu     sync.Mutex
	took   []time.Duration
	failed error
}

// Read begins to read a path of a server, rate times a second.
func Read(ctx context.Context, address, path string, rate int) *Reading {
	ctx, cancel := context.WithCancel(ctx)
	r := &Reading{end: cancel}
	began, next := time.Now(), &atomic.Int64{}
	for range readingConnections {
		r.all.Go(func() {
			took, err := read(ctx, address, path, func() time.Time {
				return began.Add(time.Duration(next.Add(1)) * time.Second / time.Duration(rate))
			})
			r.mu.Lock()
			defer r.mu.Unlock()
			r.took = append(r.took, took...)
			r.failed = errors.Join(r.failed, err)
		})
	}
	return r
}

// End ends the reading and says how long the answers took, the fastest first.
//
// Errors: an answer that is not 200, or none.
func (r *Reading) End() ([]time.Duration, error) {
	r.end()
	r.all.Wait()
	if r.failed == nil && len(r.took) == 0 {
		r.failed = errors.New("no page was read")
	}
	slices.Sort(r.took)
	return r.took, r.failed
}

// Percentile is the value that so many percent of sorted times do not exceed.
func Percentile(sorted []time.Duration, percent float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(float64(len(sorted))*percent/100))]
}

// read asks over one connection, each time when the next request is due.
func read(ctx context.Context, address, path string, due func() time.Time) (took []time.Duration, err error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // only read
	request := []byte("GET " + path + " HTTP/1.1\r\nHost: " + address + "\r\nAccept-Encoding: gzip\r\n\r\n")
	answers := bufio.NewReader(conn)
	for {
		at := due()
		select {
		case <-ctx.Done():
			return took, nil
		case <-time.After(time.Until(at)):
		}
		if _, err := conn.Write(request); err != nil {
			return took, err
		}
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			return took, err
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			return took, err
		}
		if answer.StatusCode != http.StatusOK {
			return took, fmt.Errorf("GET %s: %s", path, answer.Status)
		}
		took = append(took, time.Since(at))
	}
}
