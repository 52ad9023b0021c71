package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

// partsOf is what the tests read of what is for some readers only.
type partsOf struct {
	Allclear struct {
		WhatToDo *string `json:"what_to_do"`
		Parts    []struct {
			UpdateID       string `json:"update_id"`
			InternalNote   string `json:"internal_note"`
			CustomerAnswer string `json:"customer_answer"`
		}
		InternalNote   string `json:"internal_note"`
		CustomerAnswer string `json:"customer_answer"`
	}
}

func (w *world) wantParts(what string, got answer, want ...string) {
	w.t.Helper()
	var have []string
	for _, p := range decode[partsOf](w.t, got).Allclear.Parts {
		have = append(have, p.InternalNote+"|"+p.CustomerAnswer)
	}
	if strings.Join(have, ", ") != strings.Join(want, ", ") {
		w.t.Errorf("%s: parts are %q, want %q", what, have, want)
	}
}

func TestPartsForSomeAreShownToWhoMayPostAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		opened := w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: fmt.Sprintf(
			`{"incident":{"name":"Card payments fail","body":"Card payments fail.","components":{%q:"major_outage"},
			"allclear":{"internal_note":"We lose sales.","customer_answer":"Offer bank transfer.","what_to_do":"Pay by bank transfer."}}}`, w.payments.ID)})
		w.wantParts("opened", opened, "We lose sales.|Offer bank transfer.")
		second := w.want(http.StatusOK, call{method: "PATCH", path: "%p/incidents/INC-1", scope: auth.ScopePost, body: `{"incident":{"body":"Still looking.","allclear":{"internal_note":"Decide by noon."}}}`})
		w.wantParts("updated", second, "We lose sales.|Offer bank transfer.", "Decide by noon.|")
		if do := decode[partsOf](t, second).Allclear.WhatToDo; text(do) != "Pay by bank transfer." {
			t.Errorf("what to do is %q", text(do))
		}
		w.wantParts("read by who posts", w.want(http.StatusOK, call{method: "GET", path: "%p/incidents/INC-1", scope: auth.ScopePost}), "We lose sales.|Offer bank transfer.", "Decide by noon.|")
		for _, path := range []string{"%p/incidents/INC-1", "%p/incidents", "%p/incidents/unresolved"} {
			if got := w.want(http.StatusOK, call{method: "GET", path: path, scope: auth.ScopeRead}); strings.Contains(got.body, "sales") || strings.Contains(got.body, `"parts"`) {
				t.Errorf("who may only read is shown %s", got.body)
			}
			if got := w.want(http.StatusOK, call{method: "GET", path: path, scope: auth.ScopeManage}); !strings.Contains(got.body, "We lose sales.") {
				t.Errorf("who may manage is shown %s", got.body)
			}
		}

		id := decode[incident](t, second).IncidentUpdates[0].ID
		edit := func(code int, fields string) answer {
			return w.want(code, call{method: "PATCH", path: "%p/incidents/INC-1/incident_updates/" + id, scope: auth.ScopePost, body: `{"incident_update":{` + fields + `}}`})
		}
		if got := decode[partsOf](t, edit(http.StatusOK, `"allclear":{"customer_answer":"Try again at noon."}`)); got.Allclear.InternalNote != "Decide by noon." || got.Allclear.CustomerAnswer != "Try again at noon." {
			t.Errorf("edited %+v", got)
		}
		if got := decode[partsOf](t, edit(http.StatusOK, `"body":"Still looking into it.","allclear":{"internal_note":null}`)); got.Allclear.InternalNote != "" || got.Allclear.CustomerAnswer != "Try again at noon." {
			t.Errorf("edited %+v", got)
		}
		edit(http.StatusUnprocessableEntity, `"allclear":{}`)
		w.wantParts("after the edits", w.want(http.StatusOK, call{method: "GET", path: "%p/incidents/INC-1", scope: auth.ScopePost}), "We lose sales.|Offer bank transfer.", "|Try again at noon.")

		over := w.want(http.StatusOK, call{method: "PATCH", path: "%p/incidents/INC-1", scope: auth.ScopePost, body: `{"incident":{"status":"resolved"}}`})
		if do := decode[partsOf](t, over).Allclear.WhatToDo; do != nil {
			t.Errorf("at the end, what to do is %q", *do)
		}
	})
}

func TestPartsAreCheckedForTheirOwnReaders(t *testing.T) {
	w := alone(t)
	before := w.everything()
	for fields, want := range map[string]string{
		`"internal_note":"The key is AKIAIOSFODNN7EXAMPLE."`:  "secret in internal_note",
		`"internal_note":"{{business effect}}"`:               "placeholder in internal_note",
		`"customer_answer":"db-prod-03 is down."`:             "host in customer_answer",
		`"what_to_do":"Run kubectl get pods on db-prod-03."`:  "in what_to_do",
		`"customer_answer":"[TIME]","internal_note":"[TIME]"`: "placeholder in internal_note",
	} {
		p := decode[fault](t, w.want(http.StatusUnprocessableEntity, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: `{"incident":{"name":"Search fails","body":"Search fails for everybody.","allclear":{` + fields + `}}}`}))
		if !strings.Contains(p.Detail, want) {
			t.Errorf("%s: %s", fields, p.Detail)
		}
	}
	for fields, field := range map[string]string{
		`"allclear":{"internal_note":5}`:                               "incident.allclear.internal_note",
		`"allclear":{"what_to_do":"` + strings.Repeat("a", 501) + `"}`: "incident.allclear.what_to_do",
		`"allclear":{"what_to_do":"a\u0007"}`:                          "incident.allclear.what_to_do",
	} {
		p := decode[fault](t, w.want(http.StatusUnprocessableEntity, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: `{"incident":{"name":"Search fails",` + fields + `}}`}))
		if len(p.Errors) != 1 || p.Errors[0].Field != field {
			t.Errorf("%s: %+v", fields, p.Errors)
		}
	}
	if after := w.everything(); after != before {
		t.Errorf("something was stored: %s", after)
	}
	// Who gets the note knows our words; with a reason, others may be told them too.
	w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
		body: `{"incident":{"name":"Search fails","body":"Search fails.","allclear":{"internal_note":"Failover of the replica set failed, the SRE on call restarts k8s."}}}`})
	w.want(http.StatusOK, call{method: "PATCH", path: "%p/incidents/INC-1", scope: auth.ScopePost,
		body: `{"incident":{"body":"Still looking.","allclear":{"customer_answer":"db-prod-03 is down.","override":{"reason":"a name that customers know"}}}}`})
	p := decode[fault](t, w.want(http.StatusUnprocessableEntity, call{method: "PATCH", path: "%p/incidents/INC-1", scope: auth.ScopePost,
		body: `{"incident":{"metadata":{"a":1},"allclear":{"internal_note":"Decide by noon."}}}`}))
	if len(p.Errors) != 1 || p.Errors[0].Field != "incident.allclear.internal_note" || !strings.Contains(p.Detail, "body") {
		t.Errorf("a note without a message: %s", p.Detail)
	}
}

func TestDraftKeepsItsPartsUntilItIsPublished(t *testing.T) {
	w := alone(t)
	w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
		body: `{"incident":{"name":"Search fails","body":"Search fails.","allclear":{"draft":true,"internal_note":"Decide by noon."}}}`})
	w.want(http.StatusOK, call{method: "PATCH", path: "%p/incidents/INC-1", scope: auth.ScopePost, body: `{"incident":{"allclear":{"customer_answer":"Try again later."}}}`})
	w.wantParts("public", w.want(http.StatusOK, call{method: "PATCH", path: "%p/incidents/INC-1", scope: auth.ScopePost, body: `{"incident":{"allclear":{"draft":false}}}`}), "Decide by noon.|Try again later.")
	notices, err := w.store.Notices(t.Context(), w.incidentID("INC-1"))
	if err != nil || len(notices) != 1 || notices[0].Content.InternalNote != "Decide by noon." || notices[0].Content.CustomerAnswer != "Try again later." {
		t.Errorf("notices %+v, %v", notices, err)
	}
}

func (w *world) incidentID(reference string) string {
	w.t.Helper()
	i, err := w.store.FindIncident(w.t.Context(), reference)
	if err != nil {
		w.t.Fatal(err)
	}
	return i.ID
}

func TestAudienceOfOneUpdateIsReadAndChecked(t *testing.T) {
	w := alone(t)
	w.want(http.StatusOK, call{method: "POST", path: "%p/stakeholders/import", scope: auth.ScopeManage, body: sampleRegister})
	open := func(code int, audience string) answer {
		t.Helper()
		return w.want(code, call{method: "POST", path: "%p/incidents?dry_run=true", scope: auth.ScopePost, body: fmt.Sprintf(
			`{"incident":{"name":"Card payments fail","body":"Card payments fail.","components":{%q:"major_outage"},"allclear":{"audience":%s}}}`, w.payments.ID, audience)})
	}
	looked := decode[incident](t, open(http.StatusOK, `{"without":["manage_closely"],"also":[{"email":"ana@partner.example"},{"quadrant":"monitor"}],"reason":"a rehearsal"}`))
	var told []string
	for _, p := range looked.Allclear.Preview.People {
		if p.Action == "send" {
			told = append(told, p.Name+" by "+p.Rule)
		}
	}
	if got := strings.Join(told, ", "); got != "Support by table, ana@partner.example by 10 manager" {
		t.Errorf("the preview tells %s", got)
	}
	for audience, field := range map[string]string{
		`{"whithout":["keep_satisfied"],"without":["monitor"],"reason":"x"}`:   ".whithout",
		`{"also":[{"mail":"a@x.example","email":"b@x.example"}],"reason":"x"}`: ".also[0].mail",
		`5`: "", `{}`: ".reason", `{"only":"x","reason":"y"}`: ".only", `{"also":{},"reason":"y"}`: ".also", `{"also":[null],"reason":"y"}`: ".also[0]",
		`{"also":["x"],"reason":"y"}`: ".also[0]", `{"also":[{"email":4}],"reason":"y"}`: ".also[0].email", `{"also":[{"email":"a"}],"reason":"y"}`: ".also[0].email",
		`{"only":["x"],"reason":"y"}`: ".only", `{"only":["monitor"],"reason":" "}`: ".reason",
	} {
		p := decode[fault](t, open(http.StatusUnprocessableEntity, audience))
		if len(p.Errors) == 0 || p.Errors[0].Field != "incident.allclear.audience"+field {
			t.Errorf("%s: %+v", audience, p.Errors)
		}
	}
}

func TestPushIsTakenBackWithinTheUndoTime(t *testing.T) {
	w := alone(t)
	undo := func(code int, id, body string) answer {
		t.Helper()
		return w.want(code, call{method: "POST", path: "%p/incidents/INC-1/incident_updates/" + id + "/undo", scope: auth.ScopePost, body: body})
	}
	for _, seconds := range []string{"-1", "601", `"x"`} {
		p := decode[fault](t, w.want(http.StatusUnprocessableEntity, call{method: "PATCH", path: "%p", scope: auth.ScopeManage, body: `{"page":{"allclear":{"undo_seconds":` + seconds + `}}}`}))
		if len(p.Errors) != 1 || p.Errors[0].Field != "page.allclear.undo_seconds" {
			t.Errorf("%s: %+v", seconds, p.Errors)
		}
	}
	open := call{method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: `{"incident":{"name":"Search fails","body":"Search fails.","impact_override":"major"}}`}
	w.want(http.StatusCreated, open)
	id := decode[incident](t, w.want(http.StatusOK, call{method: "GET", path: "%p/incidents/INC-1", scope: auth.ScopeRead})).IncidentUpdates[0].ID
	if p := decode[fault](t, undo(http.StatusConflict, id, "")); !strings.HasPrefix(p.Detail, "It is too late to take this push back: people are told of it since ") {
		t.Errorf("too late: %s", p.Detail)
	}
	if page := w.want(http.StatusOK, call{method: "PATCH", path: "%p", scope: auth.ScopeManage, body: `{"page":{"allclear":{"undo_seconds":600}}}`}); !strings.Contains(page.body, `"undo_seconds":600`) {
		t.Errorf("the page is %s", page.body)
	}
	posted := w.want(http.StatusOK, call{method: "PATCH", path: "%p/incidents/INC-1", scope: auth.ScopePost, body: `{"incident":{"body":"Still looking."}}`})
	if strings.Contains(posted.body, `"undo_until":null`) {
		t.Errorf("posted %s", posted.body)
	}
	id = decode[incident](t, posted).IncidentUpdates[0].ID
	undo(http.StatusUnprocessableEntity, id, `{"undo":{"reason":5}}`)
	undo(http.StatusNotFound, "0123456789bc", "")
	w.want(http.StatusForbidden, call{method: "POST", path: "%p/incidents/INC-1/incident_updates/" + id + "/undo", scope: auth.ScopeRead})
	if got := decode[incident](t, undo(http.StatusOK, id, `{"undo":{"reason":"the wrong incident"}}`)); len(got.IncidentUpdates) != 2 {
		t.Errorf("the page keeps %+v", got.IncidentUpdates)
	}
	if p := decode[fault](t, undo(http.StatusConflict, id, "")); p.Detail != "This push was taken back already; nobody was told." {
		t.Errorf("twice: %s", p.Detail)
	}
}
