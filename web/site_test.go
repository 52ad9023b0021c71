package web

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"
)

// get asks the app and returns code, body and headers.
func get(t *testing.T, s *Site, method, target string, headers ...string) (int, string, func(string) string) {
	t.Helper()
	request := httptest.NewRequest(method, target, nil)
	for n := 0; n+1 < len(headers); n += 2 {
		request.Header.Set(headers[n], headers[n+1])
	}
	response, err := s.App().Test(request, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body), response.Header.Get
}

// everyPath is every public address of the troubled record, and what it serves.
func everyPath(site *Site) map[string]string {
	return map[string]string{
		"/": "text/html; charset=utf-8", "/incidents/k7l8m9n0p1q2": "text/html; charset=utf-8",
		"/incidents/b1c2d3f4g5h6": "text/html; charset=utf-8", "/incidents/k7l8m9n0p1q2.json": "application/json; charset=utf-8",
		"/incidents/b1c2d3f4g5h6.json": "application/json; charset=utf-8",
		"/badge.svg":                   "image/svg+xml", "/badge.svg?label=shop&style=flat-square": "image/svg+xml",
		"/badge.svg?component=c0srch000001": "image/svg+xml", "/badge.json": "application/json; charset=utf-8", "/badge.json?component=c0srch000001": "application/json; charset=utf-8",
		"/embed/frame": "text/html; charset=utf-8", "/embed/frame?mobile=true": "text/html; charset=utf-8", "/embed/script.js": "text/javascript; charset=utf-8",
		"/history.rss": "application/rss+xml; charset=utf-8", "/api/v2/summary.json": "application/json; charset=utf-8",
		"/api/v2/status.json": "application/json; charset=utf-8", "/favicon.svg": "image/svg+xml", "/robots.txt": "text/plain; charset=utf-8",
		"/history": "text/html; charset=utf-8", "/history?page=2": "text/html; charset=utf-8", "/history.json": "application/json; charset=utf-8", "/history.json?page=80": "application/json; charset=utf-8",
		"/history.atom": "application/atom+xml; charset=utf-8", "/feed.json": "application/feed+json; charset=utf-8",
		"/updates.rss": "application/rss+xml; charset=utf-8", "/updates.atom": "application/atom+xml; charset=utf-8",
		"/updates.json": "application/feed+json; charset=utf-8", "/calendar.ics": "text/calendar; charset=utf-8",
		"/api/v2/components.json": "application/json; charset=utf-8", "/api/v2/incidents.json": "application/json; charset=utf-8",
		"/api/v2/incidents/unresolved.json":            "application/json; charset=utf-8",
		"/api/v2/scheduled-maintenances.json":          "application/json; charset=utf-8",
		"/api/v2/scheduled-maintenances/upcoming.json": "application/json; charset=utf-8",
		"/api/v2/scheduled-maintenances/active.json":   "application/json; charset=utf-8",
		site.assets.Style:                              "text/css; charset=utf-8", site.assets.Script: "text/javascript; charset=utf-8",
		site.assets.FrameStyle: "text/css; charset=utf-8", site.assets.FrameScript: "text/javascript; charset=utf-8",
	}
}

func TestEveryPublicPathAnswers(t *testing.T) {
	site := newBench(t, troubledRecord()).Site
	for path, kind := range everyPath(site) {
		for _, method := range []string{"GET", "HEAD"} {
			code, body, header := get(t, site, method, path)
			if code != 200 || header("Content-Type") != kind {
				t.Errorf("%s %s answered %d %q, want 200 %q", method, path, code, header("Content-Type"), kind)
			}
			if method == "HEAD" && body != "" || method == "GET" && strings.TrimSpace(body) == "" {
				t.Errorf("%s %s has %d bytes of body", method, path, len(body))
			}
		}
	}
}
