package plainlanguage

import "strings"

// match is where a phrase of the lexicon stands.
type match struct {
	span
	term   int // an index into the lexicon's terms, or plainPhrase
	word   int // the index of its first word
	length int // how many words
}

// findTerms finds the words of the lexicon.
func (k *checker) findTerms() {
	var matches []match
	for i := 0; i < len(k.words); i++ {
		value, s, length := k.findPhrase(k.lexicon.phrases, i, phraseGap)
		if length == 0 {
			continue
		}
		matches = append(matches, match{s, value, i, length})
		i += length - 1
	}
	k.hard = k.hardWords(matches)
	for _, m := range matches {
		if m.term != plainPhrase {
			k.findTerm(k.lexicon.terms[m.term], m)
		}
	}
}

// hardWords marks the words that make the words beside them technical: terms
// that have no everyday sense.
func (k *checker) hardWords(matches []match) []bool {
	hard := make([]bool, len(k.words))
	for _, m := range matches {
		if m.term == plainPhrase {
			continue
		}
		t := k.lexicon.terms[m.term]
		inside := t.rule == RuleInfrastructure || t.rule == RuleTooling || t.rule == RuleStatusCode
		hard[m.word] = inside && !t.soft && !t.besideTechnical
	}
	return hard
}

// findTerm reports a term of the lexicon where it stands.
func (k *checker) findTerm(t term, m match) {
	h := hit{
		span: m.span, rule: t.rule, level: LevelWarning, reason: t.reason,
		replacement: t.replacementFor(k.lower[m.start:m.end]), advice: t.advice || !t.isHeadword(k.lower[m.start:m.end]), developerKnown: t.developerKnown,
	}
	if t.soft {
		h.level = LevelHint
	}
	if due := k.context.NextUpdateDueAt; t.rule == RulePromise && !due.IsZero() {
		h.replacement = "next update at " + due.Format("15:04 MST")
	}
	if t.besideRepair {
		repair, near := k.repairBeside(m.word, m.length)
		switch {
		case near:
			h.level, h.span = LevelWarning, repair
		case !t.soft:
			return
		}
	}
	if t.besideTechnical {
		switch {
		case k.technicalBeside(t, m):
			h.level = t.besideLevel()
		case !t.soft || t.quiet:
			return
		}
	}
	if h.level == LevelWarning && k.isCustomersOwn(t, m) {
		h.level = LevelHint
	}
	if t.rule == RuleAcronym && k.isExplained(m.span) || k.isNameOf(m.span) {
		return
	}
	k.hits = append(k.hits, h)
}

// ownWords make a part of a system something that customers make or have
// themselves: "creating Kubernetes clusters", "your database".
var ownWords = set("your customer customers customers' managed create creating creation deleting resizing")

// isCustomersOwn says whether the words before a term say that it belongs to
// customers.
func (k *checker) isCustomersOwn(t term, m match) bool {
	if t.rule != RuleInfrastructure && t.rule != RuleTooling || t.developerKnown {
		return false
	}
	if t.rule == RuleTooling && m.word > 0 && k.isBrandBefore(m.word) {
		return true
	}
	for n := m.word - 1; n >= 0 && n >= m.word-3 && k.sameSentence(n, n+1); n-- {
		if ownWords[k.word(n)] {
			return true
		}
	}
	return false
}

// isBrandBefore knows the name of a product before that of a program: "Heroku
// Postgres".
func (k *checker) isBrandBefore(i int) bool {
	before := k.words[i-1]
	return k.isNameWord(i-1) && before.end+1 == k.words[i].start && k.at(before.end) == ' ' && smallWordLanguages[k.word(i-1)] == 0
}

// besideLevel is the level of a term with a technical neighbour.
func (t term) besideLevel() Level {
	if t.quiet {
		return LevelHint
	}
	return LevelWarning
}

// neighbourhood is how many words away a neighbour still tells the sense.
const neighbourhood = 8

// technicalBeside says whether a word with an everyday sense has its technical
// one: something technical stands beside it in its sentence, and nothing of
// the everyday sense right beside it.
func (k *checker) technicalBeside(t term, m match) bool {
	near := false
	for n := m.word - 1; n >= 0 && n >= m.word-neighbourhood && !k.sentenceEnds(n, n+1); n-- {
		if t.without.has(k.word(n)) && n >= m.word-3 {
			return false
		}
		near = near || k.isTechnical(t, n)
	}
	last := m.word + m.length - 1
	for n := last + 1; n < len(k.words) && n <= last+neighbourhood && !k.sentenceEnds(n-1, n); n++ {
		if t.without.has(k.word(n)) && n <= last+3 {
			return false
		}
		near = near || k.isTechnical(t, n)
	}
	return near
}

func (k *checker) isTechnical(t term, n int) bool {
	return k.hard[n] || t.with.has(k.word(n)) || k.lexicon.technical.has(k.word(n))
}

// word is word n in lower case.
func (k *checker) word(n int) string { return k.lower[k.words[n].start:k.words[n].end] }

// sentenceEnds says whether a sentence ends between words a and b.
func (k *checker) sentenceEnds(a, b int) bool {
	between := k.plain[k.words[a].end:k.words[b].start]
	return strings.ContainsAny(between, ".!?") && len(between) > 1 || strings.Contains(between, "\n\n")
}

// isNameOf says whether capitals are part of a component's name or an allowed
// word: then the readers know them by themselves, too.
func (k *checker) isNameOf(s span) bool {
	return k.familiar()[k.plain[s.start:s.end]]
}
