package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/status"
	"github.com/andybalholm/brotli"
	"github.com/valyala/fasthttp"
)

// hotPaths are the addresses that a crowd asks for.
func hotPaths() []string {
	return []string{"/", "/badge.svg", "/badge.json", "/embed/frame", "/history.rss", "/api/v2/summary.json", "/api/v2/status.json", "/api/v2/components.json", "/api/v2/incidents/unresolved.json", "/incidents/k7l8m9n0p1q2"}
}

// ask runs one request through the app's own handler, without a socket.
func ask(handler fasthttp.RequestHandler, path string, headers ...string) *fasthttp.RequestCtx {
	ctx := &fasthttp.RequestCtx{}
	prepare(ctx, path, headers...)
	handler(ctx)
	return ctx
}

func prepare(ctx *fasthttp.RequestCtx, path string, headers ...string) {
	ctx.Request.Header.SetMethod("GET")
	ctx.Request.SetRequestURI(path)
	ctx.Request.Header.SetHost("status.kestrel.example")
	for n := 0; n+1 < len(headers); n += 2 {
		ctx.Request.Header.Set(headers[n], headers[n+1])
	}
}

func TestReadingNeverReachesTheDatabase(t *testing.T) {
	reads := 0
	b := newBench(t, troubledRecord(), func(o *Options) {
		o.LoadIncident = func(context.Context, string) (status.Incident, error) {
			reads++
			return status.Incident{}, status.ErrNotFound
		}
	})
	before := b.loads.Load()
	handler := b.App().Handler()
	for range 50 {
		for _, path := range append(hotPaths(), "/incidents/k7l8m9n0p1q2.json", "/incidents/b1c2d3f4g5h6", "/badge.svg?label=x", "/history", "/history.json?page=3", "/updates.rss", "/nowhere", "/robots.txt", b.assets.Style) {
			ask(handler, path)
		}
	}
	if after := b.loads.Load(); after != before || reads != 0 {
		t.Errorf("reading loaded the record %d times and incidents %d times", after-before, reads)
	}
}

func TestHotAnswersAllocateNextToNothing(t *testing.T) {
	b := newBench(t, troubledRecord())
	handler := b.App().Handler()
	etag := string(ask(handler, "/").Response.Header.Peek("ETag"))
	for _, path := range hotPaths() {
		for name, headers := range map[string][]string{"brotli": {"Accept-Encoding", "gzip, deflate, br, zstd"}, "304": {"If-None-Match", etag, "Accept-Encoding", "gzip, br"}} {
			ctx := &fasthttp.RequestCtx{}
			allocations := fewestAllocations(func() {
				ctx.Request.Reset()
				ctx.Response.Reset()
				prepare(ctx, path, headers...)
				handler(ctx)
			})
			// Fiber copies the path with Immutable; nothing may come on top that
			// grows with the page.
			if allocations > 4 {
				t.Errorf("%s (%s): %.0f allocations", path, name, allocations)
			}
		}
	}
}

// fewestAllocations runs a request many times and counts the allocations of
// the cheapest. The mean would be a throw of dice: under the race detector
// sync.Pool forgets one object in four on purpose, and what other goroutines
// allocate meanwhile counts too. What grows with the page is in every run.
func fewestAllocations(request func()) float64 {
	fewest := testing.AllocsPerRun(1, request)
	for range 99 {
		fewest = min(fewest, testing.AllocsPerRun(1, request))
	}
	return fewest
}

func BenchmarkHotPage(b *testing.B) {
	site := newBench(b, troubledRecord())
	handler := site.App().Handler()
	etag := string(ask(handler, "/").Response.Header.Peek("ETag"))
	for name, headers := range map[string][]string{"brotli": {"Accept-Encoding", "gzip, deflate, br, zstd"}, "304": {"If-None-Match", etag}} {
		b.Run(name, func(b *testing.B) {
			ctx := &fasthttp.RequestCtx{}
			prepare(ctx, "/", headers...)
			b.ReportAllocs()
			for b.Loop() {
				ctx.Response.Reset()
				handler(ctx)
			}
		})
	}
}

func BenchmarkBuild(b *testing.B) {
	site := newBench(b, troubledRecord())
	for b.Loop() {
		if _, err := site.newSnapshot(troubledRecord(), testNow()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBuildLarge is a page of 200 components with 50 incidents behind it
// and five open ones.
func BenchmarkBuildLarge(b *testing.B) {
	r := troubledRecord()
	for n := range 193 {
		c := r.Components[n%5]
		c.ID, c.Name, c.Position = fmt.Sprintf("c%011d", n), fmt.Sprintf("Component %d", n), n+10
		r.Components = append(r.Components, c)
	}
	for n := range 53 {
		i := r.Incidents[1]
		if n < 4 {
			i = r.Incidents[0]
		}
		i.ID, i.Number = fmt.Sprintf("%012d", n), int64(n+3)
		r.Incidents = append(r.Incidents, i)
	}
	site := newBench(b, r)
	for b.Loop() {
		if _, err := site.newSnapshot(r, testNow()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(site.Snapshot().answer("/").plain)), "page-bytes")
}

func TestTheSameWordsInEveryEncoding(t *testing.T) {
	handler := newBench(t, troubledRecord()).App().Handler()
	for _, path := range append(hotPaths(), "/incidents/k7l8m9n0p1q2.json", "/incidents/b1c2d3f4g5h6") {
		plain := ask(handler, path)
		want := string(plain.Response.Body())
		gz := ask(handler, path, "Accept-Encoding", "gzip")
		br := ask(handler, path, "Accept-Encoding", "gzip, br")
		for _, ctx := range []*fasthttp.RequestCtx{plain, gz, br} {
			if got := unpacked(t, ctx); got != want {
				t.Errorf("%s as %q differs", path, ctx.Response.Header.ContentEncoding())
			}
			if vary := string(ctx.Response.Header.Peek("Vary")); vary != "Accept-Encoding" {
				t.Errorf("%s as %q has Vary %q", path, ctx.Response.Header.ContentEncoding(), vary)
			}
			if !bytes.Equal(ctx.Response.Header.Peek("ETag"), plain.Response.Header.Peek("ETag")) {
				t.Errorf("%s: the ETag differs by encoding", path)
			}
		}
		if path == "/" && string(br.Response.Header.ContentEncoding()) != "br" {
			t.Errorf("%s is not sent as brotli", path)
		}
	}
}

func unpacked(t *testing.T, ctx *fasthttp.RequestCtx) string {
	t.Helper()
	var reader io.Reader = bytes.NewReader(ctx.Response.Body())
	switch string(ctx.Response.Header.ContentEncoding()) {
	case "gzip":
		unzipped, err := gzip.NewReader(reader)
		if err != nil {
			t.Fatal(err)
		}
		reader = unzipped
	case "br":
		reader = brotli.NewReader(reader)
	}
	text, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestEncodingIsTheVisitorsChoice(t *testing.T) {
	handler := newBench(t, troubledRecord()).App().Handler()
	for accept, want := range map[string]string{
		"": "", "gzip": "gzip", "br": "br", "gzip, br": "br", "gzip, deflate, br, zstd": "br", "GZIP": "gzip",
		"br;q=0, gzip": "gzip", "br;q=0.0, gzip;q=0": "", "br;q=0.5, gzip;q=0.8": "gzip", "*": "br", "*;q=0": "", "gzip;q=0, *": "br",
		"identity": "", "identity;q=1, gzip;q=0.5": "", "deflate, zstd": "", "br ; q=1.000": "br", "br;q=nonsense": "", "br;q=2": "", ",,,": "", "gzip;q=0.001": "gzip",
	} {
		if got := string(ask(handler, "/", "Accept-Encoding", accept).Response.Header.ContentEncoding()); got != want {
			t.Errorf("Accept-Encoding %q gets %q, want %q", accept, got, want)
		}
	}
}

func TestUnchangedPageIsNotSentAgain(t *testing.T) {
	handler := newBench(t, troubledRecord()).App().Handler()
	for _, path := range append(hotPaths(), "/incidents/k7l8m9n0p1q2.json", "/incidents/b1c2d3f4g5h6", "/robots.txt", "/favicon.svg") {
		etag := string(ask(handler, path).Response.Header.Peek("ETag"))
		if !strings.HasPrefix(etag, `W/"`) {
			t.Errorf("%s has the ETag %q, want a weak one", path, etag)
		}
		for header, want := range map[string]int{
			etag: 304, strings.TrimPrefix(etag, "W/"): 304, `"other", ` + etag: 304, "*": 304, `"other"`: 200, etag + "x": 200, "": 200,
		} {
			ctx := ask(handler, path, "If-None-Match", header)
			if ctx.Response.StatusCode() != want {
				t.Errorf("%s with If-None-Match %q answers %d, want %d", path, header, ctx.Response.StatusCode(), want)
			}
			if want == 304 && (len(ctx.Response.Body()) != 0 || string(ctx.Response.Header.Peek("ETag")) != etag || len(ctx.Response.Header.Peek("Cache-Control")) == 0) {
				t.Errorf("%s: 304 with body, or without ETag or Cache-Control", path)
			}
		}
	}
	if code := ask(handler, "/nowhere", "If-None-Match", "*").Response.StatusCode(); code != 404 {
		t.Errorf("a missing page answers %d to If-None-Match: *", code)
	}
}

func TestAnswersKeepTheirETagWhenNothingTheyShowChanged(t *testing.T) {
	b := newBench(t, troubledRecord())
	handler := b.App().Handler()
	before := string(ask(handler, "/").Response.Header.Peek("ETag"))
	again := troubledRecord()
	again.Page.Version++
	b.set(again)
	if err := b.Refresh(context.Background(), again.Page.Version); err != nil {
		t.Fatal(err)
	}
	if after := string(ask(handler, "/").Response.Header.Peek("ETag")); after != before {
		t.Errorf("the ETag went from %s to %s", before, after)
	}
}

func TestHeadersLetCachesAndOtherPagesRead(t *testing.T) {
	handler := newBench(t, troubledRecord()).App().Handler()
	for _, path := range hotPaths() {
		header := &ask(handler, path).Response.Header
		wanted, kept := "public, max-age=5, stale-while-revalidate=30, stale-if-error=3600", header.Peek("Cache-Control")
		if strings.HasPrefix(string(header.ContentType()), "text/html") {
			if kept = header.Peek("CDN-Cache-Control"); !strings.Contains(string(header.Peek("Cache-Control")), "max-age=0, s-maxage=5") {
				t.Errorf("%s: Cache-Control %q lets a browser show an old page", path, header.Peek("Cache-Control"))
			}
		}
		if string(kept) != wanted {
			t.Errorf("%s: caches in front keep it %q, want %q", path, kept, wanted)
		}
		if got := string(header.Peek("X-Content-Type-Options")); got != "nosniff" {
			t.Errorf("%s: X-Content-Type-Options %q", path, got)
		}
		isPage := strings.HasPrefix(string(header.ContentType()), "text/html")
		if open := string(header.Peek("Access-Control-Allow-Origin")) == "*"; open == isPage {
			t.Errorf("%s: readable by other sites is %v", path, open)
		}
		policy := string(header.Peek("Content-Security-Policy"))
		if isPage && (!strings.Contains(policy, "frame-ancestors 'none'") && path != "/embed/frame" || strings.Contains(policy, "unsafe")) {
			t.Errorf("%s: Content-Security-Policy %q", path, policy)
		}
		if len(header.Peek("Server")) != 0 {
			t.Errorf("%s names its server", path)
		}
	}
}

func TestReadInterfaceNeverSaysNull(t *testing.T) { // lists, that is
	handler := newBench(t, status.Record{Page: calmRecord().Page}).App().Handler()
	var summary map[string]json.RawMessage
	if err := json.Unmarshal(ask(handler, "/api/v2/summary.json").Response.Body(), &summary); err != nil {
		t.Fatal(err)
	}
	for key, value := range summary {
		if string(value) == "null" {
			t.Errorf("%s is null", key)
		}
	}
}
