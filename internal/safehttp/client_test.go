package safehttp_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/safehttp"
)

func TestClientFollowsNoRedirect(t *testing.T) {
	elsewhere := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			elsewhere++
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer s.Close()
	client := safehttp.Client(time.Minute)
	defer client.CloseIdleConnections()
	answer, err := client.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusTemporaryRedirect || elsewhere != 0 {
		t.Errorf("code %d, %d requests elsewhere", answer.StatusCode, elsewhere)
	}
}

func TestClientReadsABoundedAnswer(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(bytes.Repeat([]byte("x"), 4*safehttp.MaxResponseBytes))
	}))
	defer s.Close()
	client := safehttp.Client(time.Minute)
	defer client.CloseIdleConnections()
	answer, err := client.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if body, err := io.ReadAll(answer.Body); err != nil || len(body) != safehttp.MaxResponseBytes {
		t.Errorf("%d bytes, %v", len(body), err)
	}
}

func TestClientDoesNotUnpack(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("Accept-Encoding"))
	}))
	defer s.Close()
	client := safehttp.Client(time.Minute)
	defer client.CloseIdleConnections()
	answer, err := client.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if body, _ := io.ReadAll(answer.Body); strings.Contains(string(body), "gzip") {
		t.Errorf("asked for %s", body)
	}
}

// The default transport reads the environment when it is first used, so this
// test would see the proxy asked if the client looked for one.
func TestClientUsesNoProxy(t *testing.T) {
	asked := 0
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer proxy.Close()
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	client := safehttp.Client(300 * time.Millisecond)
	answer, err := client.Get("http://192.0.2.1/") // TEST-NET: nobody is there
	if err == nil {
		_ = answer.Body.Close()
	}
	if asked != 0 {
		t.Error("the proxy was asked")
	}
}

func TestClientTakesNoLongerThanItsTimeout(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-release
	}))
	defer s.Close()
	defer close(release)
	for timeout := 100 * time.Millisecond; ; timeout *= 2 {
		answer, err := safehttp.Client(timeout).Get(s.URL)
		if err != nil && timeout < time.Minute {
			continue // a busy machine did not come to the header in that time
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(answer.Body); err == nil {
			t.Error("the body ended although the server had not ended it")
		}
		_ = answer.Body.Close()
		return
	}
}
