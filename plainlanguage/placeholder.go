package plainlanguage

import "strings"

const (
	reasonGap   = "a gap in the template that was not filled in"
	reasonTodo  = "a note to the writer that was left in"
	reasonLorem = "dummy text that was left in"
)

// findPlaceholders finds what was meant to be replaced before posting.
func (k *checker) findPlaceholders() {
	for i := range len(k.plain) {
		switch k.plain[i] {
		case '{', '}':
			k.findBraces(i)
		case '[':
			k.findBrackets(i)
		case '<':
			k.findAngles(i)
		case '%':
			k.findPercent(i)
		case '_':
			k.findBlank(i)
		case '$':
			k.findVariable(i)
		}
	}
	for i := range k.words {
		k.findPlaceholderWord(i)
	}
}

// closing is where the first of two bytes closes what opened before i, on the
// same line and near; or -1.
func (k *checker) closing(i int, b byte) int {
	n := strings.IndexAny(k.plain[i:min(len(k.plain), i+80)], "\n"+string(b))
	if n < 0 || k.plain[i+n] == '\n' {
		return -1
	}
	return i + n
}

// findBraces knows {{name}}, {{name without end, }}, ${NAME}, {% %}, {name}, {}.
func (k *checker) findBraces(i int) {
	if k.plain[i] == '}' {
		if k.at(i+1) == '}' && k.at(i-1) != '}' && !strings.Contains(k.plain[max(0, i-80):i], "{") {
			k.leak(RulePlaceholder, span{i, i + 2}, reasonGap)
		}
		return
	}
	if k.at(i-1) == '{' {
		return
	}
	start := i
	if k.at(i-1) == '$' || k.at(i-1) == '#' {
		start--
	}
	double := k.at(i+1) == '{' || k.at(i+1) == '%'
	end := k.closing(i+1, '}')
	switch {
	case end < 0 && !double:
		return
	case end < 0:
		end = i + 2
		for end < len(k.plain) && end-i < 60 && (isNameByte(k.plain[end]) || k.plain[end] == ' ') {
			end++
		}
		k.leak(RulePlaceholder, k.trim(span{start, end}, " "), reasonGap)
		return
	case double:
		for k.at(end+1) == '}' {
			end++
		}
	case !isGapName(k.plain[i+1 : end]):
		return
	}
	k.leak(RulePlaceholder, span{start, end + 1}, reasonGap)
}

// isGapName says whether a template would call a gap so; "" and "0" count.
func isGapName(s string) bool {
	return s == "" || len(s) <= 40 && isWordByte(s[0]) && every(s, func(b byte) bool { return isNameByte(b) || isWordByte(b) || b == ' ' })
}

// plainTags stand in angle brackets and are no gaps: tags of HTML, and what
// runtimes print there.
var plainTags = set(`a abbr b blockquote body br button code dd del details div dl dt em figure font footer form
	h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label li link main mark meta nav ol option p pre
	q s samp script section select small span strike strong style sub summary sup table tbody td textarea th thead
	title tr tt u ul var video wbr svg path
	module anonymous init clinit lambda native unknown redacted removed hidden generated`)

// findAngles knows <name> and <your name here>, but not tags, links, "<5".
func (k *checker) findAngles(i int) {
	end := k.closing(i+1, '>')
	if end < 0 || isAlnum(k.at(i-1)) {
		return
	}
	inner := k.lower[i+1 : end]
	if len(inner) < 2 || len(inner) > 40 || !isAlpha(inner[0]) || !isGapName(strings.ReplaceAll(inner, "/", " ")) {
		return
	}
	first, _, _ := strings.Cut(strings.TrimRight(inner, " /"), " ")
	if plainTags[first] && first == strings.TrimRight(inner, " /") || strings.Contains(inner, ".") {
		return
	}
	k.leak(RulePlaceholder, span{i, end + 1}, reasonGap)
}

// findPercent knows %SERVICE% and %s.
func (k *checker) findPercent(i int) {
	if isDigit(k.at(i-1)) || k.at(i-1) == ' ' && isDigit(k.at(i-2)) || isAlpha(k.at(i-1)) {
		return
	}
	if l, ok := k.linkAt(i); ok && i >= l.host.start {
		return
	}
	end := i + 1
	for end-i < 40 && (isUpper(k.at(end)) || k.at(end) == '_') {
		end++
	}
	if k.at(end) == '%' && end-i > 2 {
		k.leak(RulePlaceholder, span{i, end + 1}, reasonGap)
		return
	}
	if b := k.at(i + 1); (b == 's' || b == 'd' || b == 'v') && !isWordByte(k.at(i+2)) {
		k.leak(RulePlaceholder, span{i, i + 2}, reasonGap)
	}
}

// findVariable knows $COMPONENT and $START_TIME, but no ticker of a share.
func (k *checker) findVariable(i int) {
	end := i + 1
	for end-i < 40 && (isUpper(k.at(end)) || k.at(end) == '_') {
		end++
	}
	name := k.lower[i+1 : end]
	if len(name) > 2 && !isWordByte(k.at(end)) && !isWordByte(k.at(i-1)) && (strings.Contains(name, "_") || gapNouns[name]) {
		k.leak(RulePlaceholder, span{i, end}, reasonGap)
	}
}

// findBlank knows a line to write on: "at ____ UTC". A line of nothing else is
// a rule in Markdown.
func (k *checker) findBlank(i int) {
	if k.at(i-1) == '_' {
		return
	}
	end := i
	for k.at(end) == '_' {
		end++
	}
	if end-i < 3 || isWordByte(k.at(i-1)) || isWordByte(k.at(end)) {
		return
	}
	if (k.at(i-1) == '\n') && (k.at(end) == '\n') {
		return
	}
	k.leak(RulePlaceholder, span{i, end}, reasonGap)
}
