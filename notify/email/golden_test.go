package email_test

import (
	"flag"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/email"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares a rendering with the file that a person has read.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wanted := strings.Split(string(want), "\n")
	for i, line := range strings.Split(got, "\n") {
		if i >= len(wanted) || line != wanted[i] {
			t.Fatalf("%s differs from line %d: %q; rewrite it with -update and read the difference", path, i+1, line)
		}
	}
	if len(wanted) > strings.Count(got, "\n")+1 {
		t.Errorf("%s is longer than what was made", path)
	}
}

// parts reads the text and the HTML of a message.
func parts(t *testing.T, a accepted) (text, html string) {
	t.Helper()
	m := a.parse(t)
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("Content-Type %q: %v", m.Header.Get("Content-Type"), err)
	}
	all := map[string]string{}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, params, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if params["charset"] != "UTF-8" || p.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			t.Errorf("part headers: %v", p.Header)
		}
		data, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		all[kind] = strings.ReplaceAll(string(data), "\r\n", "\n")
	}
	return all["text/plain"], all["text/html"]
}

// one sends a text to one person and returns what arrived.
func one(t *testing.T, text notify.Text, to notify.Recipient) accepted {
	t.Helper()
	s := startServer(t, &server{}, nil, false)
	for _, r := range sendAll(t, newChannel(t, email.Config{URL: "smtp://" + s.Addr}), text, to) {
		if r.Outcome != notify.Delivered {
			t.Fatalf("%+v", r)
		}
	}
	return s.messages()[0]
}

func resolvedShort() notify.Text {
	text := opened()
	text.Form = notify.FormShort
	text.Content.Event, text.Content.Status = stakeholders.Resolved, status.Resolved
	text.Content.Body = "Card payments work again since 11:20 UTC. Nobody was charged twice.\r\n\r\nThis paragraph is left out of the short form."
	text.Content.Affected = []notify.AffectedComponent{{Name: "Card payments", Status: status.Operational}}
	text.Content.NextUpdateDueAt = time.Time{}
	text.Content.ResolvedAt = text.Content.StartedAt.Add(38 * time.Minute)
	return text
}

func TestMailSaysWhatAPersonNeeds(t *testing.T) {
	for name, text := range map[string]notify.Text{"opened": opened(), "resolved_short": resolvedShort()} {
		t.Run(name, func(t *testing.T) {
			plain, html := parts(t, one(t, text, person(1)))
			golden(t, name+".txt", plain)
			golden(t, name+".html", html)
		})
	}
}
