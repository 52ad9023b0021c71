package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/allclear-status/allclear/internal/safehttp"
	"github.com/allclear-status/allclear/notify"
)

// read is the result of a post.
func (c *Channel) read(ctx context.Context, a safehttp.Answer, secret safehttp.Scrubber) notify.Result {
	if a.Err != nil {
		return unanswered(ctx, a, secret)
	}
	result := notify.Result{Outcome: outcome(a.Code), Answer: secret.Clean(words(a)), Neutral: a.Code == http.StatusTooManyRequests}
	if result.Outcome == notify.Transient || result.Outcome == notify.RateLimited {
		// A receiver that is down for a while may say for how long.
		if at, ok := safehttp.RetryAfter(a.Header, a.Body, c.now()); ok {
			result.Outcome, result.RetryAt = notify.RateLimited, at
		}
	}
	return result
}

// outcome is what a code means. A redirect is a failure: the message is for the
// address that was given, and one that has moved for good must be given anew.
func outcome(code int) notify.Outcome {
	switch {
	case code >= 200 && code < 300:
		return notify.Delivered
	case code == http.StatusTooManyRequests:
		return notify.RateLimited
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly:
		return notify.Transient
	case code == http.StatusMovedPermanently, code == http.StatusPermanentRedirect:
		return notify.Permanent
	case code >= 400 && code < 500:
		return notify.Permanent
	default:
		return notify.Transient
	}
}

// words is the answer as a line: the code and what the receiver says.
func words(a safehttp.Answer) string {
	said := strings.TrimSpace(string(a.Body))
	if said == "" || strings.HasPrefix(said, "<") { // a page says nothing to us
		said = http.StatusText(a.Code)
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", a.Code, said))
}

// unanswered is the result when no answer came.
func unanswered(ctx context.Context, a safehttp.Answer, secret safehttp.Scrubber) notify.Result {
	switch {
	case a.HandedOver:
		return notify.Result{Outcome: notify.UncertainSent, Answer: secret.Clean("no answer after the message was handed over: " + a.Err.Error())}
	case errors.Is(a.Err, safehttp.ErrForbidden): // a name may lead elsewhere when it is next looked up
		return notify.Result{Outcome: notify.Transient, Answer: "not sent: " + safehttp.ErrForbidden.Error()}
	case ctx.Err() != nil:
		return stopped()
	default:
		return notify.Result{Outcome: notify.Transient, Answer: secret.Clean("not sent: " + a.Err.Error())}
	}
}
