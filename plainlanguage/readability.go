package plainlanguage

import (
	"fmt"
	"strings"
)

// A grade is worked out from so many words on, and told from so high: half of
// the good real updates are below 9.8.
const (
	leastWordsForGrade = 30
	highestGrade       = 14
)

// findReadability advises when the text as a whole asks for long schooling. Names and
// numbers count as words of one syllable: readers know their product's names.
func (k *checker) findReadability() {
	words, syllables := 0, 0
	for _, w := range k.words {
		if _, inLink := k.linkAt(w.start); inLink {
			continue
		}
		words++
		syllables += k.syllables(w)
	}
	if words < leastWordsForGrade || len(k.sentences) == 0 {
		return
	}
	grade := 0.39*float64(words)/float64(len(k.sentences)) + 11.8*float64(syllables)/float64(words) - 15.59
	if grade > highestGrade {
		s := k.trim(span{0, len(k.plain)}, " \n\t")
		k.advise(RuleReadability, s, fmt.Sprintf("reads like a text for school grade %.0f; shorter words and sentences reach more people", grade))
	}
}

// syllables counts the groups of vowels in a word; a silent e at its end is
// none.
func (k *checker) syllables(w span) int {
	s := k.lower[w.start:w.end]
	if !every(s, func(b byte) bool { return isLower(b) || b == '\'' }) || isUpper(k.plain[w.start]) {
		return 1
	}
	s = strings.TrimSuffix(s, "'s")
	n, vowel := 0, false
	for i := range len(s) {
		now := strings.IndexByte("aeiouy", s[i]) >= 0
		if now && !vowel {
			n++
		}
		vowel = now
	}
	if strings.HasSuffix(s, "e") && !strings.HasSuffix(s, "le") || strings.HasSuffix(s, "ed") && !strings.HasSuffix(s, "ted") && !strings.HasSuffix(s, "ded") {
		n--
	}
	return max(1, n)
}
