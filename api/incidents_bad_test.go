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
			{`{"incident":{"name":"x","scheduled_for":"tomorrow"}}`, "incident.scheduled_for", "such as 2026-01-31T10:59:00Z"},
			{`{"incident":{"name":"x","scheduled_until":1764583200}}`, "incident.scheduled_until", "is a number"},
			{`{"incident":{"name":"x","scheduled_remind_prior":true}}`, "incident.scheduled_remind_prior", "by hand for now"},
			{`{"incident":{"name":"x","scheduled_auto_in_progress":true}}`, "incident.scheduled_auto_in_progress", "by hand for now"},
			{`{"incident":{"name":"x","scheduled_auto_completed":true}}`, "incident.scheduled_auto_completed", "by hand for now"},
			{`{"incident":{"name":"x","scheduled_auto_transition":true}}`, "incident.scheduled_auto_transition", "by hand for now"},
			{`{"incident":{"name":"x","scheduled_auto_transition":"yes"}}`, "incident.scheduled_auto_transition", "must be true or false"},
			{`{"incident":{"name":"x","backfilled":"yes"}}`, "incident.backfilled", "must be true or false"},
			{`{"incident":{"name":"x","backfilled":true}}`, "incident.backfill_date", "is missing"},
			{`{"incident":{"name":"x","backfilled":true,"backfill_date":7}}`, "incident.backfill_date", "is a number"},
			{`{"incident":{"name":"x","backfilled":true,"backfill_date":"31.1.2026"}}`, "incident.backfill_date", "a date such as 2026-01-31"},
			{`{"incident":{"name":"x","backfill_date":"2026-01-31"}}`, "incident.backfill_date", "set backfilled to true"},
			{`{"incident":{"name":"x","backfilled":false,"backfill_date":"2026-01-31"}}`, "incident.backfill_date", "set backfilled to true"},
			{`incident[name]=x&incident[backfilled]=t`, "incident.backfill_date", "is missing"},
			{`{"incident":{"name":"x","allclear":{"expected_impact":"minor"}}}`, "incident.allclear.expected_impact", "is for a maintenance"},
			{`{"incident":{"name":"x","allclear":{"expected_impact":3}}}`, "incident.allclear.expected_impact", "is a number"},
			{`{"incident":{"name":"x","allclear":{"estimated_end_at":"soon"}}}`, "incident.allclear.estimated_end_at", "such as 2026-01-31T10:59:00Z"},
			{`{"incident":{"name":"x","allclear":{"estimated_end_at":7}}}`, "incident.allclear.estimated_end_at", "is a number"},
			{`{"incident":{"name":"x","allclear":{"estimated_end_at":"2020-01-01T00:00:00Z"}}}`, "incident.allclear.estimated_end_at", "has passed"},
			{`{"incident":{"name":"x","allclear":{"draft":"yes"}}}`, "incident.allclear.draft", "must be true or false"},
			{`{"incident":{"name":"x","allclear":{"override":"because"}}}`, "incident.allclear.override", "is a text; it must be an object"},
			{`{"incident":{"name":"x","allclear":{"override":{}}}}`, "incident.allclear.override.reason", "is missing"},
			{`{"incident":{"name":"x","allclear":{"override":{"reason":null}}}}`, "incident.allclear.override.reason", "is missing"},
			{`{"incident":{"name":"x","allclear":{"override":{"reason":" "}}}}`, "incident.allclear.override.reason", "is missing"},
			{`{"incident":{"name":"x","allclear":{"override":{"reason":true}}}}`, "incident.allclear.override.reason", "is true; it must be a text"},
			{`{"incident":{"name":"x","allclear":{"override":{"reason":"a\u0000b"}}}}`, "incident.allclear.override.reason", "control character"},
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

func TestMaintenanceNamesEveryFieldThatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		window := `"scheduled_for":"2099-12-01T22:00:00Z","scheduled_until":"2099-12-01T23:30:00Z"`
		cases := []bad{
			{`{"incident":{"name":"x","status":"scheduled"}}`, "incident.scheduled_for", "is missing"},
			{`{"incident":{"name":"x","status":"completed"}}`, "incident.scheduled_for", "is missing"},
			{`{"incident":{"name":"x","scheduled_for":"2099-12-01T22:00:00Z"}}`, "incident.scheduled_until", "is missing"},
			{`{"incident":{"name":"x","scheduled_for":"2099-12-01T22:00:00Z","scheduled_until":null}}`, "incident.scheduled_until", "is missing"},
			{`{"incident":{"name":"x","scheduled_for":"2099-12-01T22:00:00Z","scheduled_until":"2099-12-01T22:00:00Z"}}`, "incident.scheduled_until", "must be after scheduled_for"},
			{`{"incident":{"name":"x","scheduled_for":"2099-12-01T22:00:00Z","scheduled_until":"2100-12-01T22:00:00Z"}}`, "incident.scheduled_until", "more than 31 days"},
			{`{"incident":{"name":"x","scheduled_for":"2020-12-01T22:00:00Z","scheduled_until":"2020-12-01T23:00:00Z"}}`, "incident.scheduled_until", "has passed"},
			{`{"incident":{"name":"x","status":"investigating",` + window + `}}`, "incident.scheduled_for", "is for a maintenance"},
			{`{"incident":{"name":"x",` + window + `,"allclear":{"expected_impact":"average"}}}`, "incident.allclear.expected_impact", "must be one of none, minor, major, critical"},
			{`{"incident":{"name":"x",` + window + `,"backfilled":true,"backfill_date":"2026-01-31"}}`, "incident.backfilled", "not for a maintenance"},
			{`{"incident":{"name":"x","backfilled":true,"backfill_date":"2099-01-31"}}`, "incident.backfill_date", "is in the future"},
			{`{"incident":{"name":"x","backfilled":true,"backfill_date":"2026-01-31","status":"investigating"}}`, "incident.status", "a backfilled incident is resolved"},
			{`{"incident":{"name":"x","backfilled":true,"backfill_date":"2026-01-31","component_ids":["` + w.search.ID + `"]}}`, "incident.components", "cannot be given"},
			{`{"incident":{"name":"x","backfilled":true,"backfill_date":"2026-01-31","allclear":{"draft":true}}}`, "incident.allclear.draft", "is published at once"},
		}
		w.refuse("POST", "%p/incidents", cases)
		w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: `{"incident":{"name":"Move",` + window + `}}`})
		w.refuse("PATCH", "%p/incidents/INC-1", []bad{
			{`{"incident":{"status":"resolved"}}`, "incident.status", "that of a maintenance must be one of scheduled"},
			{`{"incident":{"scheduled_until":"2099-12-01T21:00:00Z"}}`, "incident.scheduled_until", "must be after scheduled_for"},
			{`{"incident":{"backfilled":true,"backfill_date":"2026-01-31"}}`, "incident.backfilled", "is for a new incident only"},
		})
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
