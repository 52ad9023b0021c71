package web

import "github.com/valyala/fasthttp"

// Header names in the form in which they are sent, and values that many
// answers share. They are never written to.
var (
	nameAcceptEncoding = []byte("Accept-Encoding")
	nameETag           = []byte("Etag")
	nameIfNoneMatch    = []byte("If-None-Match")
	nameVary           = []byte("Vary")

	valueAcceptEncoding = []byte("Accept-Encoding")
	valueBrotli         = []byte("br")
	valueGzip           = []byte("gzip")
	weakPrefix          = []byte("W/")
)

// contentPolicy lets a page use its own style, script, images and address, and
// nothing else: a hole in what we escape would still run nothing.
const contentPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// How long browsers and caches in front may keep an answer. A browser asks
// again each time a page is opened (mostly answered 304): whoever comes back
// within seconds must not read that all is well. Caches in front are told
// apart by RFC 9213's header.
const (
	cachePage    = "public, max-age=0, s-maxage=5, stale-if-error=3600"
	cacheShort   = "public, max-age=5, stale-while-revalidate=30, stale-if-error=3600"
	cacheEmbed   = "public, max-age=300, stale-while-revalidate=86400, stale-if-error=86400"
	cacheForever = "public, max-age=31536000, immutable"
	cacheNever   = "no-store"
)

const (
	typeHTML     = "text/html; charset=utf-8"
	typeJSON     = "application/json; charset=utf-8"
	typeAtom     = "application/atom+xml; charset=utf-8"
	typeJSONFeed = "application/feed+json; charset=utf-8"
	typeRSS      = "application/rss+xml; charset=utf-8"
	typeCalendar = "text/calendar; charset=utf-8"
	typeScript   = "text/javascript; charset=utf-8"
	typeSVG      = "image/svg+xml"
	typeText     = "text/plain; charset=utf-8"
)

func newHeader(name, value string) header { return header{[]byte(name), []byte(value)} }

// pageHeaders go with HTML.
func pageHeaders(cache string) []header {
	headers := []header{
		newHeader("Content-Type", typeHTML),
		newHeader("Cache-Control", cache),
		newHeader("Content-Security-Policy", contentPolicy),
		newHeader("X-Content-Type-Options", "nosniff"),
		newHeader("Referrer-Policy", "strict-origin-when-cross-origin"),
	}
	if cache == cachePage {
		headers = append(headers, newHeader("Cdn-Cache-Control", cacheShort))
	}
	return headers
}

// framePolicy is that of the one page that others may frame. It takes no forms.
const framePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors *"

// anyOrigin lets pages that are isolated from other origins embed an answer.
var anyOrigin = newHeader("Cross-Origin-Resource-Policy", "cross-origin")

// frameHeaders go with the widget's frame.
func frameHeaders() []header {
	headers := pageHeaders(cachePage)
	for n, h := range headers {
		if string(h.name) == "Content-Security-Policy" {
			headers[n].value = []byte(framePolicy)
		}
	}
	return append(headers, anyOrigin, newHeader("Cross-Origin-Embedder-Policy", "require-corp"))
}

// openHeaders go with what other people's pages and programs may read.
func openHeaders(contentType, cache string) []header {
	headers := []header{
		newHeader("Content-Type", contentType),
		newHeader("Cache-Control", cache),
		newHeader("Access-Control-Allow-Origin", "*"),
		newHeader("X-Content-Type-Options", "nosniff"),
	}
	if contentType == typeSVG {
		// Opened by itself, an image is a document with our address.
		headers = append(headers, newHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"))
	}
	return headers
}

// setHeaders writes headers on an answer that is not prepared.
func setHeaders(ctx *fasthttp.RequestCtx, headers []header) {
	for _, h := range headers {
		ctx.Response.Header.SetCanonical(h.name, h.value)
	}
}
