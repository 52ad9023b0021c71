package browser

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// recording is what the tab has asked for and complained about so far.
type recording struct {
	mu       sync.Mutex
	requests []string
	problems []string
}

type recordingKey struct{}

// record starts the browser and writes down its events from then on.
func record(ctx context.Context) (context.Context, error) {
	r := &recording{}
	ctx = context.WithValue(ctx, recordingKey{}, r)
	return ctx, chromedp.Listen(ctx, r.take)
}

// Requests is the address of every request the tab has tried to make, in
// order: pages, redirects, frames, images, styles, fonts, scripts, fetches and
// WebSockets, whether or not an answer came.
func Requests(ctx context.Context) []string {
	r := of(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

// ForeignRequests are those of Requests that would have left the machine: to
// any host but 127.0.0.1, ::1 and localhost.
func ForeignRequests(ctx context.Context) []string {
	return slices.DeleteFunc(Requests(ctx), isLocal)
}

// Problems is what a visitor would read in red in the console: exceptions that
// no script caught, refusals by the content security policy, missing files.
func Problems(ctx context.Context) []string {
	r := of(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.problems)
}

func of(ctx context.Context) *recording {
	r, ok := ctx.Value(recordingKey{}).(*recording)
	if !ok {
		panic("browser: the context is not from browser.New")
	}
	return r
}

func (r *recording) take(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		r.requests = append(r.requests, e.Request.URL)
	case *network.EventWebSocketCreated:
		r.requests = append(r.requests, e.URL)
	case *network.EventWebTransportCreated:
		r.requests = append(r.requests, e.URL)
	case *runtime.EventExceptionThrown:
		r.problems = append(r.problems, exceptionText(e.ExceptionDetails))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			r.problems = append(r.problems, strings.TrimSpace(e.Entry.Text+" "+e.Entry.URL))
		}
	}
}

func exceptionText(details *runtime.ExceptionDetails) string {
	if details.Exception != nil && details.Exception.Description != "" {
		return details.Exception.Description
	}
	return details.Text
}

// isLocal says whether fetching the address stays on the machine. What is no
// address of a host, such as data: and about:blank, does.
func isLocal(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "data", "blob", "about", "chrome", "chrome-error":
		return true
	}
	switch u.Hostname() {
	case "127.0.0.1", "::1", "localhost":
		return true
	}
	return false
}
