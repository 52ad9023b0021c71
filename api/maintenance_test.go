package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/allclear-status/allclear/auth"
)

// names lists the names of the incidents that a list has, in its order.
func (w *world) names(list string, scope auth.Scope) []string {
	w.t.Helper()
	names := []string{}
	for _, one := range decode[[]incident](w.t, w.want(http.StatusOK, call{method: "GET", path: "%p/incidents" + list, scope: scope})) {
		names = append(names, one.Name)
	}
	return names
}

// wantLists checks what each list of incidents holds.
func (w *world) wantLists(want map[string][]string) {
	w.t.Helper()
	for list, names := range want {
		if got := w.names(list, auth.ScopePost); !slices.Equal(got, names) {
			w.t.Errorf("incidents%s lists %q, want %q", list, got, names)
		}
	}
}

// say posts about an incident.
func (w *world) say(name, body string) incident {
	w.t.Helper()
	return decode[incident](w.t, w.want(http.StatusOK, call{method: "PATCH", path: "%p/incidents/" + name, scope: auth.ScopePost, body: body}))
}

func TestMaintenanceFromAnnouncementToEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.want(http.StatusOK, call{method: "POST", path: "%p/stakeholders/import", scope: auth.ScopeManage, body: sampleRegister})
		w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: `{"incident":{"name":"Search is slow"}}`})
		from := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second)
		at := func(d time.Duration) string { return from.Add(d).Format(time.RFC3339) }
		shown := func(d time.Duration) string { return from.Add(d).Format("2006-01-02T15:04:05.000Z") }
		planned := decode[incident](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: fmt.Sprintf(`{"incident":{"name":"Move","scheduled_for":%q,"scheduled_until":%q,"component_ids":[%q],"scheduled_auto_in_progress":false,
				"scheduled_auto_completed":null,"scheduled_remind_prior":false,"body":"Search will be slow for up to 10 minutes.","allclear":{"expected_impact":"minor"}}}`,
				at(0), at(time.Hour), w.search.ID)}))
		if planned.Status != "scheduled" || planned.Impact != "maintenance" || text(planned.ScheduledFor) != shown(0) || text(planned.ScheduledUntil) != shown(time.Hour) ||
			text(planned.Allclear.ExpectedImpact) != "minor" || planned.Allclear.NextUpdateDueAt != nil || len(planned.Allclear.Audience.Waiting) == 0 {
			t.Errorf("planned %+v", planned)
		}
		w.wantLists(map[string][]string{"": {"Move", "Search is slow"}, "/unresolved": {"Search is slow"}, "/scheduled": {"Move"}, "/upcoming.json": {"Move"}, "/active_maintenance": {}})

		moved := w.say("INC-2", fmt.Sprintf(`{"incident":{"scheduled_until":%q}}`, at(2*time.Hour)))
		if text(moved.ScheduledFor) != shown(0) || text(moved.ScheduledUntil) != shown(2*time.Hour) || len(moved.IncidentUpdates) != 2 {
			t.Errorf("moved %+v", moved)
		}
		begun := w.say("INC-2", fmt.Sprintf(`{"incident":{"status":"in_progress","components":{%q:"under_maintenance"},"allclear":{"expected_impact":""}}}`, w.search.ID))
		if begun.Status != "in_progress" || begun.Components[0].Status != "under_maintenance" || text(begun.Allclear.ExpectedImpact) != "minor" {
			t.Errorf("begun %+v", begun)
		}
		w.wantLists(map[string][]string{"/unresolved": {"Search is slow"}, "/scheduled": {"Move"}, "/upcoming": {}, "/active_maintenance": {"Move"}})
		w.say("INC-2", `{"incident":{"status":"verifying"}}`)
		w.wantLists(map[string][]string{"/active_maintenance": {"Move"}})
		if over := w.say("INC-2", `{"incident":{"status":"completed"}}`); over.Status != "completed" || over.Impact != "maintenance" || over.ResolvedAt == nil {
			t.Errorf("over %+v", over)
		}
		w.wantLists(map[string][]string{"/unresolved": {"Search is slow"}, "/scheduled": {"Move"}, "/upcoming": {}, "/active_maintenance": {}})
	})
}

func TestEstimateOfTheEndIsGivenAndTakenBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		opened := decode[incident](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: `{"incident":{"name":"Slow","allclear":{"estimated_end_at":"2099-01-31T10:59:00+01:00"}}}`}))
		if text(opened.Allclear.EstimatedEndAt) != "2099-01-31T09:59:00.000Z" || opened.Allclear.ExpectedImpact != nil {
			t.Errorf("opened with %+v", opened.Allclear)
		}
		if kept := w.say("INC-1", `{"incident":{"body":"Still slow.","allclear":{}}}`); kept.Allclear.EstimatedEndAt == nil {
			t.Error("left out, it is gone")
		}
		for _, none := range []string{`null`, `""`} {
			w.say("INC-1", `{"incident":{"allclear":{"estimated_end_at":"2099-01-31T10:59:00Z"}}}`)
			if gone := w.say("INC-1", `{"incident":{"allclear":{"estimated_end_at":`+none+`}}}`); gone.Allclear.EstimatedEndAt != nil {
				t.Errorf("%s leaves %s", none, text(gone.Allclear.EstimatedEndAt))
			}
		}
	})
}

func TestIncidentOfThePastTellsNobody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.want(http.StatusOK, call{method: "POST", path: "%p/stakeholders/import", scope: auth.ScopeManage, body: sampleRegister})
		w.want(http.StatusOK, call{method: "PATCH", path: "%p", scope: auth.ScopeManage, body: `{"page":{"time_zone":"America/New_York"}}`})
		for date, created := range map[string]string{"2026-01-31": "2026-01-31T00:00:00.000-05:00", "2026-01-31T10:59:00Z": "2026-01-31T05:59:00.000-05:00"} {
			got := decode[incident](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
				body: fmt.Sprintf(`{"incident":{"name":"Search failed","body":"Search failed for an hour.","backfilled":true,"backfill_date":%q,"impact_override":"critical"}}`, date)}))
			if got.Status != "resolved" || !got.Allclear.Backfilled || got.CreatedAt != created || text(got.ResolvedAt) != created || got.Impact != "critical" ||
				len(got.Allclear.Audience.Told)+len(got.Allclear.Audience.Waiting) != 0 {
				t.Errorf("%s is %+v", date, got)
			}
		}
		w.expand()
		if rows := w.want(http.StatusOK, call{method: "GET", path: "%p/deliveries", scope: auth.ScopePost}); rows.body != "[]" {
			t.Errorf("told are %s", rows.body)
		}
	})
}
