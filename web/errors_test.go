package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/status"
	"github.com/gofiber/fiber/v2"
)

func TestErrorsSayWhatToDoNext(t *testing.T) {
	var log strings.Builder
	site := newBench(t, calmRecord(), func(o *Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) }).Site
	site.App().Get("/broken", func(*fiber.Ctx) error { return errors.New("secret detail") })
	site.App().Get("/busy", func(*fiber.Ctx) error { return fmt.Errorf("save: %w: secret detail", status.ErrBusy) })
	site.App().Get("/away", func(*fiber.Ctx) error { return fmt.Errorf("save: %w: secret detail", status.ErrUnavailable) })
	site.App().Get("/panics", func(*fiber.Ctx) error { panic("secret detail") })
	for _, tt := range []struct {
		method, path string
		headers      []string
		code         int
		says, next   string
	}{
		{"GET", "/nowhere", nil, 404, "There is no page here", "linked from the status page"},
		{"GET", "/incidents/nonsense", nil, 404, "There is no page here", ""},
		{"GET", "/incidents/b1c2d3f4g5h7", nil, 404, "There is no page here", ""},
		{"GET", "/static/app.000.css", nil, 404, "There is no page here", ""},
		{"GET", "/%3Cscript%3Ealert(1)%3C/script%3E", nil, 404, "There is no page here", ""},
		{"POST", "/", nil, 405, "cannot be used that way", "Read it with GET"},
		{"DELETE", "/badge.svg", nil, 405, "cannot be used that way", ""},
		{"GET", "/", []string{"Content-Encoding", "gzip"}, 415, "Compressed requests are not taken", "without compression"},
		{"GET", "/busy", nil, 503, "could not be read just now", "try again in a minute"},
		{"GET", "/away", nil, 503, "could not be read just now", "try again in a minute"},
		{"GET", "/panics", nil, 500, "Something went wrong on our side", "quote the reference"},
		{"GET", "/broken", nil, 500, "Something went wrong on our side", "quote the reference"},
	} {
		code, body, header := get(t, site, tt.method, tt.path, tt.headers...)
		if code != tt.code || !strings.Contains(body, tt.says) || !strings.Contains(body, tt.next) {
			t.Errorf("%s %s answers %d, want %d with %q", tt.method, tt.path, code, tt.code, tt.says)
		}
		if header("Content-Type") != "text/html; charset=utf-8" || header("Content-Security-Policy") == "" || strings.Contains(body, "<script>") || strings.Contains(body, "secret detail") {
			t.Errorf("%s %s: not a safe page", tt.method, tt.path)
		}
		if tt.code == 405 && header("Allow") == "" {
			t.Errorf("%s %s: no Allow", tt.method, tt.path)
		}
	}
	if !strings.Contains(log.String(), "secret detail") || strings.Count(log.String(), "\n") != 4 {
		t.Errorf("the log says %q", log.String())
	}
}

func TestMissingReadInterfaceAnswersInJSON(t *testing.T) {
	site := newBench(t, calmRecord()).Site
	for method, want := range map[string]int{"GET": 404, "POST": 404} {
		code, body, header := get(t, site, method, "/api/v2/nothing.json")
		var answer struct{ Error, Message, Title, Detail string }
		if err := json.Unmarshal([]byte(body), &answer); err != nil || code != want || answer.Error == "" || answer.Message == "" || answer.Detail == "" {
			t.Errorf("%s answers %d %s", method, code, body)
		}
		if header("Access-Control-Allow-Origin") != "*" || header("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%s: Content-Type %q", method, header("Content-Type"))
		}
	}
	if code, body, _ := get(t, site, "POST", "/api/v2/summary.json"); code != 405 || !strings.HasPrefix(body, "{") {
		t.Errorf("POST to the summary answers %d %s", code, body)
	}
}

func TestMountedDoorAnswersItsOwnErrors(t *testing.T) {
	site := newBench(t, calmRecord()).Site
	door := fiber.New(fiber.Config{ErrorHandler: func(c *fiber.Ctx, err error) error {
		return c.Status(418).SendString("its own")
	}})
	door.Get("/pages", func(c *fiber.Ctx) error { return c.SendString("pages") })
	site.App().Mount("/v1", door)
	if code, body, _ := get(t, site, "GET", "/v1/pages"); code != 200 || body != "pages" {
		t.Errorf("the mounted door answers %d %q", code, body)
	}
	if code, body, _ := get(t, site, "GET", "/v1/nowhere"); code != 418 || body != "its own" {
		t.Errorf("its error is %d %q", code, body)
	}
	if code, _, _ := get(t, site, "GET", "/v1x"); code != 404 {
		t.Errorf("beside it: %d", code)
	}
}
