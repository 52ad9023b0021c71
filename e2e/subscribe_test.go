package e2e

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/allclear-status/allclear/internal/browser"
	"github.com/allclear-status/allclear/internal/catcher"
	"github.com/allclear-status/allclear/store/storetest"
)

// subscribed are the tables that a link in a mail could change.
var subscribed = []string{"subscribers", "suppressions", "subscriber_classes", "audit_log", "rate_limits"}

// dump is what those tables hold.
func (s *server) dump() string {
	s.t.Helper()
	driver, address := "postgres", s.database
	if path, ok := strings.CutPrefix(s.database, "sqlite://"); ok {
		driver, address = "sqlite", "file:"+path+"?_pragma=query_only(1)&_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var all strings.Builder
	for _, table := range subscribed {
		rows, err := db.Query("SELECT * FROM " + table + " ORDER BY 1, 2")
		if err != nil {
			s.t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			s.t.Fatal(err)
		}
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				s.t.Fatal(err)
			}
			fmt.Fprintf(&all, "%s %s\n", table, values)
		}
		if err := rows.Close(); err != nil {
			s.t.Fatal(err)
		}
	}
	return all.String()
}

// links end before the full stop of their sentence, as mail programs see them.
var links = regexp.MustCompile(`https?://[^\s"<>]*[^\s"<>.]`)

// linksOf are the addresses in a mail: text, HTML and headers.
func linksOf(m catcher.Message) []string {
	all := links.FindAllString(m.Text+"\n"+m.HTML+"\n"+m.Header.Get("List-Unsubscribe"), -1)
	slices.Sort(all)
	return slices.Compact(all)
}

// link finds the link of a mail whose path begins with a prefix.
func (s *server) link(m catcher.Message, prefix string) string {
	s.t.Helper()
	for _, l := range linksOf(m) {
		if strings.HasPrefix(l, s.url(prefix)) {
			return l
		}
	}
	s.t.Fatalf("no %s in the mail to %s: %v", prefix, m.To, linksOf(m))
	return ""
}

// scan follows every link of every mail so far, as programs that protect
// mailboxes do; the database must be the same after.
func (s *server) scan() {
	s.t.Helper()
	before := s.dump()
	followed := 0
	for _, m := range s.mail.Messages() {
		if m.Channel != "email" {
			continue
		}
		for _, l := range linksOf(m) {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				request, err := http.NewRequestWithContext(s.t.Context(), method, l, nil)
				if err != nil {
					s.t.Fatal(err)
				}
				answer, err := http.DefaultClient.Do(request)
				if err != nil {
					s.t.Fatal(err)
				}
				_ = answer.Body.Close()
				if answer.StatusCode >= 500 {
					s.t.Errorf("%s %s: %s", method, l, answer.Status)
				}
				followed++
			}
		}
	}
	if after := s.dump(); followed == 0 || after != before {
		s.t.Errorf("%d links followed; the database was\n%s\nand is\n%s", followed, before, after)
	}
}

// mailTo waits for the nth mail to an address.
func (s *server) mailTo(address string, n int) catcher.Message {
	s.t.Helper()
	var got []catcher.Message
	s.wait(fmt.Sprintf("mail %d to %s", n, address), func() bool {
		got = nil
		for _, m := range s.mail.Messages() {
			if m.To == address {
				got = append(got, m)
			}
		}
		return len(got) >= n
	})
	if len(got) > n {
		s.t.Fatalf("%d mails to %s, want %d", len(got), address, n)
	}
	return got[n-1]
}

// press submits the form that a selector's button belongs to and says what the
// next page shows.
func (s *server) press(ctx context.Context, selector string) string {
	s.t.Helper()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		s.t.Fatal(err)
	}
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		s.t.Fatal(err)
	}
	return text
}

func (s *server) says(text string, words ...string) {
	s.t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			s.t.Errorf("the page does not say %q:\n%s", w, text)
		}
	}
}

func (s *server) do(ctx context.Context, actions ...chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		s.t.Fatal(err)
	}
}

// incident opens and ends one incident about a component and waits until ben,
// who follows everything, was told of both.
func (s *server) incident(component string, ben int) {
	s.t.Helper()
	var made struct{ ID string }
	s.call("POST", s.page+"/incidents", opening(component), 201, &made)
	s.mailTo("ben@customer.example", ben+1)
	s.call("PATCH", s.page+"/incidents/"+made.ID, `{"incident":{"status":"resolved","body":"It works again.","components":{"`+component+`":"operational"}}}`, 200, nil)
	s.mailTo("ben@customer.example", ben+2)
}

func TestSubscribeConfirmChangeAndLeave(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, database string) {
		s := newServer(t, database)
		s.start()
		payments, search := s.settle()
		s.call("POST", s.page+"/subscribers", `{"subscriber":{"email":"ben@customer.example","skip_confirmation_notification":true}}`, 201, nil)
		ctx, _ := browser.New(t, browser.WithoutScripts())
		const eva = "eva@customer.example"

		s.do(ctx, chromedp.Navigate(s.url("/")), chromedp.SendKeys(chromedp.CSS("#field-email"), "Eva@Customer.example"))
		s.says(s.press(ctx, ".ask .button"), "Look into your mail")
		letter := s.mailTo(eva, 1)
		if !strings.Contains(letter.Subject, "confirm") || letter.Header.Get("List-Unsubscribe") != "" {
			t.Errorf("the letter: %s %v", letter.Subject, letter.Header)
		}
		s.scan()
		s.incident(payments, 0)
		s.mailTo(eva, 1) // nothing before confirming

		confirm := s.link(letter, "/subscribe/confirm/")
		s.do(ctx, chromedp.Navigate(confirm))
		s.says(s.press(ctx, "main .button"), "You will be told")
		s.do(ctx, chromedp.Navigate(confirm))
		s.says(s.press(ctx, "main .button"), "You will be told") // twice is fine

		s.incident(payments, 2)
		told := s.mailTo(eva, 3)
		s.scan()
		s.do(ctx, chromedp.Navigate(s.url("/")), chromedp.SendKeys(chromedp.CSS("#field-email"), eva))
		s.says(s.press(ctx, ".ask .button"), "Look into your mail")
		s.mailTo(eva, 4) // that nothing has changed
		s.scan()

		preferences := s.link(told, "/subscribe/preferences/")
		from, to := time.Now().UTC().Add(6*time.Hour).Format("15:04"), time.Now().UTC().Add(7*time.Hour).Format("15:04")
		s.do(ctx, chromedp.Navigate(preferences), chromedp.Click(chromedp.CSS(`input[value="`+search+`"]`)),
			chromedp.SendKeys(chromedp.CSS("#field-language"), "Español"))
		fill := fmt.Sprintf(`document.querySelector("[name=quiet_from]").value = %q; document.querySelector("[name=quiet_to]").value = %q`, from, to)
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[string](fill)); err != nil {
			t.Fatal(err)
		}
		s.says(s.press(ctx, ".ask .button"), "Saved.", "e…@customer.example")
		_, saved := s.get(strings.TrimPrefix(preferences, s.url("")))
		s.says(saved, `name="quiet_from" value="`+from+`"`, `name="quiet_to" value="`+to+`"`, `lang="es" selected`)
		s.scan()
		s.incident(payments, 4)
		s.mailTo(eva, 4)
		s.incident(search, 6)
		if last := s.mailTo(eva, 6); !strings.Contains(last.Subject, "Resuelto") {
			t.Errorf("who chose Spanish reads %q", last.Subject)
		}

		s.do(ctx, chromedp.Navigate(preferences))
		s.says(s.press(ctx, ".message > .about a"), "Stop these messages?")
		s.says(s.press(ctx, "main .button"), "You are unsubscribed")
		s.scan()
		s.incident(search, 8)
		s.mailTo(eva, 6)
		s.reads(ctx, strings.TrimPrefix(preferences, s.url("")), "You get no messages", "enter your address on the status page")
		s.do(ctx, chromedp.Navigate(confirm))
		s.reads(ctx, strings.TrimPrefix(confirm, s.url("")), "does not work any more", "a new link comes by mail")

		s.do(ctx, chromedp.Navigate(s.url("/")), chromedp.SendKeys(chromedp.CSS("#field-email"), eva))
		s.says(s.press(ctx, ".ask .button"), "Look into your mail")
		s.do(ctx, chromedp.Navigate(s.link(s.mailTo(eva, 7), "/subscribe/confirm/")))
		s.says(s.press(ctx, "main .button"), "You will be told")
		s.incident(search, 10)
		s.mailTo(eva, 9)
		if foreign := browser.ForeignRequests(ctx); len(foreign) > 0 {
			t.Errorf("the pages asked other hosts: %v", foreign)
		}
	})
}

func TestForgedAndExpiredLinksSayWhatToDo(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, database string) {
		s := newServer(t, database)
		s.env = append(s.env, "ALLCLEAR_SECRET_KEY="+storetest.Secret)
		s.start()
		past := time.Now().Add(-time.Hour)
		key := storetest.Key(t)
		answer, err := http.PostForm(s.url("/subscribe"), url.Values{"email": {"ana@customer.example"}})
		if err != nil || answer.Request.URL.Path != "/subscribe/sent" || answer.StatusCode != http.StatusOK {
			t.Fatalf("%v %v", err, answer)
		}
		_ = answer.Body.Close()
		letter := s.mailTo("ana@customer.example", 1)
		token := strings.TrimPrefix(s.link(letter, "/subscribe/confirm/"), s.url("/subscribe/confirm/"))
		subject, err := key.OpenLink("confirm", token)
		if err != nil {
			t.Fatal(err)
		}
		id, _, _ := strings.Cut(subject, ":")
		expired := key.SealLink("confirm", fmt.Sprintf("%s:%d:%d", id, past.UnixMicro(), past.UnixMicro()))
		before := s.dump()
		for _, c := range []struct {
			path  string
			code  int
			words []string
		}{
			{"/subscribe/confirm/" + expired, http.StatusGone, []string{"does not work any more", "Enter your address on the status page again"}},
			{"/subscribe/confirm/forged", http.StatusNotFound, []string{"does not work", "enter your address on the status page"}},
			{"/subscribe/confirm/" + token[:len(token)-3], http.StatusNotFound, []string{"incomplete"}},
			{"/subscribe/preferences/forged", http.StatusNotFound, []string{"incomplete", "newest message"}},
			{"/subscribe/preferences/" + token, http.StatusNotFound, []string{"incomplete"}},
			{"/subscribe/preferences/" + key.SealLink("preferences", id), http.StatusGone, []string{"not subscribed"}},
			{"/unsubscribe/" + token, http.StatusNotFound, []string{"incomplete"}},
		} {
			code, body := s.get(c.path)
			posted, err := http.PostForm(s.url(c.path), url.Values{})
			if err != nil {
				t.Fatal(err)
			}
			_ = posted.Body.Close()
			if code != c.code || posted.StatusCode != c.code {
				t.Errorf("%s: GET %d, POST %d, want %d", c.path, code, posted.StatusCode, c.code)
			}
			s.says(body, c.words...)
		}
		if after := s.dump(); after != before {
			t.Errorf("bad links changed\n%s\nto\n%s", before, after)
		}
	})
}

func TestAFormBeingFilledInOutlivesAnUpdateOfThePage(t *testing.T) {
	s := newServer(t, storetest.SQLite(t))
	s.start()
	payments, _ := s.settle()
	ctx, _ := browser.New(t)
	s.do(ctx, chromedp.Navigate(s.url("/")), chromedp.SendKeys(chromedp.CSS("#field-email"), "half@way"))
	const zone = `const zone = document.querySelector("#field-time_zone"); zone.list.options.length > 300 && zone.value === Intl.DateTimeFormat().resolvedOptions().timeZone`
	if guessed, err := chromedp.Run(ctx, chromedp.Evaluate[bool](zone)); err != nil || !guessed {
		t.Errorf("the form does not offer the browser's time zone and the others: %v", err)
	}
	s.call("POST", s.page+"/incidents", opening(payments), 201, nil)
	// Coming back to a page makes it look for news at once.
	const state = `document.dispatchEvent(new Event("visibilitychange")); document.querySelector(".headline h1").textContent + ", " +
		document.querySelector("#field-email").value + ", " + document.activeElement.id`
	s.wait("the page to update itself and keep the form", func() bool {
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string](state))
		return err == nil && got == "Major outage, half@way, field-email"
	})
}
