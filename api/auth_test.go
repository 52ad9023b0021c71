package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/store"
)

func TestTokenIsTakenInEveryFormThatClientsSend(t *testing.T) {
	w := alone(t)
	token := w.tokens[auth.ScopeRead]
	for _, header := range []string{"Bearer " + token, "bearer " + token, "OAuth " + token, "oauth " + token, token, "  " + token + " "} {
		w.want(http.StatusOK, call{method: "GET", path: "/v1/pages", header: http.Header{"Authorization": {header}}})
	}
	w.want(http.StatusOK, call{method: "GET", path: "/v1/pages?api_key=" + token})
}

func TestRefusedTokenSaysWhy(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		revoked := w.addToken(auth.ScopeRead)
		if err := w.store.InTx(t.Context(), func(tx *store.Tx) error {
			token, err := tx.TokenByHash(t.Context(), auth.HashToken(revoked))
			if err != nil {
				return err
			}
			return tx.RevokeToken(t.Context(), token.ID)
		}); err != nil {
			t.Fatal(err)
		}
		for header, hint := range map[string]string{
			"":                                "There is no token",
			"Bearer":                          "There is no token",
			"Bearer acl_short":                "not a token of this server",
			"Basic dXNlcjpwYXNz":              "not a token of this server",
			"Bearer " + auth.NewTokenSecret(): "not a token of this server",
			"OAuth " + revoked:                "was revoked",
			revoked[:len(revoked)-1] + "_":    "not a token of this server",
		} {
			got := w.want(http.StatusUnauthorized, call{method: "GET", path: "/v1/pages", header: http.Header{"Authorization": {header}}})
			p := decode[fault](t, got)
			if p.Error != "Could not authenticate" || p.Message != "Could not authenticate" || !strings.Contains(p.Detail, hint) {
				t.Errorf("%q answers %s", header, got.body)
			}
			if got.header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%q has %v", header, got.header)
			}
		}
	})
}

func TestScopeThatIsMissingIsNamed(t *testing.T) {
	w := alone(t)
	component := "%p/components/" + w.payments.ID
	for _, c := range []struct {
		has, needs auth.Scope
		call       call
	}{
		{auth.ScopeRead, auth.ScopePost, call{method: "POST", path: "%p/incidents", body: `{"incident":{"name":"Slow"}}`}},
		{auth.ScopeRead, auth.ScopePost, call{method: "PATCH", path: "%p/incidents/INC-1", body: `{"incident":{"body":"Slow."}}`}},
		{auth.ScopeRead, auth.ScopePost, call{method: "PATCH", path: component, body: `{"component":{"status":"operational"}}`}},
		{auth.ScopePost, auth.ScopeManage, call{method: "PATCH", path: component, body: `{"component":{"status":"operational","name":"Cards"}}`}},
		{auth.ScopePost, auth.ScopeManage, call{method: "POST", path: "%p/components", body: `{"component":{"name":"Cards"}}`}},
		{auth.ScopePost, auth.ScopeManage, call{method: "DELETE", path: component}},
		{auth.ScopePost, auth.ScopeManage, call{method: "POST", path: "%p/component-groups", body: `{"component_group":{"name":"Cards"}}`}},
		{auth.ScopePost, auth.ScopeManage, call{method: "PATCH", path: "%p", body: `{"page":{"name":"Cards"}}`}},
		{auth.ScopePost, auth.ScopeManage, call{method: "POST", path: "%p/subscribers", body: `{"subscriber":{"email":"ana@acme.example"}}`}},
		{auth.ScopePost, auth.ScopeManage, call{method: "PATCH", path: "%p/subscribers/000000000000", body: `{}`}},
		{auth.ScopePost, auth.ScopeManage, call{method: "DELETE", path: "%p/subscribers/000000000000"}},
		{auth.ScopePost, auth.ScopeManage, call{method: "POST", path: "%p/subscribers/000000000000/resend_confirmation"}},
		{auth.ScopePost, auth.ScopeManage, call{method: "POST", path: "%p/subscribers/000000000000/reactivate"}},
		{auth.ScopePost, auth.ScopeManage, call{method: "POST", path: "%p/stakeholders/import", body: `stakeholders: []`}},
		{auth.ScopeRead, auth.ScopePost, call{method: "GET", path: "%p/subscribers"}},
		{auth.ScopeRead, auth.ScopePost, call{method: "GET", path: "%p/stakeholders"}},
		{auth.ScopeRead, auth.ScopePost, call{method: "GET", path: "%p/deliveries"}},
		{auth.ScopeRead, auth.ScopePost, call{method: "GET", path: "%p/incidents?drafts=true"}},
		{auth.ScopeRead, auth.ScopePost, call{method: "GET", path: "%p/incidents/INC-1/why?person=ana"}},
		{auth.ScopeRead, auth.ScopePost, call{method: "DELETE", path: "%p/incidents/INC-1"}},
		{auth.ScopeRead, auth.ScopePost, call{method: "POST", path: "%p/incidents?dry_run=true", body: `{"incident":{"name":"Slow"}}`}},
		{auth.ScopeRead, auth.ScopePost, call{method: "PATCH", path: "%p/incidents/INC-1/incident_updates/000000000000", body: `{"incident_update":{"body":"Slow."}}`}},
	} {
		c.call.scope = c.has
		got := w.want(http.StatusForbidden, c.call)
		if want := "needs the scope " + string(c.needs); !strings.Contains(decode[fault](t, got).Detail, want) {
			t.Errorf("%s %s answers %s, want %q", c.call.method, c.call.path, got.body, want)
		}
	}
	w.want(http.StatusOK, call{method: "PATCH", path: component, scope: auth.ScopePost, body: `{"component":{"status":"degraded_performance"}}`})
}

func TestUseOfATokenIsNoted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.want(http.StatusOK, call{method: "GET", path: "/v1/pages", scope: auth.ScopeRead})
		token, err := w.store.TokenByHash(t.Context(), auth.HashToken(w.tokens[auth.ScopeRead]))
		if err != nil || token.LastUsedAt.IsZero() {
			t.Errorf("last used at %v, %v", token.LastUsedAt, err)
		}
	})
}

func TestTokenIsNeverLoggedOrRepeated(t *testing.T) {
	w := alone(t)
	token := w.tokens[auth.ScopePost]
	for _, path := range []string{"/v1/pages", "%p/incidents/" + token, "/v1/" + "nothing"} {
		got := w.do(call{method: "GET", path: path + "?api_key=" + token})
		if strings.Contains(strings.ReplaceAll(got.body, "/incidents/"+token, ""), token) {
			t.Errorf("the answer repeats the token: %s", got.body)
		}
	}
	if strings.Contains(w.log.String(), token) {
		t.Errorf("the log has the token: %s", w.log)
	}
}
