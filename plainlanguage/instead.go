package plainlanguage

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// wording is what to write instead of one English term, by the kind of word
// that both are: only then can one stand where the other stood.
type wording struct {
	kind kind
	way
	// ways are others to say it, beside certain words; the first that suits wins.
	ways []way
}

// kind is what a word is in its sentence.
type kind string

const (
	kindVerb   kind = "verb"   // in all its forms
	kindNoun   kind = "noun"   // one and several
	kindMass   kind = "mass"   // neither one nor several
	kindPlural kind = "plural" // several, for what is one or a mass
	kindPhrase kind = "phrase" // any other, as it stands
)

// way is one way to say something.
type way struct {
	before, after map[string]bool // words beside which it is said so
	// one and several are empty when nothing fits there. Of verbs, one is the
	// base.
	one, several string
}

// form is which form of a word was found.
type form string

const (
	formBase form = "base" // also of nouns: one
	formS    form = "s"    // also of nouns: several
	formPast form = "past"
	formIng  form = "ing"
)

// wordingForm is one form of a term that has a wording.
type wordingForm struct {
	*wording
	form form
}

// wordings are all of them, by the form that is found.
var wordings = sync.OnceValue(func() map[string][]wordingForm {
	b, err := lexiconFiles.ReadFile("lexicon/en-instead.txt")
	if err == nil {
		var all map[string][]wordingForm
		if all, err = parseWordings(string(b)); err == nil {
			return all
		}
	}
	panic("plainlanguage: en-instead: " + err.Error()) // a test reads the file, so no release has a bad one
})

// parseWordings reads the format that the head of the file describes.
func parseWordings(s string) (map[string][]wordingForm, error) {
	all := map[string][]wordingForm{}
	var current kind
	var problems []error
	for n, line := range strings.Split(s, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '[' {
			current = kind(strings.Trim(line, "[]"))
			continue
		}
		terms, rest, ok := strings.Cut(line, "=>")
		if !ok || current == "" {
			return nil, fmt.Errorf("line %d: %q is no wording", n+1, line)
		}
		said := strings.Split(rest, ";")
		w := &wording{kind: current, way: current.way(said[0])}
		for _, s := range said[1:] {
			beside, words, ok := strings.Cut(s, ":")
			if !ok {
				return nil, fmt.Errorf("line %d: %q names no words", n+1, s)
			}
			other := current.way(words)
			other.before, other.after = map[string]bool{}, map[string]bool{}
			for _, word := range strings.Fields(beside) {
				if before, ok := strings.CutPrefix(word, "^"); ok {
					other.before[before] = true
				} else {
					other.after[word] = true
				}
			}
			w.ways = append(w.ways, other)
		}
		for term := range strings.SplitSeq(terms, ",") {
			for text, f := range current.forms(strings.TrimSpace(term)) {
				key := spaced(text)
				for _, other := range all[key] {
					if other.kind == current {
						problems = append(problems, fmt.Errorf("line %d: %q has a wording already", n+1, text))
					}
				}
				all[key] = append(all[key], wordingForm{w, f})
			}
		}
	}
	return all, errors.Join(problems...)
}

// way reads "one | several"; a single hyphen says that nothing fits.
func (k kind) way(s string) way {
	one, several, ok := strings.Cut(s, "|")
	one, several = strings.TrimSpace(one), strings.TrimSpace(several)
	switch {
	case one == "-":
		return way{several: strings.TrimPrefix(several, "-")}
	case k == kindNoun && !ok:
		several = pluralOf(one)
	case several == "-":
		several = ""
	}
	return way{one: one, several: several}
}

// forms are the forms in which a term of this kind is found.
func (k kind) forms(term string) map[string]form {
	switch k {
	case kindVerb:
		forms := map[string]form{}
		for _, f := range []form{formIng, formPast, formS, formBase} {
			forms[conjugate(term, f, false)] = f
		}
		forms[conjugate(term, formPast, true)] = formPast
		return forms
	case kindNoun:
		one, several, ok := strings.Cut(term, "|")
		if !ok {
			several = pluralOf(one)
		}
		return map[string]form{strings.TrimSpace(one): formBase, strings.TrimSpace(several): formS}
	default:
		return map[string]form{term: formBase}
	}
}

// spaced is a phrase in lower case with a blank between its words.
func spaced(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune(phraseGap, r) }), " ")
}

// joints are the words that begin what stands behind a noun.
var joints = set("of that for from in to with between on at by around under back")

// pluralOf is the plural of a noun and what stands behind it: "copies of our
// data".
func pluralOf(noun string) string {
	words := strings.Fields(noun)
	for i, w := range words {
		if i > 0 && joints[w] {
			return plurals(strings.Join(words[:i], " ")) + " " + strings.Join(words[i:], " ")
		}
	}
	return plurals(noun)
}

// irregular are the past and the participle of verbs that do not form them by
// rule.
var irregular = map[string][2]string{
	"be": {"was", "been"}, "bring": {"brought", "brought"}, "build": {"built", "built"}, "come": {"came", "come"}, "cut": {"cut", "cut"},
	"find": {"found", "found"}, "give": {"gave", "given"}, "go": {"went", "gone"}, "grow": {"grew", "grown"}, "hold": {"held", "held"},
	"keep": {"kept", "kept"}, "lose": {"lost", "lost"}, "make": {"made", "made"}, "put": {"put", "put"}, "read": {"read", "read"},
	"rise": {"rose", "risen"}, "run": {"ran", "run"}, "send": {"sent", "sent"}, "set": {"set", "set"}, "shed": {"shed", "shed"},
	"spin": {"spun", "spun"}, "spread": {"spread", "spread"}, "take": {"took", "taken"}, "write": {"wrote", "written"}, "begin": {"began", "begun"},
	"freeze": {"froze", "frozen"}, "hang": {"hung", "hung"}, "leave": {"left", "left"}, "fall": {"fell", "fallen"},
}

// doubling are the verbs that double their last letter, and the last parts of
// such verbs.
var doubling = set("stop ship drop cut put set run begin spin drag plug swap trim map shut")

// conjugate gives a form of a verb, of whose words the first is inflected: "roll
// back", "rolled back".
func conjugate(verb string, f form, participle bool) string {
	first, rest, more := strings.Cut(verb, " ")
	prefix := ""
	if i := strings.LastIndexByte(first, '-'); i >= 0 {
		prefix, first = first[:i+1], first[i+1:]
	}
	switch f {
	case formS:
		first = plurals(first)
	case formPast:
		if both, ok := irregular[first]; !ok {
			first = stem(first, 'e') + "ed"
		} else if participle {
			first = both[1]
		} else {
			first = both[0]
		}
	case formIng:
		first = stem(first, 'i') + "ing"
	}
	if more {
		first += " " + rest
	}
	return prefix + first
}

// stem is what "ed" or "ing" is put to, the first letter of which is next.
func stem(verb string, next byte) string {
	last := len(verb) - 1
	switch {
	case doubling[verb]:
		return verb + verb[last:]
	case verb[last] == 'e' && !strings.HasSuffix(verb, "ee"):
		return verb[:last]
	case next == 'e' && verb[last] == 'y' && strings.IndexByte("aeiou", verb[last-1]) < 0:
		return verb[:last] + "i"
	default:
		return verb
	}
}

// reworded is what to write instead of a term where it stands, and whether it
// fits into the sentence there.
type reworded struct {
	words      string
	fits, noun bool
}

// reword looks for other words of the same kind for a term of the English
// lexicon.
func (k *checker) reword(s span) reworded {
	candidates := wordings()[spaced(k.lower[s.start:s.end])]
	if len(candidates) == 0 {
		return reworded{}
	}
	var first reworded
	p := k.placeOf(s)
	for _, c := range candidates {
		if c.kind == kindVerb && c.form == formS && isAlsoNoun(candidates) && !pronouns[p.before] {
			continue // "spikes" are more often several than what something does
		}
		said := c.wayAt(p, c.form)
		words := said.in(c, p)
		if words == "" {
			if first.words == "" {
				first = reworded{words: c.way.in(c, p)} // shown at least
			}
			continue
		}
		w := reworded{words, c.stands(p, words), c.kind == kindNoun || c.kind == kindMass || c.kind == kindPlural}
		if w.fits {
			return w
		}
		if first.words == "" {
			first = w
		}
	}
	return first
}

// purposes are verbs behind "to" that say what for: "reversed to restore", but
// "returned to the last version".
var purposes = set(`restore fix resolve prevent avoid allow ensure reduce help stop mitigate minimise minimize bring get keep make recover protect
	address clear be give improve relieve handle`)

// pronouns are what does something, without a doubt.
var pronouns = set("it that which who this he she")

func isAlsoNoun(candidates []wordingForm) bool {
	return slices.ContainsFunc(candidates, func(c wordingForm) bool { return c.kind == kindNoun })
}

// wayAt is how it is said at a place.
func (w *wording) wayAt(p place, f form) way {
	for _, other := range w.ways {
		if other.before[p.before] && !(f == formIng && beForms[p.before]) || other.after["."] && p.withoutObject(f) {
			return other
		}
		reach := 1
		if w.kind == kindVerb { // what a verb is about
			reach = 3
		}
		for i, word := range p.next[:reach] {
			if other.after[word] && (word != "to" || i == 0 && !purposes[p.next[1]]) {
				return other
			}
		}
	}
	return w.way
}

// in is a way in the form that was found.
func (w way) in(c wordingForm, p place) string {
	switch {
	case w.one == "" && c.form != formS || c.kind == kindVerb && w.one == "":
		return ""
	case c.kind == kindVerb:
		return conjugate(w.one, c.form, p.participle())
	case c.kind == kindNoun && c.form == formS:
		return w.several
	default:
		return w.one
	}
}
