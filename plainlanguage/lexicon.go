package plainlanguage

import (
	"cmp"
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed lexicon/*.txt
var lexiconFiles embed.FS

// lexiconOf reads the lexicon of a language when it is first needed; after
// that it never changes.
func lexiconOf(language string) *lexicon {
	switch language {
	case "en":
		return english()
	case "de":
		return german()
	case "fr":
		return french()
	case "es":
		return spanish()
	default:
		return nil
	}
}

var (
	english = sync.OnceValue(func() *lexicon { return mustLexicon("en") })
	german  = sync.OnceValue(func() *lexicon { return mustLexicon("de") })
	french  = sync.OnceValue(func() *lexicon { return mustLexicon("fr") })
	spanish = sync.OnceValue(func() *lexicon { return mustLexicon("es") })
)

func mustLexicon(language string) *lexicon {
	b, err := lexiconFiles.ReadFile("lexicon/" + language + ".txt")
	if err == nil {
		var l lexicon
		if l, err = parseLexicon(string(b)); err == nil {
			return &l
		}
	}
	panic("plainlanguage: " + language + ": " + err.Error()) // a test reads the files, so no release has a bad one
}

// section is what the terms of one part of the lexicon have in common.
type section struct {
	rule            Rule
	developerKnown  bool
	soft            bool
	besideRepair    bool
	besideTechnical bool
	quiet           bool
	capital         bool
	inside          bool
	reason          string
	with, without   neighbours
	// firsts are the first words of compounds; empty in other sections.
	firsts []string
}

// term is one entry of the lexicon.
type term struct {
	*section
	text        string
	inflections []string
	replacement string
	// plural is the replacement for what ends in an s; it may be empty.
	plural string
	// advice says that the replacement speaks to the writer and does not fit
	// into the sentence.
	advice bool
}

// replacementFor is what to write instead of the term as it was found.
func (t term) replacementFor(found string) string {
	if t.plural != "" && strings.HasSuffix(found, "s") && !strings.HasSuffix(t.text, "s") {
		return t.plural
	}
	return t.replacement
}

// lexicon is the words that readers cannot be expected to know.
type lexicon struct {
	terms     []term
	phrases   phraseIndex // each value is an index into terms, or plainPhrase
	known     map[string]bool
	technical neighbours
	// words are what the rules say, by their English; nil in English.
	words map[string]string
	// genders are those of nouns, and of what has none that shows; nil in English.
	genders map[string]string
	// said are the phrases that say a part of a good update.
	said map[Part]phraseIndex
	// firm are terms of everyday words that nobody understands by these.
	firm phraseIndex
}

// translated is what a rule says, in the lexicon's language.
func (l *lexicon) translated(english string) string {
	if l == nil {
		return english
	}
	return cmp.Or(l.words[english], english)
}

// plainPhrase marks a phrase that everybody understands although it holds a
// term.
const plainPhrase = -1

// neighbours are words that tell one sense of a word from another.
type neighbours struct {
	words  map[string]bool
	starts []string
}

// has says whether a word in lower case is one of them.
func (n neighbours) has(word string) bool {
	if n.words[word] {
		return true
	}
	for _, start := range n.starts {
		if strings.HasPrefix(word, start) {
			return true
		}
	}
	return false
}

// add adds the words of a line; a star stands for any ending.
func (n *neighbours) add(line string) {
	if n.words == nil {
		n.words = map[string]bool{}
	}
	for _, word := range strings.Fields(line) {
		if start, ok := strings.CutSuffix(word, "*"); ok {
			n.starts = append(n.starts, start)
		} else {
			n.words[word] = true
		}
	}
}

// parseLexicon reads the format that the head of lexicon/en.txt describes.
func parseLexicon(s string) (lexicon, error) {
	l := lexicon{phrases: phraseIndex{}, firm: phraseIndex{}, known: map[string]bool{}, words: map[string]string{}, genders: map[string]string{}, said: map[Part]phraseIndex{}}
	var current *section
	kind := ""
	for n, line := range strings.Split(s, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if head, ok := strings.CutPrefix(line, "["); ok {
			var err error
			if kind, current, err = parseSection(head); err != nil {
				return l, fmt.Errorf("line %d: %w", n+1, err)
			}
			continue
		}
		if !l.addLine(kind, current, line) {
			return l, fmt.Errorf("line %d: %q does not belong into a section of the kind %q", n+1, line, kind)
		}
	}
	return l, nil
}

// addLine adds a line of a section of a kind.
func (l *lexicon) addLine(kind string, current *section, line string) bool {
	if part, ok := strings.CutPrefix(kind, "said "); ok {
		return l.addSaid(Part(part), line)
	}
	if gender, ok := strings.CutPrefix(kind, "gender "); ok {
		for noun := range strings.SplitSeq(line, ";") {
			l.genders[strings.ToLower(strings.TrimSpace(noun))] = gender
		}
		return true
	}
	switch kind {
	case "words":
		english, own, ok := strings.Cut(line, "=>")
		l.words[strings.TrimSpace(english)] = strings.TrimSpace(own)
		return ok
	case "known":
		for _, w := range strings.Fields(line) {
			l.known[w] = true
		}
	case "technical":
		l.technical.add(line)
	case "firm":
		for phrase := range strings.SplitSeq(line, ";") {
			l.firm.add(phrase, 0)
		}
	case "plain":
		for phrase := range strings.SplitSeq(line, ";") {
			l.phrases.add(phrase, plainPhrase)
		}
	case "term":
		if words, ok := strings.CutPrefix(line, "first:"); ok {
			current.firsts = append(current.firsts, strings.Fields(words)...)
		} else if words, ok := strings.CutPrefix(line, "with:"); ok {
			current.with.add(words)
		} else if words, ok := strings.CutPrefix(line, "without:"); ok {
			current.without.add(words)
		} else {
			l.addTerm(current, line)
		}
	default:
		return false
	}
	return true
}

// addSaid adds the phrases of a line to those that say a part.
func (l *lexicon) addSaid(p Part, line string) bool {
	if l.said[p] == nil {
		l.said[p] = phraseIndex{}
	}
	for phrase := range strings.SplitSeq(line, ";") {
		l.said[p].addName(phrase, 1)
	}
	return slices.Contains([]Part{PartWho, PartSince, PartDo, PartNext, PartClosing}, p)
}

// parseSection reads "RULE READERS FLAGS] reason".
func parseSection(s string) (kind string, sec *section, err error) {
	head, reason, ok := strings.Cut(s, "]")
	if !ok {
		return "", nil, fmt.Errorf("section %q has no end", s)
	}
	words := strings.Fields(head)
	if len(words) == 1 && slices.Contains([]string{"plain", "known", "technical", "firm", "words"}, words[0]) || len(words) == 2 && (words[0] == "said" || words[0] == "gender") {
		return strings.Join(words, " "), nil, nil
	}
	if len(words) < 2 || strings.TrimSpace(reason) == "" {
		return "", nil, fmt.Errorf("section %q needs a rule, readers and a reason", head)
	}
	sec = &section{rule: Rule(words[0]), reason: strings.TrimSpace(reason)}
	for i, w := range words[1:] {
		switch {
		case i == 0 && w == "developer-known":
			sec.developerKnown = true
		case i == 0 && w == "every":
		case i > 0 && w == "soft":
			sec.soft = true
		case i > 0 && w == "beside-repair":
			sec.besideRepair = true
		case i > 0 && w == "beside-technical":
			sec.besideTechnical = true
		case i > 0 && w == "quiet":
			sec.quiet = true
		case i > 0 && w == "inside":
			sec.inside = true
		case i > 0 && w == "capital":
			sec.capital = true
		default:
			return "", nil, fmt.Errorf("section %q: %q is not known", head, w)
		}
	}
	return "term", sec, nil
}

// addTerm reads "term; inflection, inflection => replacement | plural".
func (l *lexicon) addTerm(sec *section, line string) {
	t := term{section: sec}
	words, replacement, found := strings.Cut(line, "=>")
	if !found {
		words, replacement, t.advice = strings.Cut(line, "->")
	}
	replacement, plural, _ := strings.Cut(replacement, "|")
	t.replacement, t.plural = strings.TrimSpace(replacement), strings.TrimSpace(plural)
	if one, ok := strings.CutSuffix(t.replacement, "~"); ok {
		t.replacement, t.plural = one, plurals(one)
	}
	text, inflections, _ := strings.Cut(words, ";")
	t.text = strings.TrimSpace(text)
	if one, ok := strings.CutSuffix(t.text, "~"); ok {
		t.text, t.inflections = one, []string{plurals(one)}
	}
	for inflection := range strings.SplitSeq(inflections, ",") {
		if inflection = strings.TrimSpace(inflection); inflection != "" {
			t.inflections = append(t.inflections, inflection)
		}
	}
	if len(sec.firsts) > 0 {
		l.compound(&t)
	}
	for _, phrase := range append([]string{t.text}, t.inflections...) {
		l.phrases.add(phrase, len(l.terms))
	}
	l.terms = append(l.terms, t)
}

// compound puts each of the section's first words before a term, where the
// lexicon does not have the two together yet.
func (l *lexicon) compound(t *term) {
	var together []string
	for _, first := range t.firsts {
		for _, form := range append([]string{t.text}, t.inflections...) {
			if phrase := first + " " + form; !l.phrases.holds(phrase) {
				together = append(together, phrase)
			}
		}
	}
	t.text, t.inflections = together[0], together[1:]
}

// plurals is the plural of a noun that forms it by rule.
func plurals(noun string) string {
	switch {
	case strings.HasSuffix(noun, "s"), strings.HasSuffix(noun, "x"), strings.HasSuffix(noun, "ch"), strings.HasSuffix(noun, "sh"):
		return noun + "es"
	case strings.HasSuffix(noun, "y") && len(noun) > 1 && strings.IndexByte("aeiou", noun[len(noun)-2]) < 0:
		return noun[:len(noun)-1] + "ies"
	default:
		return noun + "s"
	}
}
