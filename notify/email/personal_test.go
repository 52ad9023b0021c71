package email

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/notifytest"
	"github.com/allclear-status/allclear/stakeholders"
)

// pieces are what values of recipients are put together from: what one kind of
// encoding or another means otherwise, and what makes lines long.
var pieces = []string{
	".", "..", "=", "=2E", " ", "  ", "\t", "\r\n", "\r\n.\r\n", "\r\n\r\n", "\n", "a", "word", "ü", "日本", "\u2028", "\x00", "\xff", "<b>", "&", "&amp;", "'", `"`, "+",
	"{{.Why}}", "=?utf-8?q?x?=", "--", "xn--bcher-kva.example", strings.Repeat("long", 40), strings.Repeat(".", 80), strings.Repeat("ß", 40), strings.Repeat(" ", 80),
}

func made(r *rand.Rand) string {
	var s strings.Builder
	for range r.IntN(8) {
		s.WriteString(pieces[r.IntN(len(pieces))])
	}
	return s.String()
}

func madeURL(r *rand.Rand) string {
	if r.IntN(3) == 0 {
		return ""
	}
	const odd = `abc.ABC/09?=&'+()[]{}|\^~_-:;@!$*,#` + "`"
	url := "https://status.acme.example/"
	for range r.IntN(120) {
		if r.IntN(20) == 0 {
			url += "%41"
		}
		url += string(odd[r.IntN(len(odd))])
	}
	return url
}

// Whatever is personal, the mail reads as if go-mail had written all of it.
func TestPreparedMailReadsLikeOneBuiltForItsReader(t *testing.T) {
	seed := rand.Uint64()
	r, c := rand.New(rand.NewPCG(seed, 1)), testChannel(t)
	confirm := notifytest.Text()
	confirm.Content = notify.Content{PageName: "Acme", Event: stakeholders.SubscriptionConfirm, PostedAt: confirm.Content.PostedAt}
	review := confirm
	review.Content.Event, review.Content.RegisterEntry = stakeholders.ReviewDue, &notify.RegisterEntry{Name: "Ana"}
	for _, text := range []notify.Text{notifytest.Text(), confirm, review} {
		l, err := c.compose(text)
		if err != nil {
			t.Fatal(err)
		}
		sent := 0
		for i := range 150 {
			to := notify.Recipient{
				Address: strings.Repeat("a.b", r.IntN(20)) + "c@xn--bcher-kva.example", MessageID: fmt.Sprintf("%d.x@b", i), ThreadID: "t@b",
				Why: made(r), Ask: made(r), ActURL: madeURL(r), PreferencesURL: madeURL(r), LeaveURL: madeURL(r),
			}
			raw, err := l.address(to)
			if err != nil {
				continue // an address that no mail may carry
			}
			sent++
			checkMessage(t, raw)
			for _, line := range bytes.Split(raw, []byte("\r\n")) {
				if len(line) > 76+len("List-Unsubscribe: <>") && !bytes.HasPrefix(line, []byte("List-Unsubscribe: ")) && !bytes.HasPrefix(line, []byte("To: ")) {
					t.Fatalf("seed %d: a line of %d bytes: %q", seed, len(line), line)
				}
			}
			got, want := readParts(t, unstuffed(raw)), readParts(t, builtFor(t, c, text, l, to))
			if got != want {
				t.Fatalf("seed %d, %+v:\n%q\nwant\n%q", seed, to, got, want)
			}
		}
		if sent < 10 {
			t.Errorf("%d messages were made", sent)
		}
	}
}

// builtFor is the mail as go-mail writes it for one person alone.
func builtFor(t *testing.T, c *Channel, text notify.Text, l *letter, to notify.Recipient) []byte {
	t.Helper()
	words := l.newWords(valuesOf(to))
	var own [2]bytes.Buffer
	var whole [2]bytes.Buffer
	v := newView(text, "personal4711")
	for _, err := range []error{
		c.designs.text.ExecuteTemplate(&own[0], l.personalDesign()+".txt", words), c.designs.html.ExecuteTemplate(&own[1], l.personalDesign()+".html", words),
		c.designs.text.ExecuteTemplate(&whole[0], "mail.txt", v), c.designs.html.ExecuteTemplate(&whole[1], "mail.html", v),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var bodies [2]string
	for i := range bodies {
		bodies[i] = strings.ReplaceAll(whole[i].String(), "personal4711", strings.TrimSpace(own[i].String()))
	}
	raw, err := c.build(v, text.Content.PostedAt, to.MessageID, bodies[0], bodies[1])
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func unstuffed(raw []byte) []byte { return bytes.ReplaceAll(raw, []byte("\r\n.."), []byte("\r\n.")) }

// readParts are the decoded parts of a mail.
func readParts(t *testing.T, raw []byte) string {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	_, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for r := multipart.NewReader(m.Body, parameters["boundary"]); ; {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		all += part.Header.Get("Content-Type") + "\n" + string(body) + "\n"
	}
}
