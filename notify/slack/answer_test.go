package slack

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
)

func TestAnswerDecidesOutcome(t *testing.T) {
	tests := []struct {
		code  int
		body  string
		want  notify.Outcome
		words string
	}{
		{200, "ok", notify.Delivered, "200 ok"},
		{201, "", notify.Delivered, "201 Created"},
		{204, "", notify.Delivered, "204"},
		{301, "", notify.Permanent, "301"},
		{302, "", notify.Transient, "302 Found"},
		{308, "", notify.Permanent, "308"},
		{400, "invalid_payload", notify.Permanent, "400 invalid_payload"},
		{403, "action_prohibited", notify.Permanent, "403 action_prohibited"},
		{404, "no_service", notify.Permanent, "404 no_service"},
		{410, "channel_is_archived", notify.Permanent, "410 channel_is_archived"},
		{408, "", notify.Transient, "408"},
		{425, "", notify.Transient, "425"},
		{429, "", notify.RateLimited, "429"},
		{500, "rollup_error", notify.Transient, "500 rollup_error"},
		{502, "<html><body>nginx</body></html>", notify.Transient, "502 Bad Gateway"},
		{503, "", notify.Transient, "503"},
	}
	for _, test := range tests {
		s := startHooks(t, func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(test.code)
			_, _ = io.WriteString(w, test.body)
			return false
		})
		r := post(t, context.Background(), newTestChannel(t, time.Minute), hook(s.URL, 1))
		if r.Outcome != test.want || !strings.HasPrefix(r.Answer, test.words) || strings.Contains(r.Answer, "<") || !r.RetryAt.IsZero() {
			t.Errorf("%d %s: %+v, want %s", test.code, test.body, r, test.want)
		}
	}
}

func TestRetryAfterIsObeyedInItsThreeShapes(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"seconds": func(w http.ResponseWriter) { w.Header().Set("Retry-After", "30"); w.WriteHeader(429) },
		"date": func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", time.Now().UTC().Add(31*time.Second).Format(http.TimeFormat))
			w.WriteHeader(429)
		},
		"body":        func(w http.ResponseWriter) { w.WriteHeader(429); _, _ = io.WriteString(w, `{"retry_after":30}`) },
		"maintenance": func(w http.ResponseWriter) { w.Header().Set("Retry-After", "30"); w.WriteHeader(503) },
	} {
		s := startHooks(t, func(w http.ResponseWriter, _ *http.Request) bool { answer(w); return false })
		c := newTestChannel(t, time.Minute)
		began := time.Now()
		r := post(t, context.Background(), c, hook(s.URL, 1))
		if r.Outcome != notify.RateLimited || r.RetryAt.Before(began.Add(29*time.Second)) || r.RetryAt.After(time.Now().Add(31*time.Second)) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	elsewhere := startHooks(t, accept)
	s := startHooks(t, func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusPermanentRedirect)
		return false
	})
	if r := post(t, context.Background(), newTestChannel(t, time.Minute), hook(s.URL, 1)); r.Outcome != notify.Permanent || elsewhere.received() != 0 {
		t.Errorf("%+v, %d messages elsewhere", r, elsewhere.received())
	}
}

func TestEndlessAnswerIsReadInPart(t *testing.T) {
	s := startHooks(t, func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusNotFound)
		for range 100 {
			if _, err := w.Write(bytes.Repeat([]byte("no \x1b[31m\r\n"), 1000)); err != nil {
				break
			}
		}
		return false
	})
	r := post(t, context.Background(), newTestChannel(t, time.Minute), hook(s.URL, 1))
	if r.Outcome != notify.Permanent || len(r.Answer) > 300 || strings.ContainsAny(r.Answer, "\x1b\r\n") {
		t.Errorf("%+v", r)
	}
}

// Where the connection ends decides what we know.
func TestDropBeforeTheAnswerIsUncertain(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			request, err := http.ReadRequest(bufio.NewReader(conn))
			if err == nil {
				_, _ = io.Copy(io.Discard, request.Body)
			}
			_ = conn.Close()
		}
	}()
	r := post(t, context.Background(), newTestChannel(t, time.Minute), hook("http://"+l.Addr().String(), 1))
	_ = l.Close()
	<-done
	if r.Outcome != notify.UncertainSent {
		t.Errorf("%+v", r)
	}
}

func TestUnknownHostIsTransientAndUnnamed(t *testing.T) {
	r := post(t, context.Background(), newTestChannel(t, time.Minute), hook("https://hooks.acme.invalid", 1))
	if r.Outcome != notify.Transient {
		t.Errorf("%+v", r)
	}
}

func TestBadAddressIsPermanentAndNotRepeated(t *testing.T) {
	for _, address := range []string{"", secretPart, "ftp://example.com/" + secretPart, "https:///" + secretPart, "https://example.com/%zz" + secretPart, "http://exa mple/" + secretPart} {
		r := post(t, context.Background(), newTestChannel(t, time.Minute), notify.Recipient{Address: address})
		if r.Outcome != notify.Permanent {
			t.Errorf("%q: %+v", address, r)
		}
	}
}

// A stop must not make a message go out twice: what was handed over waits for
// its answer.
func TestEndOfContextWaitsForTheAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := startHooks(t, func(w http.ResponseWriter, r *http.Request) bool {
		cancel()
		time.Sleep(100 * time.Millisecond)
		return accept(w, r)
	})
	if r := post(t, ctx, newTestChannel(t, time.Minute), hook(s.URL, 1)); r.Outcome != notify.Delivered {
		t.Errorf("%+v", r)
	}
}

func TestEndOfContextStopsWhatIsNotHandedOver(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	r := post(t, ctx, newTestChannel(t, time.Minute), hook("https://"+silentListener(t), 1))
	if r.Outcome != notify.Transient || time.Since(began) > 30*time.Second {
		t.Errorf("%+v after %v", r, time.Since(began))
	}
}

func TestSecretsInAllTheirFormsAreTakenOut(t *testing.T) {
	s := startHooks(t, func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "no: http://"+r.Host+r.RequestURI+" "+r.URL.Query().Get("key")+" "+strings.TrimPrefix(r.URL.Path, "/"))
		return false
	})
	to := hook(s.URL, 1)
	to.Address += "?key=" + secretPart
	if r := post(t, context.Background(), newTestChannel(t, time.Minute), to); strings.Contains(r.Answer, "T00000001") {
		t.Errorf("%+v", r)
	}
}

// What the register names may be anywhere; what a stranger pasted leads to nobody
// near us, by whatever form or name.
func TestAStrangersAddressDoesNotReachOurNetworks(t *testing.T) {
	s := startHooks(t, accept)
	c := newTestChannel(t, time.Minute)
	port := s.URL[strings.LastIndexByte(s.URL, ':'):]
	for address, want := range map[string]notify.Outcome{
		s.URL: notify.Permanent, "http://[::ffff:127.0.0.1]" + port: notify.Permanent, "http://169.254.169.254": notify.Permanent, "https://10.0.0.1": notify.Permanent,
		"http://localhost": notify.Transient, "http://localhost:8080": notify.Transient, // names are looked up at every attempt
	} {
		to := hook(address, 1)
		to.Stranger = true
		if r := post(t, context.Background(), c, to); r.Outcome != want || !strings.HasPrefix(r.Answer, "not sent: the address is not on the public internet") {
			t.Errorf("%s: %+v", address, r)
		}
	}
	if r := post(t, context.Background(), c, hook(s.URL, 2)); r.Outcome != notify.Delivered || s.received() != 1 {
		t.Errorf("the operator's own: %+v, %d messages", r, s.received())
	}
}
