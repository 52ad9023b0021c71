package email

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"sync"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// line is one connection to the mail server, signed in.
type line struct {
	client     *smtp.Client
	pipelining bool
	from       string
	timeout    time.Duration
	scrub      scrubber

	mu   sync.Mutex
	wire net.Conn // below TLS; closing it frees whoever waits for the server
}

// stage is how far a message came.
type stage string

// The stages of a message. After stageDot everything was handed over.
const (
	stageMail stage = "MAIL"
	stageRcpt stage = "RCPT"
	stageData stage = "DATA"
	stageBody stage = "message"
	stageDot  stage = "end of message"
)

// fault is why a message was not accepted, and where.
type fault struct {
	stage stage
	code  int    // the server's; 0: it gave no answer
	words string // the server's, or what went wrong
	// slow is set when the server was given its time and did not answer.
	slow bool
}

// lost says whether the connection is of no more use.
func (f *fault) lost() bool { return f.code == 0 || f.code == 421 }

// send hands one message over and returns the server's word of acceptance. The
// end of the context is heeded until the final dot is written; after it only
// the timeout ends the wait, for the answer decides whether the message goes
// out a second time.
func (l *line) send(ctx context.Context, to string, message []byte) (accepted string, f *fault) {
	callOff := closeOnEnd(ctx, closer(l.hangUp))
	defer callOff()
	if f := l.envelope(to); f != nil {
		return "", f
	}
	l.extend()
	if err := l.write(message); err != nil {
		return "", l.failed(stageBody, err)
	}
	if !callOff() {
		return "", &fault{stage: stageBody, words: "the sender was stopped"}
	}
	l.extend()
	if err := l.write([]byte(".\r\n")); err != nil {
		return "", l.failed(stageBody, err) // the dot did not leave
	}
	code, words, err := l.read(2)
	if err != nil {
		return "", l.failed(stageDot, err)
	}
	return fmt.Sprintf("%d %s", code, words), nil
}

// envelope names sender and recipient and asks to send. With PIPELINING the
// three commands go out at once; every one of them has its own reply.
func (l *line) envelope(to string) *fault {
	steps := []struct {
		stage   stage
		command string
		expect  int
	}{
		{stageMail, "MAIL FROM:<" + l.from + ">\r\n", 2},
		{stageRcpt, "RCPT TO:<" + to + ">\r\n", 2},
		{stageData, "DATA\r\n", 354},
	}
	if l.pipelining {
		l.extend()
		if err := l.write([]byte(steps[0].command + steps[1].command + steps[2].command)); err != nil {
			return l.failed(stageMail, err)
		}
	}
	var first *fault
	for _, step := range steps {
		l.extend()
		if !l.pipelining {
			if err := l.write([]byte(step.command)); err != nil {
				return l.failed(step.stage, err)
			}
		}
		_, _, err := l.read(step.expect)
		switch {
		case err != nil && first == nil:
			first = l.failed(step.stage, err)
		case err == nil && first != nil && step.stage == stageData:
			l.endEmpty() // DATA was accepted although nobody is to get it
		}
		if first != nil && (first.lost() || !l.pipelining) {
			return first
		}
	}
	return first
}

// endEmpty ends a message that has no recipient (RFC 2920, 3.1); the reply to
// it says nothing new.
func (l *line) endEmpty() {
	if l.write([]byte(".\r\n")) == nil {
		_, _, _ = l.read(0)
	}
}

// reset ends a transaction that was refused, so that the next one can begin.
func (l *line) reset() error {
	l.extend()
	if err := l.write([]byte("RSET\r\n")); err != nil {
		return err
	}
	_, _, err := l.read(2)
	return err
}

// quit says goodbye. What the server answers changes nothing.
func (l *line) quit() {
	l.extend()
	if l.write([]byte("QUIT\r\n")) == nil {
		_, _, _ = l.read(2)
	}
	_ = l.hangUp()
}

func (l *line) write(data []byte) error {
	if _, err := l.client.Text.W.Write(data); err != nil {
		return err
	}
	return l.client.Text.W.Flush()
}

// read reads one reply; another than the expected one is a *textproto.Error.
func (l *line) read(expect int) (code int, words string, err error) {
	return l.client.Text.ReadResponse(expect)
}

func (l *line) attach(wire net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wire = wire
}

// extend gives the next step its time.
func (l *line) extend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.wire != nil {
		_ = l.wire.SetDeadline(time.Now().Add(l.timeout))
	}
}

// hangUp closes the connection.
func (l *line) hangUp() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.wire == nil {
		return nil
	}
	return l.wire.Close()
}

// failed reads a fault from an error of the line.
func (l *line) failed(at stage, err error) *fault {
	var reply *textproto.Error
	switch {
	case errors.As(err, &reply):
		return &fault{stage: at, code: reply.Code, words: l.scrub.clean(reply.Msg)}
	case isTimeout(err):
		return &fault{stage: at, words: "timed out", slow: true}
	case errors.Is(err, io.EOF):
		return &fault{stage: at, words: "the server closed the connection"}
	case errors.Is(err, net.ErrClosed):
		return &fault{stage: at, words: "the sender was stopped"}
	default:
		return &fault{stage: at, words: l.scrub.clean(err.Error())}
	}
}
