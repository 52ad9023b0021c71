package safehttp

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
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
	var p progress
	defer context.AfterFunc(ctx, func() {
		if p.stop() {
			cancel()
		}
	})()
	traced := httptrace.WithClientTrace(bounded, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { p.connected() },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				p.written.Store(true)
			}
		},
	})
	body := func() io.ReadCloser { return io.NopCloser(&outgoing{bytes.NewReader(m.Body), &p}) }
	request := (&http.Request{
		Method: http.MethodPost, URL: m.Address, Host: m.Address.Host, Header: m.Header,
		Body: body(), GetBody: func() (io.ReadCloser, error) { return body(), nil }, ContentLength: int64(len(m.Body)),
	}).WithContext(traced)
	response, err := client.Do(request)
	if err != nil {
		return Answer{Err: cause(err), HandedOver: p.written.Load()}
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, MaxResponseBytes))
	if err != nil {
		answer = nil // the code is the answer, the words only explain it
	}
	return Answer{Code: response.StatusCode, Header: response.Header, Body: answer, HandedOver: true}
}

// progress is how far a message has come. Either there is a connection or the
// message was stopped, whichever is noted first. What was stopped is not
// written: where a connection turns up at that moment, the receiver sees a
// request that breaks off before its body.
type progress struct {
	stage   atomic.Int32
	written atomic.Bool
}

const (
	stageStopped   = 1
	stageConnected = 2
)

func (p *progress) connected() { p.stage.CompareAndSwap(0, stageConnected) }

func (p *progress) stop() bool { return p.stage.CompareAndSwap(0, stageStopped) }

// outgoing is a message's body, which is read once there is a connection.
type outgoing struct {
	io.Reader
	progress *progress
}

func (o *outgoing) Read(b []byte) (int, error) {
	if o.progress.stage.Load() == stageStopped {
		return 0, context.Canceled
	}
	return o.Reader.Read(b)
}

// What went wrong, in a word.
var (
	errTimeout = errors.New("timed out")
	errNoName  = errors.New("its host name does not exist")
	errLookup  = errors.New("its host name could not be looked up")
)

// cause is what went wrong, without the address that net/http puts in front, and
// without the name server that was asked: what is said here is also read by who
// gave the address.
func cause(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		if wrapped.Timeout() {
			return errTimeout
		}
		err = wrapped.Err
	}
	var lookup *net.DNSError
	switch {
	case !errors.As(err, &lookup):
		return err
	case lookup.IsNotFound:
		return errNoName
	default:
		return errLookup
	}
}
