package browser

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

const page = `<!doctype html><html lang="en"><head><title>Sample</title>
<style>:root{background:#ffffff} @media (prefers-color-scheme: dark){:root{background:#101010}}</style>
<link rel="icon" href="data:,"></head>
<body><h1>All is well</h1><p id="told">no script ran</p>
<form action="/sent"><input name="mail"><button>Send</button></form>
<div style="height:2000px"></div>
<script>document.getElementById("told").textContent = "a script ran"</script></body></html>`

func serve(t *testing.T, pages map[string]string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestPageIsShownAtTheSizeAndSchemeAskedFor(t *testing.T) {
	address := serve(t, map[string]string{"/": page})
	ctx, _ := New(t, Viewport(375, 667), Dark())
	must(t, chromedp.Do(ctx, chromedp.Navigate(address)))
	want(t, ctx, "told.textContent", "a script ran")
	want(t, ctx, "`${innerWidth}x${innerHeight}`", "375x667")
	want(t, ctx, "getComputedStyle(document.documentElement).backgroundColor", "rgb(16, 16, 16)")
	must(t, chromedp.Do(ctx, ColorScheme("light")))
	want(t, ctx, "getComputedStyle(document.documentElement).backgroundColor", "rgb(255, 255, 255)")

	file := filepath.Join(t.TempDir(), "page.png")
	must(t, Screenshot(ctx, file))
	data, err := os.ReadFile(file)
	must(t, err)
	image, err := png.Decode(bytes.NewReader(data))
	must(t, err)
	if size := image.Bounds().Size(); size.X != 375 || size.Y < 2000 {
		t.Errorf("the picture is %v", size)
	}
	if problems := Problems(ctx); len(problems) > 0 {
		t.Errorf("the console shows %q", problems)
	}
}

func TestFormWorksWithoutScripts(t *testing.T) {
	address := serve(t, map[string]string{"/": page, "/sent": "<title>Sent</title><p id=told>thank you</p>"})
	ctx, _ := New(t, WithoutScripts())
	must(t, chromedp.Do(ctx,
		chromedp.Navigate(address),
		chromedp.WaitVisible(chromedp.CSS("h1")),
	))
	want(t, ctx, "told.textContent", "no script ran")
	must(t, chromedp.Do(ctx,
		chromedp.SendKeys(chromedp.CSS("input"), "a@example.org"),
	))
	answer, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS("button")))
	must(t, err)
	if !strings.HasSuffix(answer.URL, "/sent?mail=a%40example.org") {
		t.Errorf("the form went to %s", answer.URL)
	}
	want(t, ctx, "document.title", "Sent")
	must(t, chromedp.Do(ctx, Scripts(true), chromedp.Navigate(address)))
	want(t, ctx, "told.textContent", "a script ran")
}

func TestEveryRequestThatWouldLeaveTheMachineIsRecorded(t *testing.T) {
	// The frame is of another site: localhost is not 127.0.0.1.
	other := strings.Replace(serve(t, map[string]string{
		"/frame": `<img src="http://framed.example/a.png">`,
	}), "127.0.0.1", "localhost", 1)
	address := serve(t, map[string]string{
		"/": `<link rel="icon" href="data:,"><img src="/own.png">
			<img src="http://images.example/a.png">
			<link rel="stylesheet" href="https://styles.example/a.css">
			<iframe src="` + other + `/frame"></iframe>
			<script>
				fetch("https://api.example/x").catch(() => {});
				new WebSocket("wss://socket.example/y");
				new Image().src = "http://192.0.2.1/ip";
				throw new Error("on purpose")
			</script>`,
	})
	ctx, _ := New(t)
	must(t, chromedp.Do(ctx, chromedp.Navigate(address)))

	expected := []string{
		"http://images.example/a.png", "https://styles.example/a.css", "https://api.example/x",
		"wss://socket.example/y", "http://192.0.2.1/ip", "http://framed.example/a.png",
	}
	slices.Sort(expected)
	var got []string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if got = slices.Sorted(slices.Values(ForeignRequests(ctx))); len(got) >= len(expected) {
			break
		}
	}
	if !slices.Equal(got, expected) {
		t.Errorf("recorded %q\nwant %q", got, expected)
	}
	for _, local := range []string{address + "/", address + "/own.png", other + "/frame"} {
		if !slices.Contains(Requests(ctx), local) {
			t.Errorf("%s is not recorded in %q", local, Requests(ctx))
		}
	}
	for _, text := range []string{"on purpose", "404", "ERR_NAME_NOT_RESOLVED"} {
		if !strings.Contains(strings.Join(Problems(ctx), "\n"), text) {
			t.Errorf("%q is not among the problems: %q", text, Problems(ctx))
		}
	}
}

func TestProfileIsRemoved(t *testing.T) {
	dir, err := os.MkdirTemp("", "") // shorter than t.TempDir: it holds a socket
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("TMPDIR", dir)
	ctx, cancel := New(t)
	must(t, chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	if entries, err := os.ReadDir(dir); err != nil || len(entries) == 0 {
		t.Fatalf("no profile of its own: %v %v", entries, err)
	}
	cancel()
	entries, err := os.ReadDir(dir)
	must(t, err)
	if len(entries) > 0 {
		t.Errorf("left behind %v", entries)
	}
}

func TestMissingBrowserFailsInCIAndSkipsElsewhere(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, c := range []struct{ ci, outcome string }{{"true", "failed"}, {"", "skipped"}} {
		t.Setenv("CI", c.ci)
		fake := &verdict{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			New(fake)
		}()
		<-done
		if fake.outcome != c.outcome || !strings.Contains(fake.message, "apt-get install chromium") {
			t.Errorf("CI=%q: %s, %q", c.ci, fake.outcome, fake.message)
		}
	}
}
