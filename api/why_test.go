package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

func TestWhySaysWhatDecided(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.want(http.StatusOK, call{method: "POST", path: "%p/stakeholders/import", scope: auth.ScopeManage, body: sampleRegister})
		w.want(http.StatusCreated, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage,
			body: fmt.Sprintf(`{"subscriber":{"email":"priya@acme.example","skip_confirmation_notification":true,"component_ids":[%q]}}`, w.search.ID)})
		w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: fmt.Sprintf(`{"incident":{"name":"Card payments fail","components":{%q:"major_outage"}}}`, w.payments.ID)})
		w.expand()
		type line struct {
			NoticeID                             int64 `json:"notice_id"`
			Event, At, Who, Channel, Rule, Words string
			State                                *string
		}
		why := func(person string) []line {
			return decode[[]line](t, w.want(http.StatusOK, call{method: "GET", path: "%p/incidents/INC-1/why?person=" + person, scope: auth.ScopePost}))
		}
		for _, name := range []string{"priya", "PRIYA@acme.example"} {
			got := why(name)
			if len(got) != 1 || got[0].State != nil || got[0].Event != "opened" || got[0].Words != "Not told: rule 3 (scope). Follows Search; INC-1 touches Card payments." {
				t.Errorf("%s: %+v", name, got)
			}
		}
		if got := why("Management"); len(got) != 2 || text(got[0].State) != "pending" || got[0].NoticeID == 0 || got[0].At == "" || got[0].Rule == "" || got[1].Channel != "slack" {
			t.Errorf("Management: %+v", got)
		}
		w.want(http.StatusCreated, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage, body: `{"subscriber":{"email":"management@acme.example"}}`})
		if got := why("management"); len(got) != 2 || got[0].Who != "Management" || got[1].Who != "Management" {
			t.Errorf("an entry and its unconfirmed subscription are two people: %+v", got)
		}
		for person, says := range map[string]string{"": "is missing", "nobody": "is neither", "%ff": "UTF-8", "%00": "control character"} {
			p := decode[fault](t, w.want(http.StatusUnprocessableEntity, call{method: "GET", path: "%p/incidents/INC-1/why?person=" + person, scope: auth.ScopePost}))
			if len(p.Errors) != 1 || p.Errors[0].Field != "person" || !strings.Contains(p.Errors[0].Message, says) {
				t.Errorf("%q answers %+v, want %q", person, p, says)
			}
		}
		w.want(http.StatusOK, call{method: "POST", path: "%p/stakeholders/import", scope: auth.ScopeManage, body: strings.NewReplacer("management@acme.example", "board@acme.example", "support@acme.example", "desk@acme.example").Replace(sampleRegister)})
		for _, former := range []string{"Management@acme.example", "support@acme.example"} { // the first is still an unconfirmed subscriber's
			if got := why(former); len(got) != 1 || got[0].Event != "opened" || text(got[0].State) != "pending" || got[0].Rule == "" {
				t.Errorf("%s is in the register no more and was told: %+v", former, got)
			}
		}
		w.want(http.StatusNotFound, call{method: "GET", path: "%p/incidents/INC-9/why?person=priya", scope: auth.ScopePost})
		w.want(http.StatusNotFound, call{method: "GET", path: "%p/incidents/x/why?person=priya", scope: auth.ScopePost})
	})
}
