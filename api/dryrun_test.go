package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/api"
	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/email"
	"github.com/allclear-status/allclear/notify/slack"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/store/storetest"
	"github.com/allclear-status/allclear/web"
)

// rendering gives the door a publisher that renders texts, as cmd does.
func (w *world) rendering() {
	w.publisher = publish.New(w.store, publish.Config{PublicURL: "https://status.acme.example", Key: storetest.Key(w.t),
		Previews: map[stakeholders.Channel]notify.Previewer{stakeholders.Email: email.Preview, stakeholders.Slack: slack.Preview}})
	w.app = web.New(web.Options{Load: w.publisher.Record}).App()
	w.app.Mount("/v1", api.New(api.Options{Publisher: w.publisher, Store: w.store}))
}

// untouched is everything that a post writes to.
func (w *world) untouched() string {
	w.t.Helper()
	version, err := w.store.PageVersion(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	notices, err := w.store.Unexpanded(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	drafts := w.want(http.StatusOK, call{method: "GET", path: "%p/incidents?drafts=true", scope: auth.ScopePost}).body
	deliveries := w.want(http.StatusOK, call{method: "GET", path: "%p/deliveries", scope: auth.ScopePost}).body
	return fmt.Sprintf("version %d, %d notices\n%s\n%s\n%s", version, notices, w.everything(), drafts, deliveries)
}

func TestDryRunSaysWhatAPostWouldDoAndDoesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.rendering()
		w.want(http.StatusOK, call{method: "POST", path: "%p/stakeholders/import", scope: auth.ScopeManage, body: sampleRegister})
		for address, rest := range map[string]string{"bo": "", "priya": `,"component_ids":["` + w.search.ID + `"]`} {
			w.want(http.StatusCreated, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage,
				body: fmt.Sprintf(`{"subscriber":{"email":"%s@acme.example","skip_confirmation_notification":true%s}}`, address, rest)})
		}
		const words = "Card payments fail for all customers since 10:42 UTC."
		body := fmt.Sprintf(`{"incident":{"name":"Card payments fail","body":%q,"components":{%q:"major_outage"}}}`, words, w.payments.ID)
		before := w.untouched()
		looked := decode[incident](t, w.want(http.StatusOK, call{method: "POST", path: "%p/incidents?dry_run=true", scope: auth.ScopePost, body: body}))
		if after := w.untouched(); after != before {
			t.Errorf("the dry run changed\n%s\nto\n%s", before, after)
		}
		opened := decode[incident](t, w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents?dry_run=false", scope: auth.ScopePost, body: body}))
		if looked.Impact != "critical" || looked.Components[0].Status != "major_outage" || looked.IncidentUpdates[0].Body != words || looked.Allclear.PublishedMS != nil ||
			looked.Allclear.Number != opened.Allclear.Number || fmt.Sprint(looked.Allclear.Audience.Told) != fmt.Sprint(opened.Allclear.Audience.Told) {
			t.Errorf("looked at %+v\nopened    %+v", looked, opened)
		}
		if opened.Allclear.Preview != nil || opened.Allclear.PublishedMS == nil {
			t.Errorf("opened with %+v", opened.Allclear)
		}
		p := looked.Allclear.Preview
		if p == nil || p.Refused {
			t.Fatalf("the preview is %+v", p)
		}
		var people []string
		for _, one := range p.People {
			people = append(people, one.Name+" "+one.Channel+" "+one.Action)
			if (one.Action == "hold") != (one.DueAt != nil) || one.Rule == "" {
				t.Errorf("person %+v", one)
			}
		}
		if !slices.Contains(people, "Management email send") || !slices.Contains(people, "Management slack send") {
			t.Errorf("people are %q", people)
		}
		if len(p.NotTold) != 1 || p.NotTold[0].Who != "priya@acme.example" || p.NotTold[0].Reason != "only follows Search" {
			t.Errorf("not told are %+v", p.NotTold)
		}
		w.wantMessages(p, words)

		w.expand()
		before = w.untouched()
		resolving := `{"incident":{"status":"resolved","body":"Card payments work again."}}`
		over := decode[incident](t, w.want(http.StatusOK, call{method: "PATCH", path: "%p/incidents/INC-1?dry_run=true", scope: auth.ScopePost, body: resolving}))
		if after := w.untouched(); after != before || over.Status != "resolved" || len(over.Allclear.Warnings) != 1 || over.Allclear.Preview == nil {
			t.Errorf("looked at %+v\n%s", over, after)
		}
		silent := decode[incident](t, w.want(http.StatusOK, call{method: "PATCH", path: "%p/incidents/INC-1?dry_run=1", scope: auth.ScopePost, body: `{"incident":{"metadata":{"a":{}}}}`}))
		if s := silent.Allclear.Preview; s == nil || len(s.People)+len(s.NotTold)+len(s.Messages) != 0 {
			t.Errorf("what says nothing is %+v", silent.Allclear)
		}
	})
}

// wantMessages checks the texts of a preview.
func (w *world) wantMessages(p *preview, words string) {
	w.t.Helper()
	forms := map[string]bool{}
	for _, m := range p.Messages {
		forms[m.Channel+" "+m.Form] = true
		mail := m.Channel == "email"
		if (m.Subject != nil) != mail || (m.HTML != nil) != mail || len(m.Quadrants) == 0 || m.Language != "en" {
			w.t.Errorf("message %+v", m)
		}
		if m.Form == "full" && !strings.Contains(m.Text, words) {
			w.t.Errorf("the full text is %s", m.Text)
		}
	}
	if !forms["email full"] || !forms["email short"] || !forms["slack full"] {
		w.t.Errorf("the forms are %v", forms)
	}
}

func TestDryRunOfARefusedTextHasItsFindings(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		before := w.untouched()
		body := `{"incident":{"name":"Search fails","body":"db-prod-03 is down."%s}}`
		looked := decode[incident](t, w.want(http.StatusOK, call{method: "POST", path: "%p/incidents?dry_run=true", scope: auth.ScopePost, body: fmt.Sprintf(body, "")}))
		if !looked.Allclear.Preview.Refused || len(looked.Allclear.Findings) == 0 {
			t.Errorf("looked at %+v", looked.Allclear)
		}
		looked = decode[incident](t, w.want(http.StatusOK, call{method: "POST", path: "%p/incidents?dry_run=true", scope: auth.ScopePost,
			body: fmt.Sprintf(body, `,"allclear":{"override":{"reason":"a name that customers use"}}`)}))
		if looked.Allclear.Preview.Refused || len(looked.Allclear.Findings) == 0 {
			t.Errorf("overridden, looked at %+v", looked.Allclear)
		}
		w.want(http.StatusNotFound, call{method: "PATCH", path: "%p/incidents/INC-7?dry_run=true", scope: auth.ScopePost, body: `{"incident":{"body":"x"}}`})
		for query, field := range map[string]string{"dry_run=perhaps": "dry_run"} {
			p := decode[fault](t, w.want(http.StatusUnprocessableEntity, call{method: "POST", path: "%p/incidents?" + query, scope: auth.ScopePost, body: `{"incident":{"name":"x"}}`}))
			if len(p.Errors) != 1 || p.Errors[0].Field != field {
				t.Errorf("%s answers %+v", query, p)
			}
		}
		w.want(http.StatusUnprocessableEntity, call{method: "POST", path: "%p/incidents?dry_run=true", scope: auth.ScopePost, body: `{"incident":{}}`})
		if after := w.untouched(); after != before {
			t.Errorf("something was stored:\n%s\nbefore:\n%s", after, before)
		}
	})
}

func TestNobodyIsPromisedByMailWhatIsOnThePageAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.rendering()
		for address, own := range map[string]string{"all": "", "ends": `,"allclear":{"start_and_end_only":true}`} {
			w.want(http.StatusCreated, call{method: "POST", path: "%p/subscribers", scope: auth.ScopeManage,
				body: fmt.Sprintf(`{"subscriber":{"email":"%s@acme.example","skip_confirmation_notification":true%s}}`, address, own)})
		}
		const page, mail = "Next update on the status page by ", ", by mail within the hour"
		body := fmt.Sprintf(`{"incident":{"name":"Card payments fail","body":"Card payments fail for all customers.","components":{%q:"major_outage"}}}`, w.payments.ID)
		looked := decode[incident](t, w.want(http.StatusOK, call{method: "POST", path: "%p/incidents?dry_run=true", scope: auth.ScopePost, body: body}))
		var said []string
		for _, m := range looked.Allclear.Preview.Messages {
			said = append(said, m.Text)
		}
		if len(said) != 2 || strings.Contains(said[0], page) == strings.Contains(said[1], page) || strings.Contains(said[0], mail) == strings.Contains(said[1], mail) ||
			strings.Contains(said[0], page) == strings.Contains(said[0], mail) {
			t.Errorf("the preview says %q", said)
		}
		w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: body})
		w.expand()
		batch, err := w.store.Claim(t.Context(), notify.Claim{Channel: stakeholders.Email, Lease: time.Minute, Limit: 10})
		if err != nil || batch.Size() != 2 {
			t.Fatalf("claimed %d, %v", batch.Size(), err)
		}
		for _, g := range batch.Groups {
			if len(g.To) != 1 || (g.Text.Pace == stakeholders.PageOnly) != (g.To[0].Address == "ends@acme.example") {
				t.Errorf("%+v reads updates every %s", g.To, g.Text.Pace)
			}
		}
		rows := decode[[]struct {
			Address string
			Message struct{ Text string }
		}](t, w.want(http.StatusOK, call{method: "GET", path: "%p/deliveries?text=true", scope: auth.ScopePost}))
		if len(rows) != 2 {
			t.Errorf("%d deliveries are listed", len(rows))
		}
		for _, row := range rows {
			if strings.Contains(row.Message.Text, page) != (row.Address == "ends@acme.example") {
				t.Errorf("%s was told %s", row.Address, row.Message.Text)
			}
		}
	})
}
