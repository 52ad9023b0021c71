package status

import "unicode/utf8"

// Limits of text fields, in Unicode code points (Statuspage's own limits for
// names and bodies).
const (
	MaxNameLength        = 255
	MaxBodyLength        = 25_000
	MaxDescriptionLength = 2_000
)

// CheckText refuses text that is too long (limit in Unicode code points), is
// not UTF-8 or holds control characters; tabs and line breaks are refused too
// when singleLine is set. A fault is added to bad under the field's name.
func CheckText(bad *Invalid, field, text string, limit int, singleLine bool) {
	if !utf8.ValidString(text) {
		bad.Add(field, "is not valid UTF-8")
		return
	}
	if n := utf8.RuneCountInString(text); n > limit {
		bad.Add(field, "has %d characters; at most %d are allowed", n, limit)
	}
	for _, r := range text {
		if (r == '\n' || r == '\r' || r == '\t') && !singleLine {
			continue
		}
		if r < 0x20 || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == '\u2028' || r == '\u2029' {
			bad.Add(field, "holds the control character U+%04X; remove it", r)
			return
		}
	}
}
