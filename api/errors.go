package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
)

// problem is the body of every answer that is an error: the members of problem
// details (RFC 9457), and the two strings that Statuspage's clients read.
type problem struct {
	Type      string                  `json:"type"`
	Title     string                  `json:"title"`
	Status    int                     `json:"status"`
	Detail    string                  `json:"detail"`
	RequestID string                  `json:"request_id"`
	Errors    []status.FieldError     `json:"errors,omitempty"`
	Findings  []plainlanguage.Finding `json:"findings,omitempty"`
	Error     string                  `json:"error"`
	Message   string                  `json:"message"`
}

// fault is a request that is wrong before any act is asked.
type fault struct {
	code   int
	short  string // for Statuspage's two strings; empty: the detail
	detail string
}

func (f *fault) Error() string { return f.detail }

func unauthenticated(detail string) error {
	return &fault{http.StatusUnauthorized, "Could not authenticate", detail}
}

func malformed(format string, args ...any) error {
	return &fault{http.StatusBadRequest, "", fmt.Sprintf(format, args...)}
}

// retryAfter is how long, in seconds, a client waits after a 503.
const retryAfter = "5"

// answerError is the one place where an error becomes an answer, and where one
// that is ours is logged.
func (a *api) answerError(c *fiber.Ctx, err error) error {
	p := problemOf(c, err)
	p.Type, p.Title, p.RequestID = "about:blank", http.StatusText(p.Status), requestID(c)
	if p.Message == "" {
		p.Message = p.Detail
	}
	p.Error = p.Message
	switch {
	case p.Status >= http.StatusInternalServerError:
		a.log.Error("an API request failed", "request_id", p.RequestID, "method", c.Method(), "route", c.Route().Path, "status", p.Status, "error", err)
		if p.Status == http.StatusServiceUnavailable {
			c.Set(fiber.HeaderRetryAfter, retryAfter)
		}
	case p.Status == http.StatusUnauthorized:
		c.Set(fiber.HeaderWWWAuthenticate, "Bearer")
	}
	return send(c, p.Status, p)
}

func problemOf(c *fiber.Ctx, err error) problem {
	var (
		invalid *status.Invalid
		refused *publish.Refused
		wrong   *fault
		routing *fiber.Error
	)
	switch {
	case errors.As(err, &invalid):
		return invalidProblem(invalid)
	case errors.As(err, &refused):
		return problem{Status: http.StatusUnprocessableEntity, Detail: refusal(c, refused), Findings: refused.Findings}
	case errors.As(err, &wrong):
		return problem{Status: wrong.code, Detail: wrong.detail, Message: wrong.short}
	case errors.As(err, &routing):
		return problem{Status: routing.Code, Detail: routingDetail(c, routing)}
	case errors.Is(err, status.ErrNotFound):
		return problem{Status: http.StatusNotFound, Detail: fmt.Sprintf("There is nothing at %s: an id in this address is not known here.", shownPath(c))}
	case errors.Is(err, status.ErrConflict):
		return problem{Status: http.StatusConflict, Detail: sentence(err, status.ErrConflict, "This contradicts what is there already.")}
	case errors.Is(err, status.ErrForbidden):
		return problem{Status: http.StatusForbidden, Detail: sentence(err, status.ErrForbidden, "This token may not do that.")}
	case errors.Is(err, status.ErrBusy):
		return problem{Status: http.StatusServiceUnavailable, Detail: "The database is too busy with others at the moment and gave this up; nothing of it was done. Try again in a few seconds."}
	case errors.Is(err, status.ErrUnavailable):
		return problem{Status: http.StatusServiceUnavailable, Detail: "The database cannot be used at the moment: it is away, or its disk is full. Look whether this was done before you try again."}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return problem{Status: http.StatusServiceUnavailable, Detail: "This took too long and was given up. Look whether it was done before you try again."}
	default:
		return problem{Status: http.StatusInternalServerError, Detail: "Something is wrong on our side. The server's log has the reason under this request_id."}
	}
}

// shownErrors bounds how many faults of one request are listed.
const shownErrors = 20

func invalidProblem(invalid *status.Invalid) problem {
	fields, more := invalid.Fields, ""
	if len(fields) > shownErrors {
		more = fmt.Sprintf("; and %d more", len(fields)-shownErrors)
		fields = fields[:shownErrors]
	}
	shown := &status.Invalid{}
	for _, f := range fields {
		shown.Add(shorten(f.Field), "%s", shorten(f.Message))
	}
	return problem{Status: http.StatusUnprocessableEntity, Detail: shown.Error() + more, Errors: shown.Fields}
}

// routingDetail says what is wrong with a request that reached no handler.
func routingDetail(c *fiber.Ctx, err *fiber.Error) string {
	switch err.Code {
	case http.StatusNotFound:
		return fmt.Sprintf("There is no %s %s; the routes are in /v1/openapi.yaml.", c.Method(), shownPath(c))
	case http.StatusMethodNotAllowed:
		return fmt.Sprintf("%s is not possible here; use %s.", c.Method(), c.GetRespHeader(fiber.HeaderAllow))
	case http.StatusRequestEntityTooLarge:
		return "The body is too large; at most 1 MiB is taken."
	case http.StatusUnsupportedMediaType:
		return "The body is compressed; send it as it is, without Content-Encoding."
	default:
		return http.StatusText(err.Code) + "."
	}
}

// sentence is what an act said when it refused by one of the domain's errors.
// Only an error that wraps nothing else is fit to show.
func sentence(err, kind error, otherwise string) string {
	text, ok := strings.CutSuffix(err.Error(), ": "+kind.Error())
	if !ok || errors.Unwrap(err) != kind {
		return otherwise
	}
	return shorten(strings.ToUpper(text[:1]) + text[1:] + ".")
}

// shownPath is the request's path as an answer may repeat it.
func shownPath(c *fiber.Ctx) string { return cut(strings.ToValidUTF8(c.Path(), "\uFFFD"), 200) }

// shorten keeps what a client sent from filling the answer.
func shorten(s string) string { return cut(s, 500) }

func cut(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-1]) + "…"
}
