package markup

import (
	"strings"
	"testing"
	"time"
)

// An update may have 25,000 characters. No such text may hold up the page.
func TestNoTextOfAllowedLengthIsExpensive(t *testing.T) {
	const limit = 25_000
	for _, part := range []string{"[", "![", "> ", "- ", "*a ", "**a", "`", "<a", "http://a.", "a@b.", "&amp", "_a*", "[a](", "[a]: ", "1. a\n ", "~", "\\"} {
		text := strings.Repeat(part, limit/len(part))
		start := time.Now()
		HTML(text)
		Text(text)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%q repeated takes %v", part, took)
		} else if took > 200*time.Millisecond {
			t.Logf("%q repeated takes %v", part, took)
		}
	}
}
