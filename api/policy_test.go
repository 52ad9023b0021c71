package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/stakeholders"
)

type policyPlan struct {
	DryRun    bool `json:"dry_run"`
	New       bool
	From      int64
	To        *int64
	Changes   []struct{ Words string }
	Concerned []struct {
		Quadrant    string
		Entries     int
		Subscribers int64
	}
	Warnings []string
}

// otherPolicy is the default policy with one cell changed.
func otherPolicy(t *testing.T) string {
	t.Helper()
	before, after, found := strings.Cut(string(stakeholders.DefaultPolicyDocument()), "keep_informed: E C / E C / C")
	if !found {
		t.Fatal("the default policy reads differently now")
	}
	return before + "keep_informed: E C / E C / C, E 15m" + after
}

func TestPolicyIsReadChangedAndCompared(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.want(http.StatusOK, call{method: "POST", path: "%p/stakeholders/import", scope: auth.ScopeManage, body: sampleRegister})
		get := func(path, accept string) answer {
			t.Helper()
			return w.want(http.StatusOK, call{method: "GET", path: "%p/policy" + path, scope: auth.ScopePost, header: http.Header{"Accept": {accept}}})
		}
		if got := get("", "*/*"); got.body != string(stakeholders.DefaultPolicyDocument()) || got.header.Get("Content-Type") != "application/yaml; charset=utf-8" {
			t.Errorf("the policy is %s %q", got.header.Get("Content-Type"), got.body)
		}
		type parsed struct {
			Version int64
			Table   map[string]map[string]map[string]struct {
				Text    string
				Entries []struct {
					Letters []string
					Hold    int
					Words   string
				}
			}
		}
		put := func(query, document string) policyPlan {
			t.Helper()
			return decode[policyPlan](t, w.want(http.StatusOK, call{method: "PUT", path: "%p/policy" + query, scope: auth.ScopeManage, body: document}))
		}
		words := "opened, keep_informed, minor: email nothing → after 15 min"
		dry := put("?dry_run=true", otherPolicy(t))
		if !dry.DryRun || !dry.New || dry.From != 1 || dry.To != nil || len(dry.Changes) != 1 || dry.Changes[0].Words != words ||
			len(dry.Concerned) != 1 || dry.Concerned[0].Quadrant != "keep_informed" || dry.Concerned[0].Entries != 1 {
			t.Errorf("the dry run says %+v", dry)
		}
		if real := put("?reason="+url.QueryEscape("support asked"), otherPolicy(t)); real.To == nil || *real.To != 2 || real.Warnings == nil {
			t.Errorf("the import says %+v", real)
		}
		if again := put("", otherPolicy(t)); again.New || *again.To != 2 || len(again.Changes) != 0 {
			t.Errorf("importing the same again says %+v", again)
		}
		policy := decode[parsed](t, get("", "application/json"))
		if cell := policy.Table["opened"]["keep_informed"]["minor"]; policy.Version != 2 || cell.Text != "C, E 15m" || len(cell.Entries) != 2 ||
			cell.Entries[1].Letters[0] != "E" || cell.Entries[1].Hold != 15 || cell.Entries[1].Words != "after 15 min" {
			t.Errorf("the policy is %+v", cell)
		}
		if old := decode[parsed](t, get("/versions/1", "application/json")); old.Version != 1 {
			t.Errorf("version 1 is %d", old.Version)
		}
		versions := decode[[]struct {
			Version int64
			InForce bool `json:"in_force"`
			Reason  string
		}](t, get("/versions", ""))
		if len(versions) != 2 || versions[0].Version != 2 || !versions[0].InForce || versions[0].Reason != "support asked" || versions[1].InForce {
			t.Errorf("versions are %+v", versions)
		}
		if diff := decode[policyPlan](t, get("/diff?from=1&to=2", "")); len(diff.Changes) != 1 || diff.Changes[0].Words != words || diff.From != 1 || *diff.To != 2 {
			t.Errorf("the difference is %+v", diff)
		}
		w.want(http.StatusNotFound, call{method: "GET", path: "%p/policy/versions/9", scope: auth.ScopePost})
		w.want(http.StatusNotFound, call{method: "GET", path: "%p/policy/versions/two", scope: auth.ScopePost})
		w.want(http.StatusNotFound, call{method: "GET", path: "%p/policy/diff?from=9", scope: auth.ScopePost})
		w.want(http.StatusUnprocessableEntity, call{method: "GET", path: "%p/policy/diff?from=two", scope: auth.ScopePost})
		w.want(http.StatusForbidden, call{method: "PUT", path: "%p/policy", scope: auth.ScopePost, body: otherPolicy(t)})
	})
}

func TestFaultyPolicyNamesEveryLine(t *testing.T) {
	w := alone(t)
	document := strings.NewReplacer("critical: 15m", "critical: 1s", "keep_satisfied: P 1/60", "keep_satisfied: X 1/60").Replace(string(stakeholders.DefaultPolicyDocument()))
	p := decode[fault](t, w.want(http.StatusUnprocessableEntity, call{method: "PUT", path: "%p/policy", scope: auth.ScopeManage, body: document}))
	if len(p.Errors) != 2 || p.Errors[0].Field != "policy" || !strings.HasPrefix(p.Errors[0].Message, "line ") || !strings.Contains(p.Errors[1].Message, ", column ") {
		t.Errorf("answers %+v", p.Errors)
	}
	w.want(http.StatusUnprocessableEntity, call{method: "PUT", path: "%p/policy", scope: auth.ScopeManage, body: ""})
	w.want(http.StatusUnprocessableEntity, call{method: "PUT", path: "%p/policy?dry_run=maybe", scope: auth.ScopeManage, body: document})
}

func TestSchemaOfThePolicyIsForEverybody(t *testing.T) {
	got := alone(t).want(http.StatusOK, call{method: "GET", path: "/v1/policy.schema.json"})
	if got.body != string(stakeholders.PolicySchema()) {
		t.Errorf("the schema is %q", got.body)
	}
}

func TestLedgerSaysWhichPolicyDecided(t *testing.T) {
	w := alone(t)
	w.want(http.StatusOK, call{method: "POST", path: "%p/stakeholders/import", scope: auth.ScopeManage, body: sampleRegister})
	w.want(http.StatusOK, call{method: "PUT", path: "%p/policy", scope: auth.ScopeManage, body: otherPolicy(t)})
	w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
		body: fmt.Sprintf(`{"incident":{"name":"Card payments fail","components":{%q:"major_outage"}}}`, w.payments.ID)})
	w.expand()
	for _, path := range []string{"/deliveries", "/incidents/INC-1/why?person=support"} {
		rows := decode[[]struct {
			Policy int64 `json:"policy_version"`
		}](t, w.want(http.StatusOK, call{method: "GET", path: "%p" + path, scope: auth.ScopePost}))
		if len(rows) == 0 || rows[0].Policy != 2 {
			t.Errorf("%s says %+v", path, rows)
		}
	}
}

func TestImpactMayBeNamedAsThePolicyDoes(t *testing.T) {
	w := alone(t)
	open := func(code int) answer {
		t.Helper()
		return w.want(code, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: `{"incident":{"name":"Card payments are slow","impact_override":"average"}}`})
	}
	open(http.StatusUnprocessableEntity)
	document := strings.Replace(string(stakeholders.DefaultPolicyDocument()), "  major: {means", "  average: {means", 1)
	w.want(http.StatusOK, call{method: "PUT", path: "%p/policy", scope: auth.ScopeManage, body: document})
	got := decode[struct {
		Impact         string
		ImpactOverride string `json:"impact_override"`
	}](t, open(http.StatusCreated))
	if got.Impact != "major" || got.ImpactOverride != "major" {
		t.Errorf("the incident has %+v", got)
	}
}
