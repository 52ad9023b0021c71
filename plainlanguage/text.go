package plainlanguage

import (
	"strings"
	"unicode"
)

// span is a part of a text in code points; end is exclusive.
type span struct{ start, end int }

func (s span) length() int { return s.end - s.start }

// contains says whether o lies wholly inside s.
func (s span) contains(o span) bool { return s.start <= o.start && o.end <= s.end }

// What a code point outside ASCII becomes in text.plain.
const (
	letterByte = '\x01' // a letter or digit of any script
	symbolByte = '\x02' // anything else
	dashByte   = '\x03' // a dash that separates thoughts
)

// text is a text prepared for the rules. plain has exactly one byte for each
// code point, so an offset in it is an offset in code points, and a rule that
// knows ASCII reads every language: machines write in ASCII.
type text struct {
	runes []rune
	plain string
	lower string // plain in lower case
	words []span // runs of letters, digits and inner apostrophes
	names []span // runs of letters, digits, dots, hyphens and underscores
	links []link
}

func newText(s string) *text {
	t := &text{runes: []rune(s)}
	plain := make([]byte, len(t.runes))
	lower := make([]byte, len(t.runes))
	for i, r := range t.runes {
		plain[i] = fold(r)
		lower[i] = lowerByte(plain[i])
	}
	t.plain, t.lower = string(plain), string(lower)
	t.words = t.findWords()
	t.names = t.findNames()
	t.links = t.findLinks()
	return t
}

// fold gives the one byte that stands for a code point. Typographic quotes,
// hyphens, spaces and full-width letters become their ASCII relatives, because
// editors put them in unasked.
func fold(r rune) byte {
	switch {
	case r == '\n' || r == '\t' || r >= 0x20 && r < 0x7f:
		return byte(r)
	case r < 0x80:
		return ' '
	case r >= 0xff01 && r <= 0xff5e:
		return byte(r - 0xfee0)
	}
	switch r {
	case '\u2028', '\u2029':
		return '\n'
	case '“', '”', '„', '‟', '«', '»', '″':
		return '"'
	case '‘', '’', '‚', '‛', '′':
		return '\''
	case '\u2010', '\u2011', '\u2012', '\u2212':
		return '-'
	case '–', '—', '―':
		return dashByte
	}
	switch {
	case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r):
		return letterByte
	case unicode.IsSpace(r):
		return ' '
	default:
		return symbolByte
	}
}

// source is the text of a span as it was given.
func (t *text) source(s span) string { return string(t.runes[s.start:s.end]) }

// at is the byte at i, or a line break outside the text: the ends of a text
// bound a word as a line's ends do.
func (t *text) at(i int) byte {
	if i < 0 || i >= len(t.plain) {
		return '\n'
	}
	return t.plain[i]
}

func (t *text) findWords() []span {
	var words []span
	for i := 0; i < len(t.plain); {
		if !isWordByte(t.plain[i]) {
			i++
			continue
		}
		start := i
		for isWordByte(t.at(i)) || t.at(i) == '\'' && isWordByte(t.at(i+1)) {
			i++
		}
		words = append(words, span{start, i})
	}
	return words
}

func (t *text) findNames() []span {
	var names []span
	for i := 0; i < len(t.plain); {
		if !isNameByte(t.plain[i]) {
			i++
			continue
		}
		start := i
		for isNameByte(t.at(i)) {
			i++
		}
		if s := t.trim(span{start, i}, "._-"); s.length() > 0 {
			names = append(names, s)
		}
	}
	return names
}

// trim takes the bytes of cut off both ends of a span.
func (t *text) trim(s span, cut string) span {
	for s.end > s.start && strings.IndexByte(cut, t.plain[s.end-1]) >= 0 {
		s.end--
	}
	for s.end > s.start && strings.IndexByte(cut, t.plain[s.start]) >= 0 {
		s.start++
	}
	return s
}

// lines are the lines of the text without their surrounding blanks.
func (t *text) lines() []span {
	var lines []span
	for start := 0; start < len(t.plain); {
		end := len(t.plain)
		if n := strings.IndexByte(t.plain[start:], '\n'); n >= 0 {
			end = start + n
		}
		if s := t.trim(span{start, end}, " \t"); s.length() > 0 {
			lines = append(lines, s)
		}
		start = end + 1
	}
	return lines
}

// lineEnd is where the line of position i ends.
func (t *text) lineEnd(i int) int {
	if n := strings.IndexByte(t.plain[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(t.plain)
}

// wordBefore is the word in lower case that ends before position i with only
// blanks and a colon, hash or apostrophe between, and where it starts.
func (t *text) wordBefore(i int) (string, int) {
	end := i
	for end > 0 && i-end < 4 && strings.IndexByte(" \t:#'\"`(*", t.plain[end-1]) >= 0 {
		end--
	}
	start := end
	for start > 0 && end-start < 40 && isWordByte(t.plain[start-1]) {
		start--
	}
	return t.lower[start:end], start
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
func isUpper(b byte) bool { return b >= 'A' && b <= 'Z' }
func isLower(b byte) bool { return b >= 'a' && b <= 'z' }
func isAlpha(b byte) bool { return isUpper(b) || isLower(b) }
func isAlnum(b byte) bool { return isAlpha(b) || isDigit(b) }
func isHex(b byte) bool   { return isDigit(b) || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F' }

func isWordByte(b byte) bool { return isAlnum(b) || b == letterByte }
func isNameByte(b byte) bool { return isAlnum(b) || b == '.' || b == '-' || b == '_' }

func lowerByte(b byte) byte {
	if isUpper(b) {
		return b + 'a' - 'A'
	}
	return b
}

// every says whether s is not empty and all its bytes are of a kind.
func every(s string, kind func(byte) bool) bool {
	for i := range len(s) {
		if !kind(s[i]) {
			return false
		}
	}
	return s != ""
}

// count is how many bytes of s are of a kind.
func count(s string, kind func(byte) bool) int {
	n := 0
	for i := range len(s) {
		if kind(s[i]) {
			n++
		}
	}
	return n
}

// set makes a set of the words in a string.
func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
