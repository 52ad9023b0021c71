package plainlanguage

import (
	"slices"
	"strings"
)

// link is a URL in the text.
type link struct {
	span
	scheme string
	// user is the part before the @, without it; empty when there is none.
	user span
	host span
	// port is the colon and the digits after it; empty when there is none.
	port span
}

// findLinks finds what has a scheme and "://".
func (t *text) findLinks() []link {
	var links []link
	for at := 0; ; {
		n := strings.Index(t.plain[at:], "://")
		if n < 0 {
			return links
		}
		colon := at + n
		start := colon
		for start > at && colon-start < 20 && isSchemeByte(t.plain[start-1]) {
			start--
		}
		for start < colon && !isAlpha(t.plain[start]) {
			start++
		}
		end := t.linkEnd(colon + 3)
		if start < colon && end > colon+3 {
			links = append(links, t.newLink(start, colon, end))
		}
		at = max(end, colon+3)
	}
}

// linkEnd is where the URL that has begun before i ends. Closing brackets
// belong to it only when it opened them; the full stop of a sentence does not.
func (t *text) linkEnd(i int) int {
	start, open := i, 0
	for ; i < len(t.plain); i++ {
		b := t.plain[i]
		if b <= ' ' && b != letterByte || strings.IndexByte("<>\"'`{}|\\^", b) >= 0 {
			break
		}
		if b == '(' || b == '[' {
			open++
		}
		if b == ')' || b == ']' {
			if open == 0 {
				break
			}
			open--
		}
	}
	for i > start && strings.IndexByte(".,;:!?*_~([", t.plain[i-1]) >= 0 {
		i--
	}
	return i
}

func (t *text) newLink(start, colon, end int) link {
	l := link{span: span{start, end}, scheme: t.lower[start:colon]}
	authority := span{colon + 3, end}
	if n := strings.IndexAny(t.plain[authority.start:end], "/?#"); n >= 0 {
		authority.end = authority.start + n
	}
	l.host = authority
	if n := strings.LastIndexByte(t.plain[authority.start:authority.end], '@'); n >= 0 {
		l.user = span{authority.start, authority.start + n}
		l.host.start = l.user.end + 1
	}
	if n := strings.LastIndexByte(t.plain[l.host.start:l.host.end], ':'); n >= 0 {
		port := span{l.host.start + n, l.host.end}
		if every(t.plain[port.start+1:port.end], isDigit) {
			l.port, l.host.end = port, port.start
		}
	}
	return l
}

// linkAt is the link that holds position i.
func (t *text) linkAt(i int) (link, bool) {
	n, found := slices.BinarySearchFunc(t.links, i, func(l link, i int) int {
		switch {
		case l.end <= i:
			return -1
		case l.start > i:
			return 1
		default:
			return 0
		}
	})
	if !found {
		return link{}, false
	}
	return t.links[n], true
}

// inLinkTail says whether position i is in a link, behind its host: what
// stands there is the link's own business.
func (t *text) inLinkTail(i int) bool {
	l, ok := t.linkAt(i)
	return ok && i >= max(l.host.end, l.port.end)
}

func isSchemeByte(b byte) bool { return isAlnum(b) || b == '+' || b == '-' || b == '.' }
