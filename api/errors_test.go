package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/store/storetest"
)

// update rewrites the golden files; a flag must be registered before the tests run.
var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares an error's body with a file.
func (w *world) golden(name string, got answer) {
	w.t.Helper()
	var text bytes.Buffer
	if err := json.Indent(&text, []byte(strings.ReplaceAll(got.body, w.page.ID, "dm4k2t8vxq1z")), "", "  "); err != nil {
		w.t.Fatal(err)
	}
	text.WriteByte('\n')
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
			w.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text.String()); diff != "" {
		w.t.Errorf("%s differs (-want +got), rewrite with -update if it is right:\n%s", path, diff)
	}
}

func TestErrorBodies(t *testing.T) {
	w := alone(t)
	named := http.Header{"X-Request-Id": {"the-clients-own-id"}}
	for name, c := range map[string]call{
		"400_json":         {method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: "{\n  \"incident\": {,}\n}"},
		"401":              {method: "GET", path: "/v1/pages"},
		"403":              {method: "POST", path: "%p/components", scope: auth.ScopePost, body: `{}`},
		"404_id":           {method: "GET", path: "%p/components/000000000000", scope: auth.ScopeRead},
		"404_route":        {method: "GET", path: "/v1/metrics"},
		"405":              {method: "DELETE", path: "%p/incidents", scope: auth.ScopeManage},
		"415":              {method: "POST", path: "%p/incidents", scope: auth.ScopePost, header: http.Header{"Content-Encoding": {"br"}}},
		"422_fields":       {method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: `{"incident":{"name":7,"components":[]}}`},
		"422_findings":     {method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: `{"incident":{"name":"Payments fail","body":"db-prod-03 is down."}}`},
		"422_maintenance":  {method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: `{"incident":{"name":"Upgrade","status":"scheduled","scheduled_for":"2099-12-01T00:00:00Z","scheduled_auto_in_progress":true}}`},
		"422_missing_body": {method: "POST", path: "%p/subscribers", scope: auth.ScopeManage},
	} {
		t.Run(name, func(t *testing.T) {
			if c.header == nil {
				c.header = http.Header{}
			}
			c.header.Set("X-Request-Id", named.Get("X-Request-Id"))
			w.golden(name, w.do(c))
		})
	}
}

func TestInternalErrorIsLoggedAndNotShown(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t), nil)
	w := newWorld(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	request := w.request(call{method: "GET", path: "/v1/pages", scope: auth.ScopeRead, header: http.Header{"X-Request-Id": {"the-clients-own-id"}}})
	got := w.send(request)
	if got.code != http.StatusInternalServerError {
		t.Fatalf("answers %d %s", got.code, got.body)
	}
	w.checkSpec(request, got)
	w.golden("500", got)
	log := w.log.String()
	if strings.Count(log, "the-clients-own-id") != 1 || !strings.Contains(log, "database is closed") || strings.Contains(log, w.tokens[auth.ScopeRead]) {
		t.Errorf("the log says %s", log)
	}
}
