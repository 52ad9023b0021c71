package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

func TestProgressIsEstimatedBeforeItIsCounted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.want(http.StatusOK, call{method: "POST", path: "%p/stakeholders/import", scope: auth.ScopeManage, body: sampleRegister})
		for n := range 3 {
			w.want(http.StatusCreated, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage, body: fmt.Sprintf(`{"subscriber":{"email":"p%d@acme.example","skip_confirmation_notification":true}}`, n)})
		}
		w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: fmt.Sprintf(`{"incident":{"name":"Card payments fail","components":{%q:"major_outage"}}}`, w.payments.ID)})
		type line struct {
			Stage       string
			Total, Held int
			ToGo        int `json:"to_go"`
			Estimated   bool
		}
		get := func() []line {
			return decode[[]line](t, w.want(http.StatusOK, call{method: "GET", path: "%p/incidents/INC-1/progress", scope: auth.ScopePost}))
		}
		before := get()
		if len(before) != 1 || before[0].Stage != "waiting" || !before[0].Estimated || before[0].Total != 7 {
			t.Errorf("before: %+v", before)
		}
		w.expand()
		after := get()
		if len(after) != 1 || after[0].Stage != "sending" || after[0].Estimated || after[0].Total != 7 || after[0].ToGo != 6 || after[0].Held != 1 {
			t.Errorf("after: %+v", after)
		}
		w.want(http.StatusForbidden, call{method: "GET", path: "%p/incidents/INC-1/progress", scope: auth.ScopeRead})
		w.want(http.StatusNotFound, call{method: "GET", path: "%p/incidents/INC-7/progress", scope: auth.ScopePost})
	})
}
