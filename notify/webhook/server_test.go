package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/safehttp"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/notifytest"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// secretPart is in every address.
const secretPart = "s3cretPartOfTheAddress"

// receiver is a subscriber's program.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	taken []message
}

type message struct {
	path   string
	header http.Header
	body   []byte
}

// startReceiver answers by a handler that says whether it took the message.
func startReceiver(t *testing.T, answer func(w http.ResponseWriter, r *http.Request) bool) *receiver {
	t.Helper()
	s := &receiver{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil && answer(w, r) {
			s.mu.Lock()
			s.taken = append(s.taken, message{r.URL.Path, r.Header.Clone(), body})
			s.mu.Unlock()
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *receiver) messages() []message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]message(nil), s.taken...)
}

func accept(w http.ResponseWriter, _ *http.Request) bool {
	w.WriteHeader(http.StatusNoContent)
	return true
}

func refuse(code int, words string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, words+" "+r.URL.Path)
		return false
	}
}

// recipient is the n-th subscriber of a server.
func recipient(base string, n int) notify.Recipient {
	return notify.Recipient{
		Address:   fmt.Sprintf("%s/hooks/%s%d", base, secretPart, n),
		MessageID: fmt.Sprintf("7.%d@status.acme.example", n),
		LeaveURL:  fmt.Sprintf("https://status.acme.example/unsubscribe/%d", n),
	}
}

// payload is what cmd hands in, without a database.
func payload(_ context.Context, text notify.Text) ([]byte, error) {
	c := text.Content
	r := status.Record{Page: status.Page{ID: "dm4k2t8vxq1z", URL: c.PageURL, TimeZone: c.TimeZone}}
	i := status.Incident{ID: c.IncidentID, Name: c.Title, Status: c.Status, Impact: c.Impact, CreatedAt: c.StartedAt, StartedAt: c.StartedAt, UpdatedAt: c.PostedAt,
		Updates: []status.Update{{ID: "t1t1t1t1t1t1", IncidentID: c.IncidentID, Status: c.Status, Body: c.Body, CreatedAt: c.PostedAt, UpdatedAt: c.PostedAt, DisplayAt: c.PostedAt}}}
	return json.Marshal(statuspage.IncidentWebhook(r, i, c.PostedAt))
}

// newTestChannel is a channel that may reach this machine.
func newTestChannel(t *testing.T, cfg Config) *Channel {
	t.Helper()
	guard, err := safehttp.ParseGuard("127.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Guard = guard
	return started(t, cfg)
}

// started is a channel whose connections end with the test.
func started(t *testing.T, cfg Config) *Channel {
	t.Helper()
	if cfg.Payload == nil {
		cfg.Payload = payload
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = time.Minute
	}
	if cfg.Limits.Every == 0 {
		cfg.Limits.Every = -1
	}
	c := New(cfg)
	t.Cleanup(c.client.CloseIdleConnections)
	return c
}

// post sends to some subscribers.
func post(t *testing.T, ctx context.Context, c *Channel, to ...notify.Recipient) []notify.Result {
	t.Helper()
	s, err := c.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	results := make([]notify.Result, len(to))
	var mu sync.Mutex
	s.Send(ctx, notifytest.Text(), to, func(i int, r notify.Result) {
		mu.Lock()
		defer mu.Unlock()
		results[i] = r
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Outcome == "" || r.Answer == "" || strings.Contains(r.Answer, secretPart) || strings.Contains(r.Answer, "/hooks/") {
			t.Errorf("%+v", r)
		}
	}
	return results
}

func TestSuite(t *testing.T) {
	notifytest.Run(t, func(t *testing.T, b notifytest.Behaviour) notifytest.Rig {
		release := make(chan struct{})
		s := startReceiver(t, func(w http.ResponseWriter, r *http.Request) bool {
			switch {
			case b == notifytest.Postpones:
				return refuse(http.StatusServiceUnavailable, "not now")(w, r)
			case b == notifytest.Refuses, b == notifytest.RefusesP2 && strings.HasSuffix(r.URL.Path, secretPart+"2"):
				return refuse(http.StatusGone, "nobody is at")(w, r)
			case b == notifytest.Limits:
				w.Header().Set("Retry-After", "30")
				return refuse(http.StatusTooManyRequests, "too many")(w, r)
			case b == notifytest.Forgets:
				<-release
				return true
			default:
				return accept(w, r)
			}
		})
		t.Cleanup(func() { close(release) })
		base := s.URL
		switch b {
		case notifytest.Stays:
			base = "https://" + silentListener(t)
		case notifytest.Away:
			s.Close()
		}
		return notifytest.Rig{
			Channel:   newTestChannel(t, Config{Timeout: b.Timeout()}),
			Recipient: func(n int) notify.Recipient { return recipient(base, n) },
			Received:  func() int { return len(s.messages()) },
			Secrets:   []string{secretPart, "/hooks/"},
		}
	})
}

// silentListener takes connections and says nothing, not even hello.
func silentListener(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		var conns []net.Conn
		for {
			conn, err := l.Accept()
			if err != nil {
				break
			}
			conns = append(conns, conn)
		}
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}
