package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

func TestListsEndAndForgive(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, name := range []string{"Search is slow", "Search fails", "Login 100% slow"} {
			w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: fmt.Sprintf(`{"incident":{"name":%q}}`, name)})
		}
		for query, want := range map[string]int{
			"incidents": 3, "incidents?limit=2": 2, "incidents?limit=2&page=2": 1, "incidents?limit=2&page=3": 0, "incidents?per_page=500": 3,
			"incidents?limit=99999999999999999999&page=1": 3, "incidents?page=99999999999999999999": 0, "incidents?page=0": 3,
			"incidents?q=SEARCH": 2, "incidents?q=100%25": 1, "incidents?q=nothing": 0, "incidents?q=_": 0, "incidents/unresolved?limit=1&page=3": 1,
			"components": 2, "components?per_page=1": 1, "components?page=2": 0, "components?page=2&per_page=1": 1, "components?per_page=500": 2,
			"component-groups?page=2": 0, "subscribers": 0, "subscribers?page=0": 0, "stakeholders?page=2": 0, "deliveries?limit=1&page=9": 0,
		} {
			got := decode[[]struct{ ID string }](t, w.want(http.StatusOK, call{method: "GET", path: "%p/" + query, scope: auth.ScopePost}))
			if len(got) != want {
				t.Errorf("%s lists %d, want %d", query, len(got), want)
			}
		}
	})
}

func TestQueryNamesEveryFieldThatIsWrong(t *testing.T) {
	w := alone(t)
	for query, field := range map[string]string{
		"incidents?limit=0": "limit", "incidents?limit=-1": "limit", "incidents?limit=ten": "limit", "incidents?per_page=1.5": "per_page",
		"incidents?page=-1": "page", "incidents?page=x": "page", "incidents?q=%ff": "q", "incidents?q=%00": "q", "incidents?q=" + strings.Repeat("x", 256): "q",
		"incidents/unresolved?page=x": "page", "incidents/upcoming?page=x": "page", "incidents?drafts=perhaps": "drafts", "components?page=x": "page", "component-groups?per_page=x": "per_page", "subscribers?page=x": "page", "stakeholders?page=x": "page",
	} {
		p := decode[fault](t, w.want(http.StatusUnprocessableEntity, call{method: "GET", path: "%p/" + query, scope: auth.ScopePost}))
		if len(p.Errors) != 1 || p.Errors[0].Field != field {
			t.Errorf("%s answers %+v", query, p)
		}
	}
}
