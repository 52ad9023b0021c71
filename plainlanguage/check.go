package plainlanguage

import (
	"cmp"
	"time"

	"github.com/allclear-status/allclear/status"
)

// Profile is who will read a text.
type Profile string

// The public gets every rule; developers know the words of those who build on
// us; insiders know all our words, but leaks and placeholders concern them too.
// An unknown profile is treated as public.
const (
	ProfilePublic    Profile = "public"
	ProfileDeveloper Profile = "developer"
	ProfileInternal  Profile = "internal"
)

// Context is what is known about a text and its readers.
type Context struct {
	Profile Profile
	// Status is the state that the text is posted under; it may be empty.
	Status status.IncidentStatus
	// Components are the names of the page's components, which its readers
	// know; those that are affected, when that is known.
	Components []string
	// PublicAddresses are the company's own public mail addresses, phone
	// numbers and domains ("acme.example"): never personal data nor a host.
	PublicAddresses []string
	// Internal is the company's glossary: internal name to public name, which
	// may be empty.
	Internal map[string]string
	// Allowed are further words that this company's readers know.
	Allowed []string
	// Impact is that of the incident, States those of its components by name;
	// either may be missing.
	Impact status.Impact
	States map[string]status.ComponentStatus
	// Previous is the text of the last update.
	Previous string
	// Now is when the text is checked, StartedAt when the trouble began and
	// NextUpdateDueAt when the next word is promised; each may be zero.
	Now, StartedAt, NextUpdateDueAt time.Time
	// WhatToDo is what readers can do meanwhile, where that is said apart.
	WhatToDo string
	// Language is that of the text, such as "en"; empty: it is found out.
	Language string
}

// Check reads the text of a field and returns what does not suit its readers:
// errors first, then warnings, then hints, each in the order of the text.
func Check(field, s string, c Context) []Finding {
	k := &checker{text: newText(s), context: c}
	k.lexicon = lexiconOf(cmp.Or(c.Language, k.language()))
	k.findSecrets()
	k.findPersonalData()
	k.findPlaceholders()
	k.findTraces()
	k.findHosts()
	k.findAddresses()
	k.findCommands()
	k.findPaths()
	k.findIdentifiers()
	if c.Profile != ProfileInternal {
		k.findWords(field)
	}
	k.hits = k.withoutExempt(k.hits)
	k.lowerLoneWord()
	if c.Profile != ProfileDeveloper { // who can stand one technical word can stand three
		k.raiseCrowds()
		k.raiseCrowdedText()
	}
	return k.findings(field)
}

// findWords runs the rules about words and how they are put.
func (k *checker) findWords(field string) {
	k.sentences = k.findSentences()
	k.findInternalNames()
	k.findStatusCodes()
	k.findInfrastructure()
	k.findTimes()
	k.findNoNews()
	k.findLength(field)
	if k.lexicon == nil {
		return
	}
	k.findAcronyms()
	k.findTerms()
	if k.lexicon == english() {
		k.findContradictions()
		k.findEarlyCause()
		k.findBlame()
		k.findHedging()
		k.findReadability()
	}
}

// hit is a finding in the making.
type hit struct {
	span
	rule        Rule
	level       Level
	reason      string
	replacement string
	// masked hits are never shown in full, not even inside another finding.
	masked bool
	// advice speaks to the writer; no suggested text takes it over.
	advice bool
	// reworded hits have words of the same kind as a replacement.
	reworded bool
	// noun says that these stand for a noun.
	noun bool
	// inside hits tell of our inside, whatever their rule.
	inside bool
	// weak hits are hints only because of everyday words near them.
	weak bool
	// readable hits consist of everyday words.
	readable bool
	// developerKnown hits are not told to those who build on us.
	developerKnown bool
}

// checker collects what the rules find in one text.
type checker struct {
	*text
	context   Context
	hits      []hit
	sentences []sentence
	// lexicon is that of the text's language; nil when there is none.
	lexicon *lexicon
	// hard marks the words that make those beside them technical, hardTerms
	// counts them.
	hard      []bool
	hardTerms int
	// weak says that all that is hard is one term of everyday words.
	weak bool
	// sentenceOf numbers the sentences of the words.
	sentenceOf []int
	// causes are the sentences that speak of a cause; nil before it is asked.
	causes map[int]bool
	// What the acronym rule works out once; nil before.
	capitals, explained map[string]bool
}

// leak reports something that must not get out.
func (k *checker) leak(rule Rule, s span, reason string) {
	k.hits = append(k.hits, hit{span: s, rule: rule, level: LevelError, reason: reason})
}

// masked reports something that not even the finding may repeat.
func (k *checker) masked(rule Rule, s span, reason string) {
	k.hits = append(k.hits, hit{span: s, rule: rule, level: LevelError, reason: reason, masked: true})
}
