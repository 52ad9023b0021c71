package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"syscall"

	gomail "github.com/wneessen/go-mail"
)

// reach opens a line to a relay, ready for the first message. The error is
// fit to show. free is called when the connection is closed.
func (c *Channel) reach(ctx context.Context, r *relay, free func()) (*line, error) {
	l := &line{timeout: c.timeout, relay: r, scrub: r.scrub}
	dialer := func(ctx context.Context, network, address string) (net.Conn, error) {
		wire, err := c.connect(ctx, network, address)
		if err != nil {
			return nil, err
		}
		l.attach(counted{wire, free})
		if err := ctx.Err(); err != nil { // it ended before there was a wire to close
			return nil, err
		}
		return r.implicitTLS(ctx, wire)
	}
	client, err := gomail.NewClient(r.server.Host, append(c.options(r), gomail.WithDialContextFunc(dialer))...)
	if err != nil {
		return nil, errors.New(l.scrub.clean(err.Error()))
	}
	// go-mail heeds the context while dialling only, not during the greeting,
	// STARTTLS and AUTH; and it leaves the connection open when one of these
	// fails.
	dialling, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	callOff := closeOnEnd(dialling, closer(func() error { return l.hangUp() }))
	l.client, err = client.DialToSMTPClientWithContext(dialling)
	if !callOff() && err == nil {
		err = dialling.Err()
	}
	if err != nil {
		_ = l.hangUp()
		return nil, l.dialError(ctx, dialling, err)
	}
	l.pipelining, _ = l.client.Extension("PIPELINING")
	l.pipelining = l.pipelining && !r.inDoubt()
	l.offers = readOffers(l.client)
	return l, nil
}

// implicitTLS wraps the connection of an smtps server.
func (r *relay) implicitTLS(ctx context.Context, wire net.Conn) (net.Conn, error) {
	if r.server.TLS != TLSImplicit {
		return wire, nil
	}
	secured := tls.Client(wire, r.tlsConfig)
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return secured, nil
}

// options are go-mail's settings for this server.
func (c *Channel) options(r *relay) []gomail.Option {
	options := []gomail.Option{
		gomail.WithPort(r.server.Port),
		gomail.WithTimeout(c.timeout),
		gomail.WithHELO(c.hello),
		gomail.WithTLSConfig(r.tlsConfig),
		gomail.WithTLSPolicy(r.server.policy()),
	}
	if r.server.User != "" {
		options = append(options,
			gomail.WithUsername(r.server.User), gomail.WithPassword(r.server.Password),
			gomail.WithOpportunisticSMTPAuth(r.server.mechanisms()...))
	}
	return options
}

func (s Server) policy() gomail.TLSPolicy {
	switch s.TLS {
	case TLSMandatory:
		return gomail.TLSMandatory
	case TLSOpportunistic:
		return gomail.TLSOpportunistic
	default:
		return gomail.NoTLS
	}
}

// mechanisms lists the ways of signing in, best first. PLAIN and LOGIN carry
// the password itself: without TLS they are used only where the operator said
// so (tls=none) or nobody can listen (loopback).
func (s Server) mechanisms() []gomail.SMTPAuthType {
	plain, login := gomail.SMTPAuthPlain, gomail.SMTPAuthLogin
	if s.TLS == TLSNone || s.Loopback() {
		plain, login = gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc
	}
	list := []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, plain, login}
	if s.TLS == TLSImplicit || s.TLS == TLSMandatory {
		list = append([]gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256PLUS, gomail.SMTPAuthSCRAMSHA1PLUS}, list...)
	}
	return list
}

// dialError says what went wrong in words that help.
func (l *line) dialError(ctx, dialling context.Context, err error) error {
	var reply *textproto.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case dialling.Err() != nil || isTimeout(err):
		return l.silence()
	case strings.Contains(err.Error(), "does not support STARTTLS"):
		return errors.New("it does not offer STARTTLS and tls=mandatory asks for it; if the way to it is safe, use tls=opportunistic or tls=none")
	case strings.Contains(err.Error(), "unencrypted connection"):
		return errors.New("it offers no TLS, and the password is not sent in the clear; if the way to it is safe, use tls=none")
	case strings.Contains(err.Error(), "does not support SMTP AUTH"):
		return errors.New("it offers no signing in; if it needs none, leave the user and the password out of the URL")
	case errors.Is(err, gomail.ErrNoSupportedAuthDiscovered):
		return errors.New("it offers no way of signing in that is known here (SCRAM, PLAIN, LOGIN, CRAM-MD5); a service that wants OAuth may have passwords for programs, or a relay")
	case l.relay.server.TLS == TLSImplicit && strings.Contains(err.Error(), "does not look like a TLS handshake"):
		return errors.New("it does not begin with TLS; if it offers STARTTLS, write smtp:// instead of smtps://")
	case errors.As(err, &reply): // also where it then closed the connection
		return errors.New(l.scrub.clean(fmt.Sprintf("it answered %d %s", reply.Code, reply.Msg)))
	case isClosed(err):
		return errors.New("it closed the connection")
	default:
		return errors.New(l.scrub.clean(err.Error()))
	}
}

// silence is what is said of a server that did not speak in time. One that waits
// for TLS says nothing to who waits for its greeting.
func (l *line) silence() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.wire != nil && l.client == nil && l.relay.server.TLS != TLSImplicit {
		return errors.New("timed out; if it begins with TLS, as port 465 does, write smtps:// instead of smtp://")
	}
	return errors.New("timed out")
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// isClosed says whether the other side hung up, politely or not.
func isClosed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.ErrClosedPipe) // of a connection in memory, see Config.Dial
}

type closer func() error

func (c closer) Close() error { return c() }

// closeOnEnd closes c when the context ends, which frees a blocked read or
// write. The returned function calls that off; false means it was too late.
// No goroutine is left when it returns.
func closeOnEnd(ctx context.Context, c io.Closer) (callOff func() bool) {
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(closed)
		_ = c.Close()
	})
	return sync.OnceValue(func() bool {
		if stop() {
			return true
		}
		<-closed
		return false
	})
}
