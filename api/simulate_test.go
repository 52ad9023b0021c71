package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/store"
)

func TestSimulationSaysWhoWouldBeToldWhat(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.want(http.StatusOK, call{method: "POST", path: "%p/stakeholders/import", scope: auth.ScopeManage, body: `
stakeholders:
  - {name: Management, kind: team, power: high, interest: high, contacts: [{email: management@acme.example}]}
  - {name: Ana, power: high, interest: low, quiet_hours: "22:00-07:00", contacts: [{email: ana@acme.example}]}
  - {name: Support, kind: team, power: low, interest: high, components: [Search], contacts: [{email: support@acme.example}]}
`})
		w.want(http.StatusCreated, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage, body: `{"subscriber":{"email":"bo@customer.example","skip_confirmation_notification":true}}`})
		type message struct {
			At, Who, Channel, Event, Rule string
			N                             int64
		}
		type answer struct {
			Messages []message
			NotTold  []struct{ Who, Rule, Reason string } `json:"not_told"`
			Warnings []string
		}
		try := func(body string) answer {
			return decode[answer](t, w.want(http.StatusOK, call{method: "POST", path: "%p/simulations", scope: auth.ScopePost, body: body}))
		}
		got := try(`{"simulation":{"impact":"critical","components":["card payments"],"start":"2026-11-22T03:00:00Z",
			"updates":[{"after_minutes":20},{"after_minutes":40,"status":"identified"},{"after_minutes":120,"status":"resolved"}],"hours":5}}`)
		var lines []string
		for _, m := range got.Messages {
			lines = append(lines, m.At[11:16]+" "+m.Who+" "+m.Event)
		}
		want := []string{"03:00 Management opened", "03:00 Customers (subscribers by email) opened",
			"03:30 Management update", "03:40 Management identified", "03:40 Customers (subscribers by email) identified",
			"05:00 Management resolved", "05:00 Customers (subscribers by email) resolved", "07:00 Ana resolved"}
		if !slices.Equal(lines, want) {
			t.Errorf("told\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
		if len(got.NotTold) != 1 || got.NotTold[0].Who != "Support" || got.NotTold[0].Rule != "3 scope" {
			t.Errorf("not told %+v", got.NotTold)
		}
		if !slices.Contains(got.Warnings, "Nobody in manage_closely can be reached at 03:00 except by email.") || !slices.Contains(got.Warnings, "Nobody in keep_informed hears of it within 15 minutes.") {
			t.Errorf("warns %q", got.Warnings)
		}
		for _, subscriber := range []string{`"email":"li@customer.example","allclear":{"language":"de"}`, `"email":"max@customer.example","component_ids":["` + w.search.ID + `"]`} {
			w.want(http.StatusCreated, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage, body: `{"subscriber":{` + subscriber + `,"skip_confirmation_notification":true}}`})
		}
		if err := w.store.InTx(t.Context(), func(tx *store.Tx) error {
			return tx.Suppress(t.Context(), stakeholders.Email, "ana@acme.example", store.Unsubscribed)
		}); err != nil {
			t.Fatal(err)
		}
		got = try(`{"simulation":{"impact":"major","components":["card payments"],"start":"2026-11-22T03:00:00Z","updates":[{"after_minutes":20,"status":"resolved"}]}}`)
		if n := len(got.Messages); n != 4 || got.Messages[1].Who != "Customers (subscribers by email)" || got.Messages[1].N != 2 {
			t.Errorf("told %+v, want subscribers of two languages in one line", got.Messages)
		}
		var silent []string
		for _, n := range got.NotTold {
			silent = append(silent, n.Who+": "+n.Rule+": "+n.Reason)
		}
		want = []string{"Support: 3 scope: follows other components than those touched", "Ana: 1 consent: nothing is sent to ana@acme.example any more",
			"Customers (subscribers by email): 3 scope: follows other components than those touched"}
		if !slices.Equal(silent, want) {
			t.Errorf("not told\n%s\nwant\n%s", strings.Join(silent, "\n"), strings.Join(want, "\n"))
		}
		if got := try(`{"simulation":{"impact":"critical","start":"2026-11-22T03:00:00Z"}}`); len(got.Messages) == 0 {
			t.Error("nobody hears of an incident with the policy's own rhythm")
		}
		graded, err := json.Marshal(strings.Replace(string(stakeholders.DefaultPolicyDocument()), "  major: {means", "  average: {means", 1))
		if err != nil {
			t.Fatal(err)
		}
		if got := try(`{"simulation":{"impact":"average","start":"2026-11-22T03:00:00Z","policy":` + string(graded) + `}}`); len(got.Messages) == 0 {
			t.Error("an impact by the policy's own word tells nobody")
		}
		for body, field := range map[string]string{
			`{"simulation":{"impact":"huge","start":"2026-11-22T03:00:00Z"}}`:                                                      "simulation.impact",
			`{"simulation":{"impact":"major"}}`:                                                                                    "simulation.start",
			`{"simulation":{"impact":"major","start":"soon"}}`:                                                                     "simulation.start",
			`{"simulation":{"impact":"major","start":"2026-11-22T03:00:00Z","components":["Nothing"]}}`:                            "simulation.components[0]",
			`{"simulation":{"impact":"major","start":"2026-11-22T03:00:00Z","hours":0}}`:                                           "simulation.hours",
			`{"simulation":{"impact":"major","start":"2026-11-22T03:00:00Z","hours":1000}}`:                                        "simulation.hours",
			`{"simulation":{"impact":"major","start":"2026-11-22T03:00:00Z","updates":[7]}}`:                                       "simulation.updates[0]",
			`{"simulation":{"impact":"major","start":"2026-11-22T03:00:00Z","updates":[{}]}}`:                                      "simulation.updates[0].after_minutes",
			`{"simulation":{"impact":"major","start":"2026-11-22T03:00:00Z","updates":[{"after_minutes":5,"status":"fixed"}]}}`:    "simulation.updates[0].status",
			`{"simulation":{"impact":"major","start":"2026-11-22T03:00:00Z","updates":[{"after_minutes":5},{"after_minutes":5}]}}`: "simulation.updates[1].after_minutes",
			`{"simulation":{"impact":"major","start":"2026-11-22T03:00:00Z","policy":"name: x"}}`:                                  "policy",
			`{"simulation":{"impact":"major","start":"2026-11-22T03:00:00Z","updates":[{"after_minutes":"soon"}]}}`:                "simulation.updates[0].after_minutes",
		} {
			p := decode[fault](t, w.want(http.StatusUnprocessableEntity, call{method: "POST", path: "%p/simulations", scope: auth.ScopePost, body: body}))
			if len(p.Errors) == 0 || p.Errors[0].Field != field {
				t.Errorf("%s answers %+v, want a fault in %s", body, p.Errors, field)
			}
		}
		w.want(http.StatusForbidden, call{method: "POST", path: "%p/simulations", scope: auth.ScopeRead, body: `{"simulation":{"impact":"major","start":"2026-11-22T03:00:00Z"}}`})
	})
}
