// Package chattest holds what the tests of all chat services share: the texts
// that they render, and what must hold for every rendering.
package chattest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/safehttp"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/chat"
	"github.com/allclear-status/allclear/notify/notifytest"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Secret is the part of every test webhook's address that nobody may see.
const Secret = "XyZsecretXyZsecret"

// Opened is the text that begins an incident.
func Opened() notify.Text {
	start := time.Date(2026, 11, 21, 10, 42, 0, 0, time.UTC)
	return notify.Text{Form: notify.FormFull, Language: "en", Content: notify.Content{
		PageName: "Acme", PageURL: "https://status.acme.example", TimeZone: "UTC", Language: "en",
		Event: stakeholders.Opened, IncidentID: "k4m8x2t9vqzd", Reference: "INC-14",
		URL:   "https://status.acme.example/incidents/k4m8x2t9vqzd",
		Title: "Card payments fail", Status: status.Investigating, Impact: status.ImpactCritical,
		Body: "Card payments fail for **all customers** since 10:42 UTC. [Bank transfer](https://acme.example/transfer?a=1&b=2) works.\n\n" +
			"If you have to pay today:\n\n1. use bank transfer, or\n2. pay by invoice.\n\n> Support answers at once.\n\nSay `PAY-14` when you call.",
		Affected: []notify.AffectedComponent{
			{Name: "Card payments", Status: status.MajorOutage}, {Name: "Checkout & cart", Status: status.DegradedPerformance},
		},
		StartedAt: start, PostedAt: start.Add(2 * time.Minute), NextUpdateDueAt: start.Add(17 * time.Minute),
	}}
}

// Note is Opened with what is for a few readers only.
func Note() notify.Text {
	text := Opened()
	text.Form, text.Content.InternalNote = notify.FormNote, "About **4,000 EUR a minute**. Decision needed by 12:30."
	text.Content.WhatToDo, text.Pace = "Choose bank transfer.", 30*time.Minute
	return text
}

// Digest is one message about n incidents.
func Digest(n int) notify.Text {
	o := Opened().Content
	text := notify.Text{Form: notify.FormFull, Language: "en", Content: notify.Content{
		PageName: o.PageName, PageURL: o.PageURL, TimeZone: o.TimeZone, Language: "en", Event: stakeholders.QuietSummary, PostedAt: o.PostedAt.Add(6 * time.Hour)}}
	for i := range n {
		item := notify.Item{Title: o.Title, Status: status.Identified, Impact: status.ImpactMajor, URL: o.URL, Body: o.Body, Affected: o.Affected,
			StartedAt: o.StartedAt, PostedAt: o.PostedAt, NextUpdateDueAt: o.PostedAt.Add(7 * time.Hour), WhatToDo: "Choose bank transfer."}
		if i%2 == 1 {
			item.Title, item.Status, item.ResolvedAt, item.NextUpdateDueAt = "Search was slow", status.Resolved, o.StartedAt.Add(time.Hour), time.Time{}
		}
		text.Content.Items = append(text.Content.Items, item)
	}
	return text
}

// reminder is a letter.
func reminder() (notify.Text, string) {
	due := time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)
	return notify.Text{Language: "en", Content: notify.Content{Event: stakeholders.UpdateReminder, Role: stakeholders.Deputy, Reference: "INC-2", Title: "Search is slow",
		PageName: "Acme", PostedAt: due.Add(15 * time.Minute), NextUpdateDueAt: due, TimeZone: "Etc/UTC"}}, "https://status.acme.example/remind/t0ken"
}

// Service is a service under test.
type Service struct {
	New     func(chat.Config) *chat.Channel
	Service chat.Service
	// Limits checks one message against the limits of the service.
	Limits func(body []byte) error
	// Plain are the fields in which the service reads no marks; Marks match what
	// no text may put into the others.
	Plain []string
	Marks []string
}

// Run checks all that holds for every service.
func Run(t *testing.T, s Service) {
	t.Run("golden", s.golden)
	t.Run("parts", s.parts)
	t.Run("limits", s.limits)
	t.Run("calm", s.calm)
	t.Run("letter", s.letter)
	t.Run("change", s.change)
	t.Run("promise", s.promise)
	t.Run("cut", s.cut)
	t.Run("suite", s.suite)
}

// encode renders a text as it is sent.
func (s Service) encode(t interface{ Fatal(...any) }, text notify.Text) []byte {
	body, err := s.Service.Encode(chat.Of(text))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// change is the link that a channel has which subscribed by itself.
func (s Service) change(t *testing.T) {
	n := chat.Of(Opened())
	n.Change = "https://status.acme.example/subscribe/preferences/t0ken"
	body, err := s.Service.Encode(n)
	if err != nil || !bytes.Contains(body, []byte(n.Change)) || !bytes.Contains(body, []byte("Change what you get")) || s.Limits(body) != nil {
		t.Errorf("%v: %s", err, body)
	}
	if body := s.encode(t, Opened()); bytes.Contains(body, []byte("Change what you get")) {
		t.Errorf("everybody has the link: %s", body)
	}
}

// promise is what a message says of the next update: what will be true.
func (s Service) promise(t *testing.T) {
	text := Opened()
	text.Pace = stakeholders.PageOnly
	due := text.Content.NextUpdateDueAt
	for at, want := range map[time.Time]string{due.Add(-time.Minute): "Next update on the status page by ", due: "The newest update is on the status page"} {
		if body := s.encode(t, text.AsOf(at)); !bytes.Contains(body, []byte(want)) || bytes.Count(body, []byte("pdate by")) > 0 {
			t.Errorf("%q is not in %s", want, body)
		}
	}
}

func (s Service) golden(t *testing.T) {
	short := Opened()
	short.Form = notify.FormShort
	letter, act := reminder()
	words, _ := notify.LetterOf(letter)
	remind, err := s.Service.Encode(chat.OfLetter(letter, words, act))
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string][]byte{"opened": s.encode(t, Opened()), "opened_short": s.encode(t, short), "note": s.encode(t, Note()),
		"quiet": s.encode(t, Digest(2)), "reminder": remind} {
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, body, "", "  "); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name+".json")
		if *update {
			_ = os.MkdirAll("testdata", 0o755)
			if err := os.WriteFile(path, pretty.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(path); err != nil || !bytes.Equal(want, pretty.Bytes()) {
			t.Errorf("%s differs (%v); read the difference, then rewrite it with -update\n%s", path, err, pretty.Bytes())
		}
	}
}

// parts: what is for some is in their form only, in every language.
func (s Service) parts(t *testing.T) {
	for _, tag := range lang.Tags() {
		for _, form := range []notify.Form{notify.FormFull, notify.FormShort, notify.FormNote, notify.FormAnswer, "unknown"} {
			for _, text := range []notify.Text{Opened(), Digest(3)} {
				text.Form, text.Language = form, tag
				text.Content.InternalNote, text.Content.CustomerAnswer = "notemarker4711", "answermarker4711"
				preview, err := chat.Preview(text)
				if err != nil {
					t.Fatal(err)
				}
				single := len(text.Content.Items) == 0
				for _, shown := range []string{string(s.encode(t, text)), preview.Text} {
					if strings.Contains(shown, "notemarker") != (single && form == notify.FormNote) || strings.Contains(shown, "answermarker") != (single && form == notify.FormAnswer) {
						t.Errorf("%s %s shows the wrong parts: %s", tag, form, shown)
					}
					if strings.Contains(shown, "notice.") || strings.Contains(shown, "digest.") {
						t.Errorf("%s: a word is missing: %s", tag, shown)
					}
				}
			}
		}
	}
}

// limits: whatever is written, the service takes it.
func (s Service) limits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"a", "<&>", "**b** ", "\n\n", "- x\n", "[l](https://e.example/a) ", "ü", "`c` ", strings.Repeat("long", 400), " ", "> q\n", "\x00", "😀", "\\", "\"", "_", "@all ", "\u2028"})
		long := rapid.Custom(func(t *rapid.T) string {
			return strings.Repeat(strings.Join(rapid.SliceOfN(word, 0, 20).Draw(t, "words"), ""), rapid.IntRange(1, 60).Draw(t, "times"))
		})
		text := Opened()
		if rapid.Bool().Draw(t, "digest") {
			text = Digest(rapid.IntRange(1, 30).Draw(t, "items"))
			for i := range text.Content.Items {
				text.Content.Items[i].Title, text.Content.Items[i].Body, text.Content.Items[i].WhatToDo = long.Draw(t, "title"), long.Draw(t, "body"), long.Draw(t, "do")
			}
		}
		text.Form = rapid.SampledFrom([]notify.Form{notify.FormFull, notify.FormNote}).Draw(t, "form")
		text.Content.Title, text.Content.Body, text.Content.PageName = long.Draw(t, "title"), long.Draw(t, "body"), long.Draw(t, "page")
		text.Content.InternalNote, text.Content.WhatToDo = long.Draw(t, "note"), long.Draw(t, "do")
		for range rapid.IntRange(0, 50).Draw(t, "components") {
			text.Content.Affected = append(text.Content.Affected, notify.AffectedComponent{Name: text.Content.Title[:min(255, len(text.Content.Title))], Status: "partial_outage"})
		}
		body := s.encode(t, text)
		if err := s.Limits(body); err != nil {
			t.Fatalf("%v: %.3000s", err, body)
		}
	})
}

// calm: no text of an update, a title or a name calls anybody or leads anywhere
// that it does not show.
func (s Service) calm(t *testing.T) {
	const bad = "<!channel> @channel @here @everyone <@U1> <users/all> [safe](https://evil.example) <https://evil.example|safe> <a href=\"https://evil.example\">safe</a> *x* _x_"
	for _, text := range []notify.Text{Note(), Digest(2)} {
		text.Content.Title, text.Content.WhatToDo = bad, bad
		text.Content.Body, text.Content.InternalNote = "@channel @here @Everyone <@U1> <!here>, support@all.example", "@all"
		text.Content.Affected = []notify.AffectedComponent{{Name: bad[:80], Status: status.MajorOutage}}
		for i := range text.Content.Items {
			text.Content.Items[i].Title, text.Content.Items[i].Body, text.Content.Items[i].WhatToDo = bad, text.Content.Body, bad
		}
		body := string(s.encode(t, text))
		for _, call := range []string{"@channel", "@here", "@everyone", "@Everyone"} {
			if strings.Contains(body, call) {
				t.Errorf("%q is in %s", call, body)
			}
		}
		marked := body
		for _, field := range s.Plain {
			marked = regexp.MustCompile(`"`+field+`":"(\\.|[^"\\])*"`).ReplaceAllString(marked, "")
		}
		for _, mark := range s.Marks {
			if found := regexp.MustCompile(mark).FindString(marked); found != "" {
				t.Errorf("%q is in %s", found, marked)
			}
		}
		if len(text.Content.Items) == 0 && !strings.Contains(body, "support@all.example") {
			t.Errorf("an address of mail was broken: %s", body)
		}
	}
}

func (s Service) letter(t *testing.T) {
	text, act := reminder()
	words, _ := notify.LetterOf(text)
	body, err := s.Service.Encode(chat.OfLetter(text, words, act))
	if err != nil || !bytes.Contains(body, []byte(act)) || !bytes.Contains(body, []byte("You are told as deputy.")) {
		t.Errorf("%s, %v", body, err)
	}
	if body, err = s.Service.Encode(chat.OfLetter(text, words, "javascript:x|<b>")); err != nil || bytes.Contains(body, []byte("javascript")) {
		t.Errorf("a bad link stands in it: %s, %v", body, err)
	}
}

// cut: a long update is cut at a word and says where the rest is.
func (s Service) cut(t *testing.T) {
	text := Opened()
	text.Content.Body = strings.Repeat(strings.Repeat("**word** ", 400)+"\n\n", 20)
	body := string(s.encode(t, text))
	if !strings.Contains(body, "The rest is on the status page.") {
		t.Errorf("%s", body)
	}
	if err := s.Limits([]byte(body)); err != nil {
		t.Error(err)
	}
}

// Server is a service that takes messages at incoming webhooks.
type Server struct {
	*httptest.Server
	mu       sync.Mutex
	requests []string
}

// Received counts the messages that it took.
func (s *Server) Received() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

// Start makes a server whose handler says whether it took the message.
func Start(t *testing.T, answer func(w http.ResponseWriter, r *http.Request) bool) *Server {
	t.Helper()
	s := &Server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if answer(w, r) {
			s.mu.Lock()
			s.requests = append(s.requests, r.URL.String())
			s.mu.Unlock()
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func refuse(code int, words string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, words+" "+r.URL.Path)
		return false
	}
}

// Hook is the n-th webhook of a server.
func Hook(server string, n int) notify.Recipient {
	return notify.Recipient{Address: fmt.Sprintf("%s/services/T0000%04d/%s%d?key=key%s&token=%s%d", server, n, Secret, n, Secret, Secret, n),
		MessageID: fmt.Sprintf("n1.%d@status.acme.example", n)}
}

// suite runs what every channel must pass.
func (s Service) suite(t *testing.T) {
	notifytest.Run(t, func(t *testing.T, b notifytest.Behaviour) notifytest.Rig {
		release := make(chan struct{})
		server := Start(t, func(w http.ResponseWriter, r *http.Request) bool {
			switch {
			case b == notifytest.Postpones:
				return refuse(http.StatusServiceUnavailable, "later")(w, r)
			case b == notifytest.Refuses, b == notifytest.RefusesP2 && strings.HasSuffix(r.URL.Path, Secret+"2"):
				return refuse(http.StatusNotFound, "unknown webhook")(w, r)
			case b == notifytest.Limits:
				w.Header().Set("Retry-After", "30")
				return refuse(http.StatusTooManyRequests, "slower")(w, r)
			case b == notifytest.Forgets:
				<-release
				return true
			default:
				return true
			}
		})
		t.Cleanup(func() { close(release) })
		base := server.URL
		switch b {
		case notifytest.Stays:
			base = "https://" + silent(t)
		case notifytest.Away:
			server.Close()
		}
		c := s.New(chat.Config{Timeout: b.Timeout(), Limits: safehttp.Limits{Every: -1}})
		t.Cleanup(c.CloseIdleConnections)
		return notifytest.Rig{Channel: c, Recipient: func(n int) notify.Recipient { return Hook(base, n) }, Received: server.Received, Secrets: []string{Secret}}
	})
}

// silent takes connections and says nothing, not even hello.
func silent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		var conns []net.Conn
		for {
			conn, err := l.Accept()
			if err != nil {
				break
			}
			conns = append(conns, conn)
		}
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}
