package safehttp

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// MaxRetryAfter is the longest wait that a server can ask for; more is read as
// this much, so that a slip of theirs does not silence us for a year.
const MaxRetryAfter = 24 * time.Hour

// RetryAfter reads when the server wants to be asked again: from the header
// Retry-After as seconds or as a date, else from a JSON body's retry_after in
// seconds, at the top or under parameters. The time is never before now and at
// most MaxRetryAfter later; false means that the server named none.
func RetryAfter(header http.Header, body []byte, now time.Time) (time.Time, bool) {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		if at, ok := after(seconds, now); ok {
			return at, true
		}
	} else if date, err := http.ParseTime(value); err == nil {
		return clamp(date, now), true
	}
	var said struct {
		RetryAfter any `json:"retry_after"`
		Parameters struct {
			RetryAfter any `json:"retry_after"`
		} `json:"parameters"`
	}
	// An error changes nothing: what could be read was, the rest stays empty.
	_ = json.Unmarshal(body, &said)
	if seconds, ok := number(said.RetryAfter); ok {
		return after(seconds, now)
	}
	if seconds, ok := number(said.Parameters.RetryAfter); ok {
		return after(seconds, now)
	}
	return time.Time{}, false
}

// after is now and so many seconds, rounded up; negative and no numbers say
// nothing.
func after(seconds float64, now time.Time) (time.Time, bool) {
	if math.IsNaN(seconds) || seconds < 0 {
		return time.Time{}, false
	}
	if seconds > MaxRetryAfter.Seconds() {
		return now.Add(MaxRetryAfter), true
	}
	return now.Add(time.Duration(math.Ceil(seconds*1000)) * time.Millisecond), true
}

func clamp(at, now time.Time) time.Time {
	switch {
	case at.Before(now):
		return now
	case at.After(now.Add(MaxRetryAfter)):
		return now.Add(MaxRetryAfter)
	default:
		return at
	}
}

// number reads a JSON number, or one written as a string.
func number(value any) (float64, bool) {
	switch v := value.(type) {
	case float64:
		return v, true
	case string:
		n, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		return n, err == nil
	default:
		return 0, false
	}
}
