package api_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/api"
	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/web"
)

func TestEveryAnswerIsJSON(t *testing.T) {
	w := alone(t)
	for _, c := range []struct {
		code int
		call call
	}{
		{http.StatusNotFound, call{method: "GET", path: "/v1"}},
		{http.StatusNotFound, call{method: "GET", path: "/v1/nothing/<here>"}},
		{http.StatusNotFound, call{method: "POST", path: "%p/nothing", scope: auth.ScopeManage}},
		{http.StatusNotFound, call{method: "GET", path: "/v1/pages/000000000000", scope: auth.ScopeRead}},
		{http.StatusNotFound, call{method: "GET", path: "%p/components/000000000000", scope: auth.ScopeRead}},
		{http.StatusNotFound, call{method: "GET", path: "%p/components/%00%ff", scope: auth.ScopeRead}},
		{http.StatusNotFound, call{method: "GET", path: "%p/incidents/INC-0", scope: auth.ScopeRead}},
		{http.StatusNotFound, call{method: "GET", path: "%p/incidents/INC-1x", scope: auth.ScopeRead}},
		{http.StatusNotFound, call{method: "GET", path: "%p/incidents/INC-99999999999999999999", scope: auth.ScopeRead}},
		{http.StatusNotFound, call{method: "PATCH", path: "%p/incidents/INC-7", scope: auth.ScopePost, body: `{"incident":{}}`}},
		{http.StatusMethodNotAllowed, call{method: "DELETE", path: "%p/incidents", scope: auth.ScopeManage}},
		{http.StatusMethodNotAllowed, call{method: "OPTIONS", path: "%p/components/000000000000"}},
		{http.StatusUnsupportedMediaType, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost, header: http.Header{"Content-Encoding": {"gzip"}}}},
		{http.StatusUnsupportedMediaType, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--\r\n", header: http.Header{"Content-Type": {"multipart/form-data; boundary=x"}}}},
	} {
		got := w.want(c.code, c.call)
		if p := decode[fault](t, got); p.Error == "" || p.Error != p.Message || p.Detail == "" || p.RequestID != got.header.Get("X-Request-Id") {
			t.Errorf("%s %s answers %s", c.call.method, c.call.path, got.body)
		}
	}
}

func TestWrongMethodSaysWhichAreRight(t *testing.T) {
	w := alone(t)
	got := w.want(http.StatusMethodNotAllowed, call{method: "POST", path: "%p/incidents/000000000000", scope: auth.ScopeManage})
	allow := strings.Split(got.header.Get("Allow"), ", ")
	slices.Sort(allow)
	if !slices.Equal(allow, []string{"DELETE", "GET", "HEAD", "PATCH", "PUT"}) {
		t.Errorf("Allow is %q", allow)
	}
}

func TestRequestIDIsTheClientsWhenFitForLogs(t *testing.T) {
	w := alone(t)
	for given, kept := range map[string]bool{"deploy-42.a_B": true, "": false, "two words": false, strings.Repeat("x", 65): false, "a\tb": false, "é": false} {
		got := w.want(http.StatusOK, call{method: "GET", path: "/v1/pages", scope: auth.ScopeRead, header: http.Header{"X-Request-Id": {given}}})
		if id := got.header.Get("X-Request-Id"); (id == given) != kept || id == "" {
			t.Errorf("%q becomes %q", given, id)
		}
	}
}

func TestHeadAnswersWhereGetDoes(t *testing.T) {
	w := alone(t)
	got := w.want(http.StatusOK, call{method: "HEAD", path: "%p/components.json", scope: auth.ScopeRead})
	if got.header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("HEAD has %v", got.header)
	}
	w.want(http.StatusUnauthorized, call{method: "HEAD", path: "%p/components"})
}

func TestAnswersAreNotKeptByCaches(t *testing.T) {
	got := alone(t).want(http.StatusOK, call{method: "GET", path: "/v1/pages", scope: auth.ScopeRead})
	if got.header.Get("Cache-Control") != "no-store" || got.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers are %v", got.header)
	}
}

func TestNothingIsAnsweredOutsideTheMount(t *testing.T) {
	w := alone(t)
	request := "/v1nothing.json"
	if got := w.send(w.request(call{method: "GET", path: request})); got.code != http.StatusNotFound || strings.Contains(got.header.Get("Content-Type"), "json") {
		t.Errorf("%s answers %d %s", request, got.code, got.header.Get("Content-Type"))
	}
}

// listen serves the world's app on a real socket.
func (w *world) listen() string {
	w.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- w.app.Listener(listener) }()
	w.t.Cleanup(func() {
		if err := w.app.ShutdownWithTimeout(time.Minute); err != nil {
			w.t.Errorf("shut down: %v", err)
		}
		if err := <-done; err != nil {
			w.t.Errorf("serve: %v", err)
		}
	})
	return listener.Addr().String()
}

func TestLargeBodyIsRefusedBeforeItIsRead(t *testing.T) {
	w := alone(t)
	connection, err := net.Dial("tcp", w.listen())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	if _, err := fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n{\"incident\":",
		w.path("%p/incidents"), w.tokens[auth.ScopePost], 2<<20); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if p := decode[fault](t, answer{body: string(body)}); response.StatusCode != http.StatusRequestEntityTooLarge || p.Status != http.StatusRequestEntityTooLarge || p.RequestID == "" {
		t.Errorf("answers %d %s", response.StatusCode, body)
	}
}

func TestSlowDatabaseIsAnsweredWithRetryAfter(t *testing.T) {
	w := alone(t)
	w.app = web.New(web.Options{Load: w.publisher.Record}).App()
	w.app.Mount("/v1", api.New(api.Options{Publisher: w.publisher, Store: w.store, Log: slog.New(slog.DiscardHandler), Timeout: time.Nanosecond}))
	got := w.send(w.request(call{method: "GET", path: "/v1/pages", scope: auth.ScopeRead}))
	if got.code != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
		t.Errorf("answers %d %v", got.code, got.header)
	}
}
