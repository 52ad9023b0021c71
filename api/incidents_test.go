package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

func TestIncidentFromStartToEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		opened := decode[incident](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: fmt.Sprintf(`{"incident":{"name":"Card payments fail","components":{%q:"major_outage"},
				"body":"Card payments fail for all customers since 10:42 UTC. Bank transfer works.","metadata":{"team":{"shift":"a"}}}}`, w.payments.ID)}))
		if opened.Status != "investigating" || opened.Impact != "critical" || opened.Allclear.Number != "INC-1" || opened.Allclear.NextUpdateDueAt == nil {
			t.Errorf("opened is %+v", opened)
		}
		if len(opened.Components) != 1 || opened.Components[0].Status != "major_outage" || string(opened.Metadata) != `{"team":{"shift":"a"}}` {
			t.Errorf("opened has %+v, %s", opened.Components, opened.Metadata)
		}
		unresolved := decode[[]incident](t, w.want(http.StatusOK, call{method: "GET", path: "%p/incidents/unresolved.json", scope: auth.ScopeRead}))
		if len(unresolved) != 1 || unresolved[0].ID != opened.ID || unresolved[0].Allclear.ImpactNow != "critical" {
			t.Errorf("unresolved are %+v", unresolved)
		}
		for _, name := range []string{opened.ID, "INC-1", "inc-1", opened.ID + ".json"} {
			got := decode[incident](t, w.want(http.StatusOK, call{method: "GET", path: "%p/incidents/" + name, scope: auth.ScopeRead}))
			if got.ID != opened.ID {
				t.Errorf("%s is %s", name, got.ID)
			}
		}
		resolved := decode[incident](t, w.want(http.StatusOK, call{method: "PUT", path: "%p/incidents/INC-1", scope: auth.ScopePost,
			body: fmt.Sprintf(`{"incident":{"status":"resolved","body":"Card payments work again.","components":{%q:"operational"}}}`, w.payments.ID)}))
		if resolved.Status != "resolved" || len(resolved.IncidentUpdates) != 2 || resolved.IncidentUpdates[0].Body != "Card payments work again." {
			t.Errorf("resolved is %+v", resolved)
		}
		if left := w.want(http.StatusOK, call{method: "GET", path: "%p/incidents/unresolved", scope: auth.ScopeRead}); left.body != "[]" {
			t.Errorf("still unresolved: %s", left.body)
		}
	})
}
