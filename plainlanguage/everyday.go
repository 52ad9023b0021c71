package plainlanguage

import (
	"strings"
	"sync"
)

// everydayWords are the words of everyday English in their plainest form. They
// are read when they are first needed; after that they never change.
var everydayWords = sync.OnceValue(func() map[string]bool {
	b, err := lexiconFiles.ReadFile("lexicon/everyday.txt")
	if err != nil {
		panic("plainlanguage: everyday words: " + err.Error()) // it is embedded
	}
	words := map[string]bool{}
	for line := range strings.SplitSeq(string(b), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, word := range strings.Fields(line) {
			words[word] = true
		}
	}
	return words
})

// isEveryday says whether a word in lower case is everyday English, in one of
// its regular forms.
func isEveryday(word string) bool {
	words := everydayWords()
	if words[word] || isFormOf(words, word) {
		return true
	}
	for _, prefix := range [...]string{"un", "non", "mis", "re"} {
		if rest, ok := strings.CutPrefix(word, prefix); ok && len(rest) > 3 && (words[rest] || isFormOf(words, rest)) {
			return true
		}
	}
	return false
}

// endings are what regular forms end in, and what stands there in the plain
// form: "ies" in parties for "y".
var endings = [...][2]string{
	{"s", ""}, {"es", ""}, {"ies", "y"}, {"ed", ""}, {"ed", "e"}, {"ied", "y"}, {"ing", ""}, {"ing", "e"},
	{"ly", ""}, {"ily", "y"}, {"ally", ""}, {"bly", "ble"}, {"ness", ""}, {"iness", "y"}, {"able", ""}, {"able", "e"},
}

// isFormOf says whether a word is a regular form of one of the words.
func isFormOf(words map[string]bool, word string) bool {
	for _, e := range endings {
		stem, ok := strings.CutSuffix(word, e[0])
		if !ok || len(stem) < 2 || e[0] == "es" && !takesES(stem) {
			continue
		}
		if words[stem+e[1]] || e[0] == "s" && isFormOf(words, stem) {
			return true // also "bookings", twice a form
		}
		// "stopped" and "stopping" double the last letter.
		if n := len(stem); e[1] == "" && n > 2 && stem[n-1] == stem[n-2] && (e[0] == "ed" || e[0] == "ing") && words[stem[:n-1]] {
			return true
		}
	}
	return false
}

// takesES says whether a word takes "es" for its plural: boxes, but not nodes.
func takesES(stem string) bool {
	return strings.ContainsRune("sxzo", rune(stem[len(stem)-1])) || strings.HasSuffix(stem, "ch") || strings.HasSuffix(stem, "sh")
}

// isReadable says whether all the words of a term are everyday English, and it
// has no sense that they do not tell.
func (k *checker) isReadable(s span) bool {
	if k.lexicon != english() || s.length() <= 3 || k.lexicon.firm.holds(k.lower[s.start:s.end]) {
		return false
	}
	for at := s.start; at < s.end; {
		if !isWordByte(k.plain[at]) {
			at++
			continue
		}
		start := at
		for at < s.end && (isWordByte(k.plain[at]) || k.plain[at] == '\'') {
			at++
		}
		if word := strings.TrimSuffix(k.lower[start:at], "'s"); len(word) > 2 && !isEveryday(word) || count(word, isDigit) > 0 {
			return false
		}
	}
	return true
}

// lowerLoneWord makes the only warning of a text about words a hint when every
// word of it is everyday English: readers know the words, and nothing around
// them makes them hard.
func (k *checker) lowerLoneWord() {
	words := map[string]bool{}
	for _, h := range k.hits {
		if !h.rule.tellsInside() || h.level == LevelHint {
			continue
		}
		words[k.wordOf(h)] = true
		if len(words) > 2 || h.level == LevelError || !h.readable {
			return
		}
	}
	for i, h := range k.hits {
		if h.rule.tellsInside() && h.level == LevelWarning {
			k.hits[i].level = LevelHint
		}
	}
}

// tellsInside says whether a rule is about what customers do not know.
func (r Rule) tellsInside() bool {
	switch r {
	case RuleHost, RuleAddress, RuleTrace, RuleIdentifier, RuleCommand, RulePath, RuleInternalName, RuleStatusCode,
		RuleInfrastructure, RuleTooling, RuleShopTalk, RuleAcronym:
		return true
	default:
		return false
	}
}
