package email

import (
	"bytes"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/notifytest"
)

func testChannel(tb testing.TB) *Channel {
	tb.Helper()
	c, err := New(Config{URL: "smtp://localhost", From: "Acme Status <status@acme.example>"})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func testRecipient() notify.Recipient {
	return notify.Recipient{
		Address: "ana@customer.example", MessageID: "n1.a@status.acme.example", ThreadID: "i1.a@status.acme.example",
		LeaveURL: "https://status.acme.example/leave?token=abc", Why: "You asked for updates.",
	}
}

// allowed are the headers that a message may have.
var allowed = []string{
	"Auto-Submitted", "Content-Type", "Date", "From", "In-Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post",
	"Message-Id", "Mime-Version", "References", "Subject", "Thread-Topic", "To", "X-Auto-Response-Suppress",
}

// FuzzMailHeaders: whatever people and their programs write, a message that is
// made has these headers once each, two parts, and ends where it ends.
func FuzzMailHeaders(f *testing.F) {
	f.Add("Card payments fail", "Acme", "They **fail**.", "You asked.", "ana@customer.example", "https://a.example/leave", "a@b")
	f.Add("x\r\nBcc: eve@evil.example", "\r\n\r\n", "\r\n.\r\n", "\n.\n", "a@b.example\r\nBcc: x", "https://a.example/>\r\nX: y", "a@b>\r\nX: y")
	f.Add("=?utf-8?q?x?=", "ünï\u2028\x00\x1b", "<script>", "=\r\n.", "a@[127.0.0.1]", "https://ä.example/", "a@b,c")
	c := testChannel(f)
	f.Fuzz(func(t *testing.T, title, page, body, why, address, leave, id string) {
		text := notifytest.Text()
		text.Content.Title, text.Content.PageName, text.Content.Body = title, page, body
		letter, err := c.compose(text)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := letter.address(notify.Recipient{Address: address, MessageID: id, ThreadID: "t@b", LeaveURL: leave, Why: why})
		if err != nil {
			raw, err = letter.address(testRecipient())
		}
		if err != nil {
			t.Fatal(err)
		}
		checkMessage(t, raw)
	})
}

func checkMessage(t *testing.T, raw []byte) {
	t.Helper()
	for _, line := range bytes.Split(raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") || bytes.Equal(line, []byte(".")) {
			t.Fatalf("a line of %d bytes: %.100q", len(line), line)
		}
	}
	m, err := mail.ReadMessage(bytes.NewReader(bytes.ReplaceAll(raw, []byte("\r\n.."), []byte("\r\n."))))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Header)) {
		if len(m.Header[name]) != 1 || !slices.Contains(allowed, name) {
			t.Fatalf("header %s: %q", name, m.Header[name])
		}
	}
	if to, err := m.Header.AddressList("To"); err != nil || len(to) != 1 {
		t.Fatalf("To %q: %v", m.Header.Get("To"), err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	kinds := []string{}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, quotedprintable.NewReader(part)); err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, part.Header.Get("Content-Type"))
	}
	if got := strings.Join(kinds, " "); got != "text/plain; charset=UTF-8 text/html; charset=UTF-8" {
		t.Fatalf("parts: %s", got)
	}
}

// BenchmarkAddress is what one more recipient costs before the network.
func BenchmarkAddress(b *testing.B) {
	letter, err := testChannel(b).compose(notifytest.Text())
	if err != nil {
		b.Fatal(err)
	}
	to := testRecipient()
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		if out, err = letter.addressInto(out[:0], to); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCompose is what one more text costs.
func BenchmarkCompose(b *testing.B) {
	c, text := testChannel(b), notifytest.Text()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.compose(text); err != nil {
			b.Fatal(err)
		}
	}
}
