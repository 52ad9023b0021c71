package plainlanguage

import "strings"

const reasonHedging = "so many reservations in one sentence that nothing is said; say who notices what, as far as you know"

var (
	// doubts, vagueness and rarity are the three kinds of reservation.
	doubts = set(`may might could possibly perhaps potentially probably likely seemingly apparently
		presumably conceivably maybe`)
	vague  = set("some certain several various few limited subset")
	rarity = set("intermittent intermittently occasional occasionally sporadic sporadically sometimes")
)

// findHedging finds sentences in which reservations are stacked: all three
// kinds in one, or two doubts about the same thing.
func (k *checker) findHedging() {
	for _, s := range k.sentences {
		var kinds [3]bool
		count, doubting := 0, 0
		first, last := -1, -1
		for n := s.first; n < s.last; n++ {
			kind := k.reservation(n)
			if kind < 0 {
				continue
			}
			kinds[kind] = true
			count++
			if kind == 0 {
				doubting++
			}
			if first < 0 {
				first = n
			}
			last = n
		}
		if count >= 3 && (kinds[0] && kinds[1] && kinds[2] || doubting >= 2) || doubting >= 2 && last-first <= 2 {
			k.warn(RuleHedging, span{k.words[first].start, k.words[last].end}, reasonHedging)
		}
	}
}

// reservation is the kind of reservation that word n makes, or -1. "Could not"
// is a fact, and May a month.
func (k *checker) reservation(n int) int {
	word := k.word(n)
	switch {
	case strings.HasPrefix(word, "appear") || strings.HasPrefix(word, "seem"):
		if n+1 < len(k.words) && k.word(n+1) == "to" {
			return 0
		}
		return -1
	case word == "could" && n+1 < len(k.words) && (k.word(n+1) == "not" || k.word(n+1) == "only"):
		return -1
	case word == "may" && isUpper(k.plain[k.words[n].start]) && n > 0:
		return -1
	case doubts[word]:
		return 0
	case vague[word]:
		return 1
	case rarity[word]:
		return 2
	}
	return -1
}
