package markup

import (
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/cputime"
)

// Nesting costs the square of its depth, which at the length an update may
// have is half a second at worst; nothing may cost more than the square. The
// bound leaves room for the race detector.
func TestNoTextIsExpensive(t *testing.T) {
	const length = 5_000
	for _, part := range []string{"[", "![", "> ", "- ", "*a ", "**a", "`", "<a", "http://a.", "a@b.", "&amp", "_a*", "[a](", "[a]: ", "1. a\n ", "~", "\\"} {
		text := strings.Repeat(part, length/len(part))
		took := cputime.Of(func() {
			HTML(text)
			Text(text)
		})
		if took > 3*time.Second {
			t.Errorf("%q repeated takes %v", part, took)
		}
	}
}
