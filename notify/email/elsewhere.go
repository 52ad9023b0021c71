package email

import (
	"context"

	"github.com/allclear-status/allclear/notify"
)

// elsewhere sends a message that the session's server cannot take, because of
// its size or of the letters in its address, over another that can. Without one
// what the first said holds; where one is out of reach that may take it, it is
// tried again.
func (s *session) elsewhere(ctx context.Context, p *parcel, refused *fault) notify.Result {
	if s.hopeless[refused.code] {
		return refused.result()
	}
	l, away := s.alternative(ctx, p)
	switch {
	case l == nil && ctx.Err() != nil:
		return notify.Result{Outcome: notify.Transient, Answer: "not sent: the sender was stopped"}
	case l == nil && away:
		return notify.Result{Outcome: notify.Transient, Answer: limit(refused.String() + "; another server is busy or out of reach")}
	case l == nil:
		if s.hopeless == nil {
			s.hopeless = map[int]bool{}
		}
		s.hopeless[refused.code] = true
		return refused.result()
	}
	if !l.relay.pace.wait(ctx) {
		return notify.Result{Outcome: notify.Transient, Answer: "not sent: the sender was stopped"}
	}
	accepted, f := l.send(ctx, p, nil)
	if f == nil {
		return notify.Result{Outcome: notify.Delivered, Answer: l.scrub.clean(accepted)}
	}
	l.relay.heed(f)
	if f.lost() || f.stage != stageDot && l.reset() != nil {
		_ = l.hangUp()
		s.other = nil
	}
	return f.result()
}

// alternative is a line to a server that can take the message: the one that took
// the last such message, or another of the relays. away says that one of them
// could not be asked.
func (s *session) alternative(ctx context.Context, p *parcel) (l *line, away bool) {
	if s.other != nil && !s.other.spent() && s.other.offers.refuse(p) == nil {
		return s.other, false
	}
	s.leaveOther()
	for _, r := range s.channel.order() {
		if r == s.line.relay {
			continue
		}
		if s.away[r] || !r.take() {
			away = true
			continue
		}
		l, err := s.channel.dialRelay(ctx, r)
		if err != nil {
			s.away[r], away = true, true
			continue
		}
		if l.offers.refuse(p) == nil {
			s.other = l
			return l, false
		}
		l.quit()
	}
	return nil, away
}

// leaveOther says goodbye to the other server.
func (s *session) leaveOther() {
	if s.other != nil {
		s.other.quit()
		s.other = nil
	}
}
