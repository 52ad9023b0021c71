package safehttp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

// Message is one POST to an address that is a secret.
type Message struct {
	Address *url.URL
	Header  http.Header
	Body    []byte
	Timeout time.Duration // from dialling to the end of the answer
}

// Answer is what came back for a Message.
type Answer struct {
	Code   int // 0: no answer came
	Header http.Header
	Body   []byte
	// Err is why no answer came; it does not name the address.
	Err error
	// HandedOver says that the whole message was written, so that it may have
	// been taken even where no answer came.
	HandedOver bool
}

// Post sends a message and reads the answer. The end of ctx stops it only until
// there is a connection: from then on the answer is worth its wait, because
// without it nobody knows whether the message arrived. The timeout holds in any
// case.
func Post(ctx context.Context, client *http.Client, m Message) Answer {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), m.Timeout)
	defer cancel()
	keep := context.AfterFunc(ctx, cancel)
	defer keep()
	var written atomic.Bool
	traced := httptrace.WithClientTrace(bounded, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { keep() },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				written.Store(true)
			}
		},
	})
	request := (&http.Request{
		Method: http.MethodPost, URL: m.Address, Host: m.Address.Host, Header: m.Header,
		Body:          io.NopCloser(bytes.NewReader(m.Body)),
		GetBody:       func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(m.Body)), nil },
		ContentLength: int64(len(m.Body)),
	}).WithContext(traced)
	response, err := client.Do(request)
	if err != nil {
		return Answer{Err: cause(err), HandedOver: written.Load()}
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, MaxResponseBytes))
	if err != nil {
		body = nil // the code is the answer, the words only explain it
	}
	return Answer{Code: response.StatusCode, Header: response.Header, Body: body, HandedOver: true}
}

// errTimeout is the end of a message's time, in a word.
var errTimeout = errors.New("timed out")

// cause is what went wrong, without the address that net/http puts in front.
func cause(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		if wrapped.Timeout() {
			return errTimeout
		}
		return wrapped.Err
	}
	return err
}
