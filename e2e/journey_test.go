package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mmcdole/gofeed"

	"github.com/allclear-status/allclear/internal/browser"
	"github.com/allclear-status/allclear/store/storetest"
)

const register = `
stakeholders:
  - name: Management
    kind: team
    power: high
    interest: high
    contacts: [{email: management@acme.example}, {slack: "CHAT/management", label: "#management"}]
  - name: Product team
    kind: team
    power: high
    interest: high
    contacts: [{email: product@acme.example}, {slack: "CHAT/product", label: "#product"}]
  - {name: Customers, kind: segment, power: high, interest: low}
  - name: Developers
    kind: team
    power: low
    interest: high
    contacts: [{email: developers@acme.example}, {slack: "CHAT/developers", label: "#developers"}]
  - name: Support analysts
    kind: team
    power: low
    interest: high
    contacts: [{email: support@acme.example}, {slack: "CHAT/support", label: "#support"}]
  - name: Everybody else
    kind: team
    power: low
    interest: low
    contacts: [{email: everybody@acme.example, opted_in: true}]
`

// everybodyNow are those whom the default policy tells at once of the start
// and of the end of a critical incident.
var everybodyNow = []string{
	"email management@acme.example", "email product@acme.example", "chat management", "chat product",
	"email developers@acme.example", "email support@acme.example", "chat developers", "chat support",
	"email ana@customer.example", "email bo@customer.example", "email cem@customer.example",
}

// settle makes the company: a token, two components, the register, subscribers.
func (s *server) settle() (payments, search string) {
	s.t.Helper()
	out, errOut, code := s.command("token", "create", "--name", "test", "--scope", "admin")
	if code != 0 {
		s.t.Fatalf("token create: %d %s", code, errOut)
	}
	s.token = strings.TrimSpace(out)
	var pages []struct{ ID string }
	s.call("GET", "/pages", "", 200, &pages)
	s.page = "/pages/" + pages[0].ID
	s.call("PATCH", s.page, `{"page":{"name":"Acme"}}`, 200, nil)
	var made struct{ ID string }
	s.call("POST", s.page+"/components", `{"component":{"name":"Card payments"}}`, 201, &made)
	payments = made.ID
	s.call("POST", s.page+"/components", `{"component":{"name":"Search"}}`, 201, &made)
	search = made.ID
	s.importRegister()
	for _, body := range []string{
		`{"subscriber":{"email":"ana@customer.example","skip_confirmation_notification":true}}`,
		`{"subscriber":{"email":"bo@customer.example","skip_confirmation_notification":true}}`,
		`{"subscriber":{"email":"cem@customer.example","skip_confirmation_notification":true}}`,
		`{"subscriber":{"email":"priya@customer.example","skip_confirmation_notification":true,"component_ids":["` + search + `"]}}`,
		`{"subscriber":{"email":"li@customer.example"}}`,
	} {
		s.call("POST", s.page+"/subscribers", body, 201, nil)
	}
	return payments, search
}

func (s *server) importRegister() {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "stakeholders.yaml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(register, "CHAT", s.chat.URL)), 0o600); err != nil {
		s.t.Fatal(err)
	}
	for _, args := range [][]string{{"stakeholders", "import", "--dry-run", file}, {"stakeholders", "import", file}} {
		out, errOut, code := s.command(args...)
		if code != 0 || strings.Count(out, "add ") != 6 {
			s.t.Fatalf("%v: %d %s%s", args, code, out, errOut)
		}
	}
	if out, _, code := s.command("stakeholders", "import", file); code != 0 || out != "nothing to change\n" {
		s.t.Fatalf("a second import: %d %q, want nothing to change", code, out)
	}
}

func opening(payments string) string {
	return fmt.Sprintf(`{"incident":{"name":"Card payments fail","components":{%q:"major_outage"},
		"body":"Card payments fail for all customers since 10:42 UTC. Bank transfer works."}}`, payments)
}

// wantTold waits until exactly these were told since the last look.
func (s *server) wantTold(what string, seen int, want []string) int {
	s.t.Helper()
	s.wait(what, func() bool { return len(s.told()) >= seen+len(want) })
	got := slices.Sorted(slices.Values(s.told()[seen:]))
	if want := slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
		s.t.Fatalf("%s:\n got  %s\n want %s", what, strings.Join(got, "\n      "), strings.Join(want, "\n      "))
	}
	return seen + len(want)
}

func TestPostOnceAndEverybodyKnows(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, database string) {
		s := newServer(t, database)
		s.start()
		payments, _ := s.settle()
		ctx, _ := browser.New(t)
		s.reads(ctx, "/", "All systems operational")

		var incident struct {
			ID       string
			Impact   string
			Allclear struct {
				Number   string
				Audience struct{ Told, Waiting []struct{ Count int } }
			}
		}
		s.call("POST", s.page+"/incidents", opening(payments), 201, &incident)
		if incident.Impact != "critical" || incident.Allclear.Number != "INC-1" || len(incident.Allclear.Audience.Told) != 5 {
			t.Errorf("answer %+v", incident)
		}
		s.shown(incident.ID)
		s.reads(ctx, "/", "Card payments fail", "Major outage", "Next update by")
		seen := s.wantTold("the start to be told", 0, everybodyNow)
		s.wellMade(incident.ID)

		s.reads(ctx, "/incidents/"+incident.ID, "INC-1", "Bank transfer works", "Card payments")
		s.call("PATCH", s.page+"/incidents/INC-1", `{"incident":{"status":"resolved","body":"Card payments work again.","components":{"`+payments+`":"operational"}}}`, 200, nil)
		s.reads(ctx, "/", "All systems operational", "Card payments work again.")
		s.wantTold("the end to be told", seen, everybodyNow)
		if foreign := browser.ForeignRequests(ctx); len(foreign) > 0 {
			t.Errorf("the page asked other hosts: %v", foreign)
		}
		if problems := browser.Problems(ctx); len(problems) > 0 {
			t.Errorf("the browser complained: %v", problems)
		}
		s.ledgerComplete()
		if code := s.stop(); code != 0 {
			t.Errorf("exit code %d after SIGTERM", code)
		}
	})
}

// reads opens a page in the browser and looks for words.
func (s *server) reads(ctx context.Context, path string, words ...string) {
	s.t.Helper()
	text, err := visibleText(ctx, s.url(path))
	if err != nil {
		s.t.Fatalf("open %s: %v", path, err)
	}
	for _, word := range words {
		if !strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
			s.t.Errorf("%s does not say %q:\n%s", path, word, text)
		}
	}
}

// shown checks, right after the answer, that everything public shows the
// incident already.
func (s *server) shown(id string) {
	s.t.Helper()
	for path, words := range map[string]string{
		"/": "Card payments fail", "/incidents/" + id: "Bank transfer works", "/badge.svg": "Major System Outage|Partial System Outage|outage",
		"/history.rss": "<strong>Investigating</strong>", "/api/v2/summary.json": id, "/api/v2/status.json": `"indicator":"major"`,
	} {
		code, body := s.get(path)
		found := slices.ContainsFunc(strings.Split(words, "|"), func(w string) bool { return strings.Contains(body, w) })
		if code != http.StatusOK || !found && !strings.Contains(body, strings.ReplaceAll(words, "<", "&lt;")) && !strings.Contains(body, "Investigating") {
			s.t.Errorf("%s: %d, without %q:\n%s", path, code, words, body)
		}
	}
	feed, err := gofeed.NewParser().ParseURL(s.url("/history.rss"))
	if err != nil || len(feed.Items) != 1 || feed.Items[0].Title != "Card payments fail" || feed.Items[0].GUID != s.url("/incidents/"+id) {
		s.t.Errorf("feed: %v %+v", err, feed)
	}
}

// wellMade looks at one mail as its reader would, and leaves by its link.
func (s *server) wellMade(id string) {
	s.t.Helper()
	for _, m := range s.mail.Messages() {
		if m.To != "cem@customer.example" {
			continue
		}
		h := m.Header
		leave := strings.Trim(h.Get("List-Unsubscribe"), "<>")
		if !strings.Contains(m.Subject, "Card payments fail") || !strings.Contains(m.Text, "/incidents/"+id) || !strings.Contains(m.HTML, "/incidents/"+id) ||
			h.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || !strings.HasPrefix(h.Get("Message-Id"), "<") || !strings.HasPrefix(leave, s.url("/unsubscribe/")) {
			s.t.Errorf("mail: %s\n%v\n%s", m.Subject, h, m.Text)
		}
		if code, body := s.get(strings.TrimPrefix(leave, s.url(""))); code != http.StatusOK || !strings.Contains(body, "<form") {
			s.t.Errorf("the leave page: %d %s", code, body)
		}
		return
	}
	s.t.Error("no mail to cem")
}

// ledgerComplete checks that every delivery of the ledger is done, or held.
func (s *server) ledgerComplete() {
	s.t.Helper()
	var ledger []struct{ State, Name, Rule string }
	s.wait("the ledger to be complete", func() bool {
		s.call("GET", s.page+"/deliveries?incident=INC-1&limit=100", "", 200, &ledger)
		return !slices.ContainsFunc(ledger, func(d struct{ State, Name, Rule string }) bool { return d.State == "pending" || d.State == "sending" })
	})
	states := map[string]int{}
	for _, d := range ledger {
		states[d.State]++
	}
	// Both notices to eleven addresses; the fourth quadrant's hold, and its end.
	if states["sent"] != 22 || states["dropped"] != 2 || len(ledger) != 24 {
		encoded, _ := json.Marshal(ledger)
		s.t.Errorf("ledger states %v:\n%s", states, encoded)
	}
}

func TestOneClickEndsEverything(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, database string) {
		s := newServer(t, database)
		s.start()
		payments, _ := s.settle()
		s.call("POST", s.page+"/incidents", opening(payments), 201, nil)
		seen := s.wantTold("the start to be told", 0, everybodyNow)
		var leave string
		for _, m := range s.mail.Messages() {
			if m.To == "bo@customer.example" {
				leave = strings.Trim(m.Header.Get("List-Unsubscribe"), "<>")
			}
		}
		for _, method := range []string{http.MethodGet, http.MethodHead} { // scanners follow links
			request, _ := http.NewRequestWithContext(t.Context(), method, leave, nil)
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
		}
		answer, err := http.PostForm(leave, url.Values{"List-Unsubscribe": {"One-Click"}})
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("one click: %v %v", err, answer)
		}
		_ = answer.Body.Close()
		s.call("PATCH", s.page+"/incidents/INC-1", `{"incident":{"status":"resolved","body":"Card payments work again."}}`, 200, nil)
		s.wantTold("the end to be told to all but who left", seen, slices.DeleteFunc(slices.Clone(everybodyNow), func(who string) bool { return who == "email bo@customer.example" }))
		if code, body := s.get("/unsubscribe/forged"); code != http.StatusNotFound || !strings.Contains(body, "link") {
			t.Errorf("a forged link: %d %s", code, body)
		}
	})
}

func TestKilledBetweenPostAndDeliveryTellsEverybodyOnce(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, database string) {
		s := newServer(t, database)
		mail := s.smtp
		s.smtp = deafMailServer(t)
		s.deaf.Store(true)
		s.start()
		payments, _ := s.settle()
		s.call("POST", s.page+"/incidents", opening(payments), 201, nil)
		s.wait("the sender to be in the middle of it", func() bool {
			var sending []struct{ State string }
			s.call("GET", s.page+"/deliveries?state=sending", "", 200, &sending)
			return len(sending) > 0
		})
		s.kill()
		s.deaf.Store(false)
		close(s.hearing)

		s.smtp = mail
		s.start()
		if _, page := s.get("/"); !strings.Contains(page, "Card payments fail") {
			t.Error("the page forgot the incident")
		}
		s.wantTold("everybody to be told after the restart", 0, everybodyNow)
		s.call("PATCH", s.page+"/incidents/INC-1", `{"incident":{"status":"resolved","body":"Card payments work again."}}`, 200, nil)
		s.wantTold("the end to be told", len(everybodyNow), everybodyNow)
	})
}
