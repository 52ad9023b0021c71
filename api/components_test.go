package api_test

import (
	"net/http"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

// component is what the tests read of a component.
type component struct {
	ID, Name, Status string
	Description      *string
	GroupID          *string `json:"group_id"`
	StartDate        *string `json:"start_date"`
	Position         int
	Group, Showcase  bool
	Components       []string
	OnlyIfDegraded   bool `json:"only_show_if_degraded"`
	Allclear         *struct {
		NotCore bool `json:"not_core"`
	}
}

func text(s *string) string {
	if s == nil {
		return "null"
	}
	return *s
}

func TestComponentIsAddedChangedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		added := decode[component](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/components", scope: auth.ScopeManage,
			body: `{"component":{"name":"Website","description":"Pages\r\nand <images>","status":"","showcase":true,"only_show_if_degraded":true,"start_date":"2026-01-05","page_id":7,"group_id":null}}`}))
		if added.Name != "Website" || text(added.Description) != "Pages\r\nand <images>" || added.Status != "operational" || !added.Showcase ||
			!added.OnlyIfDegraded || text(added.StartDate) != "2026-01-05" || added.GroupID != nil || added.Position != 3 {
			t.Errorf("added %+v", added)
		}
		path := "%p/components/" + added.ID
		changed := decode[component](t, w.want(http.StatusOK, call{method: "PATCH", path: path, scope: auth.ScopeManage,
			body: `{"component":{"status":"partial_outage","description":"","showcase":false,"name":null}}`}))
		if changed.Status != "partial_outage" || changed.Description != nil || changed.Showcase || changed.Name != "Website" || !changed.OnlyIfDegraded {
			t.Errorf("changed to %+v", changed)
		}
		if got := decode[component](t, w.want(http.StatusOK, call{method: "GET", path: path + ".json", scope: auth.ScopeRead})); got.Status != "partial_outage" {
			t.Errorf("read %+v", got)
		}
		if gone := w.want(http.StatusNoContent, call{method: "DELETE", path: path, scope: auth.ScopeManage}); gone.body != "" {
			t.Errorf("deleting answers %q", gone.body)
		}
		w.want(http.StatusNotFound, call{method: "GET", path: path, scope: auth.ScopeRead})
		w.want(http.StatusNotFound, call{method: "DELETE", path: path, scope: auth.ScopeManage})
	})
}

func TestComponentNamesEveryFieldThatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cases := []bad{
			{`{}`, "component", "is missing"},
			{`{"component":"x"}`, "component", "is a text; it must be an object"},
			{`{"component":{"name":""}}`, "component.name", "is missing"},
			{`{"component":{"name":"x","status":"down"}}`, "component.status", "must be one of operational"},
			{`{"component":{"name":"x","status":1}}`, "component.status", "is a number"},
			{`{"component":{"name":"x","group_id":"nothing"}}`, "component.group_id", "not a component group of this page"},
			{`{"component":{"name":"x","group_id":7}}`, "component.group_id", "is a number"},
			{`{"component":{"name":"x","showcase":"yes"}}`, "component.showcase", "must be true or false"},
			{`{"component":{"name":"x","only_show_if_degraded":0}}`, "component.only_show_if_degraded", "must be true or false"},
			{`{"component":{"name":"x","start_date":"31.1.2026"}}`, "component.start_date", "must be a date"},
			{`{"component":{"name":"x","start_date":2026}}`, "component.start_date", "is a number"},
			{`{"component":{"name":"x","position":"2"}}`, "component.position", "is a text; it must be a whole number"},
			{`{"component":{"name":"x","position":1.5}}`, "component.position", "is 1.5; it must be a whole number"},
			{`{"component":{"name":"x","position":99999999999999999999}}`, "component.position", "must be a whole number"},
			{`{"component":{"name":"x","allclear":7}}`, "component.allclear", "is a number; it must be an object"},
			{`{"component":{"name":"x","allclear":{"not_core":"yes"}}}`, "component.allclear.not_core", "must be true or false"},
			{`{"component":{"name":"x","position":0}}`, "component.position", "from 1"},
		}
		cases = append(cases, wrongText(`{"component":{"name":%s}}`, "component.name", 255, false)...)
		cases = append(cases, wrongText(`{"component":{"name":"x","description":%s}}`, "component.description", 2000, true)...)
		w.refuse("PATCH", "%p/components/"+w.search.ID, cases)
		w.refuse("POST", "%p/components", append(cases, bad{`{"component":{}}`, "component.name", "is missing"}))
	})
}

func TestComponentThatIsNotCoreRaisesToMinorAtMost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		path := "%p/components/" + w.search.ID
		w.want(http.StatusForbidden, call{method: "PATCH", path: path, scope: auth.ScopePost, body: `{"component":{"allclear":{"not_core":true}}}`})
		changed := decode[component](t, w.want(http.StatusOK, call{method: "PATCH", path: path, scope: auth.ScopeManage, body: `{"component":{"allclear":{"not_core":true}}}`}))
		left := decode[component](t, w.want(http.StatusOK, call{method: "PATCH", path: path, scope: auth.ScopeManage, body: `{"component":{"name":"Find","allclear":{"not_core":null}}}`}))
		if !changed.Allclear.NotCore || !left.Allclear.NotCore {
			t.Errorf("changed to %+v, then %+v", changed, left)
		}
		w.want(http.StatusCreated, call{method: "POST", path: "%p/component-groups", scope: auth.ScopeManage, body: `{"component_group":{"name":"Shop"}}`})
		for _, row := range decode[[]component](t, w.want(http.StatusOK, call{method: "GET", path: "%p/components", scope: auth.ScopeRead})) {
			if row.Group != (row.Allclear == nil) || row.Allclear != nil && row.Allclear.NotCore != (row.ID == w.search.ID) {
				t.Errorf("listed as %+v", row)
			}
		}
		got := decode[incident](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: `{"incident":{"name":"Search fails","components":{"` + w.search.ID + `":"major_outage"}}}`}))
		if got.Impact != "minor" {
			t.Errorf("the impact is %s", got.Impact)
		}
	})
}
