package plainlanguage

import (
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

var (
	whoPhrases = []string{
		"all users", "all customers", "some users", "some customers", "some people", "some of you", "users in", "customers in", "people in", "everyone", "everybody", "nobody", "no one", "a small number", "a few",
		"one in", "about one", "half of", "a third of", "most users", "most customers", "most people", "visitors", "merchants", "students", "patients", "guests", "players", "users who", "customers who",
		"people who", "anyone who", "customers with", "users with", "people with", "you may", "you can", "your account", "customers", "users", "homes", "callers", "subscribers", "members", "readers", "drivers", "passengers",
	}
	doPhrases = []string{
		"please", "you can", "you do not need", "you don't need", "no action", "nothing to do", "nobody needs to", "no need to", "try again", "reload", "restart", "refresh", "clear your", "sign in", "use the", "use our",
		"instead", "contact us", "write to", "call us", "in the meantime", "meanwhile", "wait", "update the app", "update to", "install", "log in again", "keep this", "there is nothing you",
	}
	nextPhrases = []string{
		"next update", "update again", "update you", "we will post", "we'll post", "we will say more", "say more by", "we'll be back", "we will be back", "write again", "another update", "further update by", "news by", "news at",
		"inform you again", "informing", "post again", "provide an update within", "provide an update by", "provide an update at",
	}
	closingPhrases = []string{
		"no data", "nothing was lost", "was lost", "none was lost", "not lost", "no message", "no order", "no payment", "nobody was charged", "refund", "if you still", "if yours", "contact support", "let us know",
		"tell us", "write to us", "no action", "nothing to do", "need to do anything", "do not need", "you can now", "please run", "try it again", "will be repeated", "have been sent", "have now", "are complete", "is complete", "are safe", "we are sorry", "we're sorry",
	}
	sinceWords = set("since between from until started began")
)

// Essentials says which parts of a good update a text and the incident's fields
// hold, and which are missing.
func Essentials(s string, c Context) []Essential {
	k := &checker{text: newText(s), context: c}
	whole := span{0, len(k.plain)}
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
	_, who := k.has(whole, whoPhrases)
	_, do := k.has(whole, doPhrases)
	clocks := len(k.clocks()) > 0
	parts := []Essential{
		{PartWhat, said(len(k.named(c.Components)) > 0, len(c.Components) > 0), "Which part of the service does not work?"},
		{PartWho, said(who || k.namesShare(), false), "Does it concern me: everybody, a region, a share?"},
		{PartSince, said(clocks && k.saysSince(), !c.StartedAt.IsZero()), "Since when?"},
	}
	if over {
		_, closing := k.has(whole, closingPhrases)
		return append(parts, Essential{PartClosing, said(closing, false), "Is anything lost, and what if it still does not work for me?"})
	}
	_, next := k.has(whole, nextPhrases)
	return append(parts,
		Essential{PartDo, said(do, c.WhatToDo != ""), "What can I do meanwhile, or is there nothing to do?"},
		Essential{PartNext, said(next && (clocks || k.saysMinutes()), !c.NextUpdateDueAt.IsZero()), "When will I hear from you again?"})
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

// saysSince says whether a word such as since or between stands in the text.
func (k *checker) saysSince() bool {
	for i := range k.words {
		if sinceWords[k.word(i)] {
			return true
		}
	}
	return false
}

// saysMinutes knows "within 30 minutes" and "in one hour".
func (k *checker) saysMinutes() bool {
	for i := range k.words {
		if word := k.word(i); i > 0 && (strings.HasPrefix(word, "minute") || strings.HasPrefix(word, "hour")) {
			return true
		}
	}
	return false
}
