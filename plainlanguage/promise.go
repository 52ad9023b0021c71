package plainlanguage

import "strings"

var (
	// repairWords say that something will work again.
	repairWords = set(`fix fixed fixing fixes resolve resolved resolving resolution restore restored restoring recover recovered
		recovery repair repaired solve solved solution back online working running available normal operational up`)
	// soloRepairWords are enough by themselves; the others say so only behind a
	// word of the future ("back" and "up" are in many sentences).
	soloRepairWords = set("fix fixed fixing resolved resolution restored recovered repaired solved repair")
	// futureWords come before a repair word in a promise.
	futureWords = set(`should will would expect expects expected hope hopes hoping plan planning aim aiming going we'll it'll they'll
		likely anticipate hopefully shall`)
	// linkWords may stand between a future word and the repair word.
	linkWords = set("be to get have it this that everything things service services all is are being see the a we us back up now fully completely")
)

// repairBeside says whether the words from i stand beside a promise to repair,
// and returns the span of the whole promise. A clock time in the sentence makes
// it an estimate, not a vague promise.
func (k *checker) repairBeside(i, length int) (span, bool) {
	s := span{k.words[i].start, k.words[i+length-1].end}
	if k.clockNear(i, length) {
		return s, false
	}
	for n := i - 1; n >= 0 && n >= i-8 && k.sameSentence(n, n+1); n-- {
		word := k.lower[k.words[n].start:k.words[n].end]
		if repairWords[word] && (soloRepairWords[word] || k.futureBefore(n)) {
			if strings.IndexByte(k.plain[k.words[n].end:s.start], ',') >= 0 {
				return s, true // between commas stands another thought
			}
			return span{k.promiseStart(n), s.end}, true
		}
	}
	for n := i + length; n < len(k.words) && n < i+length+6 && k.sameSentence(n-1, n); n++ {
		if word := k.lower[k.words[n].start:k.words[n].end]; repairWords[word] && (k.futureBefore(n) || word == "back") {
			return s, true
		}
	}
	return s, false
}

// futureBefore says whether a word of the future stands before word n.
func (k *checker) futureBefore(n int) bool {
	for m := n - 1; m >= 0 && m >= n-6 && k.sameSentence(m, m+1); m-- {
		if futureWords[k.lower[k.words[m].start:k.words[m].end]] {
			return true
		}
	}
	return false
}

// promiseStart goes back from a repair word over "should be" and the like.
func (k *checker) promiseStart(n int) int {
	start := k.words[n].start
	for m := n - 1; m >= 0 && m >= n-5 && k.sameSentence(m, m+1); m-- {
		word := k.lower[k.words[m].start:k.words[m].end]
		if futureWords[word] {
			return k.words[m].start
		}
		if !linkWords[word] {
			break
		}
	}
	return start
}

// clockNear says whether the sentence of word i names a time.
func (k *checker) clockNear(i, length int) bool {
	for n := i + length; n < len(k.words) && n < i+length+12 && k.sameSentence(n-1, n); n++ {
		if k.isClockWord(n) {
			return true
		}
	}
	for n := i - 1; n >= 0 && n >= i-12 && k.sameSentence(n, n+1); n-- {
		if k.isClockWord(n) {
			return true
		}
	}
	return false
}

// isClockWord knows the hour of "10:42" and "2pm".
func (k *checker) isClockWord(n int) bool {
	w := k.words[n]
	word := k.lower[w.start:w.end]
	if every(word, isDigit) && len(word) <= 2 && k.at(w.end) == ':' && isDigit(k.at(w.end+1)) {
		return true
	}
	hour, ok := strings.CutSuffix(word, "m")
	return ok && len(hour) >= 2 && isDigit(hour[0]) && (strings.HasSuffix(hour, "a") || strings.HasSuffix(hour, "p"))
}

// sameSentence says whether no sentence ends between words a and b.
func (k *checker) sameSentence(a, b int) bool {
	between := k.plain[k.words[a].end:k.words[b].start]
	return len(between) < 12 && !strings.ContainsAny(between, ".!?;\n") || between == "\n"
}
