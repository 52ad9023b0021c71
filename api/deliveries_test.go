package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

func TestPostSaysWhoIsToldAndTheLedgerWhoWas(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.want(http.StatusOK, call{method: "POST", path: "%p/stakeholders/import", scope: auth.ScopeManage, body: sampleRegister})
		w.want(http.StatusCreated, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage, body: `{"subscriber":{"email":"bo@acme.example","skip_confirmation_notification":true}}`})
		opened := decode[incident](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: fmt.Sprintf(`{"incident":{"name":"Card payments fail","components":{%q:"major_outage"}}}`, w.payments.ID)}))
		told := map[string]int{}
		for _, n := range opened.Allclear.Audience.Told {
			told[n.Quadrant+" "+n.Channel] = n.Count
		}
		waiting := opened.Allclear.Audience.Waiting
		if told["manage_closely email"] != 1 || told["manage_closely slack"] != 1 || told["keep_satisfied email"] != 1 || told["keep_informed email"] != 1 ||
			len(waiting) != 1 || waiting[0].Quadrant != "monitor" || waiting[0].Count != 1 {
			t.Errorf("the audience is %+v", opened.Allclear.Audience)
		}
		w.expand()
		for query, want := range map[string]int{"": 5, "?incident=INC-1": 5, "?incident=" + opened.ID: 5, "?state=held": 1, "?state=pending&channel=email": 3, "?channel=slack": 1, "?channel=sms": 0, "?limit=2&page=3": 1} {
			rows := decode[[]struct{ Incident, Person, Address, State, Rule, Cell string }](t, w.want(http.StatusOK, call{method: "GET", path: "%p/deliveries" + query, scope: auth.ScopePost}))
			if len(rows) != want {
				t.Errorf("deliveries%s lists %d, want %d: %+v", query, len(rows), want, rows)
			}
		}
		for query, field := range map[string]string{"incident=INC-9": "incident", "incident=%00": "incident", "state=lost": "state", "channel=pigeon": "channel", "limit=x": "limit", "page=-1": "page"} {
			p := decode[fault](t, w.want(http.StatusUnprocessableEntity, call{method: "GET", path: "%p/deliveries?" + query, scope: auth.ScopePost}))
			if len(p.Errors) != 1 || p.Errors[0].Field != field {
				t.Errorf("%s answers %+v", query, p)
			}
		}
	})
}
