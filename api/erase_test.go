package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

func TestErasingLooksFirstAndThenLeavesAPseudonym(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tokens[auth.ScopeAdmin] = w.addToken(auth.ScopeAdmin)
		w.want(http.StatusCreated, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage, body: `{"subscriber":{"email":"zoe@acme.example","skip_confirmation_notification":true}}`})
		w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: fmt.Sprintf(`{"incident":{"name":"Card payments fail","components":{%q:"major_outage"}}}`, w.payments.ID)})
		w.expand()
		type answer struct {
			Pseudonym                          string
			Deliveries, Waiting, Subscriptions int
		}
		erase := call{method: "POST", path: "%p/erasures?dry_run=true", scope: auth.ScopeAdmin, body: `{"person":"Zoe@acme.example","names":["Zoe Zamora"],"reason":"asked"}`}
		look := decode[answer](t, w.want(http.StatusOK, erase))
		erase.path = "%p/erasures"
		done := decode[answer](t, w.want(http.StatusOK, erase))
		if look != done || done.Deliveries != 1 || done.Waiting != 1 || done.Subscriptions != 1 {
			t.Errorf("looked %+v, erased %+v", look, done)
		}
		ledger := w.want(http.StatusOK, call{method: "GET", path: "%p/deliveries", scope: auth.ScopePost}).body
		if strings.Contains(ledger, "zoe@") || !strings.Contains(ledger, done.Pseudonym) {
			t.Errorf("the ledger: %s", ledger)
		}
		w.want(http.StatusOK, call{method: "GET", path: "%p/deliveries?person=zoe@acme.example", scope: auth.ScopePost})
		w.want(http.StatusUnprocessableEntity, call{method: "POST", path: "%p/erasures", scope: auth.ScopeAdmin, body: `{"person":"nobody@acme.example"}`})
		w.want(http.StatusUnprocessableEntity, call{method: "POST", path: "%p/erasures", scope: auth.ScopeAdmin, body: `{"person":"zoe@acme.example","names":["Z"]}`})
		w.want(http.StatusConflict, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage, body: `{"subscriber":{"email":"zoe@acme.example"}}`})
		erase.scope = auth.ScopeManage
		w.want(http.StatusForbidden, erase)
	})
}
