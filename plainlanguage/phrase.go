package plainlanguage

import (
	"slices"
	"strings"
)

// phrase is a sequence of words to be found in a text.
type phrase struct {
	words []string // in lower case
	// exact is how the phrase is written when its case matters, word by word;
	// nil otherwise.
	exact []string
	value int
}

// phraseIndex holds phrases by their first two words, so that finding one costs
// the same whether there are ten or ten thousand.
type phraseIndex map[string]*phrasesOf

// phrasesOf are the phrases that begin with one word: the word alone, and by
// the word behind it.
type phrasesOf struct {
	alone []phrase
	more  map[string][]phrase
}

func (x phraseIndex) put(p phrase) {
	of := x[p.words[0]]
	if of == nil {
		of = &phrasesOf{more: map[string][]phrase{}}
		x[p.words[0]] = of
	}
	if len(p.words) == 1 {
		of.alone = append(of.alone, p)
		return
	}
	of.more[p.words[1]] = append(of.more[p.words[1]], p)
}

// alone are the phrases of one word.
func (x phraseIndex) alone(word string) []phrase {
	if of := x[word]; of != nil {
		return of.alone
	}
	return nil
}

// add adds a phrase. One that has a word in capitals is found only as it is
// written: RAM is memory, a ram is not.
func (x phraseIndex) add(s string, value int) {
	t := newText(s)
	if len(t.words) == 0 {
		return
	}
	p := phrase{value: value}
	capitals := false
	for _, w := range t.words {
		word := t.plain[w.start:w.end]
		p.words = append(p.words, t.key(w))
		p.exact = append(p.exact, word)
		capitals = capitals || len(word) > 1 && count(word, isUpper) > 1
	}
	if !capitals {
		p.exact = nil
	}
	x.put(p)
}

// holds says whether a phrase in lower case is there.
func (x phraseIndex) holds(s string) bool {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune(phraseGap, r) })
	of := x[words[0]]
	if of == nil {
		return false
	}
	candidates := of.alone
	if len(words) > 1 {
		candidates = of.more[words[1]]
	}
	return slices.ContainsFunc(candidates, func(p phrase) bool { return slices.Equal(p.words, words) })
}

// addName adds a name whatever its case.
func (x phraseIndex) addName(s string, value int) {
	t := newText(s)
	p := phrase{value: value}
	for _, w := range t.words {
		p.words = append(p.words, t.key(w))
	}
	if len(p.words) > 0 {
		x.put(p)
	}
}

// key is a word in lower case, in any script.
func (t *text) key(w span) string {
	key := t.lower[w.start:w.end]
	if strings.IndexByte(key, letterByte) >= 0 {
		return strings.ToLower(t.source(w))
	}
	return key
}

// findPhrase finds the longest phrase that begins with word i: its value, its
// span, and how many words it has. gap says which bytes may stand between.
func (t *text) findPhrase(x phraseIndex, i int, gap string) (value int, s span, length int) {
	first, start, end := t.key(t.words[i]), t.words[i].start, t.words[i].end
	of := x[first]
	if n := elided(first); of == nil && n > 0 {
		first, start = first[n:], start+n
		of = x[first]
	}
	if of == nil {
		// "the cluster's" speaks of the cluster.
		if first, _ = strings.CutSuffix(first, "'s"); x[first] == nil {
			return 0, span{}, 0
		}
		of = x[first]
		end -= 2
	}
	longest := func(candidates []phrase) {
		for _, p := range candidates {
			if len(p.words) <= length {
				continue
			}
			if e, ok := t.matches(p, i, span{start, end}, gap); ok {
				value, s, length = p.value, span{start, e}, len(p.words)
			}
		}
	}
	longest(of.alone)
	if i+1 < len(t.words) && len(of.more) > 0 {
		second := t.key(t.words[i+1])
		longest(of.more[second])
		if one, ok := strings.CutSuffix(second, "'s"); ok {
			longest(of.more[one])
		}
	}
	return value, s, length
}

// elided is how many letters of a French word are a small word before it, with
// its apostrophe: "l'API" is 2, "qu'un" 3.
func elided(word string) int {
	n := strings.IndexByte(word, '\'') + 1
	if n > 0 && n < len(word) && elisions[word[:n]] {
		return n
	}
	return 0
}

var elisions = set("l' d' qu' n' s' c' j' m' t' jusqu' lorsqu' puisqu'")

// matches says whether the phrase stands at word i, whose letters that count
// are first, and where it ends.
func (t *text) matches(p phrase, i int, first span, gap string) (int, bool) {
	if i+len(p.words) > len(t.words) {
		return 0, false
	}
	end := first.end
	for n, want := range p.words {
		w := first
		if n > 0 {
			w = t.words[i+n]
			if !t.joined(end, w.start, gap) {
				return 0, false
			}
			end = w.end
			if key := t.key(w); key != want {
				if n < len(p.words)-1 || key != want+"'s" {
					return 0, false
				}
				end -= 2
			}
		}
		if p.exact != nil && t.plain[w.start:end] != p.exact[n] {
			return 0, false
		}
	}
	return end, true
}

// joined says whether between two words stand only a few bytes of gap.
func (t *text) joined(from, to int, gap string) bool {
	if to-from < 1 || to-from > 3 {
		return false
	}
	return strings.Trim(t.plain[from:to], gap) == ""
}

// What may stand between the words of a phrase, and of a name.
const (
	phraseGap = " \t\n-/"
	nameGap   = " \t\n-_/.:&+()'" + string(dashByte) + string(symbolByte)
)
