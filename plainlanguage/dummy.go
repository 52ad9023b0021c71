package plainlanguage

import "strings"

// unitWords follow a number that was to be filled in: "XX minutes".
var unitWords = set(`minutes minute mins min hours hour hrs hr percent users customers utc am pm gmt cet est pst days`)

// findPlaceholderWord looks at the word with index i.
func (k *checker) findPlaceholderWord(i int) {
	w := k.words[i]
	word := k.plain[w.start:w.end]
	if len(word) > 13 || k.at(w.start-1) == '_' || k.at(w.end) == '_' || k.inLinkTail(w.start) {
		return
	}
	switch word {
	case "TODO", "TBD", "FIXME", "TKTK", "PLACEHOLDER":
		k.leak(RulePlaceholder, w, reasonTodo)
		return
	case "YYYY", "HH", "hh":
		k.findPattern(w)
		return
	case "INSERT", "insert", "Insert":
		k.findInsertHere(i)
		return
	}
	lower := k.lower[w.start:w.end]
	switch {
	case lower == "fill" || lower == "filled":
		k.findFillIn(i)
	case lower == "todo" && k.at(w.end) == ':':
		k.leak(RulePlaceholder, w, reasonTodo)
	case lower == "lorem":
		k.findLorem(i)
	case strings.Trim(lower, "x") == "":
		k.findXs(i)
	}
}

// findFillIn knows "fill in later" and "to be filled in".
func (k *checker) findFillIn(i int) {
	rest := k.lower[k.words[i].end:min(len(k.lower), k.words[i].end+12)]
	before, start := k.wordBefore(k.words[i].start)
	switch {
	case strings.HasPrefix(rest, " in later"):
		k.leak(RulePlaceholder, span{k.words[i].start, k.words[i].end + len(" in later")}, reasonTodo)
	case before == "be" && start >= 3 && k.lower[start-3:start] == "to " && strings.HasPrefix(rest, " in"):
		k.leak(RulePlaceholder, span{start - 3, k.words[i].end + len(" in")}, reasonTodo)
	}
}

// findXs knows XX, XX:XX, XX/XX, "XX minutes", "xx:xx", "X minutes".
func (k *checker) findXs(i int) {
	w := k.words[i]
	end := w.end
	for end-w.start < 30 && (k.at(end) == 'X' || k.at(end) == 'x' || strings.IndexByte(":/.,-", k.at(end)) >= 0 && lowerByte(k.at(end+1)) == 'x') {
		end++
	}
	s := span{w.start, end}
	if lowerByte(k.at(s.start-2)) == 'x' && strings.IndexByte(":/.,-", k.at(s.start-1)) >= 0 || isWordByte(k.at(s.end)) {
		return
	}
	follows := ""
	if i+1 < len(k.words) && k.words[i+1].start == w.end+1 {
		follows = k.lower[k.words[i+1].start:k.words[i+1].end]
	}
	unit := unitWords[follows] || k.at(end) == '%'
	paired := s.length() > w.length() && w.length() > 1
	big := k.plain[w.start] == 'X' && w.length() >= 2
	single := w.length() == 1 && k.plain[w.start] == 'X' && unit && follows != "users" && follows != "customers"
	if big || paired || single || w.length() >= 2 && unit {
		k.leak(RulePlaceholder, s, reasonGap)
	}
}

// findPattern knows HH:MM and YYYY-MM-DD where a time was meant, unless the
// text speaks of the format itself.
func (k *checker) findPattern(w span) {
	end := w.end
	for end-w.start < 24 && (isAlpha(k.at(end)) || strings.IndexByte(":-/", k.at(end)) >= 0 && isAlpha(k.at(end+1))) {
		end++
	}
	if end-w.start < 4 || strings.Trim(k.lower[w.start:end], "ymdhs:-/t") != "" {
		return
	}
	near := k.lower[max(0, w.start-24):min(len(k.lower), end+24)]
	if !strings.Contains(near, "format") {
		k.leak(RulePlaceholder, span{w.start, end}, reasonGap)
	}
}

// findInsertHere knows "insert time here".
func (k *checker) findInsertHere(i int) {
	for n := i + 2; n < len(k.words) && n < i+6; n++ {
		if k.lower[k.words[n].start:k.words[n].end] == "here" {
			s := span{k.words[i].start, k.words[n].end}
			if !strings.ContainsAny(k.plain[s.start:s.end], ".,;\n") {
				k.leak(RulePlaceholder, s, reasonGap)
			}
			return
		}
	}
}

// findLorem takes the dummy text to the end of its line.
func (k *checker) findLorem(i int) {
	s := k.words[i]
	if i+1 < len(k.words) && k.lower[k.words[i+1].start:k.words[i+1].end] == "ipsum" {
		s.end = k.words[i+1].end
	}
	k.leak(RulePlaceholder, s, reasonLorem)
}
