package web

import (
	"bytes"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// The levels at which a version is compressed once: 1 ms a page in all, where
// the highest brotli level takes 70.
const (
	gzipLevel   = 6
	brotliLevel = 5
)

// press makes answers: it compresses them. Compressors are kept for the next
// answer, because making one costs more than compressing a page with it: a few
// of each for good, since who posts after an hour should not wait for them
// either, and a pool would have let them go.
type press struct {
	gzip, brotli spares
}

// spares are compressors that nobody uses at the moment.
type spares struct {
	free    chan compressor
	another func() compressor
}

func newSpares(another func() compressor) spares {
	return spares{make(chan compressor, keptCompressors), another}
}

// keptCompressors is how many of each kind are kept; it takes a megabyte each.
const keptCompressors = 2

func (s spares) get() compressor {
	select {
	case w := <-s.free:
		return w
	default:
		return s.another()
	}
}

func (s spares) put(w compressor) {
	w.Reset(io.Discard) // it must not hold on to what is sent
	select {
	case s.free <- w:
	default:
	}
}

// compressor is what both kinds of writer have in common.
type compressor interface {
	io.WriteCloser
	Reset(io.Writer)
}

func newPress() *press {
	return &press{
		gzip: newSpares(func() compressor {
			w, err := gzip.NewWriterLevel(io.Discard, gzipLevel)
			if err != nil {
				panic(err) // the level is a constant
			}
			return w
		}),
		brotli: newSpares(func() compressor { return brotli.NewWriterLevel(io.Discard, brotliLevel) }),
	}
}

// answer makes an answer in every encoding.
func (p *press) answer(code int, body []byte, headers ...header) (*answer, error) {
	a := uncompressed(code, body, headers...)
	var err error
	if a.gzip, err = packed(p.gzip, body); err != nil {
		return nil, fmt.Errorf("compress with gzip: %w", err)
	}
	if a.brotli, err = packed(p.brotli, body); err != nil {
		return nil, fmt.Errorf("compress with brotli: %w", err)
	}
	return a, nil
}

// packed is the body compressed, or nil when that would not be smaller.
func packed(from spares, body []byte) ([]byte, error) {
	w := from.get()
	defer from.put(w)
	var out bytes.Buffer
	w.Reset(&out)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if out.Len() >= len(body) {
		return nil, nil
	}
	return bytes.Clone(out.Bytes()), nil
}
