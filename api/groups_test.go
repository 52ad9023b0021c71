package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

func TestGroupHoldsItsComponentsInOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		type group struct {
			ID, Name    string
			Description *string
			Components  []string
			Position    int
		}
		both := fmt.Sprintf(`[%q,%q]`, w.search.ID, w.payments.ID)
		made := decode[group](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/component-groups", scope: auth.ScopeManage,
			body: `{"description":"beside","component_group":{"name":"Shop","components":` + both + `}}`}))
		if made.Name != "Shop" || text(made.Description) != "beside" || !slices.Equal(made.Components, []string{w.search.ID, w.payments.ID}) || made.Position != 3 {
			t.Errorf("made %+v", made)
		}
		rows := decode[[]component](t, w.want(http.StatusOK, call{method: "GET", path: "%p/components", scope: auth.ScopeRead}))
		if at := slices.IndexFunc(rows, func(c component) bool { return c.Group }); len(rows) != 3 || at < 0 || len(rows[at].Components) != 2 {
			t.Errorf("rows are %+v", rows)
		}
		inside := decode[group](t, w.want(http.StatusOK, call{method: "PUT", path: "%p/component_groups/" + made.ID, scope: auth.ScopeManage,
			body: fmt.Sprintf(`{"description":"beside","component_group":{"description":"inside","components":[%q]}}`, w.search.ID)}))
		if text(inside.Description) != "inside" || inside.Name != "Shop" || !slices.Equal(inside.Components, []string{w.search.ID}) {
			t.Errorf("changed to %+v", inside)
		}
		for _, out := range []string{`null`, `"null"`, `""`} {
			w.want(http.StatusOK, call{method: "PATCH", path: "%p/components/" + w.search.ID, scope: auth.ScopeManage, body: fmt.Sprintf(`{"component":{"group_id":%q}}`, made.ID)})
			left := decode[component](t, w.want(http.StatusOK, call{method: "PATCH", path: "%p/components/" + w.search.ID, scope: auth.ScopeManage, body: `{"component":{"group_id":` + out + `}}`}))
			if left.GroupID != nil {
				t.Errorf("group_id %s leaves it in %s", out, *left.GroupID)
			}
		}
		w.want(http.StatusOK, call{method: "PATCH", path: "%p/component-groups/" + made.ID, scope: auth.ScopeManage, body: `{"component_group":{"components":` + both + `}}`})
		gone := decode[group](t, w.want(http.StatusOK, call{method: "DELETE", path: "%p/component-groups/" + made.ID, scope: auth.ScopeManage}))
		if gone.ID != made.ID || len(gone.Components) != 2 {
			t.Errorf("deleting answers %+v", gone)
		}
		w.want(http.StatusNotFound, call{method: "GET", path: "%p/component-groups/" + made.ID, scope: auth.ScopeRead})
		if rest := decode[[]component](t, w.want(http.StatusOK, call{method: "GET", path: "%p/components", scope: auth.ScopeRead})); len(rest) != 2 || rest[0].GroupID != nil {
			t.Errorf("left are %+v", rest)
		}
	})
}

func TestGroupNamesEveryFieldThatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		group := decode[struct{ ID string }](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/component-groups", scope: auth.ScopeManage, body: `{"component_group":{"name":"Shop"}}`}))
		cases := []bad{
			{`{}`, "component_group", "is missing"},
			{`{"component_group":{"name":""}}`, "component_group.name", "is missing"},
			{`{"component_group":{"name":"x","components":"` + w.search.ID + `"}}`, "component_group.components", "must be a list of component ids"},
			{`{"component_group":{"name":"x","components":["nothing"]}}`, "component_group.components", "not a component of this page"},
			{`{"component_group":{"name":"x","components":[null]}}`, "component_group.components[0]", "is null"},
			{`{"description":7,"component_group":{"name":"x"}}`, "description", "is a number"},
		}
		cases = append(cases, wrongText(`{"component_group":{"name":%s}}`, "component_group.name", 255, false)...)
		cases = append(cases, wrongText(`{"component_group":{"name":"x","description":%s}}`, "component_group.description", 2000, true)...)
		w.refuse("POST", "%p/component-groups", append(cases, bad{`{"component_group":{}}`, "component_group.name", "is missing"}))
		w.refuse("PATCH", "%p/component-groups/"+group.ID, cases)
	})
}
