package email_test

import (
	"bufio"
	"context"
	"net"
	"strings"
	"sync"
	"testing"
)

// What a scripted server can do instead of answering.
const (
	drop = "drop" // close the connection
	hang = "hang" // say nothing until the client gives up
)

// at is a place in a dialogue: the verb, on which connection, and for which
// message of that connection. Connections and messages count from 1.
type at struct {
	connection, message int
	verb                string // GREETING EHLO MAIL RCPT DATA DOT RSET QUIT
	named               bool   // a recipient was accepted
}

// rawServer is a mail server that answers by a script and can stop anywhere.
type rawServer struct {
	Addr       string
	pipelining bool
	script     func(at) string // "": the usual answer

	listener net.Listener
	wait     sync.WaitGroup
	mu       sync.Mutex
	conns    []net.Conn
	verbs    []string
	accepted int
}

func startRaw(t *testing.T, pipelining bool, script func(at) string) *rawServer {
	t.Helper()
	return startRawServer(t, "127.0.0.1", pipelining, script)
}

// startRawOn serves on another address than loopback's.
func startRawOn(t *testing.T, host string, script func(at) string) *rawServer {
	t.Helper()
	return startRawServer(t, host, false, script)
}

func startRawServer(t *testing.T, host string, pipelining bool, script func(at) string) *rawServer {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	s := &rawServer{Addr: l.Addr().String(), pipelining: pipelining, script: script, listener: l}
	s.wait.Go(s.accept)
	t.Cleanup(s.stop)
	return s
}

// startPiped is a server without a network, for virtual time: its dial leads to
// it.
func startPiped(t *testing.T, pipelining bool, script func(at) string) *rawServer {
	t.Helper()
	s := &rawServer{Addr: "127.0.0.1:25", pipelining: pipelining, script: script}
	t.Cleanup(s.stop)
	return s
}

func (s *rawServer) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	s.mu.Lock()
	s.conns = append(s.conns, there)
	number := len(s.conns)
	s.mu.Unlock()
	s.wait.Go(func() { s.talk(there, number) })
	return here, nil
}

func (s *rawServer) stop() {
	if s.listener != nil {
		_ = s.listener.Close()
	}
	s.mu.Lock()
	for _, c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.wait.Wait()
}

func (s *rawServer) accept() {
	for n := 1; ; n++ {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns = append(s.conns, conn)
		s.mu.Unlock()
		s.wait.Go(func() { s.talk(conn, n) })
	}
}

func (s *rawServer) talk(conn net.Conn, number int) {
	defer func() { _ = conn.Close() }()
	// A pipe takes a message only as fast as it is read: at once, so that the
	// answer to it is not waited for by who still writes the next envelope.
	r, place := bufio.NewReaderSize(conn, 128<<10), at{connection: number}
	if !s.answer(conn, place, "GREETING", s.said(place, "GREETING")) {
		return
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		verb := strings.ToUpper(strings.Fields(line + " ?")[0])
		if verb == "MAIL" {
			place.message++
			place.named = false
		}
		said := s.said(place, verb)
		if !s.answer(conn, place, verb, said) || verb == "QUIT" {
			return
		}
		if verb == "RCPT" {
			place.named = strings.HasPrefix(said, "250")
		}
		if verb == "DATA" && strings.HasPrefix(said, "354") {
			for line != ".\r\n" {
				if line, err = r.ReadString('\n'); err != nil {
					return
				}
			}
			if !s.answer(conn, place, "DOT", s.said(place, "DOT")) {
				return
			}
		}
	}
}

// said is what the script says at this place, or else the usual answer.
func (s *rawServer) said(place at, verb string) string {
	place.verb = verb
	switch said := s.script(place); {
	case said != "":
		return said
	case verb == "GREETING":
		return "220 mail.example.net"
	case verb == "EHLO" && s.pipelining:
		return "250-mail.example.net\r\n250 PIPELINING"
	case verb == "DATA" && !place.named:
		return "503 5.5.1 no valid recipients"
	case verb == "DATA":
		return "354 go on"
	case verb == "QUIT":
		return "221 bye"
	default:
		return "250 ok"
	}
}

// answer writes an answer, or does not; false ends the connection.
func (s *rawServer) answer(conn net.Conn, place at, verb, said string) bool {
	s.mu.Lock()
	s.verbs = append(s.verbs, verb)
	if verb == "DOT" && place.named && (said == drop || strings.HasPrefix(said, "250")) {
		s.accepted++
	}
	s.mu.Unlock()
	switch said {
	case drop:
		return false
	case hang:
		_, _ = conn.Read(make([]byte, 1))
		return false
	default:
		_, err := conn.Write([]byte(said + "\r\n"))
		return err == nil && !strings.HasPrefix(said, "421")
	}
}

func (s *rawServer) seen() (connections, acceptedMessages int, verbs []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns), s.accepted, append([]string{}, s.verbs...)
}
