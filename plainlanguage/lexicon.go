package plainlanguage

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
)

//go:embed lexicon/en.txt
var englishText string

// english is the lexicon of English, read when it is first needed; after that
// it never changes.
var english = sync.OnceValue(func() lexicon {
	l, err := parseLexicon(englishText)
	if err != nil {
		panic("plainlanguage: " + err.Error()) // a test reads the file, so no release has a bad one
	}
	return l
})

// section is what the terms of one part of the lexicon have in common.
type section struct {
	rule           Rule
	developerKnown bool
	soft           bool
	besideRepair   bool
	reason         string
}

// term is one entry of the lexicon.
type term struct {
	section
	text        string
	inflections []string
	replacement string
	// plural is the replacement for what ends in an s; it may be empty.
	plural string
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
	terms   []term
	phrases phraseIndex // each value is an index into terms, or plainPhrase
	known   map[string]bool
}

// plainPhrase marks a phrase that everybody understands although it holds a
// term.
const plainPhrase = -1

// parseLexicon reads the format that the head of lexicon/en.txt describes.
func parseLexicon(s string) (lexicon, error) {
	l := lexicon{phrases: phraseIndex{}, known: map[string]bool{}}
	var current section
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
		switch kind {
		case "known":
			for _, w := range strings.Fields(line) {
				l.known[w] = true
			}
		case "plain":
			for phrase := range strings.SplitSeq(line, ";") {
				l.phrases.add(phrase, plainPhrase)
			}
		case "term":
			l.addTerm(current, line)
		default:
			return l, fmt.Errorf("line %d: a term before the first section", n+1)
		}
	}
	return l, nil
}

// parseSection reads "RULE READERS FLAGS] reason".
func parseSection(s string) (kind string, sec section, err error) {
	head, reason, ok := strings.Cut(s, "]")
	if !ok {
		return "", sec, fmt.Errorf("section %q has no end", s)
	}
	words := strings.Fields(head)
	if len(words) == 1 && (words[0] == "plain" || words[0] == "known") {
		return words[0], sec, nil
	}
	sec.reason = strings.TrimSpace(reason)
	if len(words) < 2 || sec.reason == "" {
		return "", sec, fmt.Errorf("section %q needs a rule, readers and a reason", head)
	}
	sec.rule = Rule(words[0])
	for i, w := range words[1:] {
		switch {
		case i == 0 && w == "developer-known":
			sec.developerKnown = true
		case i == 0 && w == "every":
		case i > 0 && w == "soft":
			sec.soft = true
		case i > 0 && w == "beside-repair":
			sec.besideRepair = true
		default:
			return "", sec, fmt.Errorf("section %q: %q is not known", head, w)
		}
	}
	return "term", sec, nil
}

// addTerm reads "term; inflection, inflection => replacement | plural".
func (l *lexicon) addTerm(sec section, line string) {
	t := term{section: sec}
	words, replacement, _ := strings.Cut(line, "=>")
	replacement, plural, _ := strings.Cut(replacement, "|")
	t.replacement, t.plural = strings.TrimSpace(replacement), strings.TrimSpace(plural)
	text, inflections, _ := strings.Cut(words, ";")
	t.text = strings.TrimSpace(text)
	for inflection := range strings.SplitSeq(inflections, ",") {
		if inflection = strings.TrimSpace(inflection); inflection != "" {
			t.inflections = append(t.inflections, inflection)
		}
	}
	for _, phrase := range append([]string{t.text}, t.inflections...) {
		l.phrases.add(phrase, len(l.terms))
	}
	l.terms = append(l.terms, t)
}
