package plainlanguage

import "strings"

// How long is too long. Of good real updates nine in ten have no sentence over
// 27 words.
const (
	longestSentence  = 30
	longestParagraph = 120
	longestTitle     = 80
)

const (
	reasonSentence  = "a long sentence; two short ones are read more easily"
	reasonParagraph = "a long paragraph; readers look for the one thing that concerns them"
	reasonTitle     = "a long title; mail programs and phones cut it off"
)

// sentence is a run of words between the marks that end one.
type sentence struct {
	span
	first, last int // indexes of its words; last is exclusive
}

// sentences divides the words of the text.
func (t *text) findSentences() []sentence {
	var list []sentence
	for i := 0; i < len(t.words); {
		n := i + 1
		for n < len(t.words) && !t.endsBetween(t.words[n-1].end, t.words[n].start) {
			n++
		}
		list = append(list, sentence{span{t.words[i].start, t.words[n-1].end}, i, n})
		i = n
	}
	return list
}

// endsBetween says whether a sentence ends in the gap between two words: at a
// mark with a blank behind it, at an empty line, before a list mark.
func (t *text) endsBetween(from, to int) bool {
	if to-from < 2 {
		return to > from && (t.plain[from] == '\n' && t.at(from-1) != ' ' && isUpper(t.at(to)))
	}
	gap := t.plain[from:to]
	for i := range len(gap) - 1 {
		b, next := gap[i], gap[i+1]
		if strings.IndexByte(".!?", b) >= 0 && strings.IndexByte(" \n\"')*", next) >= 0 {
			return true
		}
		if b == '\n' && strings.IndexByte("\n-*#>", next) >= 0 {
			return true
		}
	}
	return false
}

// findLength finds sentences, paragraphs and titles that are too long.
func (k *checker) findLength(field string) {
	if field == "name" || field == "title" {
		if len(k.runes) > longestTitle {
			k.advise(RuleLength, span{0, len(k.runes)}, reasonTitle)
		}
		return
	}
	for _, s := range k.sentences {
		if s.last-s.first > longestSentence {
			k.advise(RuleLength, s.span, reasonSentence)
		}
	}
	start := 0
	for start < len(k.plain) {
		end := len(k.plain)
		if n := strings.Index(k.plain[start:], "\n\n"); n >= 0 {
			end = start + n
		}
		if s := k.trim(span{start, end}, " \n\t"); len(strings.Fields(k.plain[s.start:s.end])) > longestParagraph {
			k.advise(RuleLength, s, reasonParagraph)
		}
		start = end + 2
	}
}

// advise reports something that is shown last.
func (k *checker) advise(rule Rule, s span, reason string) {
	k.hits = append(k.hits, hit{span: s, rule: rule, level: LevelHint, reason: reason})
}

// warn reports something that is shown and stops nothing.
func (k *checker) warn(rule Rule, s span, reason string) {
	k.hits = append(k.hits, hit{span: s, rule: rule, level: LevelWarning, reason: reason})
}

// has says whether one of the phrases, in lower case, stands in the sentence
// as whole words, and where the first of them is.
func (k *checker) has(s span, phrases []string) (span, bool) {
	for _, phrase := range phrases {
		if found, ok := k.find(s, phrase); ok {
			return found, true
		}
	}
	return span{}, false
}

// find finds a phrase as whole words inside a span.
func (k *checker) find(s span, phrase string) (span, bool) {
	for at := s.start; at < s.end; {
		n := strings.Index(k.lower[at:s.end], phrase)
		if n < 0 {
			return span{}, false
		}
		found := span{at + n, at + n + len(phrase)}
		if !isWordByte(k.at(found.start-1)) && !isWordByte(k.at(found.end)) {
			return found, true
		}
		at = found.start + 1
	}
	return span{}, false
}
