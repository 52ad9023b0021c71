package markup

import (
	"html"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/util"
)

// Line is a text on one line, without what would break it or hide in it.
func Line(text string) string { return strings.Join(strings.Fields(StripXML(text)), " ") }

// StripXML removes what XML 1.0 does not allow: control characters other than
// tab and line breaks, lone surrogates, U+FFFE and U+FFFF, and bytes that are
// not UTF-8. A feed that holds one of them parses nowhere.
func StripXML(s string) string {
	clean := true
	for i, r := range s {
		if !legalXML(s, i, r) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var out strings.Builder
	for i, r := range s {
		if legalXML(s, i, r) {
			out.WriteRune(r)
		}
	}
	return out.String()
}

func legalXML(s string, at int, r rune) bool {
	switch {
	case r == utf8.RuneError:
		_, size := utf8.DecodeRuneInString(s[at:])
		return size > 1 // a real U+FFFD, not a broken byte
	case r == '\t', r == '\n', r == '\r':
		return true
	default:
		return r >= 0x20 && r != 0xFFFE && r != 0xFFFF
	}
}

// readable resolves the escapes and entities that Markdown allows in text.
func readable(segment []byte, raw bool) []byte {
	if raw {
		return segment
	}
	return []byte(StripXML(html.UnescapeString(string(util.UnescapePunctuations(segment)))))
}
