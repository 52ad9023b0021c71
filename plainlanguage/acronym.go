package plainlanguage

import (
	"strings"
)

const reasonAcronym = "a short form that nobody explained; write it out once"

// findAcronyms finds capitals that neither everybody knows nor the text
// explains. What the lexicon knows better is found there. Developers know more
// short forms than can be listed, and so do the readers of one country: they
// get a hint.
func (k *checker) findAcronyms() {
	names := map[string]bool{} // what is a name in one place is one in all
	first := len(k.hits)
	for i, w := range k.words {
		s := k.plain[w.start:w.end]
		if !isAcronym(s) || k.lexicon.knows(s) || k.isShouting(i) || k.isReference(w) {
			continue
		}
		if len(s) >= 4 && every(s, isUpper) && k.lexicon == english() && isEveryday(strings.ToLower(s)) {
			continue // a word, said loudly
		}
		if k.at(w.end) == '.' && isAlpha(k.at(w.end+1)) {
			continue // the first half of a name on the internet
		}
		if k.isNameOf(w) || k.isExplained(w) {
			continue
		}
		level := LevelWarning
		if k.isUsedAsName(i) || k.isActing(i) {
			names[s] = true
		}
		if k.context.Profile == ProfileDeveloper || k.lexicon != english() || k.isUsedAsName(i) || k.isActing(i) || k.isPartOfName(i) || k.isGloss(i) ||
			len(s) == 2 || isDigit(s[len(s)-1]) {
			level = LevelHint
		}
		k.hits = append(k.hits, hit{span: w, rule: RuleAcronym, level: level, reason: reasonAcronym})
	}
	for i := first; i < len(k.hits); i++ {
		if h := &k.hits[i]; h.rule == RuleAcronym && names[k.plain[h.start:h.end]] {
			h.level = LevelHint
		}
	}
}

// nameNouns follow the short name of a company, a place or a product, which
// customers know by it: "the BVG app", "OXXO stores", "our NYC3 region".
var nameNouns = set(`app apps store stores shop shops customers subscribers users accounts cards card bank banks transfers transfer
	payments payment region website site page numbers phones handsets tickets station stations line lines airport members office campus
	network team teams staff group department services systems portal helpdesk building datacenter datacentre centre center students`)

// isUsedAsName says whether the word after the capitals with index i makes
// them a name. (Those that end in a digit are mostly places: FRA1, SW19.)
func (k *checker) isUsedAsName(i int) bool {
	return i+1 < len(k.words) && k.words[i+1].start == k.words[i].end+1 && nameNouns[k.word(i+1)]
}

// actVerbs are what organisations do, and systems do not: "CENIC identified".
var actVerbs = set("identified identifies reports reported informs informed confirmed confirms says said told tells announced announces advised advises notified apologises apologizes dispatched engineers technicians staff employees officials support")

// doings follow "is", "are" or "has" where somebody does something.
var doings = set("aware working investigating looking monitoring trying continuing fixed restored repaired replaced contacted notified confirmed reported informed asked engaged")

// isActing says whether the capitals with index i are the short name of
// somebody who acts: "CENIC identified", "OIT is aware".
func (k *checker) isActing(i int) bool {
	if i+1 >= len(k.words) || k.words[i+1].start != k.words[i].end+1 {
		return false
	}
	switch next := k.word(i + 1); next {
	case "is", "are", "has", "have":
		return i+2 < len(k.words) && k.words[i+2].start == k.words[i+1].end+1 && doings[k.word(i+2)]
	default:
		return actVerbs[next]
	}
}

// isGloss says whether the capitals with index i stand in brackets behind what
// they are: "the national system (EPS)".
func (k *checker) isGloss(i int) bool {
	w := k.words[i]
	return k.at(w.start-1) == '(' && k.at(w.end) == ')' && i > 0 && k.words[i-1].end+2 == w.start
}

// isPartOfName says whether a word with a capital follows the capitals with
// index i: "ST Math", "DC Comics". Not in a title, where every word has one.
func (k *checker) isPartOfName(i int) bool {
	if i+1 >= len(k.words) || k.words[i+1].start != k.words[i].end+1 || k.at(k.words[i].end) != ' ' || !k.isNameWord(i+1) {
		return false
	}
	names, others := 0, 0
	for n := max(0, i-6); n < min(len(k.words), i+8); n++ {
		if first := k.plain[k.words[n].start]; isLower(first) {
			others++
		} else if isUpper(first) {
			names++
		}
	}
	return others > names
}

// knows says whether the lexicon has something to say about capitals: that
// everybody knows them, or a term of their own.
func (l *lexicon) knows(s string) bool {
	return l.known[s] || l.known[strings.TrimSuffix(s, "s")] ||
		len(l.phrases.alone(strings.ToLower(s))) > 0
}

// isAcronym knows two to six capitals, with digits or a plural's s.
func isAcronym(s string) bool {
	s = strings.TrimSuffix(s, "s")
	if len(s) < 2 || len(s) > 6 || !isUpper(s[0]) {
		return false
	}
	return every(s, isUpperAlnum) && count(s, isUpper) >= 2
}

// isShouting says whether the neighbours of word i are in capitals as well.
func (k *checker) isShouting(i int) bool {
	run := 1
	for n := i - 1; n >= 0 && n > i-4 && k.inCapitals(n) && k.sameSentence(n, n+1); n-- {
		run++
	}
	for n := i + 1; n < len(k.words) && n < i+4 && k.inCapitals(n) && k.sameSentence(n-1, n); n++ {
		run++
	}
	return run >= 3
}

func (k *checker) inCapitals(n int) bool {
	s := k.plain[k.words[n].start:k.words[n].end]
	return count(s, isLower) == 0 && count(s, isUpper) > 0
}

// isReference knows tickets, standards and handles: INC-14, ISO 9001, #ABC.
func (k *checker) isReference(w span) bool {
	after := k.at(w.end)
	return strings.IndexByte("#@$/_&", k.at(w.start-1)) >= 0 || after == '_' || after == '&' ||
		(after == '-' || after == ' ') && isDigit(k.at(w.end+1))
}

// familiar are the words in capitals from components' names and allowed words.
func (k *checker) familiar() map[string]bool {
	if k.capitals != nil {
		return k.capitals
	}
	k.capitals = map[string]bool{}
	for _, names := range [][]string{k.context.Components, k.context.Allowed} {
		for _, name := range names {
			for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return r < 0x80 && !isWordByte(byte(r)) }) {
				if len(word) > 1 && every(word, isUpperAlnum) {
					k.capitals[word], k.capitals[word+"s"] = true, true
				}
			}
		}
	}
	return k.capitals
}

// isExplained says whether the text writes the capitals out somewhere: "single
// sign-on (SSO)" or "SSO (single sign-on)".
func (k *checker) isExplained(s span) bool {
	short := strings.TrimSuffix(k.plain[s.start:s.end], "s")
	if k.explained == nil {
		k.explained = k.findExplained()
	}
	return k.explained[short]
}

// findExplained finds the capitals that the text writes out.
func (k *checker) findExplained() map[string]bool {
	explained := map[string]bool{}
	for i, w := range k.words {
		s := strings.TrimSuffix(k.plain[w.start:w.end], "s")
		if !isAcronym(s) {
			continue
		}
		if k.at(w.start-1) == '(' && k.at(w.end) == ')' && initialsEnd(k.wordsBetween(max(0, i-len(s)-3), i), s) {
			explained[s] = true
		}
		if k.isCodeOfPlace(i) {
			explained[s] = true
		}
		if k.at(w.end) == ' ' && k.at(w.end+1) == '(' && i+1 < len(k.words) && k.words[i+1].start == w.end+2 {
			if initialsEnd(k.wordsBetween(i+1, min(len(k.words), i+1+len(s))), s) {
				explained[s] = true
			}
		}
	}
	return explained
}

// wordsBetween are the first letters of words i to n.
func (k *checker) wordsBetween(i, n int) string {
	var b strings.Builder
	for _, w := range k.words[i:n] {
		b.WriteByte(k.lower[w.start])
	}
	return b.String()
}

// initialsEnd says whether the letters of an acronym stand in order among the
// first letters of words; small words may be left out.
func initialsEnd(initials, acronym string) bool {
	at := 0
	for i := range len(acronym) {
		n := strings.IndexByte(initials[at:], lowerByte(acronym[i]))
		if n < 0 {
			return false
		}
		at += n + 1
	}
	return true
}

// isCodeOfPlace knows "London (LHR)" and "FRA (Frankfurt)": three capitals that
// stand for the name beside them.
func (k *checker) isCodeOfPlace(i int) bool {
	w := k.words[i]
	if w.length() != 3 {
		return false
	}
	if k.at(w.start-1) == '(' && k.at(w.end) == ')' {
		return i > 0 && k.words[i-1].end+2 == w.start && k.isNameWord(i-1)
	}
	return k.at(w.end) == ' ' && k.at(w.end+1) == '(' && i+1 < len(k.words) && k.words[i+1].start == w.end+2 && k.isNameWord(i+1)
}

// isNameWord says whether word n begins with a capital and goes on in lower
// case.
func (k *checker) isNameWord(n int) bool {
	s := k.plain[k.words[n].start:k.words[n].end]
	return len(s) > 2 && isUpper(s[0]) && isLower(s[1])
}
