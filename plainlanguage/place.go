package plainlanguage

import "strings"

// place is what stands around a term in its sentence, in lower case.
type place struct {
	// before is the word before it, earlier the two before that; empty where
	// the sentence or a part of it begins.
	before  string
	earlier [2]string
	// several says that the term itself is a plural.
	several bool
	// next are the words behind it, up to the next stop, as far as they matter.
	next [10]string
	// hyphens says that it is part of a longer word, "git-over-HTTP", or quoted.
	hyphens bool
	// owns says that something of it follows: "the cluster's".
	owns bool
}

// placeOf looks around a term.
func (k *checker) placeOf(s span) place {
	const joining = "-_/@&+"
	p := place{hyphens: strings.IndexByte(joining, k.at(s.start-1)) >= 0 || strings.IndexByte(joining, k.at(s.end)) >= 0 ||
		strings.IndexByte("\"'`", k.at(s.start-1)) >= 0 && k.at(s.start-1) == k.at(s.end)}
	p.several = k.at(s.end-1) == 's' && k.at(s.end-2) != 's'
	var at int
	p.before, at = k.joinedBefore(s.start)
	for i := range p.earlier {
		if at > 0 {
			p.earlier[i], at = k.joinedBefore(at)
		}
	}
	at = s.end
	p.owns = strings.HasPrefix(k.lower[at:], "'s")
	for i := range p.next {
		if p.next[i], at = k.joinedBehind(at); at == 0 {
			break
		}
	}
	return p
}

// joinedBefore is the word before position i with only a blank between, and
// where it starts; 0 when there is none.
func (k *checker) joinedBefore(i int) (string, int) {
	if i == 0 || k.at(i-1) != ' ' && k.at(i-1) != '\n' || k.at(i-2) == '\n' {
		return "", 0
	}
	end := i - 1
	start := end
	for start > 0 && (isWordByte(k.plain[start-1]) || k.plain[start-1] == '\'' && isWordByte(k.at(start-2))) {
		start--
	}
	return k.lower[start:end], start
}

// joinedBehind is the word behind position i, and where it ends.
func (k *checker) joinedBehind(i int) (string, int) {
	if k.at(i) != ' ' && k.at(i) != '\n' || k.at(i+1) == '\n' {
		return "", 0
	}
	start := i + 1
	end := start
	for isWordByte(k.at(end)) || (k.at(end) == '\'' || k.at(end) == '-') && isWordByte(k.at(end+1)) {
		end++
	}
	if end == start {
		return "", 0
	}
	return k.lower[start:end], end
}

var (
	// articles and their relatives go before one thing.
	oneOnly = set("a an each every another one this that")
	// articles begin what a verb is about.
	articles = set("a an the our your their its")
	// possessives leave no room for a second owner behind the noun.
	possessives = set("our your their its his her my whose")
	theirOwn    = set("your customer customer's customers'")
	beForms     = set("is are was were be been being am isn't aren't wasn't weren't it's that's we're you're they're get gets got")
	haveForms   = set("has have had having hasn't haven't hadn't we've they've you've it's")
	// verbSlots stand before the base of a verb.
	verbSlots = set(`to will would can could may might must should shall did do does don't doesn't didn't cannot can't couldn't won't wouldn't not
		we they you please let's help helps helped we'll they'll you'll it'll`)
	adverbs = set("not now also still then already just again currently never partially fully completely soon only both all")
	// singularVerbs show that what is before them is one.
	singularVerbs = set("is was has does isn't wasn't hasn't doesn't causes affects remains means makes needs keeps continues returns looks seems gets works fails")
	// gerundSlots stand before "ing" of a verb that does something.
	gerundSlots = set("by while when after before without started begun began stopped keep kept avoid finished for from")
	// freeWords may stand before a noun of several words: they are not nouns
	// themselves, nor do they say how much there is of it.
	freeWords = set(`in on at by with from of to and or for as into over under through during after before while because since than via per about
		between within without against until including where when that which if but so both and
		affected failed faulty new second third other another single separate old several many few more first last same different main all remaining
		additional extra large small short brief temporary external certain various healthy full entire whole some any no two three four five most
		next previous following original our its their your the a an this that these those each every one own partial recent latest emergency
		affecting added apply applied applying restarted restart restarting use using used uses fix fixed fixing cleared clear clearing replace replaced replacing
		found identified reported notice noticed have has had show shows reach reached lost lose restored restore restoring started start starting
		opened open removed remove removing disabled disable disabling enabled enable enabling run running runs moving moved move sent send sending
		updated update updating triggered trigger handle handled handling returned returning return returns see seeing saw seen sees experiencing
		experienced experience cause caused causing causes is are was were be been adding add adds create created creating get getting gets got hit
		need needs needed make makes made making increase reduce reduced reducing raise raised raising lift lifted lower lowered lowering exceeded
		finish finished finishing completed complete completing watch watched watching check checked checking test tested testing call started
		big huge sharp major minor significant slight unexpected schedule scheduled investigating observed observing detected detecting receive receiving received performed performing perform initiated
		lead leads led required require requires introduced introducing include includes included provide provides provided indicate indicates indicated confirm confirmed suspect suspected limit limiting block blocked blocking
		hold holding prevent prevents prevented saw seeing report reported reporting face faced suffer suffered suffering cover build building built
		reset resets resetting affect affects affected force forced ensure keep keeps kept break broke breaks overload overloaded overwhelmed
		crash crashed exhausted impacted impacting hitting monitor monitoring load loading serve serves serving connect use revert reverted
		address addressed addressing resolve resolved resolving renew renewed bring brings brought become became remain through once around`)
	// verbsBehind follow a noun that is not the first half of a compound.
	verbsBehind = set("broke breaks made makes took takes led leads went hit ran lost began grew fell rose threw sent put shut affects prevents leaves left need needs work works slows")
	// adjectives of freeWords leave no room for an article: no "partial a busy network".
	adjectives = set(`affected failed faulty new second third other single separate old several many few more first last same different main remaining
		additional extra large small short brief temporary external certain various healthy full entire whole some any no two three four five most
		next previous following original own partial recent latest emergency big huge sharp major minor significant slight unexpected`)
	// looseAdjectives cannot stand between two nouns: no "login long wait".
	looseAdjectives = set("urgent automatic slow slower broken main spare new temporary rare false old second stored sudden wrong live saved secure more longer long poor reduced unusual outdated damaged lost")
)

// participle says whether the past of a verb is its participle here: behind a
// form of be or have, or an article.
func (p place) participle() bool {
	words := [3]string{p.before, p.earlier[0], p.earlier[1]}
	for _, w := range words {
		if adverbs[w] || strings.HasSuffix(w, "ly") {
			continue
		}
		return beForms[w] || haveForms[w] || determiners[w] || strings.HasSuffix(w, "'ve") || strings.HasSuffix(w, "n't") && haveForms[w]
	}
	return false
}

// withoutObject says whether an active verb in a form has nothing behind it that
// it is about: "we rolled back at 10:20".
func (p place) withoutObject(f form) bool {
	w := p.next[0]
	return !(f == formPast && (beForms[p.auxiliary()] || p.auxiliary() == "")) && (w == "" || joints[w] && w != "to" && w != "that" || set("and after before within so until while as but")[w])
}

// auxiliary is the word before a verb that is no adverb.
func (p place) auxiliary() string {
	for _, w := range [3]string{p.before, p.earlier[0], p.earlier[1]} {
		if !adverbs[w] && !strings.HasSuffix(w, "ly") || w == "not" {
			return w
		}
	}
	return ""
}

// stands says whether the words can stand at a place instead of a term.
func (c wordingForm) stands(p place, words string) bool {
	if theirOwn[p.before] || (theirOwn[p.earlier[0]] || theirOwn[p.earlier[1]] && p.earlier[0] != "that") && c.kind != kindVerb && c.kind != kindPhrase {
		return false // of what customers have they use their own words
	}
	if p.hyphens || hasOwner(words) && (possessives[p.before] || strings.HasSuffix(p.before, "'s")) {
		return false
	}
	switch c.kind {
	case kindVerb:
		return c.verbStands(p, words)
	case kindPhrase:
		return true
	default:
		return c.nounStands(p, words)
	}
}

// hasOwner says whether words name an owner of their own: "copy of our data".
func hasOwner(words string) bool {
	for word := range strings.FieldsSeq(words) {
		if possessives[word] {
			return true
		}
	}
	return false
}

func (c wordingForm) verbStands(p place, words string) bool {
	auxiliary := p.auxiliary()
	several := strings.Contains(words, " ")
	switch c.form {
	case formBase:
		return verbSlots[auxiliary] || articles[p.next[0]] && !determiners[p.before] && !joints[p.before] && p.before != "" || strings.HasSuffix(auxiliary, "'ll")
	case formS:
		return p.before != "" && !determiners[p.before] && !joints[p.before] && !verbSlots[p.before] && !freeWords[p.before] || pronouns[p.before]
	case formPast:
		// "the rerouted traffic" leaves no room behind the verb.
		return !several || !determiners[p.before]
	default:
		return beForms[auxiliary] || gerundSlots[p.before] && p.next[0] != "" || determiners[p.before] && p.next[0] == "of" ||
			(p.before == "and" || p.before == "") && determiners[p.next[0]]
	}
}

func (c wordingForm) nounStands(p place, words string) bool {
	one := c.form == formBase && c.kind != kindPlural && c.kind != kindMass
	// "to cache", "we route": a verb that looks like a noun.
	if c.form == formBase && (articles[p.next[0]] || c.kind != kindMass) && (articles[p.next[0]] || verbSlots[p.before] && p.before != "not" || p.before == "to") {
		return false
	}
	if c.kind == kindPlural && (oneOnly[p.before] || p.before == "much" || !p.agrees()) {
		return false
	}
	if c.kind == kindMass && strings.Contains(words, " ") && oneOnly[p.before] {
		return false
	}
	if p.owns && (c.kind == kindPlural || isLong(words)) {
		return false
	}
	if !strings.Contains(words, " ") {
		return c.kind != kindPlural || p.several || !p.compound() || p.next[0] == "and"
	}
	if c.form == formBase && !p.several && p.compound() {
		return false
	}
	if one && !p.determined() {
		return false
	}
	return p.roomBefore(words) && (p.next[0] != "of" || !isLong(words))
}

// agrees says whether the verb behind goes with several.
func (p place) agrees() bool {
	if w := p.next[0]; strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !edgeWords[w] && !determiners[w] && w != "across" {
		return false // "the infrastructure restarts"
	}
	for _, w := range p.next {
		switch {
		case singularVerbs[w]:
			return false
		case !joints[w] && !joints[p.next[0]] && !adverbs[w] && !strings.HasSuffix(w, "ly"):
			return true
		}
	}
	return true
}

// compound says whether the term is the first half of a longer noun, or goes
// with one: "API and webhook traffic".
func (p place) compound() bool {
	w := p.next[0]
	if last := p.next[2]; (w == "and" || w == "or") && !articles[p.before] && last != "" && !determiners[p.next[1]] && !edgeWords[last] && !verbsBehind[last] && !strings.HasSuffix(last, "ed") && !strings.HasSuffix(p.next[1], "s") {
		return !adverbs[p.next[1]] && !edgeWords[p.next[1]]
	}
	return w != "" && !edgeWords[w] && !verbsBehind[w] && !strings.HasSuffix(w, "ed") && !strings.HasSuffix(w, "ly")
}

// determined says whether an article or a relative of one goes before a noun.
func (p place) determined() bool {
	if p.before == "" {
		return false
	}
	for _, w := range [3]string{p.before, p.earlier[0], p.earlier[1]} {
		if determiners[w] || strings.HasSuffix(w, "'s") || w == "another" {
			return true
		}
		if w == "" || joints[w] {
			return false
		}
	}
	return false
}

// roomBefore says whether a noun of several words can follow what is before.
func (p place) roomBefore(words string) bool {
	first, _, _ := strings.Cut(words, " ")
	if determiners[first] && adjectives[p.before] {
		return false
	}
	if p.before == "" || freeWords[p.before] || determiners[p.before] || isDigit(p.before[0]) || strings.HasSuffix(p.before, "'s") {
		return true
	}
	return !isLong(words) && !looseAdjectives[first]
}

// isLong says whether something stands behind the noun in words: "copy of our
// data".
func isLong(words string) bool {
	for word := range strings.FieldsSeq(words) {
		if joints[word] {
			return true
		}
	}
	return false
}
