package web

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/valyala/fasthttp"
)

// answer is what one path answers: the bytes in every encoding, and all that
// goes with them. It is made once and not changed afterwards.
type answer struct {
	code    int
	etag    []byte // weak: the same words in another encoding are the same answer
	headers []header
	plain   []byte
	gzip    []byte // nil where it would not be smaller
	brotli  []byte
}

type header struct{ name, value []byte }

// uncompressed makes an answer that is too small to be worth compressing.
func uncompressed(code int, body []byte, headers ...header) *answer {
	sum := sha256.Sum256(body)
	return &answer{
		code: code, plain: body, headers: headers,
		etag: fmt.Appendf(nil, `W/"%s"`, base64.RawURLEncoding.EncodeToString(sum[:15])),
	}
}

// write answers a request: 304 when the visitor has these bytes, else the best
// encoding that they take. It copies no body and allocates nothing.
func (a *answer) write(ctx *fasthttp.RequestCtx) {
	response := &ctx.Response
	for _, h := range a.headers {
		response.Header.SetCanonical(h.name, h.value)
	}
	response.Header.SetCanonical(nameETag, a.etag)
	response.Header.SetCanonical(nameVary, valueAcceptEncoding)
	if a.code == fasthttp.StatusOK && hasETag(ctx.Request.Header.PeekBytes(nameIfNoneMatch), a.etag) {
		response.SetStatusCode(fasthttp.StatusNotModified)
		return
	}
	response.SetStatusCode(a.code)
	body, encoding := a.encoded(ctx.Request.Header.PeekBytes(nameAcceptEncoding))
	if encoding != nil {
		response.Header.SetContentEncodingBytes(encoding)
	}
	response.SetBodyRaw(body)
}

// encoded is the body in the encoding that the visitor likes best; brotli
// before gzip where they do not mind.
func (a *answer) encoded(accept []byte) (body, encoding []byte) {
	if len(accept) == 0 || a.gzip == nil && a.brotli == nil {
		return a.plain, nil
	}
	br, gz, plain := preferences(accept)
	switch {
	case a.brotli != nil && br > 0 && br >= gz && br >= plain:
		return a.brotli, valueBrotli
	case a.gzip != nil && gz > 0 && gz >= plain:
		return a.gzip, valueGzip
	default:
		return a.plain, nil
	}
}
