package safehttp_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/allclear-status/allclear/internal/safehttp"
)

var now = time.Date(2026, 11, 21, 10, 42, 0, 0, time.UTC)

func TestRetryAfterReadsItsThreeShapes(t *testing.T) {
	tests := []struct {
		name, header, body string
		want               time.Duration
		ok                 bool
	}{
		{"seconds", "30", "", 30 * time.Second, true},
		{"zero seconds", "0", "", 0, true},
		{"a fraction", "1.2", "", 1200 * time.Millisecond, true},
		{"a date", "Sat, 21 Nov 2026 10:43:00 GMT", "", time.Minute, true},
		{"a date in the old form", "Saturday, 21-Nov-26 10:43:00 GMT", "", time.Minute, true},
		{"a date that is over", "Sat, 21 Nov 2026 10:41:00 GMT", "", 0, true},
		{"a date far away", "Sat, 21 Nov 2099 10:41:00 GMT", "", safehttp.MaxRetryAfter, true},
		{"a year of seconds", "31536000", "", safehttp.MaxRetryAfter, true},
		{"without end", "Inf", "", safehttp.MaxRetryAfter, true},
		{"a body", "", `{"ok":false,"retry_after":2.5}`, 2500 * time.Millisecond, true},
		{"a body with text", "", `{"retry_after":"7"}`, 7 * time.Second, true},
		{"a body with parameters", "", `{"parameters":{"retry_after":35}}`, 35 * time.Second, true},
		{"a body with odd neighbours", "", `{"parameters":"none","retry_after":3}`, 3 * time.Second, true},
		{"the header before the body", "5", `{"retry_after":9}`, 5 * time.Second, true},
		{"the body when the header is useless", "soon", `{"retry_after":9}`, 9 * time.Second, true},
		{"the body when the header is negative", "-3", `{"retry_after":9}`, 9 * time.Second, true},
		{"nothing", "", "", 0, false},
		{"no number", "soon", "later", 0, false},
		{"not a number", "NaN", `{"retry_after":"NaN"}`, 0, false},
		{"negative", "-1", `{"retry_after":-1}`, 0, false},
		{"null", "", `{"retry_after":null}`, 0, false},
		{"a list", "", `[1,2]`, 0, false},
	}
	for _, test := range tests {
		at, ok := safehttp.RetryAfter(header(test.header), []byte(test.body), now)
		if ok != test.ok || (ok && at.Sub(now) != test.want) {
			t.Errorf("%s: %v after now, %v", test.name, at.Sub(now), ok)
		}
	}
}

func header(value string) http.Header {
	if value == "" {
		return http.Header{}
	}
	return http.Header{"Retry-After": {value}}
}

func TestRetryAfterIsAlwaysWithinBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.String(),
			rapid.Map(rapid.Float64(), func(f float64) string { return fmt.Sprint(f) }),
			rapid.Map(rapid.Int64(), func(n int64) string { return fmt.Sprint(n) }),
			rapid.Map(rapid.Int64Range(-1<<35, 1<<35), func(n int64) string { return now.Add(time.Duration(n) * time.Second).Format(http.TimeFormat) }),
		).Draw(t, "value")
		body := rapid.OneOf(
			rapid.String(),
			rapid.Map(rapid.Float64(), func(f float64) string { return fmt.Sprintf(`{"retry_after":%g}`, f) }),
			rapid.Map(rapid.Float64(), func(f float64) string { return fmt.Sprintf(`{"parameters":{"retry_after":"%g"}}`, f) }),
		).Draw(t, "body")
		at, ok := safehttp.RetryAfter(header(value), []byte(body), now)
		if ok && (at.Before(now) || at.After(now.Add(safehttp.MaxRetryAfter))) {
			t.Fatalf("%q, %q: %v", value, body, at)
		}
	})
}

func TestSecondsAndDateAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, int(safehttp.MaxRetryAfter/time.Second)).Draw(t, "seconds")
		bySeconds, ok1 := safehttp.RetryAfter(header(fmt.Sprint(n)), nil, now)
		byDate, ok2 := safehttp.RetryAfter(header(now.Add(time.Duration(n)*time.Second).Format(http.TimeFormat)), nil, now)
		byBody, ok3 := safehttp.RetryAfter(nil, []byte(strings.Replace(`{"retry_after": N}`, "N", fmt.Sprint(n), 1)), now)
		want := now.Add(time.Duration(n) * time.Second)
		if !ok1 || !ok2 || !ok3 || !bySeconds.Equal(want) || !byDate.Equal(want) || !byBody.Equal(want) {
			t.Fatalf("%d: %v %v %v", n, bySeconds, byDate, byBody)
		}
	})
}
