package safehttp_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/safehttp"
)

func message(t *testing.T, address string) safehttp.Message {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return safehttp.Message{Address: u, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"a":1}`), Timeout: time.Minute}
}

func post(t *testing.T, ctx context.Context, m safehttp.Message) safehttp.Answer {
	t.Helper()
	client := safehttp.Client(m.Timeout)
	defer client.CloseIdleConnections()
	a := safehttp.Post(ctx, client, m)
	if a.Err != nil && strings.Contains(a.Err.Error(), "topsecret") {
		t.Errorf("the address is in %v", a.Err)
	}
	return a
}

func TestPostBringsTheAnswer(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, r.Method+" "+r.Header.Get("Content-Type")+" "+string(body))
	}))
	defer s.Close()
	a := post(t, context.Background(), message(t, s.URL+"/topsecret"))
	if a.Code != http.StatusTeapot || a.Header.Get("Retry-After") != "3" || string(a.Body) != `POST application/json {"a":1}` || a.Err != nil || !a.HandedOver {
		t.Errorf("%+v", a)
	}
}

// silent takes connections, reads a request from each when it should, and
// closes or keeps them.
func silent(t *testing.T, read, hangUp bool) string {
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
			if request, err := http.ReadRequest(bufio.NewReader(conn)); read && err == nil {
				_, _ = io.Copy(io.Discard, request.Body)
			}
			if hangUp {
				_ = conn.Close()
			}
		}
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}

// What is known when no answer comes depends on whether the message was out.
func TestPostKnowsWhetherTheMessageWasHandedOver(t *testing.T) {
	for name, c := range map[string]struct {
		address    string
		handedOver bool
		timeout    time.Duration
	}{
		"hangs up after the message": {"http://" + silent(t, true, true), true, time.Minute},
		"says nothing":               {"http://" + silent(t, true, false), true, 300 * time.Millisecond},
		"never greets":               {"https://" + silent(t, false, false), false, 300 * time.Millisecond},
		"is unknown":                 {"http://nobody.invalid", false, time.Minute},
	} {
		m := message(t, c.address+"/topsecret")
		m.Timeout = c.timeout
		a := post(t, context.Background(), m)
		for c.handedOver && !a.HandedOver && m.Timeout < time.Minute { // the time was up before a busy machine came to it
			m.Timeout *= 2
			a = post(t, context.Background(), m)
		}
		if a.Err == nil || a.Code != 0 || a.HandedOver != c.handedOver {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestEndOfContextDoesNotLoseAnAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		cancel()
		time.Sleep(50 * time.Millisecond)
	}))
	defer s.Close()
	if a := post(t, ctx, message(t, s.URL)); a.Code != http.StatusOK {
		t.Errorf("%+v", a)
	}
	if a := post(t, ctx, message(t, s.URL)); a.Err == nil || a.HandedOver {
		t.Errorf("after the end: %+v", a)
	}
}

func TestScrubberTakesOutTheAddress(t *testing.T) {
	u, err := url.Parse("https://operator:pa55word@example.com/a/b7/se%20cret?key=topsecret&n=7")
	if err != nil {
		t.Fatal(err)
	}
	s := safehttp.NewScrubber(u)
	for _, text := range []string{u.String(), u.RequestURI(), u.Path, "se cret", "se%20cret", "topsecret", "key=topsecret&n=7", "pa55word", "operator", "no /a/b7/se%20cret here"} {
		got := s.Clean("no: " + text)
		for _, part := range []string{"topsecret", "cret", "pa55word", "operator", "b7"} {
			if strings.Contains(got, part) {
				t.Errorf("%q becomes %q", text, got)
			}
		}
	}
	short, err := url.Parse("https://example.com/x9z")
	if err != nil {
		t.Fatal(err)
	}
	if got := safehttp.NewScrubber(short).Clean("404 /x9z not found"); got != "404 *** not found" {
		t.Errorf("%q", got)
	}
	if got := s.Clean(strings.Repeat("é\x1b\r\n\xff\u2028", 100)); len(got) > 300 || strings.ContainsAny(got, "\x1b\r\n\u2028") || !strings.HasSuffix(got, "…") {
		t.Errorf("%d bytes: %q", len(got), got)
	}
	if got := s.Clean("200 OK"); got != "200 OK" {
		t.Errorf("%q", got)
	}
}

// A stop at the moment at which the connection comes up leaves no doubt either:
// the message was answered, or its body was not written and nobody took it.
func TestStopWhileConnectingLeavesNoDoubt(t *testing.T) {
	var taken atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err == nil {
			taken.Add(1)
		}
	}))
	defer s.Close()
	answered := int32(0)
	for range 300 {
		ctx, cancel := context.WithCancel(context.Background())
		client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			cancel()
			return conn, err
		}}}
		m := message(t, s.URL)
		m.Timeout = time.Minute
		switch a := safehttp.Post(ctx, client, m); {
		case a.Code == http.StatusOK:
			answered++
		case a.HandedOver:
			t.Errorf("%+v", a)
		}
		client.CloseIdleConnections()
		cancel()
	}
	if n := taken.Load(); n != answered {
		t.Errorf("%d messages were taken, %d answered", n, answered)
	}
}
