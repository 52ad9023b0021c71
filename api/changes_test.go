package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

func TestAnswerToAChangeIsWhatIsThereNow(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		group := decode[struct{ ID string }](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/component-groups", scope: auth.ScopeManage, body: `{"component_group":{"name":"Shop"}}`}))
		for name, c := range map[string]struct{ path, body string }{
			"component": {"%p/components/" + w.search.ID, `{"component":{"name":"Find","status":"major_outage"}}`},
			"page":      {"%p", `{"page":{"name":"Acme"}}`},
			"group":     {"%p/component-groups/" + group.ID, `{"component_group":{"name":"Store"}}`},
		} {
			t.Run(name, func(t *testing.T) {
				if name != "component" {
				}
				changed := w.want(http.StatusOK, call{method: "PATCH", path: c.path, scope: auth.ScopeManage, body: c.body})
				if read := w.want(http.StatusOK, call{method: "GET", path: c.path, scope: auth.ScopeRead}); read.body != changed.body {
					t.Errorf("changed to %s\nread as    %s", changed.body, read.body)
				}
			})
		}
	})
}

func TestTextIsKeptAsItWasWritten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const name, words = `<script>alert("x")</script> & 'Ümläut' 🚨`, "<img src=x onerror=alert(1)>\r\n\t**bold** \\n"
		body := fmt.Sprintf(`{"incident":{"name":%q,"body":%q,"metadata":{"z":{"n":1.50,"a":"<b>"},"a":[]},"unknown":{"x":[1]}}}`, name, strings.NewReplacer("\r", "\r", "\n", "\n").Replace(words))
		got := decode[incident](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: strings.ReplaceAll(body, `\U0001f6a8`, "🚨")}))
		if got.Name != name || got.IncidentUpdates[0].Body != words || strings.ReplaceAll(strings.ReplaceAll(string(got.Metadata), `\u003c`, "<"), `\u003e`, ">") != `{"z":{"n":1.50,"a":"<b>"},"a":[]}` {
			t.Errorf("kept %q, %q, %s", got.Name, got.IncidentUpdates[0].Body, got.Metadata)
		}
	})
}

func TestFormsSayTheSameAsJSON(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		got := decode[incident](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
			body: "incident[name]=Search+is%20slow&incident%5Bmessage%5D=We+are+looking+%26+testing.&incident[components][" + w.search.ID + "]=partial_outage" +
				"&incident[component_ids][]=" + w.payments.ID + "&incident[deliver_notifications]=f&incident[metadata][team][shift]=a&incident[backfilled]=f&incident[scheduled_for]="}))
		if got.Name != "Search is slow" || got.IncidentUpdates[0].Body != "We are looking & testing." || got.IncidentUpdates[0].DeliverNotifications ||
			len(got.Components) != 2 || got.Impact != "major" || string(got.Metadata) != `{"team":{"shift":"a"}}` {
			t.Errorf("the form says %+v, %s", got, got.Metadata)
		}
		if c := decode[component](t, w.want(http.StatusOK, call{method: "PATCH", path: "%p/components/" + w.search.ID, scope: auth.ScopeManage,
			body: "component[showcase]=t&component[only_show_if_degraded]=0&component[position]=7&component[group_id]=null"})); !c.Showcase || c.OnlyIfDegraded || c.Position != 7 {
			t.Errorf("the form says %+v", c)
		}
	})
}
