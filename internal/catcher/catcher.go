// Package catcher is a mail server that delivers nothing: it keeps what it is
// given, for the demo's mailbox and for tests. It listens on the loopback
// interface only.
package catcher

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Message is one message that was caught.
type Message struct {
	Number  int // from 1, in the order of arrival
	At      time.Time
	Channel string // "email" or "chat"
	From    string
	To      string
	Subject string
	Header  mail.Header // of mail
	Text    string
	HTML    string
}

// keep bounds how many messages are remembered.
const keep = 10_000

// Catcher keeps messages.
type Catcher struct {
	mu       sync.Mutex
	messages []Message
	count    int
	server   *smtp.Server
	address  string
	done     chan struct{}
}

// Start listens for mail on a free loopback port.
func Start() (*Catcher, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start mail catcher: %w", err)
	}
	c := &Catcher{address: listener.Addr().String(), done: make(chan struct{})}
	c.server = smtp.NewServer(c)
	c.server.Domain = "localhost"
	c.server.ReadTimeout, c.server.WriteTimeout = 30*time.Second, 30*time.Second
	c.server.MaxMessageBytes = 4 << 20
	go func() {
		defer close(c.done)
		_ = c.server.Serve(listener) // ends with Close
	}()
	return c, nil
}

// Close stops listening.
func (c *Catcher) Close() error {
	err := c.server.Close()
	<-c.done
	return err
}

// URL is the mail server's address as a setting.
func (c *Catcher) URL() string { return "smtp://" + c.address + "?tls=none" }

// Add keeps a message that came by another way than mail.
func (c *Catcher) Add(m Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
	m.Number, m.At = c.count, time.Now()
	c.messages = append(c.messages, m)
	if len(c.messages) > keep {
		c.messages = c.messages[len(c.messages)-keep:]
	}
}

// Messages lists what was caught, oldest first.
func (c *Catcher) Messages() []Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Message{}, c.messages...)
}

// Message finds one message by its number.
func (c *Catcher) Message(number int) (Message, bool) {
	for _, m := range c.Messages() {
		if m.Number == number {
			return m, true
		}
	}
	return Message{}, false
}

// NewSession implements smtp.Backend.
func (c *Catcher) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{catcher: c}, nil }

// session is one SMTP conversation.
type session struct {
	catcher *Catcher
	from    string
	to      []string
}

func (s *session) Reset()        { s.from, s.to = "", nil }
func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := parse(raw)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "not a message: " + err.Error()}
	}
	m.Channel, m.From = "email", s.from
	for _, to := range s.to {
		m.To = to
		s.catcher.Add(m)
	}
	return nil
}

// parse reads a mail: its header, and the first text and HTML part.
func parse(raw []byte) (Message, error) {
	in, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Message{}, err
	}
	m := Message{Header: in.Header}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(in.Header.Get("Subject")); err != nil {
		return Message{}, err
	}
	return m, m.part(in.Header.Get("Content-Type"), in.Header.Get("Content-Transfer-Encoding"), in.Body)
}

// part takes one part of a mail, and the parts inside it.
func (m *Message) part(contentType, encoding string, body io.Reader) error {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := m.part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p); err != nil {
				return err
			}
		}
	}
	if strings.EqualFold(encoding, "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	switch {
	case err != nil:
		return err
	case kind == "text/html" && m.HTML == "":
		m.HTML = string(text)
	case kind == "text/plain" && m.Text == "":
		m.Text = string(text)
	}
	return nil
}
