package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

func TestIncidentNamesEveryFieldThatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.payments.ID
		cases := []bad{
			{"", "incident", "is missing"},
			{`{}`, "incident", "is missing"},
			{`{"incident":null}`, "incident", "is missing"},
			{`{"incident":[]}`, "incident", "is a list; it must be an object"},
			{`{"Incident":{"name":"x"}}`, "incident", "is missing"},
			{`name=x`, "incident", "is missing"},
			{`{"incident":{}}`, "incident.name", "is missing"},
			{`{"incident":{"name":""}}`, "incident.name", "is missing"},
			{`{"incident":{"name":"  "}}`, "incident.name", "is missing"},
			{`{"incident":{"name":"x","status":"broken"}}`, "incident.status", "must be one of investigating"},
			{`{"incident":{"name":"x","status":7}}`, "incident.status", "is a number"},
			{`{"incident":{"name":"x","status":"scheduled"}}`, "incident.status", "scheduled maintenance is not offered yet"},
			{`{"incident":{"name":"x","status":"completed"}}`, "incident.status", "scheduled maintenance is not offered yet"},
			{`{"incident":{"name":"x","scheduled_for":"2026-12-01T00:00:00Z"}}`, "incident.scheduled_for", "scheduled maintenance is not offered yet"},
			{`{"incident":{"name":"x","scheduled_remind_prior":true}}`, "incident.scheduled_remind_prior", "scheduled maintenance is not offered yet"},
			{`{"incident":{"name":"x","backfilled":true}}`, "incident.backfilled", "incidents of the past are not offered yet"},
			{`incident[name]=x&incident[backfilled]=t`, "incident.backfilled", "incidents of the past are not offered yet"},
			{`{"incident":{"name":"x","impact_override":"average"}}`, "incident.impact_override", "must be one of none, minor, major, critical"},
			{`{"incident":{"name":"x","impact_override":3}}`, "incident.impact_override", "is a number"},
			{`{"incident":{"name":"x","components":["` + c + `"]}}`, "incident.components", "is a list; it must be an object of component id to status"},
			{`incident[name]=x&incident[components][]=` + c, "incident.components", "is a list; it must be an object of component id to status"},
			{`{"incident":{"name":"x","components":{"` + c + `":"down"}}}`, "incident.components." + c, "must be one of operational"},
			{`{"incident":{"name":"x","components":{"` + c + `":""}}}`, "incident.components." + c, "must be one of operational"},
			{`{"incident":{"name":"x","components":{"` + c + `":null}}}`, "incident.components." + c, "is null"},
			{`{"incident":{"name":"x","components":{"` + c + `":1}}}`, "incident.components." + c, "is a number"},
			{`{"incident":{"name":"x","components":{"nothing":"operational"}}}`, "incident.components", "not a component of this page"},
			{`{"incident":{"name":"x","components":{"\u0000":"operational"}}}`, "incident.components", "not a component of this page"},
			{`{"incident":{"name":"x","component_ids":"` + c + `"}}`, "incident.component_ids", "is a text; it must be a list of component ids"},
			{`{"incident":{"name":"x","component_ids":{}}}`, "incident.component_ids", "is an object; it must be a list"},
			{`{"incident":{"name":"x","component_ids":["` + c + `",7]}}`, "incident.component_ids[1]", "is a number; it must be a text"},
			{`{"incident":{"name":"x","component_ids":["nothing"]}}`, "incident.component_ids", "not a component of this page"},
			{`{"incident":{"name":"x","deliver_notifications":"true"}}`, "incident.deliver_notifications", "must be true or false"},
			{`{"incident":{"name":"x","deliver_notifications":1}}`, "incident.deliver_notifications", "is a number; it must be true or false"},
			{`incident[name]=x&incident[deliver_notifications]=perhaps`, "incident.deliver_notifications", "must be true or false"},
			{`{"incident":{"name":"x","metadata":[]}}`, "incident.metadata", "is a list; it must be an object"},
			{`{"incident":{"name":"x","metadata":{"a":"` + strings.Repeat("x", 50_000) + `"}}}`, "incident.metadata", "at most 50000"},
			{`{"incident":{"name":"x","allclear":7}}`, "incident.allclear", "is a number; it must be an object"},
			{`{"incident":{"name":"x","allclear":{"next_update_due_at":"soon"}}}`, "incident.allclear.next_update_due_at", "such as 2026-01-31T10:59:00Z"},
			{`{"incident":{"name":"x","allclear":{"next_update_due_at":"2026-12-01 10:00"}}}`, "incident.allclear.next_update_due_at", "such as 2026-01-31T10:59:00Z"},
			{`{"incident":{"name":"x","allclear":{"next_update_due_at":1764583200}}}`, "incident.allclear.next_update_due_at", "is a number"},
			{`{"incident":{"name":"x","allclear":{"next_update_due_at":"2020-01-01T00:00:00Z"}}}`, "incident.allclear.next_update_due_at", "has passed"},
			{`{"incident":{"name":"x","allclear":{"next_update_due_at":"0001-01-01T00:00:00Z"}}}`, "incident.allclear.next_update_due_at", "such as"},
		}
		cases = append(cases, wrongText(`{"incident":{"name":%s}}`, "incident.name", 255, false)...)
		cases = append(cases, wrongText(`{"incident":{"name":"x","body":%s}}`, "incident.body", 25_000, true)...)
		w.refuse("POST", "%p/incidents", cases)

		w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: `{"incident":{"name":"Search is slow","body":"Search is slow."}}`})
		for i := range cases {
			cases[i].body = strings.NewReplacer(`"name":"x",`, "", `incident[name]=x&`, "").Replace(cases[i].body)
		}
		var changing []bad
		for _, one := range cases {
			if one.field != "incident.name" || !strings.Contains(one.says, "is missing") { // a name that is left out stays
				changing = append(changing, one)
			}
		}
		w.refuse("PATCH", "%p/incidents/INC-1", changing)
	})
}

func TestAllWrongFieldsAreNamedAtOnce(t *testing.T) {
	w := alone(t)
	got := w.want(http.StatusUnprocessableEntity, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
		body: `{"incident":{"name":7,"status":[],"components":[],"metadata":1,"deliver_notifications":"x"}}`})
	if p := decode[fault](t, got); len(p.Errors) != 5 {
		t.Errorf("named are %+v", p.Errors)
	}
	many := strings.Repeat(`"nothing",`, 30_000)
	got = w.want(http.StatusUnprocessableEntity, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
		body: `{"incident":{"name":"x","component_ids":[` + many[:len(many)-1] + `]}}`})
	if p := decode[fault](t, got); len(p.Errors) != 20 || !strings.Contains(p.Detail, "and 29980 more") {
		t.Errorf("named are %d: %s", len(p.Errors), p.Detail)
	}
}
