package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

func TestRolesAreGivenHandedOverAndNeverPublic(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.want(http.StatusOK, call{method: "PATCH", path: "%p/roles", scope: auth.ScopeManage,
			body: `{"roles": {"communication_lead": {"name": "Lea Secretperson", "email": "Lea@Acme.example", "slack": "https://hooks.example/services/secret", "slack_label": "@lea"}},
				"components": {"` + w.payments.ID + `": {"incident_manager": {"name": "Mia", "email": "mia@acme.example"}}}}`})
		got := w.want(http.StatusOK, call{method: "GET", path: "%p/roles", scope: auth.ScopePost})
		if !strings.Contains(got.body, `"address":"lea@acme.example"`) || !strings.Contains(got.body, `"address":"@lea"`) || strings.Contains(got.body, "hooks.example") {
			t.Errorf("roles: %s", got.body)
		}
		opened := w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: `{"incident": {"name": "Card payments fail", "body": "Card payments fail for all customers.", "components": {"` + w.payments.ID + `": "major_outage"},
				"allclear": {"roles": {"deputy": {"name": "Dan", "email": "dan@acme.example"}}}}}`})
		if strings.Contains(opened.body, "Nobody is set") {
			t.Errorf("warned: %s", opened.body)
		}
		var incident struct{ ID string }
		if err := json.Unmarshal([]byte(opened.body), &incident); err != nil {
			t.Fatal(err)
		}
		roles := "%p/incidents/" + incident.ID + "/roles"
		got = w.want(http.StatusOK, call{method: "GET", path: roles, scope: auth.ScopePost})
		for _, want := range []string{`"name":"Lea Secretperson"`, `"from":"page"`, `"name":"Mia"`, `"from":"component"`, `"name":"Dan"`, `"from":"incident"`, `"resolution_lead":null`} {
			if !strings.Contains(got.body, want) {
				t.Errorf("no %s in %s", want, got.body)
			}
		}
		got = w.want(http.StatusOK, call{method: "PUT", path: roles, scope: auth.ScopePost, body: `{"roles": {"communication_lead": {"name": "Kim", "email": "kim@acme.example"}, "deputy": null}}`})
		if !strings.Contains(got.body, `"name":"Kim"`) || strings.Contains(got.body, "Dan") {
			t.Errorf("handed over: %s", got.body)
		}
		w.want(http.StatusForbidden, call{method: "GET", path: roles, scope: auth.ScopeRead})
		w.want(http.StatusForbidden, call{method: "PATCH", path: "%p/roles", scope: auth.ScopePost, body: `{"roles": {}}`})
		for _, c := range []call{
			{path: "/"}, {path: "/incidents/" + incident.ID}, {path: "/api/v2/summary.json"}, {path: "/updates.json"}, {path: "/history.atom"},
			{path: "%p/incidents/" + incident.ID, scope: auth.ScopeRead}, {path: "%p/incidents", scope: auth.ScopeRead},
		} {
			c.method = "GET"
			for _, name := range []string{"Secretperson", "Mia", "Kim", "lea@acme"} {
				if body := w.send(w.request(c)).body; strings.Contains(body, name) {
					t.Errorf("%s names %s", c.path, name)
				}
			}
		}
	})
}

func TestRolesThatCannotBeAreRefusedByField(t *testing.T) {
	w := alone(t)
	for body, want := range map[string]string{
		`{}`:                                     "roles is missing",
		`{"roles": 1}`:                           "roles",
		`{"roles": {"boss": "Ana"}}`:             "roles.boss",
		`{"roles": {"deputy": "Ana"}}`:           "roles.deputy",
		`{"roles": {"deputy": 7}}`:               "roles.deputy",
		`{"roles": {"deputy": {"name": "Ana"}}}`: "roles.deputy",
		`{"roles": {"deputy": {"name": "Ana", "email": "x"}}}`: "roles.deputy.email",
		`{"components": {"nope": {"deputy": null}}}`:           "components",
	} {
		got := w.want(http.StatusUnprocessableEntity, call{method: "PATCH", path: "%p/roles", scope: auth.ScopeManage, body: body})
		var answer struct {
			Errors []struct{ Field, Message string }
		}
		if err := json.Unmarshal([]byte(got.body), &answer); err != nil || len(answer.Errors) == 0 {
			t.Fatalf("%s: %s", body, got.body)
		}
		if first := answer.Errors[0].Field + " " + answer.Errors[0].Message; !strings.HasPrefix(first, want) {
			t.Errorf("%s is refused with %s, want %s", body, first, want)
		}
	}
	got := w.want(http.StatusUnprocessableEntity, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
		body: `{"incident": {"name": "x", "allclear": {"roles": {"deputy": "Ana"}}}}`})
	if !strings.Contains(got.body, `"incident.allclear.roles.deputy"`) {
		t.Errorf("refused with %s", got.body)
	}
}

func TestPromisesAreReported(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		opened := w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: `{"incident": {"name": "Card payments fail", "body": "Card payments fail for all customers.", "components": {"` + w.payments.ID + `": "major_outage"}}}`})
		if !strings.Contains(opened.body, "Nobody is set to be reminded") {
			t.Errorf("not warned: %s", opened.body)
		}
		var incident struct{ ID string }
		if err := json.Unmarshal([]byte(opened.body), &incident); err != nil {
			t.Fatal(err)
		}
		path := "%p/incidents/" + incident.ID
		w.want(http.StatusUnprocessableEntity, call{method: "PATCH", path: path, scope: auth.ScopePost, body: `{"incident": {"allclear": {"long_incident": true}}}`})
		w.want(http.StatusOK, call{method: "PATCH", path: path, scope: auth.ScopePost, body: `{"incident": {"status": "resolved"}}`})
		got := w.want(http.StatusOK, call{method: "GET", path: path + "/promises", scope: auth.ScopeRead})
		if !strings.Contains(got.body, `"number":1`) || !strings.Contains(got.body, `"state":"kept"`) {
			t.Errorf("promises %s", got.body)
		}
		got = w.want(http.StatusOK, call{method: "GET", path: "%p/promises", scope: auth.ScopeRead})
		if !strings.Contains(got.body, `"kept_share":null`) { // the promise is due later than now
			t.Errorf("until now: %s", got.body)
		}
		got = w.want(http.StatusOK, call{method: "GET", path: "%p/promises?from=2020-01-01&to=2120-01-01", scope: auth.ScopeRead})
		if !strings.Contains(got.body, `"kept_share":1,`) || !strings.Contains(got.body, `"months":[{"month":"20`) {
			t.Errorf("over a century: %s", got.body)
		}
		for _, bad := range []string{"?from=yesterday", "?from=2026-02-01&to=2026-01-01"} {
			w.want(http.StatusUnprocessableEntity, call{method: "GET", path: "%p/promises" + bad, scope: auth.ScopeRead})
		}
	})
}
