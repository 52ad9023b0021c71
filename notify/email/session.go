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
	other   *line // to another server, for what the first cannot take
	// hopeless are the refusals (size, letters) that every server shares, as was
	// seen in this Send: nobody is asked again.
	hopeless map[int]bool
	// away are other servers that did not answer in this Send: it asks each once.
	away map[*relay]bool
	// redial says that a lost line may be replaced. It is spent by connecting
	// and earned again by a message that got an answer, so that a server which
	// takes a hundred messages a connection gets its many connections, and one
	// that hangs up on everything gets one more try.
	redial bool
	down   error // why nothing more can be sent in this Send
	// parcels are used again and again, so that no message needs memory of its
	// own.
	parcels [2]parcel
}

// Send sends the text to every recipient, one message each.
func (s *session) Send(ctx context.Context, text notify.Text, to []notify.Recipient, done func(i int, r notify.Result)) {
	s.redial, s.down, s.hopeless, s.away = true, nil, nil, map[*relay]bool{}
	letter, err := s.channel.letter(text)
	if err != nil { // ours to mend, and then worth another try
		for i := range to {
			done(i, notify.Result{Outcome: notify.Transient, Answer: limit("the message could not be built: " + err.Error())})
		}
		return
	}
	// Two messages are ready at a time: the envelope of the second rides with
	// the first.
	place := 0
	next := func(into *parcel) *parcel {
		for ; place < len(to); place++ {
			if s.pack(letter, place, to[place], into, done) {
				place++
				return into
			}
		}
		return nil
	}
	current := next(&s.parcels[0])
	for turn := 1; current != nil; turn++ {
		following := next(&s.parcels[turn%2])
		done(current.at, s.deliver(ctx, current, following))
		current = following
	}
	if s.line != nil && s.line.riding != nil {
		s.drop()
	}
}

// pack makes the message of one recipient, or reports that there can be none.
func (s *session) pack(letter *letter, at int, to notify.Recipient, into *parcel, done func(int, notify.Result)) bool {
	message, err := letter.addressInto(into.message[:0], to)
	if err != nil {
		done(at, notify.Result{Outcome: notify.Permanent, Answer: limit("not sent: " + err.Error())})
		return false
	}
	into.at, into.to, into.message = at, to.Address, message
	if into.from, err = s.channel.returnPath(to); err == nil {
		into.signature, err = s.channel.sign(message)
	}
	if err != nil {
		done(at, notify.Result{Outcome: notify.Permanent, Answer: limit("not sent: " + err.Error())})
	}
	return err == nil
}

// deliver sends one message, and the envelope of the next where it may ride.
func (s *session) deliver(ctx context.Context, p, next *parcel) notify.Result {
	for {
		if r := s.connect(ctx); r.Outcome != "" {
			return r
		}
		if !s.line.relay.pace.wait(ctx) {
			return notify.Result{Outcome: notify.Transient, Answer: "not sent: the sender was stopped"}
		}
		accepted, f := s.line.send(ctx, p, next)
		if f.full() && s.line.taken > 1 && s.redial {
			s.line.quit() // another connection takes as many again
			s.line = nil
			continue
		}
		s.line.relay.heed(f)
		if f == nil {
			s.redial = true
			return notify.Result{Outcome: notify.Delivered, Answer: s.line.scrub.clean(accepted)}
		}
		if f.confused() && s.line.pipelining {
			s.line.relay.doubt()
			s.line.pipelining = false
		}
		if f.stage == stageNone && f.code != 0 && len(s.channel.relays) > 1 {
			return s.elsewhere(ctx, p, f)
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
	case s.line != nil && s.line.spent():
		s.line.quit() // it took as many messages as its server wants on one connection
		s.line, s.redial = nil, true
		return s.connect(ctx)
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
	if f.stage == stageNone {
		return // the server heard nothing of it
	}
	if !f.lost() && f.stage != stageDot {
		if s.line.reset() == nil {
			s.redial = true
			return
		}
	} else if !f.lost() {
		s.redial = true
		return
	}
	if s.line.taken <= 1 {
		s.line.relay.failed() // it answers, and takes nothing: another is tried first
	}
	s.drop()
}

// drop gives the line up.
func (s *session) drop() {
	_ = s.line.hangUp()
	s.line = nil
}

// Close says goodbye to the server. Whatever it answers, the results stand.
func (s *session) Close() error {
	s.leaveOther()
	if s.line != nil {
		s.line.quit()
		s.line = nil
	}
	return nil
}
