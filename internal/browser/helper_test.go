package browser

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/chromedp/chromedp"
)

// verdict is a test that writes down how it was ended.
type verdict struct {
	testing.TB
	outcome, message string
}

func (v *verdict) Helper() {}

func (v *verdict) Fatal(args ...any) { v.end("failed", args) }

func (v *verdict) Skip(args ...any) { v.end("skipped", args) }

func (v *verdict) end(outcome string, args []any) {
	v.outcome, v.message = outcome, fmt.Sprint(args...)
	runtime.Goexit()
}

func want(t *testing.T, ctx context.Context, expression, answer string) {
	t.Helper()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression))
	must(t, err)
	if got != answer {
		t.Errorf("%s is %q, want %q", expression, got, answer)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
