package email_test

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/email"
)

// wire is a server that keeps every byte of every message, as it came.
type wire struct {
	addr   string
	offers string // lines after the greeting's, divided by spaces

	mu       sync.Mutex
	commands []string
	bodies   [][]byte
}

func startWire(t *testing.T, offers string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{addr: l.Addr().String(), offers: offers}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { w.talk(conn) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	return w
}

func (w *wire) talk(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	c := textproto.NewConn(conn)
	_ = c.PrintfLine("220 wire")
	for {
		line, err := c.ReadLine()
		if err != nil {
			return
		}
		w.mu.Lock()
		w.commands = append(w.commands, line)
		w.mu.Unlock()
		switch verb, _, _ := strings.Cut(line, " "); verb {
		case "EHLO":
			_ = c.PrintfLine("250-wire")
			for _, offer := range strings.Split(w.offers, ",") {
				if offer != "" {
					_ = c.PrintfLine("250-%s", offer)
				}
			}
			_ = c.PrintfLine("250 HELP")
		case "DATA":
			_ = c.PrintfLine("354 go on")
			var raw []byte
			for !bytes.HasSuffix(raw, []byte("\r\n.\r\n")) {
				b, err := c.R.ReadByte()
				if err != nil {
					return
				}
				raw = append(raw, b)
			}
			w.mu.Lock()
			w.bodies = append(w.bodies, raw[:len(raw)-3])
			w.mu.Unlock()
			_ = c.PrintfLine("250 ok")
		case "QUIT":
			_ = c.PrintfLine("221 bye")
			return
		default:
			_ = c.PrintfLine("250 ok")
		}
	}
}

func (w *wire) said(verb string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var said []string
	for _, c := range w.commands {
		if strings.HasPrefix(c, verb) {
			said = append(said, c)
		}
	}
	return said
}

func TestReturnPathIsTheMessagesOwn(t *testing.T) {
	w := startWire(t, "PIPELINING")
	c := newChannel(t, email.Config{URL: "smtp://" + w.addr})
	one, two, bad := person(1), person(2), person(3)
	one.ReturnPath = "bounces+7-abc@acme.example"
	bad.ReturnPath = "x>\r\nRCPT TO:<evil@example.com"
	if got := outcomes(sendAll(t, c, opened(), one, two, bad)); got != "delivered delivered permanent" {
		t.Error(got)
	}
	if got := strings.Join(w.said("MAIL"), "|"); got != "MAIL FROM:<bounces+7-abc@acme.example>|MAIL FROM:<status@acme.example>" {
		t.Error(got)
	}
}

func TestSizeIsAnnouncedAndRefusedBeforeSending(t *testing.T) {
	w := startWire(t, "SIZE 9000000")
	c := newChannel(t, email.Config{URL: "smtp://" + w.addr})
	if got := outcomes(sendAll(t, c, opened(), person(1))); got != "delivered" {
		t.Error(got)
	}
	if got := w.said("MAIL"); len(got) != 1 || got[0] != fmt.Sprintf("MAIL FROM:<status@acme.example> SIZE=%d", len(w.bodies[0])) {
		t.Errorf("%q for %d bytes", got, len(w.bodies[0]))
	}
	small := startWire(t, "SIZE 1000")
	c = newChannel(t, email.Config{URL: "smtp://" + small.addr})
	r := sendAll(t, c, opened(), person(1), person(2))
	if outcomes(r) != "permanent permanent" || !strings.Contains(r[0].Answer, "the server takes 1000 at most") {
		t.Errorf("%+v", r)
	}
	if said := small.said("MAIL"); len(said) > 0 {
		t.Errorf("said %q", said)
	}
}

func TestAddressesInOtherScripts(t *testing.T) {
	plain, modern := startWire(t, "8BITMIME"), startWire(t, "8BITMIME,SMTPUTF8")
	domain, local := person(1), person(2)
	domain.Address = "ana@xn--mnchen-3ya.example"
	local.Address = "jörg@xn--mnchen-3ya.example"
	unicode := person(3)
	unicode.Address = "ana@münchen.example" // such a domain never gets this far in that form
	r := sendAll(t, newChannel(t, email.Config{URL: "smtp://" + plain.addr}), opened(), domain, local, unicode)
	if outcomes(r) != "delivered permanent permanent" || !strings.Contains(r[1].Answer, "does not offer SMTPUTF8") {
		t.Errorf("%+v", r)
	}
	r = sendAll(t, newChannel(t, email.Config{URL: "smtp://" + modern.addr, From: "Münchner Status <status@münchen.example>"}), opened(), domain, local)
	if outcomes(r) != "delivered delivered" {
		t.Errorf("%+v", r)
	}
	// The header To then has the letters themselves, so the message has 8 bits.
	want := "MAIL FROM:<status@xn--mnchen-3ya.example>|MAIL FROM:<status@xn--mnchen-3ya.example> SMTPUTF8 BODY=8BITMIME"
	if got := strings.Join(modern.said("MAIL"), "|"); got != want {
		t.Errorf("said %q", got)
	}
	if got := modern.said("RCPT"); len(got) != 2 || got[1] != "RCPT TO:<jörg@xn--mnchen-3ya.example>" {
		t.Errorf("said %q", got)
	}
}

// Whatever people write: seven bits, lines that every server takes, dots
// doubled, and the words arrive as they were meant.
func TestMessagesAreSafeOnTheWire(t *testing.T) {
	w := startWire(t, "PIPELINING")
	c := newChannel(t, email.Config{URL: "smtp://" + w.addr})
	piece := rapid.SampledFrom([]string{".", "..", "\n", "\r\n", "=", "=\n", " ", "  \n", "\t", "word", "ü", "支", "🙂", "\u2028", "From me\n",
		strings.Repeat("x", 75), strings.Repeat("y", 1200), "\n.\n", "https://acme.example/" + strings.Repeat("p", 300)})
	rapid.Check(t, func(t *rapid.T) {
		text := opened()
		text.Content.Title = "T" + strings.NewReplacer("\n", " ", "\r", " ").Replace(strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "title"), ""))
		text.Content.Body = "Begin " + strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "body"), "") + "\n\nEnd of it"
		to := person(1)
		to.Why = "You " + strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "why"), "") + " end"
		s, err := c.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var result notify.Result
		s.Send(t.Context(), text, []notify.Recipient{to}, func(_ int, r notify.Result) { result = r })
		_ = s.Close()
		if result.Outcome != notify.Delivered {
			t.Fatalf("%+v", result)
		}
		w.mu.Lock()
		raw := w.bodies[len(w.bodies)-1]
		w.mu.Unlock()
		checkWire(t, raw)
	})
}

// checkWire holds a message as it was sent against RFC 5321 and 5322.
func checkWire(t *rapid.T, raw []byte) {
	var unstuffed bytes.Buffer
	for line := range bytes.SplitAfterSeq(raw, []byte("\r\n")) {
		text, ended := bytes.CutSuffix(line, []byte("\r\n"))
		switch {
		case len(line) == 0:
		case !ended || bytes.ContainsAny(text, "\r\n\x00"):
			t.Fatalf("a line ends oddly: %q", line)
		case len(text) > 998:
			t.Fatalf("a line has %d bytes", len(text))
		case text[:min(1, len(text))] != nil && bytes.HasPrefix(text, []byte(".")) && !bytes.HasPrefix(text, []byte("..")):
			t.Fatalf("a dot is not doubled: %q", line)
		}
		if bytes.ContainsFunc(text, func(r rune) bool { return r >= 0x80 }) {
			t.Fatalf("a line has 8 bits: %q", line)
		}
		unstuffed.Write(bytes.TrimPrefix(line, []byte(".")))
	}
	head, body, _ := strings.Cut(unstuffed.String(), "\r\n\r\n")
	_, boundary, _ := strings.Cut(head, "boundary=")
	boundary, _, _ = strings.Cut(strings.TrimPrefix(boundary, `"`), `"`)
	boundary, _, _ = strings.Cut(boundary, "\r\n")
	parts := multipart.NewReader(strings.NewReader(body), boundary)
	for n := 0; ; n++ {
		part, err := parts.NextRawPart()
		if err == io.EOF && n == 2 {
			return
		}
		if err != nil {
			t.Fatalf("part %d: %v", n, err)
		}
		kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if encoding := part.Header.Get("Content-Transfer-Encoding"); encoding != "quoted-printable" {
			t.Fatalf("%s is encoded as %q", kind, encoding)
		}
		encoded, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.SplitSeq(encoded, []byte("\r\n")) {
			if len(line) > 76 {
				t.Fatalf("%s: an encoded line has %d bytes", kind, len(line))
			}
		}
		text, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(encoded)))
		if err != nil || !bytes.Contains(text, []byte("Begin")) || !bytes.Contains(text, []byte("End of it")) {
			t.Fatalf("%s: %v\n%s", kind, err, text)
		}
	}
}
