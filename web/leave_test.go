package web

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/status"
)

func someLeaveInfo(_ context.Context, token string) (string, error) {
	if token == "broken" {
		return "", status.ErrNotFound
	}
	return "p…@kestrel.example", nil
}

func someLeave(ctx context.Context, token string, _ bool) error {
	_, err := someLeaveInfo(ctx, token)
	return err
}

// leaver records what the leave pages did.
type leaver struct {
	calls []string
	err   error
}

func (l *leaver) leave(_ context.Context, token string, oneClick bool) error {
	word := token
	if oneClick {
		word += " one-click"
	}
	l.calls = append(l.calls, word)
	return l.err
}

func leaveBench(t *testing.T, l *leaver) *Site {
	return newBench(t, calmRecord(), func(o *Options) { o.Leave, o.LeaveInfo = l.leave, someLeaveInfo }).Site
}

func post(t *testing.T, s *Site, path, contentType, body string) (int, string) {
	t.Helper()
	request := httptest.NewRequest("POST", path, strings.NewReader(body))
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := s.App().Test(request, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

func TestReadingAnUnsubscribeLinkChangesNothing(t *testing.T) {
	l := &leaver{}
	s := leaveBench(t, l)
	for _, method := range []string{"GET", "HEAD"} {
		code, body, header := get(t, s, method, "/unsubscribe/abc")
		if code != 200 || header("Cache-Control") != "no-store" || header("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s answers %d, Cache-Control %q, Referrer-Policy %q", method, code, header("Cache-Control"), header("Referrer-Policy"))
		}
		if method == "GET" && (!strings.Contains(body, `<form method="post"><button`) || !strings.Contains(body, "p…@kestrel.example will get no more messages about Kestrel &amp; Co")) {
			t.Errorf("the page has no button, or does not say for whom")
		}
	}
	if len(l.calls) != 0 {
		t.Errorf("reading did %v", l.calls)
	}
}

func TestPostingAnUnsubscribeLinkLeaves(t *testing.T) {
	for name, tt := range map[string]struct{ kind, body, want string }{
		"the page's button":      {"application/x-www-form-urlencoded", "", "abc"},
		"one-click":              {"application/x-www-form-urlencoded", "List-Unsubscribe=One-Click", "abc one-click"},
		"one-click as multipart": {"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n", "abc one-click"},
		"no content type":        {"", "", "abc"},
	} {
		l := &leaver{}
		code, body := post(t, leaveBench(t, l), "/unsubscribe/abc", tt.kind, tt.body)
		if code != 200 || !strings.Contains(body, "You are unsubscribed") || len(l.calls) != 1 || l.calls[0] != tt.want {
			t.Errorf("%s: answered %d, did %v, want %q", name, code, l.calls, tt.want)
		}
	}
}

func TestBrokenUnsubscribeLinkSaysWhatToDo(t *testing.T) {
	l := &leaver{err: status.ErrNotFound}
	s := leaveBench(t, l)
	code, body, _ := get(t, s, "GET", "/unsubscribe/broken")
	if code != 404 || !strings.Contains(body, "This link does not work") || !strings.Contains(body, "answer that message") || strings.Contains(body, "<form") {
		t.Errorf("GET answers %d", code)
	}
	if code, body := post(t, s, "/unsubscribe/broken", "", ""); code != 404 || !strings.Contains(body, "This link does not work") {
		t.Errorf("POST answers %d", code)
	}
	l.err = errors.New("database away")
	if code, body := post(t, s, "/unsubscribe/abc", "", ""); code != 500 || !strings.Contains(body, "You are still subscribed") || strings.Contains(body, "database") {
		t.Errorf("a failure answers %d", code)
	}
}

func TestWithoutLeaveThereAreNoSuchPages(t *testing.T) {
	s := newBench(t, calmRecord()).Site
	if code, _, _ := get(t, s, "GET", "/unsubscribe/abc"); code != 404 {
		t.Errorf("GET answers %d", code)
	}
}
