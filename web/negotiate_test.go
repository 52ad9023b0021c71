package web

import "testing"

// FuzzNegotiation feeds headers as strangers send them; the answer must be one
// of those there are, and no header may bring the reader down.
func FuzzNegotiation(f *testing.F) {
	for _, header := range []string{"gzip, br;q=0.5", "*;q=0", "br;q=", ";;;,", "W/\"a\", *", "\"", "identity;q=1.0001"} {
		f.Add(header)
	}
	a := &answer{plain: []byte("plain"), gzip: []byte("gzip"), brotli: []byte("br"), etag: []byte(`W/"a"`)}
	f.Fuzz(func(t *testing.T, header string) {
		body, encoding := a.encoded([]byte(header))
		if want := string(encoding); want != "" && want != string(body) || want == "" && string(body) != "plain" {
			t.Errorf("%q gets %q as %q", header, body, encoding)
		}
		for _, q := range []int{thousandths([]byte(header)), quality([]byte(header))} {
			if q < 0 || q > 1000 {
				t.Errorf("%q weighs %d", header, q)
			}
		}
		hasETag([]byte(header), a.etag)
	})
}
