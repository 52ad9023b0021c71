package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/catcher"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store/storetest"
)

// read asks and returns the code and the body.
func read(t *testing.T, url string) (int, string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

func TestMetricsAreForInsidersAndAsDocumented(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		mail, err := catcher.Start()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = mail.Close() }()
		s := settings{database: database{DataDir: t.TempDir(), DatabaseURL: url, SecretKey: storetest.Secret}, Listen: "127.0.0.1:0",
			OperationsListen: "127.0.0.1:0", PublicURL: "http://localhost:8080"}
		s.SMTPURL, s.MailFrom = []string{mail.URL()}, "status@acme.example"
		a, err := newApp(t.Context(), s, slog.New(slog.DiscardHandler), options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
		served := make(chan error, 1)
		go func() { served <- a.serve(ctx) }()
		defer func() {
			stop()
			if err := <-served; err != nil {
				t.Errorf("serve: %v", err)
			}
		}()
		main, inside := "http://"+a.listener.Addr().String(), "http://"+a.insiders.Addr().String()
		if _, err := a.publisher.AddSubscriber(t.Context(), operator, publish.Subscription{Channel: stakeholders.Email, Address: "ana@customer.example", Confirmed: true, Quiet: true}); err != nil {
			t.Fatal(err)
		}
		critical := status.ImpactCritical
		if _, err := a.publisher.OpenIncident(t.Context(), operator, status.Post{Name: "Card payments fail", Body: "Card payments fail.", ImpactOverride: &critical, Notify: true}); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(5 * time.Millisecond) {
			if _, body := read(t, inside+"/metrics"); strings.Contains(body, `allclear_post_to_accepted_seconds_count{channel="email"} 1`) &&
				strings.Contains(body, `allclear_deliveries_total{channel="email",reason="delivered",state="sent"} 1`) {
				break
			} else if time.Now().After(deadline) {
				t.Fatalf("the delivery is not counted:\n%s", body)
			}
		}
		if code, _ := read(t, main+"/metrics"); code != http.StatusNotFound {
			t.Errorf("the public listener answers /metrics with %d", code)
		}
		for _, path := range []string{"/healthz", "/readyz"} {
			for _, base := range []string{main, inside} {
				if code, _ := read(t, base+path); code != http.StatusOK {
					t.Errorf("%s%s answers %d", base, path, code)
				}
			}
		}
		if _, body := read(t, inside+"/readyz"); !strings.Contains(body, "Nobody is set to be reminded") {
			t.Errorf("readyz says %s", body)
		}
		if _, body := read(t, main+"/readyz"); strings.Contains(body, "notes") || !strings.Contains(body, `"channels"`) {
			t.Errorf("readyz says to everybody %s", body)
		}
		code, body := read(t, inside+"/metrics")
		if code != http.StatusOK || strings.Contains(body, "@") || strings.Contains(body, "INC-1") {
			t.Errorf("metrics answer %d\n%s", code, body)
		}
		if !strings.Contains(body, `allclear_http_requests_total{code="4xx",door="public"} 1`) {
			t.Errorf("requests are not counted:\n%s", body)
		}
		var counted []string
		for _, m := range regexp.MustCompile(`(?m)^# TYPE (allclear_\w+) `).FindAllStringSubmatch(body, -1) {
			counted = append(counted, m[1])
		}
		document, err := os.ReadFile("../../docs/operations.md")
		if err != nil {
			t.Fatal(err)
		}
		var written []string
		for _, m := range regexp.MustCompile("(?m)^\\| `(allclear_\\w+)` \\|").FindAllStringSubmatch(string(document), -1) {
			written = append(written, m[1])
		}
		slices.Sort(counted)
		slices.Sort(written)
		if !slices.Equal(counted, written) {
			t.Errorf("served  %q\nwritten %q", counted, written)
		}
	})
}
