package email

import (
	"context"
	"errors"

	"github.com/allclear-status/allclear/notify"
)

// session sends many messages over one line, and over a new one when the
// server closes it in between.
type session struct {
	channel *Channel
	line    *line // nil: there is none now
	// redial says that a lost line may be replaced. It is spent by connecting
	// and earned again by a message that got an answer, so that a server which
	// takes a hundred messages a connection gets its many connections, and one
	// that hangs up on everything gets one more try.
	redial bool
	down   error // why nothing more can be sent in this Send
}

// Send sends the text to every recipient, one message each.
func (s *session) Send(ctx context.Context, text notify.Text, to []notify.Recipient, done func(i int, r notify.Result)) {
	s.redial, s.down = true, nil
	letter, err := s.channel.compose(text)
	for i, recipient := range to {
		if err != nil { // ours to mend, and then worth another try
			done(i, notify.Result{Outcome: notify.Transient, Answer: limit("the message could not be built: " + err.Error())})
			continue
		}
		done(i, s.deliver(ctx, letter, recipient))
	}
}

// deliver sends one message.
func (s *session) deliver(ctx context.Context, letter *letter, to notify.Recipient) notify.Result {
	message, err := letter.address(to)
	if err != nil {
		return notify.Result{Outcome: notify.Permanent, Answer: limit("not sent: " + err.Error())}
	}
	for {
		if r := s.connect(ctx); r.Outcome != "" {
			return r
		}
		accepted, f := s.line.send(ctx, to.Address, message)
		if f == nil {
			s.redial = true
			return notify.Result{Outcome: notify.Delivered, Answer: s.line.scrub.clean(accepted)}
		}
		s.recover(f)
		if f.lost() && !f.slow && f.stage == stageMail && s.redial && ctx.Err() == nil {
			continue // closed between two messages: this one was not yet heard of
		}
		return f.result()
	}
}

// connect makes sure that there is a line. Without one it returns what becomes
// of the recipient: the channel as a whole is out of reach, so that everybody
// is told soon after it is back.
func (s *session) connect(ctx context.Context) notify.Result {
	switch {
	case ctx.Err() != nil:
		return notify.Result{Outcome: notify.Transient, Answer: "not sent: the sender was stopped"}
	case s.line != nil:
		return notify.Result{}
	case s.down == nil && !s.redial:
		s.down = errors.New("the server closed the connection twice without taking a message")
	case s.down == nil:
		s.redial = false
		s.line, s.down = s.channel.dial(ctx)
	}
	if s.down != nil {
		return notify.Result{Outcome: notify.Unavailable, Answer: limit("not sent: " + s.down.Error())}
	}
	return notify.Result{}
}

// recover makes the line ready for the next message after a fault, or gives it
// up.
func (s *session) recover(f *fault) {
	if !f.lost() && f.stage != stageDot {
		if s.line.reset() == nil {
			s.redial = true
			return
		}
	} else if !f.lost() {
		s.redial = true
		return
	}
	_ = s.line.hangUp()
	s.line = nil
}

// Close says goodbye to the server. Whatever it answers, the results stand.
func (s *session) Close() error {
	if s.line != nil {
		s.line.quit()
		s.line = nil
	}
	return nil
}
