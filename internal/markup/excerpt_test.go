package markup

import (
	"testing"
	"unicode/utf8"
)

func TestExcerptEndsAtAWord(t *testing.T) {
	for _, one := range []struct {
		text  string
		limit int
		want  string
	}{
		{"all of it", 9, "all of it"},
		{"a whole word, and more", 14, "a whole word…"},
		{"a whole word", 8, "a whole…"},
		{"a whole word", 9, "a whole…"},
		{"Donaudampfschifffahrt", 8, "Donauda…"},
		{"über allem", 5, "über…"},
		{"ab", 1, "…"},
		{"ab", 0, ""},
	} {
		got := Excerpt(one.text, one.limit)
		if got != one.want || utf8.RuneCountInString(got) > one.limit {
			t.Errorf("%q to %d: %q, want %q", one.text, one.limit, got, one.want)
		}
	}
}

func TestGistIsTheFirstParagraphOnOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"They **fail**.\nUse [bank transfer](https://a.example/x).\n\nMore.": "They fail. Use bank transfer.",
		"":                                      "",
		"See https://a.example/x.\r\n\r\nMore.": "See https://a.example/x.",
	} {
		if got := Gist(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
