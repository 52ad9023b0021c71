package slack

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/allclear-status/allclear/internal/safehttp"
	"github.com/allclear-status/allclear/notify"
)

// answered reads the result from an answer.
func (c *Channel) answered(r *http.Response, body []byte, secret scrubber) notify.Result {
	result := notify.Result{Outcome: outcome(r.StatusCode), Answer: secret.clean(words(r.StatusCode, body))}
	if result.Outcome == notify.Transient || result.Outcome == notify.RateLimited {
		// A server that is down for a while may say for how long.
		if at, ok := safehttp.RetryAfter(r.Header, body, c.now()); ok {
			result.Outcome, result.RetryAt = notify.RateLimited, at
		}
	}
	return result
}

func outcome(code int) notify.Outcome {
	switch {
	case code >= 200 && code < 300:
		return notify.Delivered
	case code == http.StatusTooManyRequests:
		return notify.RateLimited
	case code == http.StatusRequestTimeout, code == http.StatusTooEarly:
		return notify.Transient
	case code == http.StatusMovedPermanently, code == http.StatusPermanentRedirect:
		return notify.Permanent // redirects are not followed: the secret is for one host
	case code >= 400 && code < 500:
		return notify.Permanent
	default:
		return notify.Transient
	}
}

// words is the answer as a line: the code, and what the service says, which
// for Slack is one word such as no_service.
func words(code int, body []byte) string {
	said := strings.TrimSpace(string(body))
	if said == "" || strings.HasPrefix(said, "<") { // a proxy's page says nothing to us
		said = http.StatusText(code)
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, said))
}

const (
	maxAnswer    = 300 // bytes
	minSecretLen = 6   // shorter parts of an address ("api", "hooks") are words
)

// scrubber takes the parts of a webhook's address out of a text.
type scrubber struct {
	secrets *strings.Replacer
}

func newScrubber(address *url.URL) scrubber {
	parts := []string{address.String(), address.RequestURI(), address.Path, address.RawQuery}
	if password, ok := address.User.Password(); ok {
		parts = append(parts, password)
	}
	parts = append(parts, strings.Split(address.EscapedPath(), "/")...)
	parts = append(parts, strings.Split(address.Path, "/")...)
	for _, values := range address.Query() {
		parts = append(parts, values...)
	}
	pairs := []string{}
	for _, part := range parts {
		if len(part) >= minSecretLen && part != "services" {
			pairs = append(pairs, part, "***")
		}
	}
	return scrubber{strings.NewReplacer(pairs...)}
}

// clean makes a text fit for the ledger: no secret, one line, not long.
func (s scrubber) clean(text string) string {
	text = s.secrets.Replace(strings.ToValidUTF8(text, "?"))
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
	if len(text) > maxAnswer {
		text = strings.ToValidUTF8(text[:maxAnswer-3], "") + "…"
	}
	return text
}
