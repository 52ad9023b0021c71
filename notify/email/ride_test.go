package email_test

import (
	"bufio"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/email"
)

// talker serves every connection by a function that has the reader.
func talker(t *testing.T, talk func(conn net.Conn, r *bufio.Reader)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.SetDeadline(time.Now().Add(time.Minute))
			talk(conn, bufio.NewReader(conn))
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}

// say answers one line after another as a server does that takes everything,
// until atDot says that it is enough.
func say(conn net.Conn, r *bufio.Reader, atDot func() bool) {
	answer := func(text string) { _, _ = conn.Write([]byte(text + "\r\n")) }
	answer("220 mail.example.net")
	body := false
	for {
		line, err := r.ReadString('\n')
		switch {
		case err != nil:
			return
		case body && line == ".\r\n":
			body = false
			if !atDot() {
				return
			}
			answer("250 2.0.0 taken")
		case body:
		case strings.HasPrefix(line, "EHLO"):
			answer("250-mail.example.net\r\n250 PIPELINING")
		case strings.HasPrefix(line, "DATA"):
			body = true
			answer("354 go on")
		case strings.HasPrefix(line, "QUIT"):
			answer("221 bye")
			return
		default:
			answer("250 ok")
		}
	}
}

// One round trip a message: the server answers a message only once it has the
// envelope of the next, and none comes when there is no next.
func TestNextEnvelopeRidesWithTheMessage(t *testing.T) {
	const n = 5
	messages, alone := 0, 0
	address := talker(t, func(conn net.Conn, r *bufio.Reader) {
		say(conn, r, func() bool {
			if messages++; messages == n {
				_ = conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
				if _, err := r.Peek(1); err != nil {
					alone++
				}
				_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
				return true
			}
			next, err := r.Peek(len("MAIL FROM:"))
			return err == nil && string(next) == "MAIL FROM:"
		})
	})
	c := newChannel(t, email.Config{URL: "smtp://" + address, Timeout: time.Minute})
	var to []notify.Recipient
	for i := range n {
		to = append(to, person(i))
	}
	if got := outcomes(sendAll(t, c, opened(), to...)); got != strings.TrimSpace(strings.Repeat("delivered ", n)) {
		t.Error(got)
	}
	if messages != n || alone != 1 {
		t.Errorf("%d messages came, the last alone: %d", messages, alone)
	}
}

// Some servers say PIPELINING and throw away what came before they answered.
// What they lost is sent again, one command at a time, and nothing twice.
func TestServerThatLiesAboutPipeliningGetsOneCommandAtATime(t *testing.T) {
	messages := 0
	address := talker(t, func(conn net.Conn, r *bufio.Reader) {
		say(conn, r, func() bool {
			messages++
			time.Sleep(5 * time.Millisecond)
			_, _ = r.Discard(r.Buffered())
			return true
		})
	})
	c := newChannel(t, email.Config{URL: "smtp://" + address, Timeout: time.Second})
	if got := outcomes(sendAll(t, c, opened(), person(1), person(2), person(3), person(4))); got != "delivered transient delivered delivered" {
		t.Error(got)
	}
	if messages != 3 {
		t.Errorf("%d messages were taken", messages)
	}
	if got := outcomes(sendAll(t, c, opened(), person(2))); got != "delivered" || messages != 4 {
		t.Errorf("%s, %d messages were taken", got, messages)
	}
}

// A recipient that is refused after their envelope rode does not get the next
// one's message, nor does the next one theirs.
func TestRefusalOfAnEnvelopeThatRodeIsForThatRecipientOnly(t *testing.T) {
	for _, data := range []string{"354 go on", "503 5.5.1 no valid recipients"} {
		s := startRaw(t, true, func(p at) string {
			switch {
			case p.verb == "RCPT" && p.message == 2:
				return "550 5.1.1 no such user"
			case p.verb == "DATA" && !p.named:
				return data
			case p.verb == "DOT" && !p.named:
				return "554 5.5.1 no valid recipients"
			default:
				return ""
			}
		})
		c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
		if got := outcomes(sendAll(t, c, opened(), person(1), person(2), person(3), person(4))); got != "delivered permanent delivered delivered" {
			t.Errorf("%s: %s", data, got)
		}
		if connections, n, verbs := s.seen(); connections != 1 || n != 3 {
			t.Errorf("%s: %d connections, %d messages: %v", data, connections, n, verbs)
		}
	}
}

// A message that is refused at its end takes nothing from the one behind it.
func TestRefusalAtTheEndLeavesTheNextEnvelopeStanding(t *testing.T) {
	s := startRaw(t, true, firstOnly("DOT", "554 5.7.1 looks like spam"))
	c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
	if got := outcomes(sendAll(t, c, opened(), person(1), person(2))); got != "permanent delivered" {
		t.Error(got)
	}
	if connections, n, verbs := s.seen(); connections != 1 || n != 1 || strings.Contains(strings.Join(verbs, " "), "RSET") {
		t.Errorf("%d connections, %d messages: %v", connections, n, verbs)
	}
}
