package plainlanguage

import (
	"cmp"
	"slices"
	"strings"
)

// zones are parts of the text in which some rules are silent, in order and
// without overlaps.
type zones []span

// hold says whether s lies in one of the zones.
func (z zones) hold(s span) bool {
	n, _ := slices.BinarySearchFunc(z, s.start, func(zone span, at int) int { return cmp.Compare(zone.end-1, at) })
	return n < len(z) && z[n].contains(s)
}

// newZones sorts spans and joins those that overlap.
func newZones(spans []span) zones {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	var z zones
	for _, s := range spans {
		if n := len(z); n > 0 && s.start < z[n-1].end {
			z[n-1].end = max(z[n-1].end, s.end)
			continue
		}
		z = append(z, s)
	}
	return z
}

// withoutExempt drops the hits that the context excuses. Leaks are excused by
// nothing, except that a component's name is public already.
func (k *checker) withoutExempt(hits []hit) []hit {
	named := k.named(k.context.Components)
	excused := newZones(slices.Concat(named, k.named(k.context.Allowed), k.quotes(), k.singleQuotes(), k.targets()))
	published := newZones(named)
	return slices.DeleteFunc(hits, func(h hit) bool {
		switch {
		case h.rule == RuleHost || h.rule == RuleIdentifier:
			return published.hold(h.span)
		case h.rule.leak():
			return false
		case k.context.Profile == ProfileDeveloper && h.developerKnown:
			return true
		default:
			return excused.hold(h.span)
		}
	})
}

// named finds where names stand in the text.
func (k *checker) named(names []string) []span {
	if len(names) == 0 {
		return nil
	}
	index := phraseIndex{}
	for i, name := range names {
		index.addName(name, i)
	}
	var found []span
	for i := 0; i < len(k.words); i++ {
		if _, s, length := k.findPhrase(index, i, nameGap); length > 0 {
			found = append(found, s)
			i += length - 1
		}
	}
	return found
}

// longestQuote is the longest message on a screen that is taken for one.
const longestQuote = 300

// quotes finds what stands in double quotes on one line: a message as the
// customer sees it. A quote after a digit is an inch, not an opening.
func (k *checker) quotes() []span {
	var found []span
	for i := 0; i < len(k.plain); i++ {
		if k.plain[i] != '"' || isWordByte(k.at(i-1)) || k.at(i+1) == ' ' || k.at(i+1) == '\n' {
			continue
		}
		end := i + 1
		for end < len(k.plain) && end-i < longestQuote && k.plain[end] != '"' && k.plain[end] != '\n' {
			end++
		}
		if k.at(end) == '"' && end > i+1 && k.plain[end-1] != ' ' && !k.isSoCalled(span{i, end + 1}) {
			found = append(found, span{i, end + 1})
		}
		i = end
	}
	return found
}

// screenWords stand before what a screen says: `the error "timed out"`.
var screenWords = set(`error errors message messages says say said saying see sees seeing shows show showing shown display displays displayed text
	texts page pages button buttons click clicking tap tab menu read reads reading called named labelled labeled title banner alert status state label`)

// isSoCalled knows a word or two in quotes that a writer apologises for: a
// software "bug", a "distributed denial of service" attack. No screen says so.
func (k *checker) isSoCalled(quote span) bool {
	inner := k.plain[quote.start+1 : quote.end-1]
	if strings.Count(inner, " ") > 3 || !every(inner, func(b byte) bool { return isLower(b) || b == ' ' || b == '-' }) {
		return false
	}
	for end := quote.start; end > max(0, quote.start-40); end-- {
		start := end
		for start > 0 && isAlpha(k.plain[start-1]) {
			start--
		}
		if screenWords[k.lower[start:end]] {
			return false
		}
		end = start
	}
	return true
}

// longestSingleQuote is the longest message in single quotes: these are also
// apostrophes.
const longestSingleQuote = 120

// singleQuotes finds what stands in single quotes on one line: 'Payment
// failed'. It begins with a capital or a digit, as messages do.
func (k *checker) singleQuotes() []span {
	var found []span
	for i := 0; i < len(k.plain); i++ {
		if k.plain[i] != '\'' || strings.IndexByte(" (\n:", k.at(i-1)) < 0 || !isUpper(k.at(i+1)) && !isDigit(k.at(i+1)) {
			continue
		}
		for end := i + 2; end < len(k.plain) && end-i < longestSingleQuote && k.plain[end] != '\n'; end++ {
			if k.plain[end] == '\'' && k.plain[end-1] != ' ' && !isWordByte(k.at(end+1)) {
				found = append(found, span{i, end + 1})
				i = end
				break
			}
		}
	}
	return found
}

// targets finds what is there for machines: links, their targets, and names
// with dots in them.
func (k *checker) targets() []span {
	var found []span
	for _, l := range k.links {
		found = append(found, l.span)
	}
	for _, name := range k.names {
		if strings.IndexByte(k.plain[name.start:name.end], '.') >= 0 && k.isDotted(name) {
			found = append(found, name)
		}
	}
	for at := 0; ; {
		n := strings.Index(k.plain[at:], "](")
		if n < 0 {
			return found
		}
		start := at + n + 2
		end := start
		for end < len(k.plain) && k.plain[end] > ' ' && k.plain[end] != ')' {
			end++
		}
		found = append(found, span{start, end})
		at = end
	}
}

// isDotted tells a domain or file from two sentences without a blank between.
func (k *checker) isDotted(name span) bool {
	for i := name.start + 1; i < name.end-1; i++ {
		if k.plain[i] == '.' && isLower(k.plain[i+1]) && isLower(k.plain[i-1]) {
			return true
		}
	}
	return false
}
