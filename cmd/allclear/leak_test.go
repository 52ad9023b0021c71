package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/internal/catcher"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

// What the private parts of the test's updates say, and nothing else does.
const (
	noteMark   = "quokka" // in internal notes
	answerMark = "wombat" // in answers for customers
)

// leakRegister has somebody in every place, and every way of being private.
const leakRegister = `
stakeholders:
  - {name: Board, kind: team, power: high, interest: high, contacts: [{email: board@acme.example, private: true}, {slack: "{{base}}/demo/hooks/board", label: "#board"}]}
  - {name: Product, kind: team, power: high, interest: high, contacts: [{email: product@acme.example}, {email: product-inner@acme.example, private: true}, {slack: "{{base}}/demo/hooks/product", label: "#product", private: true}]}
  - {name: Customers, kind: segment, power: high, interest: low}
  - {name: Big customers, kind: segment, power: high, interest: high}
  - {name: Builders, kind: segment, power: low, interest: high}
  - {name: Partners, kind: team, power: high, interest: low, contacts: [{email: partners@acme.example, private: true}]}
  - {name: Support, kind: team, power: low, interest: high, contacts: [{email: support@acme.example}, {slack: "{{base}}/demo/hooks/support", label: "#support"}]}
  - {name: Everyone, kind: team, power: low, interest: low, contacts: [{email: everyone@acme.example, opted_in: true, private: true}]}
`

// noteReaders and answerReaders are the only ones who may read them; of two
// addresses on one channel the first listed is used, and it is not private.
var (
	noteReaders   = []string{"board@acme.example", "#product"}
	answerReaders = []string{"#support", "support@acme.example"}
)

// lines is a log that several may write to.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// leakWorld is a whole server with everything that anybody hears from it.
type leakWorld struct {
	t        *testing.T
	app      *app
	mail     *catcher.Catcher
	log      *lines
	webhooks *lines
	terminal *lines // what the demo prints
	base     string
	page     status.Page
	payments status.Component
	tokens   map[auth.Scope]string
}

func newLeakWorld(t *testing.T, url string) *leakWorld {
	t.Helper()
	w := &leakWorld{t: t, log: &lines{}, webhooks: &lines{}, terminal: &lines{}, tokens: map[auth.Scope]string{}}
	var err error
	if w.mail, err = catcher.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.mail.Close() })
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w.webhooks, r.Body)
	}))
	t.Cleanup(receiver.Close)
	d := &demo{mail: w.mail, io: &streams{out: w.terminal, err: w.terminal}, clock: &shiftedClock{}}
	s := settings{database: database{DataDir: t.TempDir(), DatabaseURL: url, SecretKey: storetest.Secret}, Listen: "127.0.0.1:0",
		PublicURL: "http://localhost:8080", mailing: mailing{SMTPURL: []string{w.mail.URL()}, MailFrom: "status@acme.example"}, WebhookAllow: "127.0.0.1"}
	if w.app, err = newApp(t.Context(), s, slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		options{clock: d.clock, published: d.told, refused: d.refused}); err != nil {
		t.Fatal(err)
	}
	d.app = w.app
	d.mailbox(w.app.site.App())
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- w.app.serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	w.base = "http://" + w.app.listener.Addr().String()
	w.seed(receiver.URL)
	d.page, d.payments, d.seeded = w.page, w.payments, true
	return w
}

// seed makes a component, everybody who is told, and tokens.
func (w *leakWorld) seed(receiver string) {
	w.t.Helper()
	ctx, name := w.t.Context(), "Card payments"
	must := func(err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	var err error
	w.payments, err = w.app.publisher.AddComponent(ctx, operator, publish.ComponentPatch{Name: &name})
	must(err)
	_, err = w.app.publisher.ImportRegister(ctx, operator, publish.RegisterImport{Document: []byte(strings.ReplaceAll(leakRegister, "{{base}}", w.base))})
	must(err)
	for _, s := range []publish.Subscription{
		{Channel: stakeholders.Email, Address: "ana@customer.example"}, {Channel: stakeholders.Email, Address: "bo@customer.example"},
		{Channel: stakeholders.Webhook, Address: receiver + "/hook", Email: "ops@customer.example"},
	} {
		s.Confirmed, s.Quiet, s.Basis = true, true, "sample"
		_, err = w.app.publisher.AddSubscriber(ctx, operator, s)
		must(err)
	}
	for address, segment := range map[string]string{"big@customer.example": "Big customers", "build@customer.example": "Builders", "every@customer.example": stakeholders.DefaultSegment} {
		s := stakeholders.Subscriber{ID: store.NewID(), Segment: segment, Contact: stakeholders.Contact{Channel: stakeholders.Email, Address: address},
			CreatedAt: w.app.store.Now(), ConfirmedAt: w.app.store.Now(), Preferences: stakeholders.Preferences{EveryUpdate: segment == stakeholders.DefaultSegment}}
		must(w.app.store.InTx(ctx, func(tx *store.Tx) error { return tx.SaveSubscriber(ctx, s) }))
	}
	for _, scope := range []auth.Scope{auth.ScopeRead, auth.ScopePost, auth.ScopeAdmin} {
		w.tokens[scope], err = addToken(ctx, w.app.store, string(scope), scope)
		must(err)
	}
	w.page, err = w.app.publisher.Page(ctx)
	must(err)
}

// ask makes a request and returns the answer; what is never finished, such as
// a stream, is read for a second.
func (w *leakWorld) ask(method, path, body string, scope auth.Scope) (int, string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, w.base+strings.ReplaceAll(path, "%p", "/v1/pages/"+w.page.ID), strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if scope != "" {
		request.Header.Set("Authorization", "Bearer "+w.tokens[scope])
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = answer.Body.Close() }()
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/event-stream") {
		time.AfterFunc(200*time.Millisecond, cancel)
	}
	text, _ := io.ReadAll(answer.Body)
	header, _ := json.Marshal(answer.Header)
	return answer.StatusCode, string(header) + string(text)
}

// say posts, and returns the incident's id and that of its newest update.
func (w *leakWorld) say(method, path, body string) (id, update string) {
	w.t.Helper()
	code, text := w.ask(method, path, body, auth.ScopePost)
	_, text, _ = strings.Cut(text, "}") // the header
	var in struct {
		ID              string
		IncidentUpdates []struct{ ID string } `json:"incident_updates"`
	}
	if err := json.Unmarshal([]byte(text), &in); err != nil || code >= 300 {
		w.t.Fatalf("%s %s answers %d %s", method, path, code, text)
	}
	if len(in.IncidentUpdates) > 0 {
		update = in.IncidentUpdates[0].ID
	}
	return in.ID, update
}

// settle waits until nothing is left to send now.
func (w *leakWorld) settle() {
	w.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
		waiting, err := w.app.store.Unexpanded(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		ledger, err := w.app.store.Deliveries(w.t.Context(), store.LedgerFilter{Limit: 1000})
		if err != nil {
			w.t.Fatal(err)
		}
		busy := waiting > 0
		for _, d := range ledger {
			busy = busy || (d.State == "pending" || d.State == "sending") && !d.DueAt.After(w.app.store.Now())
		}
		if !busy {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("not settled: %+v", ledger)
		}
	}
}

// clean fails where a text holds what it must not.
func (w *leakWorld) clean(what, text string) {
	w.t.Helper()
	for _, mark := range []string{noteMark, answerMark} {
		if at := strings.Index(strings.ToLower(text), mark); at >= 0 {
			w.t.Errorf("%s leaks %s: …%s…", what, mark, text[max(0, at-120):min(len(text), at+60)])
		}
	}
}

// TestPrivatePartsReachWhoTheyAreForAndNothingElse posts marked words in the
// private parts by every act and looks for them everywhere.
func TestPrivatePartsReachWhoTheyAreForAndNothingElse(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		w := newLeakWorld(t, url)
		ours := func(n int, rest string) string {
			return fmt.Sprintf(`"allclear":{"internal_note":"The %s of step %d costs us sales.","customer_answer":"The %s of step %d helps.","what_to_do":"Pay by bank transfer."%s}`, noteMark, n, answerMark, n, rest)
		}
		first, update := w.say("POST", "%p/incidents", fmt.Sprintf(`{"incident":{"name":"Card payments fail","body":"Card payments fail.","components":{%q:"partial_outage"},%s}}`, w.payments.ID,
			ours(1, `,"audience":{"also":[{"stakeholder":"Everyone"},{"email":"guest@elsewhere.example"}],"reason":"a rehearsal"}`)))
		w.settle()
		w.say("PATCH", "%p/incidents/"+first, `{"incident":{"body":"Still looking into it.",`+ours(2, "")+`}}`)
		w.say("PATCH", "%p/incidents/"+first, fmt.Sprintf(`{"incident":{"body":"No card works now.","components":{%q:"major_outage"},%s}}`, w.payments.ID, ours(3, "")))
		w.say("PATCH", "%p/incidents/"+first+"/incident_updates/"+update, `{"incident_update":{"body":"Card payments fail for all.",`+ours(4, "")+`}}`)
		w.settle()
		w.everywhere(first)
		w.say("PATCH", "%p/incidents/"+first, fmt.Sprintf(`{"incident":{"status":"resolved","body":"Card payments work again.","components":{%q:"operational"},%s}}`, w.payments.ID, ours(5, "")))
		draft, _ := w.say("POST", "%p/incidents", fmt.Sprintf(`{"incident":{"name":"Refunds fail","body":"Refunds fail.","components":{%q:"major_outage"},%s}}`, w.payments.ID, ours(6, `,"draft":true`)))
		w.everywhere(first, draft)
		w.say("PATCH", "%p/incidents/"+draft, `{"incident":{"allclear":{"draft":false}}}`)
		w.settle()
		w.everywhere(first, draft)
		w.say("PATCH", "%p/incidents/"+draft, `{"incident":{"allclear":{"draft":true}}}`)
		w.say("PATCH", "%p/incidents/"+draft, `{"incident":{`+ours(7, `,"draft":false`)+`}}`)
		w.say("DELETE", "%p/incidents/"+draft, "")
		w.settle()
		w.everywhere(first, draft)
		w.refusals(first)
		w.heard()
	})
}

// everywhere looks at every address that answers a GET, at the webhooks, the
// log, the audit log and what the demo prints.
func (w *leakWorld) everywhere(incidents ...string) {
	w.t.Helper()
	paths := map[string]bool{"/nothing": true, "/history?page=1": true, "/badge.svg?component=" + w.payments.ID: true}
	for _, route := range w.app.site.App().GetRoutes(true) {
		if route.Method != http.MethodGet || strings.HasPrefix(route.Path, "/demo/mailbox") {
			continue
		}
		for _, id := range incidents {
			path := strings.NewReplacer(":page", w.page.ID, ":id", id, ":update_id", id, ":name", "app.css", ":token", "x", ":number", "1").Replace(route.Path)
			paths[path], paths[strings.TrimSuffix(path, ".json")+".json"] = true, true
		}
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		_, text := w.ask("GET", path, "", auth.ScopeRead)
		w.clean("GET "+path+" with the scope read", text)
		_, text = w.ask("GET", path, "", "")
		w.clean("GET "+path, text)
	}
	for _, path := range []string{"%p/deliveries", "%p/incidents/" + incidents[0] + "/why?person=Board", "%p/incidents/" + incidents[0] + "/why?person=Support", "%p/stakeholders"} {
		_, text := w.ask("GET", path, "", auth.ScopeAdmin)
		w.clean("GET "+path+" with the scope admin", text)
	}
	w.clean("a webhook", w.webhooks.String())
	w.clean("the log", w.log.String())
	w.clean("the demo's terminal", w.terminal.String())
	audit, err := w.app.store.AuditLog(w.t.Context(), 1000)
	if err != nil || len(audit) == 0 {
		w.t.Errorf("audit log: %d entries, %v", len(audit), err)
	}
	for _, entry := range audit {
		w.clean("the audit log", string(entry.Detail)+entry.Subject+entry.Act)
	}
}

// refusals look for the words of refused posts in errors.
func (w *leakWorld) refusals(incident string) {
	w.t.Helper()
	for _, part := range []string{"internal_note", "customer_answer"} {
		for what, body := range map[string]string{
			"placeholder": fmt.Sprintf(`{"incident":{"body":"Still looking.","allclear":{%q:"The %s and the %s. {{more}}"}}}`, part, noteMark, answerMark),
			"control":     fmt.Sprintf(`{"incident":{"body":"Still looking.","allclear":{%q:"The %s and the %s.\u0007"}}}`, part, noteMark, answerMark),
			"bodyless":    fmt.Sprintf(`{"incident":{"metadata":{},"allclear":{%q:"The %s and the %s."}}}`, part, noteMark, answerMark),
			"cut off":     fmt.Sprintf(`{"incident":{"body":"Still looking.","allclear":{%q:"The %s and the %s."`, part, noteMark, answerMark),
		} {
			code, text := w.ask("PATCH", "%p/incidents/"+incident, body, auth.ScopePost)
			if code != http.StatusUnprocessableEntity && code != http.StatusBadRequest {
				w.t.Errorf("%s in %s answers %d", what, part, code)
			}
			w.clean("the error about "+what+" in "+part, text)
			_, text = w.ask("PATCH", "%p/incidents/"+incident, body, auth.ScopeRead)
			w.clean("the refusal of a token", text)
		}
	}
	w.everywhere(incident)
}

// heard checks who was told the private parts: all whom they are for, and
// nobody else.
func (w *leakWorld) heard() {
	w.t.Helper()
	notes, answers := map[string]bool{}, map[string]bool{}
	everybody := map[string]bool{}
	for _, m := range w.mail.Messages() {
		header, _ := json.Marshal(m.Header)
		text := strings.ToLower(m.Subject + m.Text + m.HTML + string(header))
		everybody[m.To] = true
		if strings.Contains(text, noteMark) {
			notes[m.To] = true
		}
		if strings.Contains(text, answerMark) {
			answers[m.To] = true
		}
	}
	if got := slices.Sorted(maps.Keys(notes)); !slices.Equal(got, slices.Sorted(slices.Values(noteReaders))) {
		w.t.Errorf("the internal note went to %q, and is for %q", got, noteReaders)
	}
	if got := slices.Sorted(maps.Keys(answers)); !slices.Equal(got, slices.Sorted(slices.Values(answerReaders))) {
		w.t.Errorf("the answer for customers went to %q, and is for %q", got, answerReaders)
	}
	for _, who := range []string{"#board", "product@acme.example", "ana@customer.example", "every@customer.example", "big@customer.example", "build@customer.example",
		"partners@acme.example", "everyone@acme.example", "guest@elsewhere.example"} {
		if !everybody[who] {
			w.t.Errorf("%s was told nothing, so that the test says nothing of them", who)
		}
	}
	if w.webhooks.String() == "" {
		w.t.Error("no webhook was sent anything, so that the test says nothing of them")
	}
}
