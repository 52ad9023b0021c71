package plainlanguage

import (
	"cmp"
	"slices"
	"strings"

	"github.com/allclear-status/allclear/status"
)

// Part names one thing that readers look for in an update.
type Part string

// The parts of a good update. The last is asked for at the end alone.
const (
	PartWhat    Part = "what"
	PartWho     Part = "who"
	PartSince   Part = "since"
	PartDo      Part = "do"
	PartNext    Part = "next"
	PartClosing Part = "closing"
)

// Essential says whether an update holds one part.
type Essential struct {
	Part Part `json:"part"`
	// Said is "text" or "field" for where it is said, "" when it is missing.
	Said string `json:"said"`
	// Question is what a reader would ask who does not find it.
	Question string `json:"question"`
}

// Said in the text, or known from a field of the incident.
const (
	saidInText  = "text"
	saidInField = "field"
)

// Essentials says which parts of a good update a text and the incident's fields
// hold, and which are missing. Of a text in a language without a lexicon only
// the fields can tell, so what they do not say is left out: nobody knows whether
// it is missing.
func Essentials(s string, c Context) []Essential {
	k := &checker{text: newText(s), context: c}
	k.lexicon = lexiconOf(cmp.Or(c.Language, k.language()))
	over := slices.Contains([]status.IncidentStatus{status.Resolved, status.MaintenanceCompleted}, c.Status)
	said := func(text, field bool) string {
		switch {
		case text:
			return saidInText
		case field:
			return saidInField
		default:
			return ""
		}
	}
	clocks := len(k.clocks()) > 0
	parts := []Essential{
		{PartWhat, said(len(k.named(c.Components)) > 0, len(c.Components) > 0), "Which part of the service does not work?"},
		{PartWho, said(k.says(PartWho) || k.namesShare(), false), "Does it concern me: everybody, a region, a share?"},
		{PartSince, said(clocks && k.says(PartSince), !c.StartedAt.IsZero()), "Since when?"},
	}
	if over {
		parts = append(parts, Essential{PartClosing, said(k.says(PartClosing), false), "Is anything lost, and what if it still does not work for me?"})
	} else {
		parts = append(parts,
			Essential{PartDo, said(k.says(PartDo), c.WhatToDo != ""), "What can I do meanwhile, or is there nothing to do?"},
			Essential{PartNext, said(k.says(PartNext) && (clocks || k.saysMinutes()), !c.NextUpdateDueAt.IsZero()), "When will I hear from you again?"})
	}
	if k.lexicon == nil {
		return slices.DeleteFunc(parts, func(e Essential) bool { return e.Said == "" && e.Part != PartWhat })
	}
	for i := range parts {
		parts[i].Question = k.lexicon.translated(parts[i].Question)
	}
	return parts
}

// Missing are the parts that an update does not hold.
func Missing(essentials []Essential) []Part {
	var missing []Part
	for _, e := range essentials {
		if e.Said == "" {
			missing = append(missing, e.Part)
		}
	}
	return missing
}

// namesShare says whether the text names a percentage.
func (k *checker) namesShare() bool { return strings.Contains(k.plain, "%") }

// says says whether one of the phrases for a part stands in the text.
func (k *checker) says(p Part) bool {
	if k.lexicon == nil {
		return false
	}
	for i := range k.words {
		if _, _, length := k.findPhrase(k.lexicon.said[p], i, phraseGap); length > 0 {
			return true
		}
	}
	return false
}

// spanWords begin the words for minutes and hours.
var spanWords = []string{"minut", "hour", "stunde", "heure", "hora"}

// saysMinutes knows "within 30 minutes" and "in one hour".
func (k *checker) saysMinutes() bool {
	for i := range k.words {
		word := k.word(i)
		if i > 0 && slices.ContainsFunc(spanWords, func(start string) bool { return strings.HasPrefix(word, start) }) {
			return true
		}
	}
	return false
}
