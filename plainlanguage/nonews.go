package plainlanguage

const reasonNoNews = "nearly the same as the last update; say what was tried or found since, or when the next word comes"

// findNoNews compares the text with the last update. One that repeats it and
// gives the time of the next word is good news to those who wait.
func (k *checker) findNoNews() {
	if k.context.Previous == "" || len(k.words) == 0 || !k.context.NextUpdateDueAt.IsZero() || len(k.clocks()) > 0 {
		return
	}
	before := newText(k.context.Previous)
	earlier := map[string]bool{}
	for _, w := range before.words {
		earlier[before.key(w)] = true
	}
	now := map[string]bool{}
	common := 0
	for _, w := range k.words {
		key := k.key(w)
		if !now[key] && earlier[key] {
			common++
		}
		now[key] = true
	}
	if union := len(now) + len(earlier) - common; common*10 >= union*8 {
		k.advise(RuleNoNews, k.trim(span{0, len(k.plain)}, " \n\t"), reasonNoNews)
	}
}
