package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// Sink is a mail server that counts what it takes and throws it away.
type Sink struct {
	listener   net.Listener
	pipelining bool
	roundTrip  time.Duration

	mu      sync.Mutex
	receipt *Receipt
	open    map[net.Conn]struct{} // nil when the sink is closed
	all     sync.WaitGroup
}

// NewSink listens on a free loopback port. With pipelining it says so; every
// answer waits for the round trip.
func NewSink(pipelining bool, roundTrip time.Duration) (*Sink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start mail sink: %w", err)
	}
	s := &Sink{listener: listener, pipelining: pipelining, roundTrip: roundTrip, open: map[net.Conn]struct{}{}, receipt: newReceipt(0)}
	s.all.Go(s.accept)
	return s, nil
}

// Address is where the sink listens.
func (s *Sink) Address() string { return s.listener.Addr().String() }

// Close ends the sink and every connection to it.
func (s *Sink) Close() error {
	err := s.listener.Close()
	s.mu.Lock()
	for c := range s.open {
		_ = c.Close() // nobody needs it any more
	}
	s.open = nil
	s.mu.Unlock()
	s.all.Wait()
	return err
}

func (s *Sink) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		closed := s.open == nil
		if !closed {
			s.open[c] = struct{}{}
		}
		s.mu.Unlock()
		if closed {
			_ = c.Close() // it came just too late
			return
		}
		s.all.Go(func() {
			(&conversation{sink: s, c: c, r: bufio.NewReaderSize(c, 64<<10), w: bufio.NewWriter(c)}).run()
			s.mu.Lock()
			delete(s.open, c)
			s.mu.Unlock()
			_ = c.Close() // whoever sent has gone already
		})
	}
}

// Expect begins a new receipt for so many messages.
func (s *Sink) Expect(n int) *Receipt {
	receipt := newReceipt(n)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.receipt = receipt
	return receipt
}

// take writes a message into the receipt of the moment.
func (s *Sink) take(recipient string, size int, sample []byte) {
	s.mu.Lock()
	receipt := s.receipt
	s.mu.Unlock()
	receipt.take(recipient, size, sample)
}

// Receipt is what came since Expect.
type Receipt struct {
	expected int
	complete chan struct{}

	mu          sync.Mutex
	messages    int
	bytes       int64
	first, last time.Time
	recipients  map[string]int
	sample      []byte
}

func newReceipt(n int) *Receipt {
	return &Receipt{expected: n, complete: make(chan struct{}), recipients: make(map[string]int, n)}
}

func (r *Receipt) take(recipient string, size int, sample []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = time.Now()
	if r.messages == 0 {
		r.first, r.sample = r.last, bytes.Clone(sample)
	}
	r.messages++
	r.bytes += int64(size)
	r.recipients[recipient]++
	if r.messages == r.expected {
		close(r.complete)
	}
}

// Wait waits until the expected messages are there.
func (r *Receipt) Wait(ctx context.Context, sender *Process) error {
	select {
	case <-r.complete:
		return nil
	case <-sender.Ended():
		select {
		case <-r.complete: // its last messages
			return nil
		case <-time.After(time.Second):
		}
		return fmt.Errorf("the sender ended after %d of %d messages: %s", r.Total().Messages, r.expected, sender.Said())
	case <-ctx.Done():
		return fmt.Errorf("%d of %d messages came: %w", r.Total().Messages, r.expected, ctx.Err())
	}
}

// Total is what a receipt adds up to.
type Total struct {
	Messages, Distinct, Repeats int
	First, Last                 time.Time
	Size                        int    // mean, of one message
	Sample                      []byte // the first message
}

// Total adds up.
func (r *Receipt) Total() Total {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := Total{Messages: r.messages, Distinct: len(r.recipients), Repeats: r.messages - len(r.recipients), First: r.first, Last: r.last, Sample: r.sample}
	if r.messages > 0 {
		t.Size = int(r.bytes / int64(r.messages))
	}
	return t
}

// conversation is one connection.
type conversation struct {
	sink      *Sink
	c         net.Conn
	r         *bufio.Reader
	w         *bufio.Writer
	recipient string
	sample    []byte // of the message that is read now
}

var errGoodbye = errors.New("the client said goodbye")

func (c *conversation) run() {
	c.say("220 sink ESMTP")
	for {
		if c.r.Buffered() == 0 { // a group of commands is answered at once
			if c.flush() != nil {
				return
			}
		}
		line, err := c.r.ReadSlice('\n')
		if err != nil || c.obey(strings.TrimSpace(string(line))) != nil {
			_ = c.flush() // the goodbye, if there is one
			return
		}
	}
}

func (c *conversation) obey(line string) error {
	verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
	switch verb {
	case "EHLO", "HELO":
		if c.sink.pipelining {
			c.say("250-sink\r\n250-PIPELINING")
		} else {
			c.say("250-sink")
		}
		c.say("250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 33554432")
	case "RCPT":
		_, address, _ := strings.Cut(line, "<")
		c.recipient, _, _ = strings.Cut(address, ">")
		c.say("250 2.1.5 ok")
	case "DATA":
		c.say("354 go on")
		if err := c.flush(); err != nil {
			return err
		}
		size, err := c.message()
		if err != nil {
			return err
		}
		c.sink.take(c.recipient, size, c.sample)
		c.say("250 2.0.0 taken")
	case "QUIT":
		c.say("221 2.0.0 bye")
		return errGoodbye
	default: // MAIL, RSET, NOOP
		c.say("250 2.0.0 ok")
	}
	return nil
}

// message reads up to the lone dot and keeps the first message of a connection
// as a sample.
func (c *conversation) message() (size int, err error) {
	keep := c.sample == nil
	whole := true // the last piece ended a line
	for {
		piece, err := c.r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return size, err
		}
		if whole && (len(piece) == 3 && piece[0] == '.' && piece[1] == '\r' || len(piece) == 2 && piece[0] == '.') {
			return size, nil
		}
		if keep {
			text := piece
			if whole && piece[0] == '.' {
				text = piece[1:]
			}
			c.sample = append(c.sample, text...)
		}
		size += len(piece)
		whole = err == nil
	}
}

func (c *conversation) say(line string) { _, _ = c.w.WriteString(line + "\r\n") } // flush says what failed

func (c *conversation) flush() error {
	if c.w.Buffered() == 0 {
		return nil
	}
	if c.sink.roundTrip > 0 {
		time.Sleep(c.sink.roundTrip)
	}
	return c.w.Flush()
}
