package torture

import (
	"bufio"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// message is what the mail server took.
type message struct {
	notice int64  // from its Message-ID
	id     string // the Message-ID
	at     time.Time
}

// mailServer takes everything and remembers, in its order, who got which
// message.
type mailServer struct {
	listener net.Listener
	serve    func(net.Conn)
	pause    time.Duration // before each word of acceptance

	mu    sync.Mutex
	open  map[net.Conn]bool
	got   map[string][]message // by recipient
	count int
	all   sync.WaitGroup
}

func newMailServer(t *testing.T, pause time.Duration) *mailServer {
	t.Helper()
	m := newMailServerOf(t, nil)
	m.pause = pause
	return m
}

// newMailServerOf serves each connection by a function; nil takes everything.
func newMailServerOf(t *testing.T, serve func(net.Conn)) *mailServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mailServer{listener: listener, serve: serve, open: map[net.Conn]bool{}, got: map[string][]message{}}
	if serve == nil {
		m.serve = m.talk
	}
	m.all.Go(m.accept)
	t.Cleanup(m.close)
	return m
}

func (m *mailServer) url() string { return "smtp://" + m.listener.Addr().String() + "?tls=none" }

func (m *mailServer) close() {
	_ = m.listener.Close()
	m.mu.Lock()
	for c := range m.open {
		_ = c.Close()
	}
	m.mu.Unlock()
	m.all.Wait()
}

func (m *mailServer) accept() {
	for {
		c, err := m.listener.Accept()
		if err != nil {
			return
		}
		m.mu.Lock()
		m.open[c] = true
		m.mu.Unlock()
		m.all.Go(func() {
			m.serve(c)
			m.mu.Lock()
			delete(m.open, c)
			m.mu.Unlock()
			_ = c.Close()
		})
	}
}

// talk is one connection.
func (m *mailServer) talk(c net.Conn) {
	r, w := bufio.NewReader(c), bufio.NewWriter(c)
	say := func(line string) { _, _ = w.WriteString(line + "\r\n") }
	say("220 mail.example.net")
	var to string
	for {
		if r.Buffered() == 0 && w.Flush() != nil {
			return
		}
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		switch verb, _, _ := strings.Cut(strings.TrimSpace(strings.ToUpper(line)), " "); verb {
		case "EHLO":
			say("250-mail.example.net\r\n250-PIPELINING\r\n250 8BITMIME")
		case "RCPT":
			_, to, _ = strings.Cut(line, "<")
			to, _, _ = strings.Cut(to, ">")
			say("250 ok")
		case "DATA":
			say("354 go on")
			if w.Flush() != nil {
				return
			}
			id, ok := readMessage(r)
			if !ok {
				return // it never came whole: nobody was told
			}
			time.Sleep(m.pause)
			m.take(to, id)
			say("250 taken")
		case "QUIT":
			say("221 bye")
			_ = w.Flush()
			return
		default:
			say("250 ok")
		}
	}
}

// readMessage reads up to the lone dot.
func readMessage(r *bufio.Reader) (id string, whole bool) {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return id, false
		}
		if line == ".\r\n" {
			return id, true
		}
		if value, ok := strings.CutPrefix(line, "Message-ID: "); ok && id == "" {
			id = strings.TrimSpace(value)
		}
	}
}

func (m *mailServer) take(to, id string) {
	number, _, _ := strings.Cut(strings.TrimPrefix(id, "<"), ".")
	notice, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		notice = -1
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.got[to] = append(m.got[to], message{notice, id, time.Now()})
	m.count++
}

// taken is how many messages came so far.
func (m *mailServer) taken() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.count
}

// messages is what each recipient got, and forgets it.
func (m *mailServer) messages() map[string][]message {
	m.mu.Lock()
	defer m.mu.Unlock()
	got := m.got
	m.got, m.count = map[string][]message{}, 0
	return got
}
