package email

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// line is one connection to the mail server, signed in.
type line struct {
	client     *smtp.Client
	pipelining bool
	relay      *relay
	offers     offers
	taken      int // messages given to it
	timeout    time.Duration
	scrub      scrubber
	// riding is the message whose envelope left with the one before it: its
	// replies are still to be read.
	riding     *parcel
	out, words []byte // used again and again

	mu   sync.Mutex
	wire net.Conn // below TLS; closing it frees whoever waits for the server
}

// stage is how far a message came.
type stage string

// The stages of a message. After stageDot everything was handed over.
const (
	stageNone stage = "not sent" // nothing of it was said to the server
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

// full says whether the connection has taken as many recipients as its server
// wants (RFC 5321, 4.5.3.1.10), and not one mailbox what it holds.
func (f *fault) full() bool {
	return f != nil && f.code == 452 && (f.stage == stageMail || f.stage == stageRcpt) &&
		(strings.HasPrefix(f.words, "4.5.") || !strings.HasPrefix(f.words, "4."))
}

// confused says whether the server may have lost count of commands that were
// sent together: it fell silent, or saw them in another order.
func (f *fault) confused() bool {
	return (f.slow || f.code == 503) && f.stage != stageDot && f.stage != stageBody
}

// parcel is one message on its way.
type parcel struct {
	at        int // the recipient's place in what is sent
	from, to  string
	signature []byte // stands before the message
	message   []byte // with doubled dots
}

// send hands one message over and returns the server's word of acceptance. With
// PIPELINING the envelope of the next one, if there is one, rides with it, so
// that each message takes one round trip (RFC 2920, 3.1). The end of the
// context is heeded until the message begins to leave; after that only the
// timeout ends the wait, for the answer decides whether it goes out a second
// time.
func (l *line) send(ctx context.Context, p, next *parcel) (accepted string, f *fault) {
	if f := l.offers.refuse(p); f != nil {
		return "", f
	}
	if next != nil && (l.atLast() || l.offers.refuse(next) != nil) {
		next = nil
	}
	l.taken++
	callOff := func() bool { return true }
	if ctx.Done() != nil {
		callOff = closeOnEnd(ctx, closer(l.hangUp))
		defer callOff()
	}
	if f := l.envelope(p); f != nil {
		return "", f
	}
	if !callOff() || ctx.Err() != nil {
		_ = l.hangUp() // the server waits for the message
		return "", &fault{stage: stageBody, words: "the sender was stopped"}
	}
	l.extend()
	l.out = append(append(append(l.out[:0], p.signature...), p.message...), ".\r\n"...)
	whole := len(l.out)
	if l.pipelining && next != nil {
		l.out, l.riding = l.appendEnvelope(l.out, next), next
	}
	if n, err := l.write(l.out); err != nil && n < whole {
		return "", l.failed(stageBody, err) // the dot did not leave
	} else if err != nil {
		return "", l.failed(stageDot, err)
	}
	code, words, err := l.read()
	if err == nil {
		err = unexpected(code, 2, words)
	}
	if err != nil {
		return "", l.failed(stageDot, err)
	}
	return fmt.Sprintf("%d %s", code, words), nil
}

// commands are the steps before the message, with the first digits of the reply
// that lets the next one happen.
var commands = [3]struct {
	stage  stage
	expect int
}{{stageMail, 2}, {stageRcpt, 2}, {stageData, 354}}

// appendEnvelope writes the three commands that name sender and recipient and
// ask to send.
func (l *line) appendEnvelope(out []byte, p *parcel) []byte {
	for step := range commands {
		out = l.appendCommand(out, step, p)
	}
	return out
}

func (l *line) appendCommand(out []byte, step int, p *parcel) []byte {
	switch step {
	case 0:
		out = append(append(append(out, "MAIL FROM:<"...), p.from...), '>')
		return append(l.offers.appendParameters(out, p), "\r\n"...)
	case 1:
		return append(append(append(out, "RCPT TO:<"...), p.to...), ">\r\n"...)
	default:
		return append(out, "DATA\r\n"...)
	}
}

// envelope names sender and recipient and asks to send, unless that rode with
// the message before. With PIPELINING the three commands go out at once; every
// one of them has its own reply.
func (l *line) envelope(p *parcel) *fault {
	rode := l.riding == p
	l.riding = nil
	l.extend()
	if l.pipelining && !rode {
		l.out = l.appendEnvelope(l.out[:0], p)
		if _, err := l.write(l.out); err != nil {
			return l.failed(stageMail, err)
		}
	}
	var first *fault
	for i, step := range commands {
		if !l.pipelining {
			l.extend()
			l.out = l.appendCommand(l.out[:0], i, p)
			if _, err := l.write(l.out); err != nil {
				return l.failed(step.stage, err)
			}
		}
		code, words, err := l.read()
		if err == nil {
			err = unexpected(code, step.expect, words)
		}
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
	if _, err := l.write([]byte(".\r\n")); err == nil {
		_, _, _ = l.read()
	}
}

// reset ends a transaction that was refused, so that the next one can begin.
func (l *line) reset() error {
	l.extend()
	if _, err := l.write([]byte("RSET\r\n")); err != nil {
		return err
	}
	code, words, err := l.read()
	if err != nil {
		return err
	}
	return unexpected(code, 2, words)
}

// quit says goodbye. What the server answers changes nothing.
func (l *line) quit() {
	l.extend()
	if _, err := l.write([]byte("QUIT\r\n")); err == nil {
		_, _, _ = l.read()
	}
	_ = l.hangUp()
}

// write hands bytes to the connection, and says how many of them it took. What
// is longer than the buffer leaves in one piece, past it.
func (l *line) write(data []byte) (int, error) {
	w := l.client.Text.W
	n, err := w.Write(data)
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		n = max(0, n-w.Buffered())
	}
	return n, err
}

// maxReply bounds the lines of one reply.
const maxReply = 64

// read reads one reply. The words hold until the next is read.
func (l *line) read() (code int, words []byte, err error) {
	l.words = l.words[:0]
	for range maxReply {
		text, long, err := l.client.Text.R.ReadLine()
		if err != nil {
			return 0, nil, err
		}
		code, text, more, ok := replyLine(text)
		if !ok {
			return 0, nil, textproto.ProtocolError("the server's reply is none: " + string(text))
		}
		if len(l.words) > 0 {
			l.words = append(l.words, '\n')
		}
		l.words = append(l.words, text...)
		for long {
			if _, long, err = l.client.Text.R.ReadLine(); err != nil {
				return 0, nil, err
			}
		}
		if !more {
			return code, l.words, nil
		}
	}
	return 0, nil, textproto.ProtocolError("the server's reply does not end")
}

// replyLine reads a line such as "250-words".
func replyLine(text []byte) (code int, words []byte, more, ok bool) {
	if len(text) < 3 || len(text) > 3 && text[3] != ' ' && text[3] != '-' {
		return 0, text, false, false
	}
	for _, digit := range text[:3] {
		if digit < '0' || digit > '9' {
			return 0, text, false, false
		}
		code = 10*code + int(digit-'0')
	}
	if len(text) == 3 {
		return code, nil, false, code >= 100
	}
	return code, text[4:], text[3] == '-', code >= 100
}

// unexpected is a *textproto.Error for a reply whose code does not begin as
// expected.
func unexpected(code, expect int, words []byte) error {
	begins := code
	for begins > expect {
		begins /= 10
	}
	if begins == expect {
		return nil
	}
	return &textproto.Error{Code: code, Msg: string(words)}
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
	case isClosed(err):
		return &fault{stage: at, words: "the server closed the connection"}
	case errors.Is(err, net.ErrClosed):
		return &fault{stage: at, words: "the sender was stopped"}
	default:
		return &fault{stage: at, words: l.scrub.clean(err.Error())}
	}
}
