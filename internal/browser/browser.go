// Package browser starts a headless Chromium for browser journeys and tells
// which addresses its pages asked for. No page it shows reaches beyond the
// machine: every other host name fails to resolve, and is recorded.
//
// It is for tests: no production package may import it.
package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Option changes how New sets up the page.
type Option func(*settings)

type settings struct {
	width, height int
	dark          bool
	noScripts     bool
	timeout       time.Duration
}

// Viewport sets the size of the page in CSS pixels; it is 1280 by 800 otherwise.
func Viewport(width, height int) Option {
	return func(s *settings) { s.width, s.height = width, height }
}

// Dark makes the page see prefers-color-scheme: dark.
func Dark() Option { return func(s *settings) { s.dark = true } }

// WithoutScripts keeps the page's scripts from running. Actions and
// chromedp.Evaluate work all the same.
func WithoutScripts() Option { return func(s *settings) { s.noScripts = true } }

// Timeout bounds the whole journey, starting the browser included; it is five
// minutes otherwise.
func Timeout(d time.Duration) Option { return func(s *settings) { s.timeout = d } }

// New starts a browser of its own, with a fresh profile, and returns the
// context of its one tab for chromedp.Do and chromedp.Run. (A click that loads
// another page wants chromedp.RunResponse, which waits for that page.) The browser and its
// profile are gone after cancel, which the end of the test calls too. Where
// Chromium is not installed the test fails in CI and is skipped on a laptop.
func New(t testing.TB, options ...Option) (context.Context, context.CancelFunc) {
	t.Helper()
	path, ok := find()
	if !ok {
		missing(t)
	}
	s := settings{width: 1280, height: 800, timeout: 5 * time.Minute}
	for _, option := range options {
		option(&s)
	}

	temp, err := os.MkdirTemp("", "allclear-browser-")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancelTimeout := context.WithTimeout(context.Background(), s.timeout)
	ctx, cancelBrowser := chromedp.NewExecAllocator(ctx, flags(path, temp, s)...)
	ctx, cancelTab := chromedp.NewContext(ctx)
	cancel := sync.OnceFunc(func() {
		cancelTab()
		cancelBrowser() // waits until the processes are gone and the profile is removed
		cancelTimeout()
		os.RemoveAll(temp)
	})
	t.Cleanup(cancel)

	ctx, err = record(ctx)
	if err == nil {
		err = chromedp.Do(ctx, s.actions()...)
	}
	if err != nil {
		t.Fatalf("browser: start %s: %v", path, err)
	}
	return ctx, cancel
}

// Screenshot writes the whole page, also what is below the fold, as a PNG file.
func Screenshot(ctx context.Context, file string) error {
	image, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		return fmt.Errorf("screenshot: %w", err)
	}
	return os.WriteFile(file, image, 0o644)
}

func find() (path string, ok bool) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
	}
	return "", false
}

// missing ends a test that has no browser.
func missing(t testing.TB) {
	t.Helper()
	const message = "browser: no chromium, chromium-browser or google-chrome in PATH (Debian: apt-get install chromium)"
	if os.Getenv("CI") == "true" {
		t.Fatal(message)
	}
	t.Skip(message)
}

// flags are chromedp's own and ours. Among chromedp's are a profile in a new
// temporary directory, and --no-sandbox for root alone. What else the browser
// keeps in files goes to temp.
func flags(path, temp string, s settings) []chromedp.ExecAllocatorOption {
	return append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.WSURLReadTimeout(time.Minute), // until it listens, on a busy machine
		chromedp.Env("TMPDIR="+temp),
		chromedp.DisableGPU,
		chromedp.WindowSize(s.width, s.height),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]"),
		chromedp.Flag("no-proxy-server", true),
		// A frame of another site stays in the page's process, where its
		// requests are recorded with the page's.
		chromedp.Flag("disable-site-isolation-trials", true),
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,OptimizationHints,MediaRouter,IsolateOrigins,site-per-process"),
	)
}

func (s settings) actions() []chromedp.Action[chromedp.Void] {
	actions := []chromedp.Action[chromedp.Void]{
		chromedp.EmulateViewport(int64(s.width), int64(s.height)),
	}
	if s.dark {
		actions = append(actions, ColorScheme("dark"))
	}
	if s.noScripts {
		actions = append(actions, Scripts(false))
	}
	return actions
}

// ColorScheme changes what the page sees as prefers-color-scheme: dark or light.
func ColorScheme(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

// Scripts switches the scripts of the pages that are loaded from then on.
func Scripts(on bool) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	})
}
