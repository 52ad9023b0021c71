package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

// entry is an entry of the register as the API shows it.
type entry struct {
	ID, Name, Quadrant string
	Contacts           []struct {
		Channel, Address string
		Label            *string
		Private          bool
		Contractual      *struct{ Basis string }
	}
	Components  []string
	Owner       *string
	ReviewAfter *string `json:"review_after"`
	ReviewedAt  *string `json:"reviewed_at"`
	ReviewDueAt *string `json:"review_due_at"`
	Warnings    []string
}

const newEntry = `{"stakeholder": {"name": "Ana", "power": "high", "interest": "high", "owner": "boss@acme.example", "language": "es",
	"contacts": [{"email": "Ana@Acme.example", "private": true, "contractual": {"basis": "Contract"}}, {"slack": "https://hooks.example/secret", "label": "#ana"}],
	"components": ["Site search"], "review_after": "30d"}, "reason": "new here"}`

func TestRegisterIsManagedEntryByEntry(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		manage := func(code int, method, path, body string) entry {
			t.Helper()
			return decode[entry](t, w.want(code, call{method: method, path: "%p/stakeholders" + path, scope: auth.ScopeManage, body: body}))
		}
		w.tokens[auth.ScopeAdmin] = w.addToken(auth.ScopeAdmin)
		component := w.addComponent("Site search").ID
		ana := manage(http.StatusCreated, "POST", "", newEntry)
		if ana.Quadrant != "manage_closely" || len(ana.Contacts) != 2 || ana.Contacts[0].Address != "ana@acme.example" || ana.Contacts[0].Contractual.Basis != "Contract" ||
			ana.Contacts[1].Address != "#ana" || !slices.Equal(ana.Components, []string{component}) || ana.ReviewDueAt == nil || len(ana.Warnings) != 0 {
			t.Errorf("added %+v", ana)
		}
		read := w.want(http.StatusOK, call{method: "GET", path: "%p/stakeholders/" + ana.ID, scope: auth.ScopePost})
		if got := decode[entry](t, read); got.Name != "Ana" || strings.Contains(read.body, "hooks.example") {
			t.Errorf("read %s", read.body)
		}
		// What answers show may be sent back: the secret stays.
		changed := manage(http.StatusOK, "PATCH", "/"+ana.ID, `{"stakeholder": {"power": "low", "owner": null,
			"contacts": [{"channel": "slack", "address": "#ana", "label": "#ana", "private": true}, {"sms": "+34 600 000 000"}]}, "reason": "moved to support"}`)
		if changed.Quadrant != "keep_informed" || changed.Owner != nil || len(changed.Contacts) != 2 || changed.Contacts[0].Address != "#ana" || !changed.Contacts[0].Private || *changed.ReviewAfter != "30d" {
			t.Errorf("changed %+v", changed)
		}
		whole := w.want(http.StatusOK, call{method: "GET", path: "%p/stakeholders/" + ana.ID, scope: auth.ScopePost}).body
		if again := manage(http.StatusOK, "PATCH", "/"+ana.ID, `{"stakeholder": `+whole+`}`); again.Quadrant != "keep_informed" || len(again.Contacts) != 2 {
			t.Errorf("sent back whole %+v", again)
		}
		export := w.want(http.StatusOK, call{method: "GET", path: "%p/stakeholders/export?format=csv", scope: auth.ScopeAdmin})
		if !strings.Contains(export.body, "https://hooks.example/secret") || !strings.Contains(export.body, "'+34600000000") {
			t.Errorf("the secret is lost: %s", export.body)
		}
		bo := manage(http.StatusCreated, "POST", "", `{"stakeholder": {"name": "Bo", "power": "low", "interest": "low", "contacts": [{"sms": "+34600000000"}]}}`)
		if len(bo.Warnings) != 1 || !strings.Contains(bo.Warnings[0], "Ana; Bo: all lead to sms +34600000000") {
			t.Errorf("warnings %q", bo.Warnings)
		}
		if reviewed := manage(http.StatusOK, "POST", "/"+ana.ID+"/review", ""); reviewed.ReviewedAt == nil {
			t.Errorf("reviewed %+v", reviewed)
		}
		if due := w.want(http.StatusOK, call{method: "GET", path: "%p/stakeholders?review_due=true", scope: auth.ScopePost}); due.body != "[]" {
			t.Errorf("due are %s", due.body)
		}
		w.want(http.StatusNoContent, call{method: "DELETE", path: "%p/stakeholders/" + ana.ID + "?reason=left", scope: auth.ScopeManage})
		w.want(http.StatusNotFound, call{method: "GET", path: "%p/stakeholders/" + ana.ID, scope: auth.ScopePost})
		for _, c := range []call{{method: "PATCH", body: `{"stakeholder": {}}`}, {method: "DELETE"}} {
			c.path, c.scope = "%p/stakeholders/"+ana.ID, auth.ScopeManage
			w.want(http.StatusNotFound, c)
		}
		w.checkMoves(ana.ID)
	})
}

func (w *world) checkMoves(id string) {
	w.t.Helper()
	type move struct {
		Name, Actor      string
		From, To, Reason *string
	}
	moves := decode[[]move](w.t, w.want(http.StatusOK, call{method: "GET", path: "%p/stakeholders/" + id + "/moves", scope: auth.ScopePost}))
	if len(moves) != 3 || moves[0].To != nil || *moves[0].Reason != "left" || *moves[1].From != "manage_closely" || *moves[1].To != "keep_informed" ||
		*moves[1].Reason != "moved to support" || moves[2].From != nil || *moves[2].Reason != "new here" {
		w.t.Errorf("moves %+v", moves)
	}
	all := decode[[]move](w.t, w.want(http.StatusOK, call{method: "GET", path: "%p/stakeholders/moves?limit=2", scope: auth.ScopePost}))
	if len(all) != 2 || all[1].Name != "Bo" {
		w.t.Errorf("all moves %+v", all)
	}
}

func TestBadEntryNamesItsFields(t *testing.T) {
	w := alone(t)
	w.want(http.StatusCreated, call{method: "POST", path: "%p/stakeholders", scope: auth.ScopeManage,
		body: `{"stakeholder": {"name": "Taken", "kind": "segment", "power": "low", "interest": "low"}}`})
	w.want(http.StatusCreated, call{method: "POST", path: "%p/stakeholders", scope: auth.ScopeManage,
		body: "{\"stakeholder\": {\"name\": \"Rene\u0301\", \"kind\": \"segment\", \"power\": \"low\", \"interest\": \"low\"}}"})
	for body, field := range map[string]string{
		`{"stakeholder": {"name": "René", "power": "low", "interest": "low", "contacts": [{"email": "a@x.example"}]}}`: "stakeholder.name",
		`{}`: "stakeholder",
		`{"stakeholder": {"power": "low", "interest": "low", "contacts": [{"email": "a@x.example"}]}}`:                                        "stakeholder.name",
		`{"stakeholder": {"name": "Taken", "power": "low", "interest": "low", "contacts": [{"email": "a@x.example"}]}}`:                       "stakeholder.name",
		`{"stakeholder": {"name": "A", "power": "huge", "interest": "low", "contacts": [{"email": "a@x.example"}]}}`:                          "stakeholder.power",
		`{"stakeholder": {"name": "A", "power": "low", "contacts": [{"email": "a@x.example"}]}}`:                                              "stakeholder.interest",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low"}}`:                                                                   "stakeholder.contacts",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": "a@x.example"}}`:                                        "stakeholder.contacts",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "pwer": "high", "contacts": [{"email": "a@x.example"}]}}`:           "stakeholder.pwer",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": [{"email": "a@x.example", "optedin": true}]}}`:          "stakeholder.contacts[0].optedin",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": [{"mail": "a@x.example", "email": "b@x.example"}]}}`:    "stakeholder.contacts[0].mail",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": [7]}}`:                                                  "stakeholder.contacts[0]",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": [{"email": "a@x.example"}, {"email": "b"}]}}`:           "stakeholder.contacts[1].email",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": [{"email": "a@x.example"}, {"email": "A@X.example"}]}}`: "stakeholder.contacts[1].email",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": [{"channel": "fax", "address": "1"}]}}`:                 "stakeholder.contacts[0].channel",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": [{"channel": "slack", "address": "#ops"}]}}`:            "stakeholder.contacts[0].address",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": [{"email": "a@x.example", "sms": "+34600000000"}]}}`:    "stakeholder.contacts[0]",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": [{"email": "a@x.example", "contractual": {}}]}}`:        "stakeholder.contacts[0].contractual",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": [{"email": "a@x.example", "contractual": true}]}}`:      "stakeholder.contacts[0].contractual",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": [{"email": "a@x.example", "private": "yes"}]}}`:         "stakeholder.contacts[0].private",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": [{"email": "a@x.example"}], "components": ["None"]}}`:   "stakeholder.components[0]",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": [{"email": "a@x.example"}], "language": "tlh"}}`:        "stakeholder.language",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": [{"email": "a@x.example"}], "time_zone": "Mars"}}`:      "stakeholder.time_zone",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": [{"email": "a@x.example"}], "quiet_hours": "night"}}`:   "stakeholder.quiet_hours",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": [{"email": "a@x.example"}], "review_after": "soon"}}`:   "stakeholder.review_after",
		`{"stakeholder": {"name": "A", "kind": "segment", "power": "low", "interest": "low"}, "reason": "two\nlines"}`:                        "reason",
		`{"stakeholder": {"name": "A", "kind": "segment", "power": "low", "interest": "low", "contacts": [{"email": "a@x.example"}]}}`:        "stakeholder.contacts",
		`{"stakeholder": {"name": "A", "power": "low", "interest": "low", "contacts": [{"slack": "http:/hooks.example/secret"}]}}`:            "stakeholder.contacts[0].slack",
	} {
		got := w.want(http.StatusUnprocessableEntity, call{method: "POST", path: "%p/stakeholders", scope: auth.ScopeManage, body: body})
		if p := decode[fault](t, got); len(p.Errors) != 1 || p.Errors[0].Field != field || strings.Contains(got.body, "hooks.example") {
			t.Errorf("%s\nanswers %+v, want %s", body, p.Errors, field)
		}
	}
}

func TestRegisterIsExportedToWhomItMayBe(t *testing.T) {
	w := alone(t)
	w.tokens[auth.ScopeAdmin] = w.addToken(auth.ScopeAdmin)
	w.addComponent("Site search")
	w.want(http.StatusCreated, call{method: "POST", path: "%p/stakeholders", scope: auth.ScopeManage, body: newEntry})
	got := w.want(http.StatusOK, call{method: "GET", path: "%p/stakeholders/export", scope: auth.ScopePost})
	if !strings.HasPrefix(got.header.Get("Content-Type"), "text/markdown") || !strings.Contains(got.body, "**Manage closely**<br>Ana") || strings.Contains(got.body, "hooks") {
		t.Errorf("%s\n%s", got.header.Get("Content-Type"), got.body)
	}
	w.want(http.StatusForbidden, call{method: "GET", path: "%p/stakeholders/export?format=yaml", scope: auth.ScopeManage})
	w.want(http.StatusUnprocessableEntity, call{method: "GET", path: "%p/stakeholders/export?format=xlsx", scope: auth.ScopeAdmin})
	document := w.want(http.StatusOK, call{method: "GET", path: "%p/stakeholders/export?format=csv", scope: auth.ScopeAdmin}).body
	imported := call{method: "POST", path: "%p/stakeholders/import?dry_run=true", scope: auth.ScopeManage, body: document, header: http.Header{"Content-Type": {"text/csv; charset=utf-8"}}}
	type plan struct {
		Changes  []struct{ Name string }
		Warnings []string
	}
	if p := decode[plan](t, w.want(http.StatusOK, imported)); len(p.Changes) != 0 || p.Warnings == nil {
		t.Errorf("the export changes %+v", p)
	}
	imported.body = "name,power,interest,email\nAna,high,high,a@x.example\nBo,low,low,a@x.example\n"
	if p := decode[plan](t, w.want(http.StatusOK, imported)); len(p.Changes) != 2 || len(p.Warnings) != 1 || !strings.HasPrefix(p.Warnings[0], "line 2: Ana; line 3: Bo") {
		t.Errorf("the plan is %+v", p)
	}
	imported.body = "name,power,interest,email\nAna,some,high,a@x.example\n"
	if p := decode[fault](t, w.want(http.StatusUnprocessableEntity, imported)); !strings.HasPrefix(p.Errors[0].Message, "line 2, column power: ") {
		t.Errorf("answers %+v", p)
	}
}
