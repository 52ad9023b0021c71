package slack

import (
	"strings"
	"unicode/utf8"
)

// split divides marked text into at most parts sections of at most limit
// characters, at line breaks, and at spaces where a line alone is too long.
// What does not fit is left out and more says so.
func split(text string, limit, parts int, more string) []string {
	all, part := []string{}, ""
	end := func() {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
		part = ""
	}
	for line := range strings.SplitSeq(text, "\n") {
		for utf8.RuneCountInString(line) > limit {
			end()
			part, line = breakLine(line, limit)
			end()
		}
		if utf8.RuneCountInString(part)+1+utf8.RuneCountInString(line) > limit {
			end()
		}
		if part != "" {
			part += "\n"
		}
		part += line
	}
	end()
	if len(all) > parts {
		all = append(all[:parts-1], more)
	}
	return all
}

// breakLine cuts a line after at most limit characters, at the last space
// there; never inside an escape or between the brackets of a link, where that
// can be helped.
func breakLine(line string, limit int) (head, rest string) {
	at := len(string([]rune(line)[:limit]))
	space := strings.LastIndexByte(line[:at], ' ')
	if open := strings.LastIndexByte(line[:at], '<'); open > strings.LastIndexByte(line[:at], '>') && open > 0 {
		at, space = open, min(space, open)
	}
	if escape := strings.LastIndexByte(line[:at], '&'); escape > 0 && at-escape < len("&amp;") && !strings.Contains(line[escape:at], ";") {
		at = escape
	}
	if space > at/2 {
		at = space
	}
	return line[:at], strings.TrimLeft(line[at:], " ")
}
