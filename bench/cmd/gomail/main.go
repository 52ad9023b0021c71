// Command gomail sends a message to many recipients as the documentation of
// go-mail shows it: one connection for each session, and a call of Send for
// each message. It is what a fan-out is compared with.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/wneessen/go-mail"
)

func main() {
	host := flag.String("host", "127.0.0.1", "the mail server")
	port := flag.Int("port", 2525, "its port")
	n := flag.Int("n", 1000, "how many messages")
	sessions := flag.Int("sessions", 4, "how many connections")
	sample := flag.String("sample", "", "file with a message of two parts, whose text is sent")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	l, err := read(*sample)
	if err == nil {
		err = send(ctx, l, *host, *port, *n, *sessions)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gomail:", err)
		stop()
		os.Exit(1)
	}
}

// send shares the messages out among the sessions.
func send(ctx context.Context, l letter, host string, port, n, sessions int) error {
	var next atomic.Int64
	failed := make([]error, sessions)
	var all sync.WaitGroup
	for s := range sessions {
		all.Go(func() {
			client, err := mail.NewClient(host, mail.WithPort(port), mail.WithTLSPolicy(mail.NoTLS))
			if err == nil {
				err = client.DialWithContext(ctx)
			}
			for i := next.Add(1); err == nil && i <= int64(n); i = next.Add(1) {
				var m *mail.Msg
				if m, err = l.to(i); err == nil {
					err = client.Send(m)
				}
			}
			if err == nil {
				err = client.Close()
			}
			failed[s] = err
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

// letter is what is said.
type letter struct{ subject, text, html string }

// to makes the message of one recipient, with what ours have too.
func (l letter) to(i int64) (*mail.Msg, error) {
	m := mail.NewMsg()
	err := errors.Join(m.FromFormat("Acme status", "status@acme.example"), m.To(fmt.Sprintf("reader%d@example.com", i)))
	m.Subject(l.subject)
	m.SetMessageIDWithValue(fmt.Sprintf("1.%d@status.acme.example", i))
	m.SetDate()
	m.SetGenHeader("List-Unsubscribe", fmt.Sprintf("<https://status.acme.example/unsubscribe/%064d>", i))
	m.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	m.SetBodyString(mail.TypeTextPlain, l.text)
	m.AddAlternativeString(mail.TypeTextHTML, l.html)
	return m, err
}

// read takes a sample apart.
func read(file string) (l letter, err error) {
	f, err := os.Open(file)
	if err != nil {
		return l, err
	}
	defer func() { _ = f.Close() }() // only read
	message, err := netmail.ReadMessage(f)
	if err != nil {
		return l, err
	}
	if l.subject, err = new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject")); err != nil {
		return l, err
	}
	_, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil {
		return l, err
	}
	parts := multipart.NewReader(message.Body, parameters["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return l, err
		}
		if err := l.add(part); err != nil {
			return l, err
		}
	}
	if l.text == "" || l.html == "" {
		return l, errors.New("the sample has no text or no HTML")
	}
	return l, nil
}

func (l *letter) add(part *multipart.Part) error {
	var content io.Reader = part
	if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		content = quotedprintable.NewReader(part)
	}
	words, err := io.ReadAll(content)
	if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
		l.html = string(words)
	} else {
		l.text = string(words)
	}
	return err
}
