package api_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
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
		numbered := decode[[]struct {
			Incident string
			Number   string `json:"incident_number"`
		}](t, w.want(http.StatusOK, call{method: "GET", path: "%p/deliveries?incident=inc-1&limit=1", scope: auth.ScopePost}))
		if len(numbered) != 1 || numbered[0].Incident != opened.ID || numbered[0].Number != "INC-1" {
			t.Errorf("the incident is named %+v", numbered)
		}
		for query, field := range map[string]string{"incident=INC-9": "incident", "incident=%00": "incident", "state=lost": "state", "channel=pigeon": "channel", "limit=x": "limit", "page=-1": "page"} {
			p := decode[fault](t, w.want(http.StatusUnprocessableEntity, call{method: "GET", path: "%p/deliveries?" + query, scope: auth.ScopePost}))
			if len(p.Errors) != 1 || p.Errors[0].Field != field {
				t.Errorf("%s answers %+v", query, p)
			}
		}
		w.want(http.StatusOK, call{method: "DELETE", path: "%p/incidents/" + opened.ID, scope: auth.ScopePost})
		for _, name := range []string{"INC-1", opened.ID} {
			if rows := decode[[]struct{}](t, w.want(http.StatusOK, call{method: "GET", path: "%p/deliveries?incident=" + name, scope: auth.ScopePost})); len(rows) < 5 {
				t.Errorf("of the withdrawn %s are listed %d", name, len(rows))
			}
		}
	})
}

func TestWasSheToldWhenWithWhichTextAndWhatDidTheServerSay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.rendering()
		w.want(http.StatusOK, call{method: "POST", path: "%p/stakeholders/import", scope: auth.ScopeManage, body: sampleRegister})
		w.want(http.StatusCreated, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage, body: `{"subscriber":{"email":"bo@acme.example","skip_confirmation_notification":true}}`})
		w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: fmt.Sprintf(`{"incident":{"name":"Card payments fail","body":"No card works since 10:42 UTC.","components":{%q:"major_outage"}}}`, w.payments.ID)})
		w.expand()
		batch, err := w.store.Claim(t.Context(), notify.Claim{Channel: stakeholders.Email, Lease: time.Minute, Limit: 10})
		if err != nil || batch.Size() == 0 {
			t.Fatalf("claimed %d, %v", batch.Size(), err)
		}
		for _, step := range []struct {
			outcome notify.Outcome
			answer  string
		}{{notify.Transient, "450 try later"}} {
			var results []notify.Recorded
			for _, o := range batch.Groups[0].To {
				results = append(results, notify.Recorded{Outgoing: o, Result: notify.Result{Outcome: step.outcome, Answer: step.answer}, At: w.store.Now(), RetryAt: w.store.Now().Add(time.Hour), State: notify.Pending})
			}
			if err := w.store.Record(t.Context(), batch, results); err != nil {
				t.Fatal(err)
			}
		}
		person := batch.Groups[0].To[0].Address
		type row struct {
			NoticeID int64 `json:"notice_id"`
			State    string
			Address  string
			Cursor   string
			Tries    []struct{ Outcome, Answer, At string }
			Message  struct{ Subject, Text string }
		}
		rows := decode[[]row](t, w.want(http.StatusOK, call{method: "GET", path: "%p/deliveries?incident=INC-1&text=true&person=" + person, scope: auth.ScopePost}))
		if len(rows) == 0 || rows[0].Address != person || len(rows[0].Tries) != 1 || rows[0].Tries[0].Answer != "450 try later" ||
			!strings.Contains(rows[0].Message.Text, "No card works since 10:42 UTC.") || !strings.Contains(rows[0].Message.Subject, "Card payments fail") {
			t.Errorf("%s: %+v", person, rows)
		}
		local, _, _ := strings.Cut(person, "@")
		for _, name := range []string{person, local, strings.ToUpper(person)} {
			one := decode[row](t, w.want(http.StatusOK, call{method: "GET", path: fmt.Sprintf("%%p/deliveries/%d/email/%s", rows[0].NoticeID, name), scope: auth.ScopePost}))
			if one.Address != person || one.Message.Text != rows[0].Message.Text {
				t.Errorf("%s is %+v", name, one)
			}
		}
		for _, path := range []string{"x/email/" + person, "1/email/nobody@acme.example", "1/sms/" + person, "99/email/" + person, "1/email/%00"} {
			w.want(http.StatusNotFound, call{method: "GET", path: "%p/deliveries/" + path, scope: auth.ScopePost})
		}
		all := decode[[]row](t, w.want(http.StatusOK, call{method: "GET", path: "%p/deliveries", scope: auth.ScopePost}))
		rest := decode[[]row](t, w.want(http.StatusOK, call{method: "GET", path: "%p/deliveries?after=" + all[1].Cursor, scope: auth.ScopePost}))
		if len(rest) != len(all)-2 || rest[0].Cursor != all[2].Cursor {
			t.Errorf("behind the second of %d are %d", len(all), len(rest))
		}
		for query, field := range map[string]string{"after=x": "after", "person=nobody": "person", "person=subscriber:x": "person", "text=perhaps": "text", "from=soon": "from", "notice=0": "notice"} {
			p := decode[fault](t, w.want(http.StatusUnprocessableEntity, call{method: "GET", path: "%p/deliveries?" + query, scope: auth.ScopePost}))
			if len(p.Errors) != 1 || p.Errors[0].Field != field {
				t.Errorf("%s answers %+v", query, p)
			}
		}
	})
}

func TestLedgerIsExportedForASpreadsheet(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.want(http.StatusOK, call{method: "POST", path: "%p/stakeholders/import", scope: auth.ScopeManage, body: strings.Replace(sampleRegister, "Management", "=cmd|calc", 1)})
		w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost,
			body: fmt.Sprintf(`{"incident":{"name":"Card payments fail","components":{%q:"major_outage"}}}`, w.payments.ID)})
		w.expand()
		rows := decode[[]struct{ Address string }](t, w.want(http.StatusOK, call{method: "GET", path: "%p/deliveries", scope: auth.ScopePost}))
		for _, c := range []call{{path: "%p/deliveries.csv"}, {path: "%p/deliveries?limit=1", header: http.Header{"Accept": {"text/csv"}}}} {
			c.method, c.scope = "GET", auth.ScopePost
			got := w.want(http.StatusOK, c)
			table, err := csv.NewReader(strings.NewReader(got.body)).ReadAll()
			if err != nil || len(table) != len(rows)+1 || table[0][0] != "notice_id" || table[1][2] != "INC-1" || !strings.Contains(got.body, ",'=cmd|calc,") {
				t.Errorf("%s: %v, %d rows of %d:\n%s", c.path, err, len(table), len(rows), got.body)
			}
		}
		w.want(http.StatusUnprocessableEntity, call{method: "GET", path: "%p/deliveries.csv?state=lost", scope: auth.ScopePost})
		w.want(http.StatusForbidden, call{method: "GET", path: "%p/deliveries.csv", scope: auth.ScopeRead})
	})
}
