package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

func TestDraftIsNotPublicUntilItIsPublished(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.want(http.StatusOK, call{method: "POST", path: "%p/stakeholders/import", scope: auth.ScopeManage, body: sampleRegister})
		const words = "Card payments fail for all customers since 10:42 UTC."
		draft := decode[incident](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: fmt.Sprintf(`{"incident":{"name":"Card payments fail","body":%q,"components":{%q:"major_outage"},"allclear":{"draft":true}}}`, words, w.payments.ID)}))
		if !draft.Allclear.Draft || len(draft.Allclear.Audience.Told) != 0 || draft.Components[0].Status != "operational" {
			t.Errorf("the draft is %+v", draft)
		}
		w.wantLists(map[string][]string{"": {}, "/unresolved": {}, "?drafts=true": {"Card payments fail"}})
		w.want(http.StatusForbidden, call{method: "GET", path: "%p/incidents/INC-1", scope: auth.ScopeRead})
		w.want(http.StatusOK, call{method: "GET", path: "%p/incidents/INC-1", scope: auth.ScopePost})

		public := w.say("INC-1", `{"incident":{"allclear":{"draft":false}}}`)
		if public.Allclear.Draft || len(public.Allclear.Audience.Told) == 0 || public.Components[0].Status != "major_outage" ||
			len(public.IncidentUpdates) != 1 || public.IncidentUpdates[0].Body != words {
			t.Errorf("published as %+v", public)
		}
		w.wantLists(map[string][]string{"": {"Card payments fail"}, "?drafts=true": {}, "?drafts=false": {"Card payments fail"}})
		w.expand()
		rows := w.want(http.StatusOK, call{method: "GET", path: "%p/deliveries", scope: auth.ScopePost})
		if !strings.Contains(rows.body, "Management") {
			t.Errorf("told are %s", rows.body)
		}
	})
}

func TestDeletedIncidentIsGoneAndWhoHeardOfItHearsSo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.want(http.StatusOK, call{method: "POST", path: "%p/stakeholders/import", scope: auth.ScopeManage, body: sampleRegister})
		opened := decode[incident](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: fmt.Sprintf(`{"incident":{"name":"Card payments fail","components":{%q:"major_outage"}}}`, w.payments.ID)}))
		w.expand()
		gone := decode[incident](t, w.want(http.StatusOK, call{method: "DELETE", path: "%p/incidents/INC-1", scope: auth.ScopePost}))
		if gone.ID != opened.ID || gone.Name != opened.Name || len(gone.Allclear.Audience.Told) == 0 {
			t.Errorf("deleted %+v", gone)
		}
		for _, method := range []string{"GET", "DELETE", "PATCH"} {
			w.want(http.StatusNotFound, call{method: method, path: "%p/incidents/" + opened.ID, scope: auth.ScopePost, body: `{"incident":{"body":"Slow."}}`})
		}
		w.wantLists(map[string][]string{"": {}, "/unresolved": {}, "?drafts=true": {}})
	})
}

func TestEditedUpdateTellsNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.want(http.StatusOK, call{method: "POST", path: "%p/stakeholders/import", scope: auth.ScopeManage, body: sampleRegister})
		opened := decode[incident](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: fmt.Sprintf(`{"incident":{"name":"Card payments fail","body":"Card paymnts fail.","components":{%q:"major_outage"}}}`, w.payments.ID)}))
		w.expand()
		before := w.want(http.StatusOK, call{method: "GET", path: "%p/deliveries", scope: auth.ScopePost}).body
		path := "%p/incidents/INC-1/incident_updates/" + opened.IncidentUpdates[0].ID
		for _, method := range []string{"PATCH", "PUT"} {
			edited := decode[struct{ ID, Body, Status string }](t, w.want(http.StatusOK, call{method: method, path: path + ".json", scope: auth.ScopePost,
				body: `{"incident_update":{"body":"Card payments fail.","deliver_notifications":true}}`}))
			if edited.ID != opened.IncidentUpdates[0].ID || edited.Body != "Card payments fail." || edited.Status != "investigating" {
				t.Errorf("%s: edited %+v", method, edited)
			}
		}
		w.expand()
		if after := w.want(http.StatusOK, call{method: "GET", path: "%p/deliveries", scope: auth.ScopePost}).body; after != before {
			t.Errorf("deliveries became %s", after)
		}
		if got := decode[incident](t, w.want(http.StatusOK, call{method: "GET", path: "%p/incidents/INC-1", scope: auth.ScopeRead})); got.IncidentUpdates[0].Body != "Card payments fail." {
			t.Errorf("read %+v", got)
		}

		w.refuse("PATCH", path, append([]bad{
			{`{}`, "incident_update", "is missing"},
			{`{"incident_update":7}`, "incident_update", "is a number"},
			{`{"incident_update":{}}`, "incident_update.body", "is empty"},
			{`{"incident_update":{"body":" "}}`, "incident_update.body", "is empty"},
			{`{"incident_update":{"body":"x","allclear":{"override":{}}}}`, "incident_update.allclear.override.reason", "is missing"},
		}, wrongText(`{"incident_update":{"body":%s}}`, "incident_update.body", 25_000, true)...))
		leak := `{"incident_update":{"body":"db-prod-03 is down."%s}}`
		w.want(http.StatusUnprocessableEntity, call{method: "PATCH", path: path, scope: auth.ScopePost, body: fmt.Sprintf(leak, "")})
		w.want(http.StatusOK, call{method: "PATCH", path: path, scope: auth.ScopePost, body: fmt.Sprintf(leak, `,"allclear":{"override":{"reason":"asked for by name"}}`)})
		for _, missing := range []string{"%p/incidents/INC-1/incident_updates/000000000000", "%p/incidents/INC-1/incident_updates/x", "%p/incidents/INC-9/incident_updates/" + opened.IncidentUpdates[0].ID} {
			w.want(http.StatusNotFound, call{method: "PATCH", path: missing, scope: auth.ScopePost, body: `{"incident_update":{"body":"x"}}`})
		}
	})
}
