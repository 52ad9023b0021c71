package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

func TestPageIsReadAndChanged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		type page struct{ ID, Name, TimeZone string }
		pages := decode[[]page](t, w.want(http.StatusOK, call{method: "GET", path: "/v1/pages", scope: auth.ScopeRead}))
		if len(pages) != 1 || pages[0].ID != w.page.ID {
			t.Fatalf("pages are %+v", pages)
		}
		w.want(http.StatusOK, call{method: "PATCH", path: "%p", scope: auth.ScopeManage, body: `{"page":{"name":"Acme & <co>","time_zone":"America/Tijuana"}}`})
		got := w.want(http.StatusOK, call{method: "GET", path: "%p", scope: auth.ScopeRead})
		if !strings.Contains(got.body, `"time_zone":"America/Tijuana"`) || !strings.Contains(got.body, `-07:00"`) && !strings.Contains(got.body, `-08:00"`) {
			t.Errorf("changed to %s", got.body)
		}
		if name := decode[page](t, w.want(http.StatusOK, call{method: "GET", path: "%p.json", scope: auth.ScopeRead})).Name; name != "Acme & <co>" {
			t.Errorf("the name is %q", name)
		}
	})
}

func TestPageNamesEveryFieldThatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.refuse("PATCH", "%p", append([]bad{
			{`{}`, "page", "is missing"},
			{`{"page":{"name":""}}`, "page.name", "is missing"},
			{`{"page":{"time_zone":"Mars/Base"}}`, "page.time_zone", "must be a name such as Europe/Madrid"},
			{`{"page":{"time_zone":""}}`, "page.time_zone", "must be a name such as Europe/Madrid"},
			{`{"page":{"time_zone":"../../etc/passwd"}}`, "page.time_zone", "must be a name such as Europe/Madrid"},
			{`{"page":{"time_zone":2}}`, "page.time_zone", "is a number"},
		}, wrongText(`{"page":{"name":%s}}`, "page.name", 255, false)...))
	})
}
