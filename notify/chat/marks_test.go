package chat

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMarkdownIsWrittenAsServicesReadIt(t *testing.T) {
	for markdown, want := range map[string][2]string{
		"":                                     {"", ""},
		"**bold** and *soft* and `co*de`":      {"**bold** and *soft* and `co*de`", "<b>bold</b> and <i>soft</i> and co*de"},
		"[words](https://a.example/?x=1&y=2)":  {"[words](https://a.example/?x=1&y=2)", `<a href="https://a.example/?x=1&amp;y=2">words</a>`},
		"see https://a.example/x_y.":           {"see <https://a.example/x_y>.", `see <a href="https://a.example/x_y">https://a.example/x_y</a>.`},
		"[x](javascript:alert(1))":             {"x", "x"},
		"[a](https://a.example/b_(c))":         {"[a](https://a.example/b_%28c%29)", `<a href="https://a.example/b_(c)">a</a>`},
		"a < b & c > d":                        {`a \< b & c \> d`, "a &lt; b &amp; c &gt; d"},
		"- a\n- b\n\nend":                      {"- a\n- b\n\nend", "• a\n• b\n\nend"},
		"1. a\n2. b":                           {"1. a\n2. b", "1. a\n2. b"},
		"> quoted\n> more\n\nend":              {"> quoted\n> more\n\nend", "│ quoted\n│ more\n\nend"},
		"\\*plain\\* snake_case #1":            {`\*plain\* snake\_case \#1`, "*plain* snake_case #1"},
		"@channel and me@all.example":          {"@\u200bchannel and me@all.example", "@\u200bchannel and me@all.example"},
		"run `@here now` or `me@all`":          {"run `@\u200bhere now` or `me@all`", "run @\u200bhere now or me@all"},
		"![seen](https://a.example/x.png)":     {"seen", "seen"},
		"**[b](https://a.example/) and more**": {"**[b](https://a.example/) and more**", `<b><a href="https://a.example/">b</a> and more</b>`},
	} {
		if got := [2]string{Markdown.Text(markdown, 1000, ""), HTML.Text(markdown, 1000, "")}; got != want {
			t.Errorf("%q\n got %q\nwant %q", markdown, got, want)
		}
	}
}

func TestCutTextEndsAtAWordWithItsMarksClosed(t *testing.T) {
	for markdown, want := range map[string]string{
		"one two three four five six seven":                    "one two three\nmore",
		"**one two three four five six seven**":                "**one two**\nmore",
		"one [two three](https://a.example/long/address) four": "one\nmore",
		"one ****** \\*\\*\\*\\*\\*\\*\\*\\*\\*\\*\\*\\*":      "",
		"short":                    "short",
		strings.Repeat("x", 100):   strings.Repeat("x", 15) + "\nmore",
		strings.Repeat("\\*", 100): strings.Repeat(`\*`, 7) + "\nmore",
		"[" + strings.Repeat("w", 100) + "](https://a.example/)": "more",
	} {
		got := Markdown.Text(markdown, 20, "more")
		if size(got) > 20 || want != "" && got != want {
			t.Errorf("%q\n got %q\nwant %q", markdown, got, want)
		}
	}
}

func TestNoTextBreaksOutOfItsMarks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SampledFrom([]string{"a ", "**", "*", "_", "`", "[", "](https://a.example/x)", "<b>", "&amp;", "\n", "\n\n", "> ", "- ", "\\", "😀", "@here ", "\x01", "\x03", "long ", "|", "https://e.example/a_b "})
		markdown := strings.Join(rapid.SliceOfN(part, 0, 60).Draw(t, "parts"), "")
		room := rapid.IntRange(10, 300).Draw(t, "room")
		for name, d := range map[string]Dialect{"Markdown": Markdown, "HTML": HTML} {
			got := d.Text(markdown, room, "more")
			if size(got) > room || strings.ContainsAny(got, "\x01\x02\x03\x04\x05\x06") {
				t.Fatalf("%s: %d of %d: %q", name, size(got), room, got)
			}
			if name == "HTML" && strings.Count(got, "<b>") != strings.Count(got, "</b>") {
				t.Fatalf("open marks: %q", got)
			}
			if i := strings.Index(got, "@here"); name == "Markdown" && i >= 0 && (i == 0 || !wordByte(got[i-1])) {
				t.Fatalf("it calls everybody: %q", got)
			}
		}
	})
}
