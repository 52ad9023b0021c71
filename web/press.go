package web

import (
	"bytes"
	"fmt"
	"io"
	"sync"

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
// answer, because making one costs more than compressing a page with it.
type press struct {
	gzip, brotli sync.Pool
}

// compressor is what both kinds of writer have in common.
type compressor interface {
	io.WriteCloser
	Reset(io.Writer)
}

func newPress() *press {
	return &press{
		gzip: sync.Pool{New: func() any {
			w, err := gzip.NewWriterLevel(io.Discard, gzipLevel)
			if err != nil {
				panic(err) // the level is a constant
			}
			return w
		}},
		brotli: sync.Pool{New: func() any { return brotli.NewWriterLevel(io.Discard, brotliLevel) }},
	}
}

// answer makes an answer in every encoding.
func (p *press) answer(code int, body []byte, headers ...header) (*answer, error) {
	a := uncompressed(code, body, headers...)
	var err error
	if a.gzip, err = packed(&p.gzip, body); err != nil {
		return nil, fmt.Errorf("compress with gzip: %w", err)
	}
	if a.brotli, err = packed(&p.brotli, body); err != nil {
		return nil, fmt.Errorf("compress with brotli: %w", err)
	}
	return a, nil
}

// packed is the body compressed, or nil when that would not be smaller.
func packed(pool *sync.Pool, body []byte) ([]byte, error) {
	w := pool.Get().(compressor)
	defer pool.Put(w)
	var out bytes.Buffer
	w.Reset(&out)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	w.Reset(io.Discard) // the pool must not hold on to what is sent
	if out.Len() >= len(body) {
		return nil, nil
	}
	return bytes.Clone(out.Bytes()), nil
}
