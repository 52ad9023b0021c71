package webhook

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/safehttp"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

func TestReceiverGetsTheJSONWithItsOwnLink(t *testing.T) {
	s := startReceiver(t, accept)
	built := 0
	c := newTestChannel(t, Config{Payload: func(ctx context.Context, text notify.Text) ([]byte, error) {
		built++
		return payload(ctx, text)
	}})
	post(t, context.Background(), c, recipient(s.URL, 1), recipient(s.URL, 2))
	if built != 1 {
		t.Errorf("built %d times for one Send", built)
	}
	got := s.messages()
	if len(got) != 2 {
		t.Fatalf("%d messages", len(got))
	}
	for _, m := range got {
		n := strings.TrimPrefix(m.path, "/hooks/"+secretPart)
		var w statuspage.Webhook
		if err := json.Unmarshal(m.body, &w); err != nil {
			t.Fatal(err)
		}
		if w.Meta.Unsubscribe != "https://status.acme.example/unsubscribe/"+n || w.Incident == nil || w.Component != nil ||
			w.Incident.Name != "Card payments fail" || w.Incident.IncidentUpdates[0].Body == "" || w.Page.StatusDescription != "All Systems Operational" {
			t.Errorf("%s: %s", n, m.body)
		}
		if m.header.Get("Content-Type") != "application/json; charset=utf-8" || m.header.Get("Webhook-Id") != "7_"+n || m.header.Get("User-Agent") != "Allclear" {
			t.Errorf("%s: %v", n, m.header)
		}
	}
}

func TestRepetitionHasTheSameId(t *testing.T) {
	s := startReceiver(t, accept)
	c := newTestChannel(t, Config{})
	for range 2 {
		post(t, context.Background(), c, recipient(s.URL, 1))
	}
	if got := s.messages(); len(got) != 2 || got[0].header.Get("Webhook-Id") != got[1].header.Get("Webhook-Id") {
		t.Errorf("%+v", got)
	}
}

func TestAnswerDecidesOutcome(t *testing.T) {
	for _, test := range []struct {
		code  int
		body  string
		want  notify.Outcome
		words string
	}{
		{200, "thanks", notify.Delivered, "200 thanks"},
		{202, "", notify.Delivered, "202 Accepted"},
		{204, "", notify.Delivered, "204 No Content"},
		{300, "", notify.Transient, "300"},
		{301, "", notify.Permanent, "301"},
		{302, "", notify.Transient, "302 Found"},
		{304, "", notify.Transient, "304"},
		{308, "", notify.Permanent, "308"},
		{400, `{"error":"no"}`, notify.Permanent, `400 {"error":"no"}`},
		{401, "", notify.Permanent, "401"},
		{404, "", notify.Permanent, "404 Not Found"},
		{408, "", notify.Transient, "408"},
		{410, "", notify.Permanent, "410 Gone"},
		{413, "", notify.Permanent, "413"},
		{425, "", notify.Transient, "425"},
		{429, "", notify.RateLimited, "429"},
		{500, "oops", notify.Transient, "500 oops"},
		{502, "<html><body>nginx</body></html>", notify.Transient, "502 Bad Gateway"},
		{503, "", notify.Transient, "503"},
		{599, "odd", notify.Transient, "599 odd"},
	} {
		s := startReceiver(t, func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(test.code)
			_, _ = io.WriteString(w, test.body)
			return false
		})
		r := post(t, context.Background(), newTestChannel(t, Config{}), recipient(s.URL, 1))[0]
		if r.Outcome != test.want || !strings.HasPrefix(r.Answer, test.words) || strings.Contains(r.Answer, "<") || !r.RetryAt.IsZero() {
			t.Errorf("%d %s: %+v, want %s", test.code, test.body, r, test.want)
		}
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 42, 0, 0, time.UTC)
	for name, answer := range map[string]func(http.ResponseWriter){
		"limit":       func(w http.ResponseWriter) { w.Header().Set("Retry-After", "30"); w.WriteHeader(429) },
		"maintenance": func(w http.ResponseWriter) { w.Header().Set("Retry-After", "30"); w.WriteHeader(503) },
		"date": func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", now.Add(30*time.Second).Format(http.TimeFormat))
			w.WriteHeader(429)
		},
		"body": func(w http.ResponseWriter) { w.WriteHeader(429); _, _ = io.WriteString(w, `{"retry_after":30}`) },
	} {
		s := startReceiver(t, func(w http.ResponseWriter, _ *http.Request) bool { answer(w); return false })
		c := newTestChannel(t, Config{})
		c.now = func() time.Time { return now }
		if r := post(t, context.Background(), c, recipient(s.URL, 1))[0]; r.Outcome != notify.RateLimited || !r.RetryAt.Equal(now.Add(30*time.Second)) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	elsewhere := startReceiver(t, accept)
	for _, code := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		s := startReceiver(t, func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, elsewhere.URL+r.URL.Path, code)
			return false
		})
		if r := post(t, context.Background(), newTestChannel(t, Config{}), recipient(s.URL, 1))[0]; r.Outcome == notify.Delivered {
			t.Errorf("%d: %+v", code, r)
		}
	}
	if got := elsewhere.messages(); len(got) != 0 {
		t.Errorf("%d messages elsewhere", len(got))
	}
}

func TestEndlessAnswerIsReadInPart(t *testing.T) {
	s := startReceiver(t, func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusNotFound)
		for range 100 {
			if _, err := w.Write(bytes.Repeat([]byte("no \x1b[31m\r\n"), 1000)); err != nil {
				break
			}
		}
		return false
	})
	r := post(t, context.Background(), newTestChannel(t, Config{}), recipient(s.URL, 1))[0]
	if r.Outcome != notify.Permanent || len(r.Answer) > 300 || strings.ContainsAny(r.Answer, "\x1b\r\n") {
		t.Errorf("%+v", r)
	}
}

// Without an operator's word a stranger's address leads to nobody near us.
func TestStrangersDoNotReachOurNetworks(t *testing.T) {
	s := startReceiver(t, accept)
	c := started(t, Config{})
	for address, want := range map[string]notify.Outcome{
		s.URL: notify.Permanent, "http://127.0.0.1": notify.Permanent, "http://[::1]": notify.Permanent, "http://169.254.169.254": notify.Permanent,
		"http://[::ffff:127.0.0.1]": notify.Permanent, "https://10.0.0.1": notify.Permanent, "https://status.acme.example:25": notify.Permanent,
		"http://localhost": notify.Transient, "http://localhost:8080": notify.Transient, // names are looked up at every attempt
	} {
		if r := post(t, context.Background(), c, recipient(address, 1))[0]; r.Outcome != want || !strings.HasPrefix(r.Answer, "not sent: the address is not on the public internet") {
			t.Errorf("%s: %+v", address, r)
		}
	}
	if got := s.messages(); len(got) != 0 {
		t.Errorf("%d messages arrived", len(got))
	}
}

func TestBadAddressIsPermanentAndNotRepeated(t *testing.T) {
	for _, address := range []string{"", secretPart, "ftp://example.com/" + secretPart, "https:///" + secretPart, "https://:443/" + secretPart, "https://example.com/%zz" + secretPart, "http://exa mple/" + secretPart} {
		if r := post(t, context.Background(), newTestChannel(t, Config{}), notify.Recipient{Address: address})[0]; r.Outcome != notify.Permanent {
			t.Errorf("%q: %+v", address, r)
		}
	}
}

func TestUnknownHostIsTransient(t *testing.T) {
	if r := post(t, context.Background(), newTestChannel(t, Config{}), recipient("https://hooks.acme.invalid", 1))[0]; r.Outcome != notify.Transient {
		t.Errorf("%+v", r)
	}
}

func TestPayloadThatCannotBeMadeIsNotSent(t *testing.T) {
	s := startReceiver(t, accept)
	for name, c := range map[string]struct {
		payload []byte
		err     error
		want    notify.Outcome
	}{
		"the database is away": {nil, errors.New("dial tcp 10.0.0.2:5432: " + secretPart), notify.Transient},
		"gone":                 {nil, fmt.Errorf("read incident: %w", status.ErrNotFound), notify.Permanent},
		"broken":               {[]byte(`{"meta":`), nil, notify.Transient},
		"not an object":        {[]byte(`[]`), nil, notify.Transient},
	} {
		channel := newTestChannel(t, Config{Payload: func(context.Context, notify.Text) ([]byte, error) { return c.payload, c.err }})
		for _, r := range post(t, context.Background(), channel, recipient(s.URL, 1), recipient(s.URL, 2)) {
			if r.Outcome != c.want {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
	if got := s.messages(); len(got) != 0 {
		t.Errorf("%d messages arrived", len(got))
	}
}

// A receiver that takes its time does not hold up those at other hosts.
func TestSlowReceiverHoldsUpNobody(t *testing.T) {
	release := make(chan struct{})
	var others atomic.Int32
	slow := startReceiver(t, func(w http.ResponseWriter, r *http.Request) bool {
		<-release
		return accept(w, r)
	})
	s := startReceiver(t, func(w http.ResponseWriter, r *http.Request) bool {
		if others.Add(1) == 27 {
			close(release)
		}
		return accept(w, r)
	})
	all := make([]notify.Recipient, 30)
	for i := range all {
		all[i] = recipient(s.URL, i+1)
		if i < 3 {
			all[i] = recipient(slow.URL, i+1)
		}
	}
	for i, r := range post(t, context.Background(), newTestChannel(t, Config{Timeout: time.Minute, Limits: safehttp.Limits{Wait: time.Minute}}), all...) {
		if r.Outcome != notify.Delivered {
			t.Errorf("%d: %+v", i+1, r)
		}
	}
}

// Those at a host that fails are spared, not tried one after another: they have
// another try when the host has rested.
func TestHostThatFailsIsLeftAlone(t *testing.T) {
	var asked atomic.Int32
	s := startReceiver(t, func(w http.ResponseWriter, _ *http.Request) bool {
		asked.Add(1)
		w.WriteHeader(http.StatusBadGateway)
		return false
	})
	c := newTestChannel(t, Config{})
	all := make([]notify.Recipient, 20)
	for i := range all {
		all[i] = recipient(s.URL, i+1)
	}
	tried := 0
	for i, r := range post(t, context.Background(), c, all...) {
		switch {
		case r.Outcome == notify.Transient && !r.Neutral:
			tried++
		case r.Outcome != notify.RateLimited || !r.Neutral || r.RetryAt.IsZero():
			t.Errorf("%d: %+v", i+1, r)
		}
	}
	if asked.Load() != 3 || tried != 3 {
		t.Errorf("asked %d times, %d were tried", asked.Load(), tried)
	}
	other := startReceiver(t, accept)
	if r := post(t, context.Background(), c, recipient(other.URL, 1))[0]; r.Outcome != notify.Delivered {
		t.Errorf("another host: %+v", r)
	}
}

// A stop must not make a message go out twice: what was handed over waits for
// its answer.
func TestEndOfContextWaitsForTheAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := startReceiver(t, func(w http.ResponseWriter, r *http.Request) bool {
		cancel()
		time.Sleep(100 * time.Millisecond)
		return accept(w, r)
	})
	if r := post(t, ctx, newTestChannel(t, Config{}), recipient(s.URL, 1))[0]; r.Outcome != notify.Delivered {
		t.Errorf("%+v", r)
	}
}

func TestEndOfContextStopsWhatIsNotHandedOver(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	r := post(t, ctx, newTestChannel(t, Config{Timeout: time.Minute}), recipient("https://"+silentListener(t), 1))[0]
	if r.Outcome != notify.Transient || time.Since(began) > 30*time.Second {
		t.Errorf("%+v after %v", r, time.Since(began))
	}
}

func TestSecretsInAllTheirFormsAreTakenOut(t *testing.T) {
	s := startReceiver(t, func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "no: http://"+r.Host+r.RequestURI+" "+r.URL.Query().Get("key")+" "+r.Header.Get("Authorization")+" "+strings.TrimPrefix(r.URL.Path, "/"))
		return false
	})
	to := recipient(strings.Replace(s.URL, "://", "://ana:"+secretPart+"@", 1), 1)
	to.Address += "?key=" + secretPart
	coded := base64.StdEncoding.EncodeToString([]byte("ana:" + secretPart))
	if r := post(t, context.Background(), newTestChannel(t, Config{}), to)[0]; r.Outcome != notify.Permanent || strings.Contains(r.Answer, coded) {
		t.Errorf("%+v", r)
	}
}

func TestDefaultTimeoutIsStatuspages(t *testing.T) {
	if c := New(Config{}); c.config.Timeout != 30*time.Second || c.client.Timeout != 30*time.Second {
		t.Errorf("%v, %v", c.config.Timeout, c.client.Timeout)
	}
}
