package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/status"
	"github.com/gofiber/fiber/v2"
)

var (
	// errStarting is the answer before the first snapshot.
	errStarting = fiber.NewError(fiber.StatusServiceUnavailable, "the page has not been made yet")
	// errAway is the answer while an old incident cannot be read.
	errAway = fiber.NewError(fiber.StatusServiceUnavailable, "the database is away")
	// errBroken is what waits on a shelf until a build has an outcome.
	errBroken = errors.New("the page could not be made")
)

// messageView is a page that says one thing and what to do next.
type messageView struct {
	frame
	Heading string
	Text    string
	Next    string
}

// answerError turns an error into an answer, and logs it, here and once, when
// it is ours.
func (s *Site) answerError(c *fiber.Ctx, err error) error {
	code, reference := codeOf(err), ""
	if code == fiber.StatusInternalServerError {
		reference = strings.ToLower(rand.Text()[:10])
		s.options.Log.Error("a public request failed", "request_id", reference, "route", c.Route().Path, "error", err)
	}
	if code == fiber.StatusServiceUnavailable {
		c.Set(fiber.HeaderRetryAfter, "30")
		if !errors.As(err, new(*fiber.Error)) {
			s.options.Log.Error("a public request failed", "route", c.Route().Path, "error", err)
		}
	}
	if strings.HasPrefix(c.Path(), "/api/") {
		return errorJSON(c, code, reference)
	}
	return s.errorPage(c, code, reference)
}

func codeOf(err error) int {
	var fault *fiber.Error
	switch {
	case errors.As(err, &fault):
		return fault.Code
	case errors.Is(err, status.ErrNotFound):
		return fiber.StatusNotFound
	case errors.Is(err, status.ErrUnavailable), errors.Is(err, status.ErrBusy), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return fiber.StatusServiceUnavailable
	default:
		return fiber.StatusInternalServerError
	}
}

// errorPage answers with a page. The one for a mistyped address is made
// once a snapshot, since it is asked for often and by anybody.
func (s *Site) errorPage(c *fiber.Ctx, code int, reference string) error {
	sn := s.current.Load()
	if code == fiber.StatusNotFound && sn != nil {
		if answer, err := s.other(sn, "/404"); err == nil {
			answer.write(c.Context())
			return nil
		}
	}
	tag := lang.Default
	if sn != nil {
		tag = sn.language
	}
	body, err := render(s.views.message, s.errorView(sn, tag, code, reference))
	if err != nil {
		s.options.Log.Error("an error page could not be made", "error", err)
		return c.Status(code).SendString(http.StatusText(code))
	}
	setHeaders(c.Context(), pageHeaders(cacheNever))
	return c.Status(code).Send(body)
}

func (s *Site) errorView(sn *Snapshot, tag string, code int, reference string) messageView {
	key := "error." + strconv.Itoa(code)
	if !lang.Known(key) {
		key = "error.400"
		if code >= fiber.StatusInternalServerError {
			key = "error.503"
		}
	}
	view := messageView{frame: s.newFrame(sn, tag), Heading: lang.Text(tag, key+"_title"), Text: lang.Text(tag, key), Next: lang.Text(tag, key+"_next")}
	if reference != "" {
		view.Next = lang.Text(tag, key+"_next", reference)
	}
	view.Title, view.Unlisted = view.Heading, true
	return view
}

// notFoundAnswer makes the page for an address that is not there.
func (s *Site) notFoundAnswer(sn *Snapshot, tag string) (*answer, error) {
	body, err := render(s.views.message, s.errorView(sn, tag, fiber.StatusNotFound, ""))
	if err != nil {
		return nil, err
	}
	return s.press.answer(fiber.StatusNotFound, body, pageHeaders(cachePage)...)
}

// errorJSON answers clients of the read interface: problem details and
// Statuspage's two strings in one body.
func errorJSON(c *fiber.Ctx, code int, reference string) error {
	detail := lang.Text(lang.Default, "error."+strconv.Itoa(code))
	if !lang.Known("error." + strconv.Itoa(code)) {
		detail = http.StatusText(code)
	}
	body, err := json.Marshal(struct {
		Type      string `json:"type"`
		Title     string `json:"title"`
		Status    int    `json:"status"`
		Detail    string `json:"detail"`
		RequestID string `json:"request_id,omitempty"`
		Error     string `json:"error"`
		Message   string `json:"message"`
	}{"about:blank", http.StatusText(code), code, detail, reference, http.StatusText(code), detail})
	if err != nil {
		return fmt.Errorf("encode the error: %w", err)
	}
	setHeaders(c.Context(), openHeaders(typeJSON, cacheNever))
	return c.Status(code).Send(body)
}
