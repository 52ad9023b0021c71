package web

import (
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// desk records what the pages did, and answers as it is told.
type desk struct {
	asked  []publish.SubscribeForm
	saved  []publish.Wishes
	acts   []string
	err    error
	stored publish.Wishes
	next   string // where to go after confirming
	info   publish.PreferencesInfo
}

func (d *desk) Subscribe(_ context.Context, in publish.SubscribeForm) error {
	d.asked = append(d.asked, in)
	return d.err
}

func (d *desk) ConfirmInfo(_ context.Context, token string) (string, error) {
	return "p…@kestrel.example", d.err
}

func (d *desk) Confirm(_ context.Context, token string) error {
	d.acts = append(d.acts, "confirm "+token)
	return d.err
}

func (d *desk) SetUp(context.Context, string) (string, error) { return d.next, d.err }

func (d *desk) PreferencesInfo(context.Context, string) (publish.PreferencesInfo, error) {
	if errors.As(d.err, new(*status.Invalid)) {
		return publish.PreferencesInfo{Shown: "p…@kestrel.example", LeaveToken: "bye"}, nil
	}
	if d.info.Shown != "" {
		return d.info, d.err
	}
	return publish.PreferencesInfo{Shown: "p…@kestrel.example", Wishes: d.stored, LeaveToken: "bye"}, d.err
}

func (d *desk) SavePreferences(_ context.Context, token string, w publish.Wishes) error {
	d.saved = append(d.saved, w)
	if d.err == nil {
		d.stored = w
	}
	return d.err
}

func deskBench(t *testing.T, d *desk) *Site {
	return newBench(t, calmRecord(), func(o *Options) { o.Subscriptions, o.Subscribing = d, true }).Site
}

// send posts a form, with headers.
func send(t *testing.T, s *Site, path string, form url.Values, headers ...string) (int, string, func(string) string) {
	t.Helper()
	request := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for n := 0; n+1 < len(headers); n += 2 {
		request.Header.Set(headers[n], headers[n+1])
	}
	response, err := s.App().Test(request, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body), response.Header.Get
}

func TestSubscribingTakesTheWishes(t *testing.T) {
	d := &desk{}
	s := deskBench(t, d)
	code, _, header := send(t, s, "/subscribe", url.Values{"email": {" ana@customer.example "}, "components": {"c0srch000001", "c0chckt00001"},
		"least_impact": {"major"}, "how": {"start_and_end"}, honeypot: {""}}, "Sec-Fetch-Site", "same-origin")
	if code != 303 || header("Location") != "/subscribe/sent" || len(d.asked) != 1 {
		t.Fatalf("answered %d %s, asked %v", code, header("Location"), d.asked)
	}
	got := d.asked[0]
	if got.Address != "ana@customer.example" || !slices.Equal(got.Components, []string{"c0srch000001", "c0chckt00001"}) ||
		got.LeastImpact != "major" || !got.StartAndEndOnly || got.EveryUpdate || !got.From.IsValid() {
		t.Errorf("asked for %+v", got)
	}
	code, body, header := get(t, s, "GET", "/subscribe/sent")
	if code != 200 || !strings.Contains(body, "Look into your mail") || header("Cache-Control") != "no-store" {
		t.Errorf("the page after it: %d", code)
	}
}

func TestProgramsThatFillInEveryFieldGetTheSameAnswer(t *testing.T) {
	d := &desk{}
	code, _, header := send(t, deskBench(t, d), "/subscribe", url.Values{"email": {"ana@customer.example"}, honeypot: {"http://spam.example"}})
	if code != 303 || header("Location") != "/subscribe/sent" || len(d.asked) != 0 {
		t.Errorf("answered %d, asked %v", code, d.asked)
	}
}

func TestWhatIsWrongWithTheFormIsSaidByField(t *testing.T) {
	bad := status.NewInvalid("email", "is wrong")
	bad.Add("components", "are gone")
	s := deskBench(t, &desk{err: bad})
	code, body, header := send(t, s, "/subscribe", url.Values{"email": {`"><script>alert(1)</script>`}, "components": {"c0srch000001", "gone"}, "least_impact": {"critical"}, "how": {"hourly"}})
	if code != 422 || header("Cache-Control") != "no-store" {
		t.Errorf("answered %d", code)
	}
	for _, want := range []string{`role="alert" tabindex="-1" autofocus`, `<a href="#field-email">Enter an email address`, `href="#field-components"`, `href="#field-how"`,
		`aria-invalid="true" aria-describedby="fault-email"`, `value="c0srch000001" checked`, `value="critical" checked`, `<details open>`, `&#34;&gt;&lt;script&gt;`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if strings.Contains(body, "<script>alert") {
		t.Error("what was entered is not escaped")
	}
}

func TestTooManySayHowLongToWait(t *testing.T) {
	s := deskBench(t, &desk{err: &publish.TooMany{Wait: 12*time.Minute + 500*time.Millisecond}})
	code, body, header := send(t, s, "/subscribe", url.Values{"email": {"ana@customer.example"}})
	if code != 429 || header("Retry-After") != "721" || !strings.Contains(body, "In 13 minutes") {
		t.Errorf("answered %d, Retry-After %q", code, header("Retry-After"))
	}
	s = deskBench(t, &desk{err: errors.New("database away")})
	if code, body, _ := send(t, s, "/subscribe", url.Values{"email": {"ana@customer.example"}}); code != 500 || strings.Contains(body, "database") || !strings.Contains(body, "try again") {
		t.Errorf("a failure answers %d", code)
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		headers []string
		refused bool
	}{
		"our page":                          {[]string{"Sec-Fetch-Site", "same-origin", "Origin", "http://example.com"}, false},
		"no browser":                        {nil, false},
		"an old browser, our page":          {[]string{"Origin", "http://example.com"}, false},
		"our public address before a proxy": {[]string{"Origin", "https://status.kestrel.example"}, false},
		"another site":                      {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, true},
		"a neighbour":                       {[]string{"Sec-Fetch-Site", "same-site"}, true},
		"an old browser, another site":      {[]string{"Origin", "https://evil.example"}, true},
		"an unknown site":                   {[]string{"Origin", "null"}, true},
	} {
		d := &desk{}
		s := deskBench(t, d)
		for _, path := range []string{"/subscribe", "/subscribe/confirm/abc", "/subscribe/preferences/abc"} {
			code, _, _ := send(t, s, path, url.Values{"email": {"ana@customer.example"}}, c.headers...)
			if (code == 403) != c.refused {
				t.Errorf("%s: %s answered %d", name, path, code)
			}
		}
		if did := len(d.asked) + len(d.saved) + len(d.acts); did != map[bool]int{true: 0, false: 3}[c.refused] {
			t.Errorf("%s: did %d things", name, did)
		}
	}
}

func TestReadingALinkAboutASubscriptionChangesNothing(t *testing.T) {
	d := &desk{stored: publish.Wishes{Components: []string{"c0srch000001"}, EveryUpdate: true}}
	s := deskBench(t, d)
	for path, words := range map[string][]string{
		"/subscribe/confirm/abc":     {"p…@kestrel.example", `<form method="post"><button`},
		"/subscribe/preferences/abc": {"p…@kestrel.example", `value="c0srch000001" checked`, `value="every" checked`, `href="/unsubscribe/bye"`},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			code, body, header := get(t, s, method, path)
			if code != 200 || header("Cache-Control") != "no-store" || header("Referrer-Policy") != "same-origin" || header("X-Robots-Tag") == "" {
				t.Errorf("%s %s answers %d", method, path, code)
			}
			for _, w := range words {
				if method == "GET" && !strings.Contains(body, w) {
					t.Errorf("%s has no %q", path, w)
				}
			}
		}
	}
	if len(d.acts)+len(d.saved) != 0 {
		t.Errorf("reading did %v %v", d.acts, d.saved)
	}
}

func TestPostingALinkActs(t *testing.T) {
	d := &desk{}
	s := deskBench(t, d)
	if code, body, _ := send(t, s, "/subscribe/confirm/abc", nil); code != 200 || !strings.Contains(body, "You will be told") || !slices.Equal(d.acts, []string{"confirm abc"}) {
		t.Errorf("confirming answers %d, did %v", code, d.acts)
	}
	code, body, _ := send(t, s, "/subscribe/preferences/abc", url.Values{"components": {"c0srch000001"}, "how": {"every"}})
	if code != 200 || !strings.Contains(body, "Saved.") || len(d.saved) != 1 || !d.saved[0].EveryUpdate {
		t.Errorf("saving answers %d, did %+v", code, d.saved)
	}
	code, body, _ = send(t, s, "/subscribe/preferences/abc", url.Values{"how": {"hourly"}})
	if code != 422 || !strings.Contains(body, "Choose how often") || len(d.saved) != 1 {
		t.Errorf("a bad choice answers %d, did %+v", code, d.saved)
	}
	d.err = status.NewInvalid("components", "gone")
	code, body, _ = send(t, s, "/subscribe/preferences/abc", url.Values{"components": {"gone"}})
	if code != 422 || !strings.Contains(body, `href="#field-components"`) {
		t.Errorf("a component that is gone answers %d", code)
	}
}

func TestBadLinksSayWhatToDoNext(t *testing.T) {
	for _, c := range []struct {
		err   error
		code  int
		words map[string]string
	}{
		{status.ErrNotFound, 404, map[string]string{"confirm": "enter your address on the status page", "preferences": "newest message"}},
		{publish.ErrExpired, 410, map[string]string{"confirm": "a new link comes by mail", "preferences": "To get messages again"}},
		{errors.New("database away"), 500, map[string]string{"confirm": "in a few minutes", "preferences": "Everything is as it was"}},
	} {
		s := deskBench(t, &desk{err: c.err})
		for page, words := range c.words {
			code, body, _ := get(t, s, "GET", "/subscribe/"+page+"/abc")
			posted, postedBody, _ := send(t, s, "/subscribe/"+page+"/abc", nil)
			if code != c.code || posted != c.code || !strings.Contains(body, words) || !strings.Contains(postedBody, words) || strings.Contains(body, "database") {
				t.Errorf("%s, %v: GET %d, POST %d", page, c.err, code, posted)
			}
		}
	}
}

func TestTheFormIsOfferedOnlyWhereMailIsSent(t *testing.T) {
	with, without := deskBench(t, &desk{}), newBench(t, calmRecord()).Site
	_, page, _ := get(t, with, "GET", "/")
	for _, want := range []string{`action="/subscribe"`, `<label for="field-email">Your email address</label>`, `value="c0srch000001"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if code, _, _ := get(t, with, "GET", "/subscribe"); code != 200 {
		t.Errorf("the form by itself answers %d", code)
	}
	_, page, _ = get(t, without, "GET", "/")
	if code, _, _ := get(t, without, "GET", "/subscribe"); code != 404 || strings.Contains(page, "<form") {
		t.Errorf("without mail: %d", code)
	}
}

// A program has no night and no language; its owner is shown how to check what
// it is sent.
func TestOwnerOfAWebhookChoosesWhatAProgramGets(t *testing.T) {
	d := &desk{next: "/subscribe/preferences/abc", info: publish.PreferencesInfo{Shown: "hooks.kestrel.example", Channel: stakeholders.Webhook, SigningSecret: "whsec_c2VjcmV0", LeaveToken: "bye"}}
	s := deskBench(t, d)
	code, _, header := send(t, s, "/subscribe/confirm/abc", nil)
	if code != 303 || header("Location") != d.next {
		t.Errorf("after confirming: %d %s", code, header("Location"))
	}
	_, page, _ := get(t, s, "GET", d.next)
	for _, want := range []string{"whsec_c2VjcmV0", "Everything, at once", "hooks.kestrel.example", `name="components"`, `value="start_and_end"`, `href="/unsubscribe/bye"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, bad := range []string{"quiet_from", "time_zone", `name="language"`, `value="daily"`, `value="every"`} {
		if strings.Contains(page, bad) {
			t.Errorf("%q is asked of a program", bad)
		}
	}
	d.info = publish.PreferencesInfo{Shown: "p…@kestrel.example", Channel: stakeholders.Email, LeaveToken: "bye"}
	if _, page, _ = get(t, s, "GET", d.next); strings.Contains(page, "Standard Webhooks") || !strings.Contains(page, "quiet_from") {
		t.Error("a person is shown what is for a program")
	}
}

func TestAChatIsSubscribedByItsAddress(t *testing.T) {
	d := &desk{}
	s := deskBench(t, d)
	for _, path := range []string{"/", "/subscribe"} {
		if _, page, _ := get(t, s, "GET", path); !strings.Contains(page, `name="chat"`) || !strings.Contains(page, "Google Chat or Mattermost") {
			t.Errorf("%s has no form for a chat", path)
		}
	}
	code, _, header := send(t, s, "/subscribe", url.Values{"chat": {" https://hooks.slack.com/services/T0/B0/x "}}, "Sec-Fetch-Site", "same-origin")
	if code != 303 || header("Location") != "/subscribe/posted" || len(d.asked) != 1 || d.asked[0].Chat != "https://hooks.slack.com/services/T0/B0/x" || d.asked[0].Address != "" {
		t.Errorf("answered %d %s, asked %+v", code, header("Location"), d.asked)
	}
	if code, body, _ := get(t, s, "GET", "/subscribe/posted"); code != 200 || !strings.Contains(body, "Look into your channel") {
		t.Errorf("the page after it: %d", code)
	}
	d.err = status.NewInvalid("chat", "is wrong")
	code, body, _ := send(t, s, "/subscribe", url.Values{"chat": {"https://kestrel.example/topsecret"}})
	if code != 422 || !strings.Contains(body, `href="#field-chat"`) || !strings.Contains(body, `id="fault-chat"`) || strings.Contains(body, "topsecret") {
		t.Errorf("a fault answers %d", code)
	}
}
