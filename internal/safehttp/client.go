package safehttp

import (
	"context"
	"io"
	"net"
	"net/http"
	"time"
)

// MaxResponseBytes is how much of an answer's body is read; the rest is cut
// off as if the body ended there.
const MaxResponseBytes = 64 << 10

const (
	maxHeaderBytes = 64 << 10
	// Idle connections are closed before the usual receivers close theirs:
	// a request written to a connection that the other side is closing gets no
	// answer, and nobody then knows whether it arrived.
	idleTimeout = 25 * time.Second
)

// Client is a client whose requests, from dialling to the last byte of the
// answer, take at most timeout. It goes wherever an address leads: it is for
// addresses that the operator gave.
func Client(timeout time.Duration) *http.Client {
	return client(timeout, dialer(timeout).DialContext)
}

func dialer(timeout time.Duration) *net.Dialer {
	return &net.Dialer{Timeout: timeout, KeepAlive: 30 * time.Second}
}

func client(timeout time.Duration, dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Client {
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: capped{&http.Transport{
			Proxy:                  nil, // HTTP_PROXY would walk round every guard at the dial
			DialContext:            dial,
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    timeout,
			ResponseHeaderTimeout:  timeout,
			MaxResponseHeaderBytes: maxHeaderBytes,
			MaxIdleConns:           100,
			MaxIdleConnsPerHost:    8, // many webhooks live on one host
			IdleConnTimeout:        idleTimeout,
			DisableCompression:     true, // a small answer must not unpack into a large one
		}},
	}
}

// capped cuts every answer off at MaxResponseBytes.
type capped struct {
	transport *http.Transport
}

// RoundTrip sends the request.
func (c capped) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := c.transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = limitedBody{io.LimitReader(answer.Body, MaxResponseBytes), answer.Body}
	return answer, nil
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the
// transport.
func (c capped) CloseIdleConnections() { c.transport.CloseIdleConnections() }

type limitedBody struct {
	io.Reader
	io.Closer
}
