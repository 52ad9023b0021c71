package plainlanguage

import (
	"cmp"
	"slices"
	"strings"
)

// crowd is how many technical words in one sentence are too many, though each
// alone is one about which good editors disagree. Of words that developers know
// it is one more: "elevated error rates and latency of the API" is common.
const crowd = 3

const reasonCrowd = "one of several technical words in this sentence; together they tell customers nothing"

// raiseCrowds warns of the first of so many hints in one sentence that it
// cannot be understood any more.
func (k *checker) raiseCrowds() {
	slices.SortStableFunc(k.hits, func(a, b hit) int { return cmp.Compare(a.start, b.start) })
	i := 0
	for _, s := range k.sentences {
		for i < len(k.hits) && k.hits[i].start < s.start {
			i++
		}
		first, inside, words, weak := -1, false, map[string]bool{}, map[string]bool{}
		for ; i < len(k.hits) && k.hits[i].start < s.end; i++ {
			h := k.hits[i]
			if h.level != LevelHint || !h.isTechnical() {
				continue
			}
			if h.weak {
				weak[k.wordOf(h)] = true
			} else {
				words[k.wordOf(h)] = true
				inside = inside || !h.developerKnown
				if first < 0 {
					first = i
				}
			}
		}
		if len(words) > crowd || len(words) == crowd && inside || inside && len(words)+len(weak) > crowd {
			k.hits[first].level, k.hits[first].reason = LevelWarning, reasonCrowd
		}
	}
}

// sparse is how many words a text has for each technical one, at most, to be
// crowded as a whole.
const sparse = 25

const reasonCrowdedText = "one of several technical words in this text; together they tell customers little"

// many is how many different words of ours a text may hint at before it is
// warned of, whatever they are.
const many = 4

// raiseCrowdedText warns of a text that has no word to warn of, but several
// that are hints, one of them at least of our inside: two, or three where each
// is made of everyday words. Four different ones of any kind are too many.
func (k *checker) raiseCrowdedText() {
	first, inside, words := -1, map[string]bool{}, map[string]bool{}
	hints, firstHint, warned := map[string]bool{}, -1, false
	strange := false
	for i, h := range k.hits {
		if h.rule.tellsInside() {
			warned = warned || h.level != LevelHint
			hints[k.wordOf(h)] = true
			if firstHint < 0 {
				firstHint = i
			}
		}
		if !h.isTechnical() || h.weak {
			continue
		}
		if h.level != LevelHint {
			return
		}
		word := k.wordOf(h)
		words[word] = true
		if !h.developerKnown {
			inside[word] = true
			strange = strange || !h.readable
			if first < 0 {
				first = i
			}
		}
	}
	enough := 3
	if strange {
		enough = 2
	}
	if len(inside) > 0 && len(words) >= enough && len(k.words) <= sparse*len(words) {
		k.hits[first].level, k.hits[first].reason = LevelWarning, reasonCrowdedText
	} else if !warned && len(hints) >= many && len(k.words) <= sparse*len(hints) {
		k.hits[firstHint].level, k.hits[firstHint].reason = LevelWarning, reasonCrowdedText
	}
}

// wordOf is what a hit found, the same for one and for several of it.
func (k *checker) wordOf(h hit) string { return strings.TrimSuffix(k.lower[h.start:h.end], "s") }

// isTechnical says whether a hit is about a technical word, not about style.
func (h hit) isTechnical() bool {
	return h.rule == RuleInfrastructure || h.rule == RuleStatusCode || h.inside
}
