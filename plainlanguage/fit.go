package plainlanguage

import (
	"strings"
	"unicode/utf8"
)

var (
	// determiners leave no room for another one.
	determiners = set("our the a an its their your this that these those one each every any some no his her my both all")
	// edgeWords follow a noun that is not the first half of a compound.
	edgeWords = set(`is are was were has have had and or to of in on at for by with from that which who did does do will would can could may
		might should must not while when after before because since as than if but so until between during through into again now then
		be been failed fails fail failing stopped stops restarted crashed caused causes became went came got kept keeps running about over
		under within without we they it you there here today yesterday also only still where whose across`)
)

// fits says whether a replacement can stand in the sentence as it is. What the
// lexicon rewords was made for its place, and names stand for names.
func (k *checker) fits(h hit) bool {
	if h.rule != RuleInternalName && k.lexicon != nil && k.lexicon != english() {
		return k.agrees(h)
	}
	if h.rule == RuleStatusCode {
		p := k.placeOf(h.span)
		return !p.hyphens && !p.compound() && p.roomBefore(h.replacement)
	}
	return true // a name stands for a name
}

// agrees says whether a replacement has the gender of what it stands for, both
// in the singular, in a language that shows it: of others nobody knows what the
// words around them would have to become.
func (k *checker) agrees(h hit) bool {
	was, is := k.lexicon.genders[strings.ToLower(k.source(h.span))], k.lexicon.genders[strings.ToLower(h.replacement)]
	if was == "" || was != is {
		return false
	}
	// "l'interface" and "d'une": what is elided before one vowel is before another.
	before, _ := k.wordBefore(h.start)
	if k.lexicon == french() && (k.at(h.start-1) == '\'' || elides[before]) {
		return startsOpen(k.source(h.span)) == startsOpen(h.replacement)
	}
	return k.at(h.end) != '-' && k.at(h.start-1) != '-' // not half of a compound
}

// elides are the French words that lose their vowel before another, and those
// that take another form there.
var elides = set("le la de que ne se ce cet du au à ma ta sa nouveau nouvel beau bel vieux vieil")

func startsOpen(s string) bool {
	r, _ := utf8.DecodeRuneInString(strings.ToLower(s))
	return strings.ContainsRune("aeiouyhàâéèêëîïôûùœ", r)
}

// withoutArticle is the replacement without an article of its own where one
// stands before it already, or somebody's name: "the airline's systems".
func (k *checker) withoutArticle(h hit) string {
	first, rest, ok := strings.Cut(h.replacement, " ")
	if !ok || !determiners[first] || h.advice {
		return h.replacement
	}
	before, _ := k.wordBefore(h.start)
	if determiners[before] || before == "s" || strings.HasSuffix(before, "'s") {
		return rest
	}
	return h.replacement
}
