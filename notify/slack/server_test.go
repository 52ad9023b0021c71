package slack

import (
	"context"
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
	"github.com/allclear-status/allclear/notify/chat"
	"github.com/allclear-status/allclear/notify/notifytest"
)

// hookServer is a service that takes messages at incoming webhooks.
type hookServer struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
}

// startHooks answers by a handler that says whether it took the message.
func startHooks(t *testing.T, answer func(w http.ResponseWriter, r *http.Request) bool) *hookServer {
	t.Helper()
	s := &hookServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if answer(w, r) {
			s.mu.Lock()
			s.bodies = append(s.bodies, string(body))
			s.mu.Unlock()
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *hookServer) received() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.bodies)
}

// accept is Slack's own answer to a message that it took.
func accept(w http.ResponseWriter, _ *http.Request) bool {
	_, _ = io.WriteString(w, "ok")
	return true
}

func refuse(code int, words string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, words+" "+r.URL.Path)
		return false
	}
}

// newTestChannel is a channel whose connections end with the test.
func newTestChannel(t *testing.T, timeout time.Duration) *chat.Channel {
	t.Helper()
	c := New(chat.Config{Timeout: timeout, Limits: safehttp.Limits{Every: -1}})
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// post sends to one webhook.
func post(t *testing.T, ctx context.Context, c *chat.Channel, to notify.Recipient) notify.Result {
	t.Helper()
	s, err := c.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got []notify.Result
	s.Send(ctx, openedText(), []notify.Recipient{to}, func(_ int, r notify.Result) { got = append(got, r) })
	if err := s.Close(); err != nil || len(got) != 1 {
		t.Fatalf("%d results, close: %v", len(got), err)
	}
	if strings.Contains(got[0].Answer, secretPart) || strings.Contains(got[0].Answer, "/services/") {
		t.Errorf("the address is in the answer: %+v", got[0])
	}
	return got[0]
}

func TestSuite(t *testing.T) {
	notifytest.Run(t, func(t *testing.T, b notifytest.Behaviour) notifytest.Rig {
		release := make(chan struct{})
		s := startHooks(t, func(w http.ResponseWriter, r *http.Request) bool {
			switch {
			case b == notifytest.Postpones:
				return refuse(http.StatusServiceUnavailable, "rollup_error")(w, r)
			case b == notifytest.Refuses, b == notifytest.RefusesP2 && strings.HasSuffix(r.URL.Path, secretPart+"2"):
				return refuse(http.StatusNotFound, "no_service")(w, r)
			case b == notifytest.Limits:
				w.Header().Set("Retry-After", "30")
				return refuse(http.StatusTooManyRequests, "rate_limited")(w, r)
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
			Channel:   newTestChannel(t, b.Timeout()),
			Recipient: func(n int) notify.Recipient { return hook(base, n) },
			Received:  s.received,
			Secrets:   []string{secretPart, "B00000000"},
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
