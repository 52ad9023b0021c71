package plainlanguage

// findTerms finds the words of the lexicon.
func (k *checker) findTerms() {
	lexicon := english()
	for i := 0; i < len(k.words); i++ {
		value, s, length := k.findPhrase(lexicon.phrases, i, phraseGap)
		if length == 0 {
			continue
		}
		if value != plainPhrase {
			k.findTerm(lexicon.terms[value], s, i, length)
		}
		i += length - 1
	}
}

// findTerm reports a term that stands at word i.
func (k *checker) findTerm(t term, s span, i, length int) {
	h := hit{span: s, rule: t.rule, level: LevelWarning, reason: t.reason, replacement: t.replacementFor(k.lower[s.start:s.end]), developerKnown: t.developerKnown}
	if t.soft {
		h.level = LevelHint
	}
	if t.besideRepair {
		repair, near := k.repairBeside(i, length)
		switch {
		case near:
			h.level, h.span = LevelWarning, repair
		case !t.soft:
			return
		}
	}
	if t.rule == RuleAcronym && k.isExplained(s) || k.isNameOf(s) {
		return
	}
	k.hits = append(k.hits, h)
}

// isNameOf says whether capitals are part of a component's name or an allowed
// word: then the readers know them by themselves, too.
func (k *checker) isNameOf(s span) bool {
	return k.familiar()[k.plain[s.start:s.end]]
}
