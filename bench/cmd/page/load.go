package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/allclear-status/allclear/bench"
)

// target is a server under load.
type target struct {
	name    string
	url     string
	process *bench.Process
}

// request is one kind of request.
type request struct {
	path        string
	connections int
	unchanged   bool // the visitor has the page already
}

// String names the request in a line of output.
func (r request) String() string {
	kind := "gzip"
	if r.unchanged {
		kind = "304"
	}
	return fmt.Sprintf("%s %s, %d connections", kind, r.path, r.connections)
}

// result is what one measurement found.
type result struct {
	bench.Load
	cpu time.Duration // of the server, per request
}

// load lets wrk ask for some seconds. A page that changes meanwhile turns 304
// into 200, which wrk cannot tell apart; then it is measured once more.
func (t target) load(ctx context.Context, r request, seconds int) (result, error) {
	for range 3 {
		before, err := get(ctx, t.url+r.path)
		if err != nil {
			return result{}, err
		}
		got, err := t.wrk(ctx, r, before.etag, seconds)
		if err != nil {
			return result{}, err
		}
		after, err := get(ctx, t.url+r.path)
		if err != nil {
			return result{}, err
		}
		if before.etag == after.etag {
			return got, nil
		}
	}
	return result{}, errors.New("the page does not stay the same for as long as one measurement takes")
}

func (t target) wrk(ctx context.Context, r request, etag string, seconds int) (result, error) {
	args := []string{"-t2", "-c" + strconv.Itoa(r.connections), "-d" + strconv.Itoa(seconds) + "s", "--latency", "-H", "Accept-Encoding: gzip"}
	if r.unchanged {
		args = append(args, "-H", "If-None-Match: "+etag)
	}
	before, err := t.process.CPU()
	if err != nil {
		return result{}, err
	}
	wrk, err := bench.Start(nil, "wrk", append(args, t.url+r.path)...)
	if err != nil {
		return result{}, err
	}
	if err := wrk.Wait(ctx); err != nil {
		return result{}, err
	}
	after, err := t.process.CPU()
	if err != nil {
		return result{}, err
	}
	load, err := bench.ParseWrk(wrk.Said())
	switch {
	case err != nil:
		return result{}, err
	case load.Requests == 0 || load.Refused > 0 || load.Broken > 0:
		return result{}, fmt.Errorf("of %d requests %d were refused and %d not answered", load.Requests, load.Refused, load.Broken)
	}
	return result{Load: load, cpu: (after - before) / time.Duration(load.Requests)}, nil
}

// document is one answer.
type document struct {
	etag     string
	encoding string
	body     []byte
}

// get asks as wrk does, without unpacking.
func get(ctx context.Context, url string) (document, error) { return getAs(ctx, url, "gzip") }

func getAs(ctx context.Context, url, encoding string) (d document, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return d, err
	}
	r.Header.Set("Accept-Encoding", encoding) // said by us, so net/http leaves the body as it is
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return d, err
	}
	defer func() { _ = response.Body.Close() }() // only read
	if response.StatusCode != http.StatusOK {
		return d, fmt.Errorf("GET %s: %s", url, response.Status)
	}
	d.etag, d.encoding = response.Header.Get("ETag"), response.Header.Get("Content-Encoding")
	d.body, err = io.ReadAll(response.Body)
	return d, err
}
