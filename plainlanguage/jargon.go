package plainlanguage

import "strings"

// match is where a phrase of the lexicon stands.
type match struct {
	span
	term   int // an index into the lexicon's terms, or plainPhrase
	word   int // the index of its first word
	length int // how many words
	beside
}

// beside is what stands around a word with an everyday sense: something
// technical, a term without an everyday sense, something of the everyday sense;
// and how many such words its sentence has.
type beside struct {
	near, byHard, everyday bool
	company                int
	anchored               bool // by a word for what computers do
}

// findTerms finds the words of the lexicon.
func (k *checker) findTerms() {
	var matches []match
	for i := 0; i < len(k.words); i++ {
		value, s, length := k.findPhrase(k.lexicon.phrases, i, phraseGap)
		if length == 0 {
			continue
		}
		matches = append(matches, match{span: s, term: value, word: i, length: length})
		i += length - 1
	}
	k.hard, k.sentenceOf = k.hardWords(matches), k.numberSentences()
	k.lookBeside(matches)
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
	var readable []match
	for _, m := range matches {
		if m.term == plainPhrase {
			continue
		}
		t := k.lexicon.terms[m.term]
		if !isTechnical(t.rule) || t.soft || t.besideTechnical {
			continue
		}
		if k.isReadable(m.span) {
			readable = append(readable, m)
			continue
		}
		hard[m.word] = true
		k.hardTerms++
	}
	k.weak = k.hardTerms == 0 && len(readable) == 1
	for _, m := range readable {
		hard[m.word] = true
		k.hardTerms++
	}
	return hard
}

// isTechnical says whether the terms of a rule name what is inside a system.
func isTechnical(r Rule) bool {
	return r == RuleInfrastructure || r == RuleTooling || r == RuleStatusCode || r == RuleShopTalk
}

// findTerm reports a term of the lexicon where it stands.
func (k *checker) findTerm(t term, m match) {
	h := hit{
		span: m.span, rule: t.rule, level: LevelWarning, reason: t.reason,
		replacement: t.replacementFor(k.lower[m.start:m.end]), advice: t.advice, developerKnown: t.developerKnown, inside: t.inside, readable: k.isReadable(m.span),
	}
	if k.lexicon == english() {
		h.advice = true
		if w := k.reword(m.span); w.words != "" {
			h.replacement, h.reworded, h.advice, h.noun = w.words, true, !w.fits, w.noun
		}
	}
	if t.soft {
		h.level = LevelHint
	}
	if due := k.context.NextUpdateDueAt; t.rule == RulePromise && !due.IsZero() {
		h.replacement = k.lexicon.translated("next update at") + " " + due.Format("15:04 MST")
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
	if t.capital && !isUpper(k.plain[m.start]) {
		return
	}
	if t.besideTechnical {
		h.weak = k.weak && h.readable && !m.near
		switch {
		case m.everyday:
			return
		case m.near || m.byHard:
			h.level = t.besideLevel()
		case t.soft && !t.quiet:
		case !t.capital && k.hardTerms >= technicalText:
			h.level = LevelHint
		case m.company >= company:
			h.level, h.weak = LevelHint, !m.anchored && m.company == company
		case !t.capital && (m.company > 1 && m.anchored || k.tellsCause(m.word)):
			h.level, h.weak = LevelHint, h.readable || m.company > 1
		default:
			return
		}
		if h.weak {
			h.level = LevelHint
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

// causeWords make a sentence one about what failed inside, and what was done
// about it.
var causeWords = set(`cause caused causes causing due root faulty misconfigured misconfiguration traced isolated pinpointed triggered
	stemmed stemming attributed`)

// tellsCause says whether the sentence of word i speaks of a cause: then an
// ordinary word such as "router" or "switch" may well mean a part of our
// systems.
func (k *checker) tellsCause(i int) bool {
	if k.causes == nil {
		k.causes = map[int]bool{}
		for n := range k.words {
			if causeWords[k.word(n)] {
				k.causes[k.sentenceOf[n]] = true
			}
		}
	}
	return k.causes[k.sentenceOf[i]]
}

// technicalText is how many terms without an everyday sense make the words of a
// text with one technical, wherever they stand.
const technicalText = 1

// besideLevel is the level of a term with a technical neighbour.
func (t term) besideLevel() Level {
	if t.quiet {
		return LevelHint
	}
	return LevelWarning
}

// How many words away a neighbour still tells the sense: any neighbour, and one
// that is itself a term without an everyday sense.
const (
	neighbourhood = 8
	hardReach     = 20
)

// company is how many words with everyday senses in one sentence make each
// other technical: "reads from secondaries fail since the leader changed". Of a
// thousand plain texts none had so many.
const company = 3

// lookBeside looks around the words with everyday senses.
func (k *checker) lookBeside(matches []match) {
	terms := map[[2]int]bool{} // sentence and term
	count := map[int]int{}
	for i := range matches {
		m := &matches[i]
		if m.term == plainPhrase || !k.lexicon.terms[m.term].besideTechnical {
			continue
		}
		t := k.lexicon.terms[m.term]
		m.near, m.byHard, m.everyday = k.technicalBeside(t, *m)
		at := [2]int{k.sentenceOf[m.word], m.term}
		if !m.everyday && !t.capital && !terms[at] {
			terms[at] = true
			count[at[0]]++
		}
	}
	if len(count) == 0 {
		return
	}
	anchored := map[int]bool{}
	for n := range k.words {
		word, sentence := k.word(n), k.sentenceOf[n]
		if addressed[word] {
			count[sentence] = 0
		}
		anchored[sentence] = anchored[sentence] || anchors[word]
	}
	for i, m := range matches {
		if sentence := k.sentenceOf[m.word]; !m.everyday {
			matches[i].company, matches[i].anchored = count[sentence], anchored[sentence]
		}
	}
}

var (
	// addressed are words of a sentence that tells customers what to do with
	// something of theirs.
	addressed = set("you your yours please")
	// anchors are everyday words for what computers do. Without one of them
	// pools, libraries and leaks are those of a town.
	anchors = set(`server servers network networks system systems software hardware data request requests call calls message messages mail
		email emails traffic connection connections code update updates version versions service services machine machines disk disks
		memory internet website sites provider upstream index reads writes secondaries job jobs shard replica restart restarted`)
)

// technicalBeside says whether a word with an everyday sense has its technical
// one: something technical stands beside it in its sentence, and nothing of
// the everyday sense right beside it.
//
// byHard says that all that is technical is a term without an everyday sense.
func (k *checker) technicalBeside(t term, m match) (near, byHard, everyday bool) {
	starts := t.capital && k.startsSentence(m.word)
	last := m.word + m.length - 1
	for distance := 1; distance <= hardReach; distance++ {
		for _, n := range [...]int{m.word - distance, last + distance} {
			if n < 0 || n >= len(k.words) || !k.sameClause(n, m.word, last) {
				continue
			}
			if distance <= 3 && t.without.has(k.word(n)) {
				return false, false, true
			}
			byHard = byHard || k.hard[n]
			near = near || distance <= neighbourhood && (k.lexicon.technical.has(k.word(n)) || !starts && t.with.has(k.word(n)))
		}
	}
	return near, byHard, false
}

// sameClause says whether word n stands in the sentence of words first to last.
func (k *checker) sameClause(n, first, last int) bool {
	return k.sentenceOf[n] == k.sentenceOf[first] || k.sentenceOf[n] == k.sentenceOf[last]
}

// startsSentence says whether word i is the first of its sentence, where every
// word has a capital.
func (k *checker) startsSentence(i int) bool {
	return i == 0 || k.sentenceOf[i-1] != k.sentenceOf[i]
}

// numberSentences numbers the sentences of the words.
func (k *checker) numberSentences() []int {
	numbers := make([]int, len(k.words))
	for i := 1; i < len(numbers); i++ {
		numbers[i] = numbers[i-1]
		if k.sentenceEnds(i-1, i) {
			numbers[i]++
		}
	}
	return numbers
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
