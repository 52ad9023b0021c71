package slack

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"

	"github.com/allclear-status/allclear/internal/safehttp"
	"github.com/allclear-status/allclear/notify"
)

// session posts one message after another.
type session struct {
	channel *Channel
}

// Close closes nothing: connections are kept for the next session and end by
// themselves.
func (session) Close() error { return nil }

// Send posts the text to every webhook.
func (s session) Send(ctx context.Context, text notify.Text, to []notify.Recipient, done func(i int, r notify.Result)) {
	message, err := encode(text)
	letter, personal := notify.LetterOf(text)
	for i, recipient := range to {
		if personal {
			message, err = encodeLetter(text.Content, letter, recipient.ActURL)
		}
		switch {
		case err != nil: // ours to mend, and then worth another try
			done(i, notify.Result{Outcome: notify.Transient, Answer: "the message could not be built"})
		case ctx.Err() != nil:
			done(i, notify.Result{Outcome: notify.Transient, Answer: "not sent: the sender was stopped"})
		default:
			done(i, s.post(ctx, recipient.Address, message))
		}
	}
}

// post sends one message and reads the answer.
func (s session) post(ctx context.Context, address string, message []byte) notify.Result {
	target, err := url.Parse(address)
	if err != nil || target.Host == "" || (target.Scheme != "https" && target.Scheme != "http") {
		return notify.Result{Outcome: notify.Permanent, Answer: "the address is not that of an incoming webhook"}
	}
	secret := newScrubber(target)
	request, written, cancel := s.request(ctx, target, message)
	defer cancel()
	response, err := s.channel.client.Do(request)
	if err != nil {
		return unanswered(ctx, err, written.Load(), secret)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, safehttp.MaxResponseBytes))
	if err != nil {
		body = nil // the code is the answer, the words only explain it
	}
	return s.channel.answered(response, body, secret)
}

// request is the post of a message. The end of ctx stops it only until it is
// written: after that the answer is worth its wait, because without it nobody
// knows whether the message arrived. The timeout holds in any case.
func (s session) request(ctx context.Context, target *url.URL, message []byte) (*http.Request, *atomic.Bool, func()) {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.channel.timeout)
	keep := context.AfterFunc(ctx, cancel)
	written := new(atomic.Bool)
	traced := httptrace.WithClientTrace(bounded, &httptrace.ClientTrace{
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				written.Store(true)
				keep()
			}
		},
	})
	request := (&http.Request{
		Method: http.MethodPost, URL: target, Host: target.Host,
		Header:        http.Header{"Content-Type": {"application/json; charset=utf-8"}, "User-Agent": {"Allclear"}},
		Body:          io.NopCloser(bytes.NewReader(message)),
		GetBody:       func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(message)), nil },
		ContentLength: int64(len(message)),
	}).WithContext(traced)
	return request, written, func() { keep(); cancel() }
}

// unanswered is the result when no answer came.
func unanswered(ctx context.Context, err error, written bool, secret scrubber) notify.Result {
	if written {
		return notify.Result{Outcome: notify.UncertainSent, Answer: secret.clean("no answer after the message was handed over: " + cause(err))}
	}
	if ctx.Err() != nil {
		return notify.Result{Outcome: notify.Transient, Answer: "not sent: the sender was stopped"}
	}
	return notify.Result{Outcome: notify.Transient, Answer: secret.clean("not sent: " + cause(err))}
}

// cause is what went wrong, without the URL that net/http puts in front.
func cause(err error) string {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		if wrapped.Timeout() {
			return "timed out"
		}
		return wrapped.Err.Error()
	}
	return err.Error()
}
