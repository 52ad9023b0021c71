package slack

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/allclear-status/allclear/notify"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares a rendering with the file that a person has read.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs; read the difference, then rewrite it with -update\n got: %s\nwant: %s", path, got, want)
	}
}

func pretty(t *testing.T, m message) []byte {
	t.Helper()
	out, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

func TestMessageIsRichAndWithinLimits(t *testing.T) {
	golden(t, "opened.json", pretty(t, newMessage(openedText())))
}

func TestShortFormIsShort(t *testing.T) {
	text := openedText()
	text.Form = notify.FormShort
	golden(t, "opened_short.json", pretty(t, newMessage(text)))
}

func TestMarkdownBecomesSlacksMarks(t *testing.T) {
	for markdown, want := range map[string]string{
		"":                                     "",
		"plain":                                "plain",
		"**bold** and *soft* and `code`":       "*bold* and _soft_ and `code`",
		"[words](https://a.example/?x=1&y=2)":  "<https://a.example/?x=1&amp;y=2|words>",
		"see https://a.example/x.":             "see <https://a.example/x|https://a.example/x>.",
		"[x](javascript:alert(1))":             "x",
		"[x](https://a.example/|evil)":         "<https://a.example/%7Cevil|x>",
		"a < b & c > d":                        "a &lt; b &amp; c &gt; d",
		"<!channel> <@U123> <https://e.com|x>": "&lt;!channel&gt; &lt;@U123&gt; https://e.com|x",
		"one\ntwo":                             "one\ntwo",
		"one\n\ntwo":                           "one\n\ntwo",
		"- a\n- b\n\nend":                      "• a\n• b\n\nend",
		"1. a\n2. b":                           "1. a\n2. b",
		"- a\n  - b\n- c":                      "• a\n    • b\n• c",
		"> quoted\n> more\n\nend":              "> quoted\n> more\n\nend",
		"# Title\n\ntext":                      "*Title*\n\ntext",
		"![seen](https://a.example/x.png)":     "seen",
		"<b>raw</b>":                           "&lt;b&gt;raw&lt;/b&gt;",
	} {
		if got := mrkdwn(markdown); got != want {
			t.Errorf("%q\n got %q\nwant %q", markdown, got, want)
		}
	}
}

func TestNobodyIsMentionedByAccident(t *testing.T) {
	text := openedText()
	text.Content.Title = "<!channel> @channel <@U1>"
	text.Content.Body = "<!here> @here @Everyone and support@all.example"
	text.Content.Affected[0].Name = "<!channel|x> @all"
	m := newMessage(text)
	all := m.Text
	for _, b := range m.Blocks[1:] {
		if b.Text != nil {
			all += b.Text.Text
			if !b.Text.Verbatim {
				t.Error("a section is not verbatim")
			}
		}
	}
	for _, bad := range []string{"<!", "<@"} {
		if strings.Contains(all, bad) {
			t.Errorf("%q is in %q", bad, all)
		}
	}
	if everybody.MatchString(strings.ReplaceAll(m.Text, "support@all.example", "")) {
		t.Errorf("the plain text calls everybody: %q", m.Text)
	}
	if header := m.Blocks[0].Text; header.Type != "plain_text" || header.Emoji == nil || *header.Emoji {
		t.Errorf("the header is not plain: %+v", header)
	}
}

func TestEveryMessageIsWithinSlacksLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"a", "<&>", "**b** ", "\n\n", "- x\n", "[l](https://e.example/a) ", "ü", "`c` ", strings.Repeat("long", 400), " ", "> q\n", "\x00", "😀"})
		long := rapid.Custom(func(t *rapid.T) string {
			return strings.Repeat(strings.Join(rapid.SliceOfN(word, 0, 20).Draw(t, "words"), ""), rapid.IntRange(1, 60).Draw(t, "times"))
		})
		text := openedText()
		text.Content.Title, text.Content.Body = long.Draw(t, "title"), long.Draw(t, "body")
		text.Content.PageName = long.Draw(t, "page")
		for range rapid.IntRange(0, 50).Draw(t, "components") {
			text.Content.Affected = append(text.Content.Affected, notify.AffectedComponent{Name: text.Content.Title[:min(255, len(text.Content.Title))], Status: "partial_outage"})
		}
		checkLimits(t, newMessage(text))
	})
}

func checkLimits(t *rapid.T, m message) {
	if len(m.Blocks) > 50 {
		t.Fatalf("%d blocks", len(m.Blocks))
	}
	check := func(o textObject, limit int) {
		if n := utf8.RuneCountInString(o.Text); n == 0 || n > limit || strings.TrimSpace(o.Text) == "" {
			t.Fatalf("%s of %d characters: %.60q", o.Type, n, o.Text)
		}
		if o.Type != "mrkdwn" {
			return
		}
		for i := range len(o.Text) { // every & is an escape, whole
			if rest := o.Text[i:]; rest[0] == '&' && !strings.HasPrefix(rest, "&amp;") && !strings.HasPrefix(rest, "&lt;") && !strings.HasPrefix(rest, "&gt;") {
				t.Fatalf("a broken escape: %q", rest[:min(10, len(rest))])
			}
		}
	}
	for _, b := range m.Blocks {
		if b.Text != nil {
			check(*b.Text, map[string]int{"header": 150, "section": 3000}[b.Type])
		}
		for _, e := range b.Elements {
			check(e, 2000)
		}
	}
	if m.Text == "" || utf8.RuneCountInString(m.Text) > maxFallback {
		t.Fatalf("a plain text of %d characters", utf8.RuneCountInString(m.Text))
	}
}

func TestBareContentIsSent(t *testing.T) {
	m := newMessage(notify.Text{})
	if len(m.Blocks) != 1 || strings.Contains(m.Text, "notice.") {
		t.Errorf("%+v", m)
	}
}

func TestLongUpdateSaysThatThereIsMore(t *testing.T) {
	text := openedText()
	text.Content.Body = strings.Repeat(strings.Repeat("word ", 400)+"\n\n", 40)
	m := newMessage(text)
	if last := m.Blocks[len(m.Blocks)-3].Text.Text; last != "<https://status.acme.example/incidents/k4m8x2t9vqzd|The rest is on the status page.>" {
		t.Errorf("the last section is %q", last)
	}
}

func TestDeepNestingStaysSmall(t *testing.T) {
	for _, mark := range []string{"> ", "- ", "1. ", "**", "["} {
		if got := mrkdwn(strings.Repeat(mark, 8_000/len(mark))); len(got) > 1_000_000 {
			t.Errorf("%q: %d bytes", mark, len(got))
		}
	}
}
