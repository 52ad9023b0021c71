package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

func TestLeakIsRefusedWithFindings(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		before := w.everything()
		got := w.want(http.StatusUnprocessableEntity, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: `{"incident":{"name":"Payments fail","body":"db-prod-03 is down, api key AKIAIOSFODNN7EXAMPLE"}}`})
		p := decode[fault](t, got)
		if len(p.Findings) < 2 || !strings.Contains(p.Detail, "host in body") || !strings.Contains(p.Detail, "secret in body") || p.Error != p.Detail {
			t.Errorf("answers %s", got.body)
		}
		if strings.Contains(got.body, "AKIAIOSFODNN7EXAMPLE") {
			t.Errorf("the answer repeats the secret: %s", got.body)
		}
		if after := w.everything(); after != before {
			t.Errorf("something was stored: %s", after)
		}
		notices, err := w.store.Unexpanded(t.Context())
		if err != nil || notices != 0 {
			t.Errorf("%d notices, %v", notices, err)
		}
	})
}

func TestOverrideIsRemovedByNullOrNothing(t *testing.T) {
	w := alone(t)
	w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: `{"incident":{"name":"Slow","impact_override":"minor"}}`})
	for _, none := range []string{`null`, `""`} {
		if got := decode[incident](t, w.want(http.StatusOK, call{method: "PATCH", path: "%p/incidents/INC-1", scope: auth.ScopePost, body: `{"incident":{"impact_override":"critical"}}`})); text(got.ImpactOverride) != "critical" {
			t.Errorf("overridden: %+v", got)
		}
		if got := decode[incident](t, w.want(http.StatusOK, call{method: "PATCH", path: "%p/incidents/INC-1", scope: auth.ScopePost, body: `{"incident":{"body":"Still slow."}}`})); text(got.ImpactOverride) != "critical" {
			t.Errorf("left out: %+v", got)
		}
		if got := decode[incident](t, w.want(http.StatusOK, call{method: "PATCH", path: "%p/incidents/INC-1", scope: auth.ScopePost, body: `{"incident":{"impact_override":` + none + `}}`})); got.ImpactOverride != nil {
			t.Errorf("removed by %s: %+v", none, got)
		}
	}
}
