package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

func TestPostsAtOnceAreNumberedDistinctly(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const posts = 50
		numbers := make([]string, posts)
		var wait sync.WaitGroup
		for i := range posts {
			wait.Go(func() {
				got := w.send(w.request(call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
					body: fmt.Sprintf(`{"incident":{"name":"Incident %d","components":{%q:"partial_outage"}}}`, i, w.search.ID)}))
				if got.code != http.StatusCreated {
					t.Errorf("post %d answers %d %s", i, got.code, got.body)
					return
				}
				posted := decode[incident](t, got)
				if posted.Name != fmt.Sprintf("Incident %d", i) {
					t.Errorf("post %d is answered with %q", i, posted.Name)
				}
				numbers[i] = posted.Allclear.Number
			})
		}
		wait.Wait()
		slices.Sort(numbers)
		if got := slices.Compact(numbers); len(got) != posts || got[0] != "INC-1" {
			t.Errorf("%d posts are numbered %q", posts, got)
		}
	})
}

// Fiber gives its handlers strings that the next request overwrites, unless it
// is told not to: what is stored must be what was sent.
func TestKeptStringsStayIntact(t *testing.T) {
	w := alone(t)
	ids := make([]string, 50)
	for i := range ids {
		ids[i] = w.addComponent(fmt.Sprintf("Part %d", i)).ID
	}
	var wait sync.WaitGroup
	for i, id := range ids {
		wait.Go(func() {
			w.send(w.request(call{method: "PATCH", path: "%p/components/" + id, scope: auth.ScopePost,
				body: `{"component":{"status":"partial_outage"}}`, header: http.Header{"X-Request-Id": {fmt.Sprintf("request-%d", i)}}}))
			w.send(w.request(call{method: "GET", path: "%p/incidents/" + strings.Repeat("x", 40), scope: auth.ScopePost}))
		})
	}
	wait.Wait()
	audit, err := w.store.AuditLog(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	var changed []string
	for _, entry := range audit {
		if id, ok := strings.CutPrefix(entry.Subject, "component:"); ok && entry.Act == "change component" {
			changed = append(changed, id)
		}
	}
	slices.Sort(changed)
	slices.Sort(ids)
	if !slices.Equal(changed, ids) {
		t.Errorf("changed are  %q\nasked were   %q", changed, ids)
	}
}
