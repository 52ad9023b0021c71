package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

const sampleRegister = `
stakeholders:
  - name: Management
    kind: team
    power: high
    interest: high
    contacts:
      - email: management@acme.example
      - slack: https://hooks.example/services/secret
        label: "#management"
  - name: Customers
    kind: segment
    power: high
    interest: low
  - name: Support
    kind: team
    power: low
    interest: high
    contacts:
      - email: support@acme.example
  - name: Everyone else
    kind: team
    power: low
    interest: low
    contacts:
      - email: everyone@acme.example
        opted_in: true
`

func TestRegisterIsImportedAfterADryRun(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		type plan struct {
			DryRun  bool `json:"dry_run"`
			Changes []struct {
				Action, Name string
				Details      []string
			}
		}
		imported := func(query, document string) plan {
			t.Helper()
			return decode[plan](t, w.want(http.StatusOK, call{method: "POST", path: "%p/stakeholders/import" + query, scope: auth.ScopeManage, body: document}))
		}
		if dry := imported("?dry_run=true", sampleRegister); !dry.DryRun || len(dry.Changes) != 4 || dry.Changes[0].Action != "add" || dry.Changes[0].Name != "Management" {
			t.Errorf("the dry run says %+v", dry)
		}
		if list := w.want(http.StatusOK, call{method: "GET", path: "%p/stakeholders", scope: auth.ScopePost}); list.body != "[]" {
			t.Errorf("the dry run stored %s", list.body)
		}
		if real := imported("", sampleRegister); real.DryRun || len(real.Changes) != 4 {
			t.Errorf("the import says %+v", real)
		}
		if again := imported("", sampleRegister); again.Changes == nil || len(again.Changes) != 0 {
			t.Errorf("importing the same again says %+v", again)
		}
		list := w.want(http.StatusOK, call{method: "GET", path: "%p/stakeholders", scope: auth.ScopePost})
		register := decode[[]struct {
			Name, Quadrant string
			Contacts       []struct{ Channel, Address string }
		}](t, list)
		if len(register) != 4 || register[0].Quadrant != "manage_closely" || len(register[0].Contacts) != 2 || register[0].Contacts[1].Address != "#management" {
			t.Errorf("the register is %+v", register)
		}
		if strings.Contains(list.body, "hooks.example") {
			t.Errorf("a secret address is shown: %s", list.body)
		}
	})
}

func TestBrokenRegisterNamesTheLineAndImportsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, document := range map[string]string{
			"no text":   "",
			"no YAML":   "stakeholders:\n  - name: [",
			"no level":  "stakeholders:\n  - name: Good\n    kind: segment\n    power: high\n    interest: low\n  - name: Bad\n    kind: segment\n    power: enormous\n    interest: low\n",
			"no UTF-8":  "stakeholders:\n  - name: \xff\n",
			"injecting": strings.Replace(sampleRegister, "support@acme.example", `"a@acme.example\r\nBcc: b@acme.example"`, 1),
		} {
			p := decode[fault](t, w.want(http.StatusUnprocessableEntity, call{method: "POST", path: "%p/stakeholders/import", scope: auth.ScopeManage, body: document}))
			if len(p.Errors) == 0 || p.Errors[0].Field != "register" {
				t.Errorf("%s answers %+v", name, p)
			}
			if name == "no level" && !strings.Contains(p.Detail, "line") {
				t.Errorf("%s names no line: %s", name, p.Detail)
			}
		}
		p := decode[fault](t, w.want(http.StatusUnprocessableEntity, call{method: "POST", path: "%p/stakeholders/import?dry_run=maybe", scope: auth.ScopeManage, body: sampleRegister}))
		if p.Errors[0].Field != "dry_run" {
			t.Errorf("dry_run=maybe answers %+v", p)
		}
		if list := w.want(http.StatusOK, call{method: "GET", path: "%p/stakeholders", scope: auth.ScopePost}); list.body != "[]" {
			t.Errorf("something was stored: %s", list.body)
		}
	})
}
