package notify

import (
	"slices"
	"sync"
	"time"
)

// stock is what a line has claimed: its sessions take slices from it, the most
// urgent first, and what became of them is counted until all is written down.
type stock struct {
	sizes Settings
	more  chan struct{} // somebody can take something
	low   chan struct{} // more should be claimed

	mu      sync.Mutex
	hands   []*hand // the most urgent first
	left    int     // deliveries that nobody has taken
	out     int     // taken, and not written down
	closed  bool    // nothing is put in any more
	most    int     // sessions at the same time
	allowed int     // of them, as far as the server bears it
	active  int     // sessions that have a slice
	extra   int     // sessions beside them that may be slow
	slow    int     // of those
	slice   int     // deliveries in a slice
	calm    int     // slices since the server complained
}

// hand is one batch in the stock.
type hand struct {
	Batch
	grip *grip
	left []Group    // what nobody has taken
	out  int        // taken, and not written down
	rest []Outgoing // taken and given back
	over bool       // nothing more of it is sent from here
}

// slice is what a session sends at a time: some deliveries with one text.
type slice struct {
	hand *hand
	text Text
	to   []Outgoing
	turn *turn
}

// turn is one session's time with a slice.
type turn struct {
	late *time.Timer
	slow bool // it is not counted any more among those that are active
	over bool
}

// How many deliveries a slice has: few where messages take long, so that who
// leaves is heard and a stop does not take long either.
const (
	leastSlice = 10
	firstSlice = 50
	// A slice that took less than shortSlice is followed by a larger one, one
	// that took longer than longSlice by a smaller.
	shortSlice = 200 * time.Millisecond
	longSlice  = time.Second
	// slowSlice is when a session is slow: it makes room for another, where the
	// route has extra ones.
	slowSlice = 3 * time.Second
)

// calmSlices is how many slices without a complaint earn one more session.
const calmSlices = 20

func newStock(sessions, extra int, sizes Settings) *stock {
	return &stock{
		sizes: sizes, more: make(chan struct{}, 1), low: make(chan struct{}, 1), most: sessions, allowed: sessions, extra: extra,
		slice: min(firstSlice, max(1, sizes.Slice)),
	}
}

// put adds a batch; false: it comes too late.
func (s *stock) put(b Batch, g *grip) (*hand, bool) {
	h := &hand{Batch: b, grip: g, left: slices.Clone(b.Groups)} // the batch stays whole: its lease is kept for all of it
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		h.over = true
		return h, false
	}
	at := len(s.hands)
	for at > 0 && s.hands[at-1].Urgency > b.Urgency {
		at--
	}
	s.hands = append(s.hands, nil)
	copy(s.hands[at+1:], s.hands[at:])
	s.hands[at] = h
	s.left += b.Size()
	signal(s.more)
	return h, true
}

// take takes the next slice; false: there is none, or enough sessions are busy.
func (s *stock) take() (slice, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.active >= s.allowed || s.left == 0 {
		return slice{}, false
	}
	for _, h := range s.hands {
		if len(h.left) == 0 {
			continue
		}
		g := &h.left[0]
		n := min(len(g.To), s.slice, max(min(leastSlice, s.slice), s.slice/s.most, s.left/s.most))
		took := slice{h, g.Text, g.To[:n:n], s.begin()}
		if g.To = g.To[n:]; len(g.To) == 0 {
			h.left = h.left[1:]
		}
		h.out += n
		s.left, s.out, s.active = s.left-n, s.out+n, s.active+1
		if s.left > 0 {
			signal(s.more)
		}
		if s.left < s.sizes.Stock {
			signal(s.low)
		}
		return took, true
	}
	return slice{}, false
}

// begin begins a session's turn. One that turns out slow does not count against
// the others: it waits for receivers that hang, and they must not.
func (s *stock) begin() *turn {
	t := &turn{}
	if s.extra == 0 {
		return t
	}
	t.late = time.AfterFunc(slowSlice, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if t.over || s.slow >= s.extra {
			return
		}
		t.slow = true
		s.active, s.slow = s.active-1, s.slow+1
		if s.left > 0 {
			signal(s.more)
		}
	})
	return t
}

// end ends a turn.
func (s *stock) end(t *turn) {
	t.over = true
	if t.late != nil {
		t.late.Stop()
	}
	if t.slow {
		s.slow--
	} else {
		s.active--
	}
}

// done says that a session is through with a slice, how long that took and
// whether the server wants fewer at a time.
func (s *stock) done(took slice, passed time.Duration, busy bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end(took.turn)
	switch {
	case busy:
		s.allowed, s.calm = max(1, s.allowed/2), 0
	case s.allowed < s.most:
		if s.calm++; s.calm >= calmSlices {
			s.allowed, s.calm = s.allowed+1, 0
		}
	}
	switch least := min(leastSlice, max(1, s.sizes.Slice)); {
	case passed > longSlice:
		s.slice = max(least, s.slice/2)
	case passed < shortSlice && len(took.to) == s.slice:
		s.slice = min(max(1, s.sizes.Slice), 2*s.slice)
	}
	if s.left > 0 {
		signal(s.more)
	}
}

// settled notes that deliveries were written down. It returns what must be
// released now: all of the batch that will not be sent from here, once nothing
// of it is on its way.
func (s *stock) settled(h *hand, n int) []Outgoing {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.out, s.out = h.out-n, s.out-n
	return s.endOf(h)
}

// putBack puts what is left of a slice where it was taken from, or, when nothing
// more of its batch is sent from here, returns what must be released now.
func (s *stock) putBack(took slice, rest []Outgoing) []Outgoing {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := took.hand
	h.out, s.out = h.out-len(rest), s.out-len(rest)
	if h.over {
		h.rest = append(h.rest, rest...)
		return s.endOf(h)
	}
	h.left = append([]Group{{Text: took.text, To: rest}}, h.left...)
	s.left += len(rest)
	signal(s.more)
	return nil
}

// urgent says whether something waits that is more urgent than a batch.
func (s *stock) urgent(h *hand) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.hands {
		if o.Urgency >= h.Urgency {
			return false
		}
		if len(o.left) > 0 {
			return true
		}
	}
	return false
}

// giveBack notes that deliveries of a slice were not handed to anybody, and
// that nothing more of their batch will be from here.
func (s *stock) giveBack(h *hand, rest []Outgoing) []Outgoing {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.rest = append(h.rest, rest...)
	h.out, s.out = h.out-len(rest), s.out-len(rest)
	s.stop(h)
	return s.endOf(h)
}

// stop takes what is left of a batch out of the stock.
func (s *stock) stop(h *hand) {
	h.over = true
	for _, g := range h.left {
		h.rest = append(h.rest, g.To...)
		s.left -= len(g.To)
	}
	h.left = nil
}

// endOf forgets a batch of which nothing is left and nothing on its way.
func (s *stock) endOf(h *hand) []Outgoing {
	if h.out > 0 || len(h.left) > 0 {
		return nil
	}
	h.grip.let()
	for i := range s.hands {
		if s.hands[i] == h {
			s.hands = append(s.hands[:i:i], s.hands[i+1:]...)
			break
		}
	}
	rest := h.rest
	h.rest = nil
	return rest
}

// clear stops every batch, and closes the stock where that is wanted. It
// returns those that can be released now.
func (s *stock) clear(closing bool) map[*hand][]Outgoing {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = s.closed || closing
	ended := map[*hand][]Outgoing{}
	for _, h := range append([]*hand{}, s.hands...) {
		s.stop(h)
		if rest := s.endOf(h); len(rest) > 0 {
			ended[h] = rest
		}
	}
	return ended
}

// open are the batches whose leases must be kept.
func (s *stock) open() []*hand {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*hand{}, s.hands...)
}

// cutOff lets nothing more begin of what is being sent.
func (s *stock) cutOff() {
	for _, h := range s.open() {
		h.grip.end()
	}
}

// leases are those whose work is in hand.
func (s *stock) leases() []string {
	var names []string
	for _, h := range s.open() {
		names = append(names, h.Lease)
	}
	return names
}

// wants says whether more should be claimed, and what: everything, or only what
// is more urgent than all there is (before > 0).
func (s *stock) wants() (before int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left < s.sizes.Stock {
		return 0, true
	}
	for _, h := range s.hands {
		if len(h.left) > 0 {
			return h.Urgency, h.Urgency > 0
		}
	}
	return 0, true
}

// quiet says whether everything that was claimed has come back but n.
func (s *stock) quiet(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left == 0 && s.out == n
}
