package markup

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Excerpt is a plain text cut to at most limit characters, at the end of a word
// where that keeps most of it, with "…" for what was left out.
func Excerpt(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	if limit < 1 {
		return ""
	}
	runes := []rune(text)
	kept := string(runes[:limit-1])
	if !unicode.IsSpace(runes[limit-1]) { // cut inside a word
		if at := strings.LastIndexFunc(kept, unicode.IsSpace); at > len(kept)/2 {
			kept = kept[:at]
		}
	}
	return strings.TrimRightFunc(kept, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' || r == ':' }) + "…"
}

// addresses are those of links, which Text writes behind their words.
var addresses = regexp.MustCompile(` \((https?://|mailto:)[^ )]*\)`)

// Gist is the first paragraph of an update on one line, without the addresses of
// links: what fits where only a glance is given.
func Gist(markdown string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(Text(markdown)), "\n\n")
	return Line(addresses.ReplaceAllString(first, ""))
}
