package email_test

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/email"
	"github.com/allclear-status/allclear/status"
)

func TestHeadersSayWhoWhatAndHowToLeave(t *testing.T) {
	to := person(1)
	h := one(t, opened(), to).parse(t).Header
	for name, want := range map[string]string{
		"From":                     `"Acme Status" <status@acme.example>`,
		"To":                       "person1@customer.example",
		"Subject":                  "[Critical · Investigating] Card payments fail (INC-14) – Acme",
		"Thread-Topic":             "Card payments fail (INC-14) – Acme",
		"Date":                     "Sat, 21 Nov 2026 11:44:00 +0100",
		"Message-Id":               "<n1.1@status.acme.example>",
		"In-Reply-To":              "<k4m8x2t9vqzd.1@status.acme.example>",
		"References":               "<k4m8x2t9vqzd.1@status.acme.example>",
		"List-Unsubscribe":         "<https://status.acme.example/leave?token=t1&page=1>",
		"List-Unsubscribe-Post":    "List-Unsubscribe=One-Click",
		"Auto-Submitted":           "auto-generated",
		"X-Auto-Response-Suppress": "All",
		"Mime-Version":             "1.0",
		"User-Agent":               "",
		"X-Mailer":                 "",
		"Precedence":               "",
	} {
		if got := decoded(t, h.Get(name)); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		if len(h[name]) > 1 {
			t.Errorf("%s stands %d times", name, len(h[name]))
		}
	}
}

func TestFirstMessageOfAThreadDoesNotAnswerItself(t *testing.T) {
	to := person(1)
	to.ThreadID = to.MessageID
	if h := one(t, opened(), to).parse(t).Header; h.Get("In-Reply-To") != "" || h.Get("References") != "" {
		t.Errorf("headers: %v", h)
	}
}

func TestOnlyWhatIsPersonalDiffers(t *testing.T) {
	s := startServer(t, &server{}, nil, false)
	c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
	sendAll(t, c, opened(), person(1), person(2))
	texts := [2]string{}
	for i, m := range s.messages() {
		plain, html := parts(t, m)
		own := []string{"person " + string(rune('1'+i)) + " asked", "token=t" + string(rune('1'+i))}
		for _, want := range own {
			if !strings.Contains(plain, want) || !strings.Contains(html, want) {
				t.Errorf("message %d misses %q", i, want)
			}
		}
		texts[i] = regexp.MustCompile(`token=t\d|person \d`).ReplaceAllString(plain+html, "")
	}
	if texts[0] != texts[1] {
		t.Error("more than what is personal differs")
	}
}

func hostile() notify.Text {
	text := opened()
	c := &text.Content
	c.PageName = "Acme\r\nBcc: eve@evil.example\r\n\r\n<script>alert(1)</script>"
	c.Title = "Fails\r\nBcc: eve@evil.example\r\n\r\n<img src=x onerror=alert(1)>\x00 " + strings.Repeat("ünï ", 60)
	c.Body = "<script src=https://evil.example/x.js></script> ![x](https://evil.example/track.gif) [click](javascript:alert(1))\n.\r\nQUIT\r\n\n{{.Why}} </td></table>"
	c.Affected = []notify.AffectedComponent{{Name: "Pay\r\nBcc: eve@evil.example<b>", Status: status.MajorOutage}}
	c.URL = "javascript:alert(1)"
	return text
}

func TestHostileTextStaysText(t *testing.T) {
	to := person(1)
	to.Why = "Because\r\nBcc: eve@evil.example\r\n.\r\n<script>alert(1)</script>"
	got := one(t, hostile(), to)
	m := got.parse(t)
	for _, name := range []string{"Bcc", "Cc"} {
		if m.Header.Get(name) != "" {
			t.Errorf("%s was injected: %q", name, m.Header.Get(name))
		}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || strings.ContainsAny(subject, "\r\n\x00") || !strings.HasPrefix(subject, "[Critical · Investigating] Pay Bcc: eve@evil.example<b>: Fails Bcc") {
		t.Errorf("subject %q (%v)", subject, err)
	}
	plain, rich := parts(t, got)
	if !strings.Contains(plain, "QUIT") || !strings.Contains(plain, "{{.Why}}") {
		t.Errorf("the text was changed: %s", plain)
	}
	harmless(t, rich)
	for i, line := range bytes.Split(got.Raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") {
			t.Errorf("line %d has %d bytes: %q", i, len(line), line)
		}
	}
}

// harmless fails on anything in an HTML that loads, runs or leads astray.
func harmless(t *testing.T, document string) {
	t.Helper()
	tokens := html.NewTokenizer(strings.NewReader(document))
	for tokens.Next() != html.ErrorToken {
		token := tokens.Token()
		if token.Type != html.StartTagToken && token.Type != html.SelfClosingTagToken {
			continue
		}
		if strings.Contains(" script img iframe link object embed form svg base video audio ", " "+token.Data+" ") {
			t.Errorf("the HTML holds %s", token)
		}
		for _, a := range token.Attr {
			web := strings.HasPrefix(a.Val, "https://") || strings.HasPrefix(a.Val, "#")
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "background" || (a.Key == "href" && !web) || strings.Contains(a.Val, "url(") {
				t.Errorf("the HTML holds %s", token)
			}
		}
	}
	if strings.Contains(document, "@import") || strings.Contains(document, "@font-face") {
		t.Error("the HTML's style sheet loads something")
	}
}

func TestHeadersCannotBeInjectedThroughARecipient(t *testing.T) {
	spoil := map[string]func(*notify.Recipient){
		"address with a header":   func(r *notify.Recipient) { r.Address = "a@b.example\r\nBcc: eve@evil.example" },
		"address with a command":  func(r *notify.Recipient) { r.Address = "a@b.example>\r\nRCPT TO:<eve@evil.example" },
		"address in brackets":     func(r *notify.Recipient) { r.Address = "<a@b.example>" },
		"address with a name":     func(r *notify.Recipient) { r.Address = "Ana <a@b.example>" },
		"several addresses":       func(r *notify.Recipient) { r.Address = "a@b.example, eve@evil.example" },
		"quoted address":          func(r *notify.Recipient) { r.Address = `"a b"@b.example` },
		"address beyond ASCII":    func(r *notify.Recipient) { r.Address = "ä@b.example" },
		"no address":              func(r *notify.Recipient) { r.Address = "" },
		"no domain":               func(r *notify.Recipient) { r.Address = "ana" },
		"Message-ID with a break": func(r *notify.Recipient) { r.MessageID = "a@b\r\nBcc: eve@evil.example" },
		"Message-ID in brackets":  func(r *notify.Recipient) { r.MessageID = "<a@b>" },
		"no Message-ID":           func(r *notify.Recipient) { r.MessageID = "" },
		"thread with a break":     func(r *notify.Recipient) { r.ThreadID = "a@b>\r\nBcc: eve@evil.example" },
		"leave with a break":      func(r *notify.Recipient) { r.LeaveURL = "https://a.example/\r\nBcc: eve@evil.example" },
		"leave with a bracket":    func(r *notify.Recipient) { r.LeaveURL = "https://a.example/>, <https://evil.example" },
		"leave with a space":      func(r *notify.Recipient) { r.LeaveURL = "https://a.example/ x" },
		"leave with a script":     func(r *notify.Recipient) { r.LeaveURL = "javascript:alert(1)" },
		"leave to nowhere":        func(r *notify.Recipient) { r.LeaveURL = "/leave" },
		"leave without an end":    func(r *notify.Recipient) { r.LeaveURL = "https://a.example/" + strings.Repeat("x", 1000) },
	}
	s := startServer(t, &server{}, nil, false)
	c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
	to, names := []notify.Recipient{}, []string{}
	for name, f := range spoil {
		r := person(1)
		f(&r)
		to, names = append(to, r), append(names, name)
	}
	to = append(to, person(2))
	results := sendAll(t, c, opened(), to...)
	for i, name := range names {
		if results[i].Outcome != notify.Permanent || strings.ContainsAny(results[i].Answer, "\r\n") || strings.Contains(results[i].Answer, "token=") {
			t.Errorf("%s: %+v", name, results[i])
		}
	}
	if got := s.messages(); len(got) != 1 || got[0].To != to[len(to)-1].Address {
		t.Errorf("%d messages went out: %v", len(got), got)
	}
}

func TestOneRefusedRecipientAmongManyStopsNobodyElse(t *testing.T) {
	s := startServer(t, &server{refuse: func(verb, argument string) error {
		if verb == "RCPT" && strings.HasPrefix(argument, "person7@") {
			return errRefused
		}
		return nil
	}}, nil, false)
	c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
	to := []notify.Recipient{}
	for i := range 20 {
		to = append(to, person(i))
	}
	for i, r := range sendAll(t, c, opened(), to...) {
		if want := map[bool]notify.Outcome{true: notify.Permanent, false: notify.Delivered}[i == 7]; r.Outcome != want {
			t.Errorf("recipient %d: %+v", i, r)
		}
	}
	if sessions, _, _ := s.counts(); sessions != 1 || len(s.messages()) != 19 {
		t.Errorf("%d connections, %d messages", sessions, len(s.messages()))
	}
}

func TestEmptyAndBareContentIsSent(t *testing.T) {
	for _, text := range []notify.Text{
		{}, {Form: notify.FormShort, Content: notify.Content{ResolvedAt: time.Now()}}, {Language: "xx-bad-!!", Content: notify.Content{Event: "new_event", TimeZone: "No/Where", Title: "t"}},
	} {
		m := one(t, text, notify.Recipient{Address: "a@b.example", MessageID: "a@b"})
		if plain, rich := parts(t, m); strings.Contains(plain+rich, "notice.") || strings.Contains(plain+rich, "incident.") {
			t.Errorf("a key shows: %s", plain)
		}
		if h := m.parse(t).Header; h.Get("List-Unsubscribe") != "" {
			t.Error("a way to leave was made up")
		}
	}
}

func TestOtherLanguagesAreSpoken(t *testing.T) {
	text := opened()
	text.Language = "de"
	plain, rich := parts(t, one(t, text, person(1)))
	if !strings.Contains(plain, "21. Nov. 2026") && !strings.Contains(plain, "21. November 2026") || !strings.Contains(rich, `<html lang="de" dir="ltr">`) {
		t.Errorf("not German: %s", plain)
	}
}

func TestLinesThatBeginWithADotArrive(t *testing.T) {
	text := opened()
	text.Content.Body = ".\n\n..\n\n.hidden"
	to := person(1)
	to.Why = ".why"
	plain, _ := parts(t, one(t, text, to))
	for _, want := range []string{"\n.\n", "\n..\n", "\n.hidden\n", "\n.why\n"} {
		if !strings.Contains(plain, want) {
			t.Errorf("%q is missing in %q", want, plain)
		}
	}
}
