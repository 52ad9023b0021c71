package chat

import (
	"strings"
	"unicode/utf8"

	"github.com/allclear-status/allclear/internal/markup"
)

// size is the length of a text as services count it: in UTF-16 units, which are
// never fewer than its characters.
func size(text string) int {
	n := 0
	for _, r := range text {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// Size is the length of a text as services count it.
func Size(text string) int { return size(text) }

// excerpt is a plain text of at most limit units, cut at a word.
func excerpt(text string, limit int) string {
	if limit <= 0 {
		return ""
	}
	for at := limit; size(text) > limit; at = at * 3 / 4 {
		text = markup.Excerpt(text, at)
	}
	return text
}

// Excerpt is a plain text on one line of at most limit units, cut at a word.
func Excerpt(text string, limit int) string { return excerpt(text, limit) }

// bare is a marked text without the signs that keep it together.
func bare(text string) string {
	out, _ := cut(text, 1<<30)
	return out
}

// fit is a marked text of at most room units; more follows what was cut off.
func fit(text string, room int, more string) string {
	whole, all := cut(text, room)
	if all {
		return whole
	}
	room -= size(more) + 1
	if room < 0 {
		return ""
	}
	part, _ := cut(text, room)
	return strings.TrimSpace(part + "\n" + more)
}

// cut is as much of a marked text as has room, up to the end of a word, with
// its styles closed; false when something was left out.
func cut(text string, room int) (string, bool) {
	var out strings.Builder
	var styles []string // that close what is open, the last one first
	used, closing := 0, 0
	kept, tail := 0, "" // how much to keep when it ends here, and what closes it
	for i := 0; i < len(text); {
		piece, next, kind := take(text, i)
		n, before := size(piece), ending(styles)
		switch kind {
		case opens:
			mark, end, _ := strings.Cut(piece, string(shuts))
			piece, n = mark, size(mark)
			styles, closing = append(styles, end), closing+size(end)
		case closes:
			if len(styles) > 0 && styles[len(styles)-1] == piece {
				styles, closing = styles[:len(styles)-1], closing-size(piece)
			}
		}
		if used+n+closing > room {
			if kept < out.Len()/2 { // a word too long to be left out
				kept, tail = out.Len(), before
			}
			return strings.TrimRight(out.String()[:kept], " \n") + tail, false
		}
		if piece == " " || piece == "\n" {
			kept, tail = out.Len(), ending(styles)
		}
		out.WriteString(piece)
		used += n
		i = next
	}
	return out.String() + ending(styles), true
}

// take reads what belongs together: a sign, what is whole, or a mark.
func take(text string, i int) (piece string, next int, kind rune) {
	r, width := utf8.DecodeRuneInString(text[i:])
	switch r {
	case begins:
		depth := 0
		var out strings.Builder
		for j, c := range text[i:] {
			switch c {
			case begins:
				depth++
			case ends:
				depth--
			default:
				out.WriteRune(c)
			}
			if depth == 0 {
				return out.String(), i + j + 1, begins
			}
		}
		return out.String(), len(text), begins
	case opens, closes:
		if end := strings.IndexRune(text[i:], done); end > 0 {
			return text[i+1 : i+end], i + end + 1, r
		}
		return "", len(text), r
	case ends, shuts, done:
		return "", i + width, r
	default:
		return text[i : i+width], i + width, 0
	}
}

func ending(styles []string) string {
	var out strings.Builder
	for i := len(styles) - 1; i >= 0; i-- {
		out.WriteString(styles[i])
	}
	return out.String()
}
