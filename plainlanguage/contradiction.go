package plainlanguage

import (
	"maps"
	"slices"

	"github.com/allclear-status/allclear/status"
)

const (
	reasonSaysOver  = "says that it is over, but the state says that it is not"
	reasonSaysOpen  = "says that it goes on, but the state says that it is over"
	reasonSaysAll   = "says that everybody is affected, but the impact is small"
	reasonSaysFew   = "says that few are affected, but the impact is critical"
	reasonSaysDown  = "says that it is down, but the component's state says that it works"
	reasonSaysWorks = "says that it works, but the component's state says that it does not"
	reasonSaysEnd   = "says that everything works, but a component's state says that it does not; set the state, or say what is left"
)

var (
	overPhrases = []string{
		"has been resolved", "have been resolved", "is resolved", "is now resolved", "was resolved", "has been fixed", "have been fixed", "is fixed", "is now fixed", "been fully restored",
		"is fully restored", "has been solved", "is solved", "this incident is over", "the incident is over", "is back to normal", "are back to normal", "all systems operational", "everything works again",
		"everything is back", "all clear",
	}
	// partly make the end one of a part only, or one that has not come.
	partly = []string{
		"one of", "two of", "three of", "some of", "most of", "part of", "partly", "partially", "not", "once", "when", "until", "will be", "to be", "as soon as", "before", "if", "first",
		"second", "other", "another", "earlier", "previous", "yesterday", "for some", "for most", "hasn't", "isn't", "after",
	}
	openPhrases = []string{
		"still failing", "still down", "still unavailable", "still investigating", "still working on", "still not working", "still affected", "still seeing", "still experiencing", "still looking into",
		"continue to investigate", "continuing to investigate", "we are investigating", "we're investigating", "currently investigating", "are working on a fix", "working to resolve", "working to fix",
		"remains down", "remain down", "remains unavailable", "remain unavailable", "continues to fail", "not yet resolved", "not yet fixed", "not resolved yet", "not fixed yet", "no estimate yet", "cannot be used yet",
	}
	askingPhrases = []string{"if", "should you", "anyone", "any customer", "may", "might", "were still", "was still", "while", "separate", "separately", "another", "other", "why", "how", "cause"}
	allPhrases    = []string{
		"all users", "all customers", "every user", "every customer", "everyone", "everybody", "nobody can", "no one can", "all of our customers", "all our customers", "completely down",
		"complete outage", "total outage", "entire service", "whole service", "entire platform", "all services are",
	}
	failPhrases = []string{
		"cannot", "can't", "can not", "unable", "down", "unavailable", "fail", "failing", "fails", "errors", "error", "outage", "offline", "not working", "affected", "nobody", "no one", "unreachable", "lost",
	}
	fewPhrases   = []string{"a small number of", "very few", "a handful of", "a tiny", "a few users", "a few customers", "only a few", "nobody is affected", "no customer is affected", "minor issue", "minor problem"}
	calmPhrases  = []string{"again", "no longer", "not affected", "unaffected", "should be able", "can now", "restored"}
	wholePhrases = []string{
		"all systems operational", "all systems are operational", "everything works", "everything is working", "everything is back", "all services are restored", "all services are working",
		"all services are operational", "all services are back", "fully restored", "fully recovered", "fully operational", "all clear", "back to normal",
	}
	downPhrases = []string{"is down", "are down", "is unavailable", "are unavailable", "is offline", "are offline", "is not working", "are not working", "cannot be reached", "is unreachable", "are unreachable"}
	upPhrases   = []string{"works again", "work again", "is working", "are working", "is back", "are back", "works normally", "work normally", "is operational", "are operational", "is restored", "are restored", "has recovered"}
)

// findContradictions compares the words with the state, the impact and the
// components.
func (k *checker) findContradictions() {
	for _, s := range k.sentences {
		switch k.context.Status {
		case status.Investigating, status.Identified:
			k.contradict(s.span, overPhrases, partly, reasonSaysOver)
		case status.Resolved, status.MaintenanceCompleted:
			k.contradict(s.span, openPhrases, askingPhrases, reasonSaysOpen)
		}
		if k.ongoing() {
			k.contradictImpact(s.span)
		}
	}
	k.contradictStates()
	k.contradictEnd()
}

// contradictEnd compares "everything works again" at the end with the states
// of the components.
func (k *checker) contradictEnd() {
	if k.context.Status != status.Resolved {
		return
	}
	for _, state := range k.context.States {
		if state.Impact().Level() > status.ImpactNone.Level() && state != status.UnderMaintenance {
			for _, s := range k.sentences {
				k.contradict(s.span, wholePhrases, partly, reasonSaysEnd)
			}
			return
		}
	}
}

// contradict reports one of the phrases, unless the sentence holds what makes
// it harmless.
func (k *checker) contradict(s span, phrases, harmless []string, reason string) {
	found, ok := k.has(s, phrases)
	if !ok {
		return
	}
	if _, ok := k.has(s, harmless); !ok {
		k.warn(RuleContradiction, found, reason)
	}
}

func (k *checker) ongoing() bool {
	return slices.Contains([]status.IncidentStatus{status.Investigating, status.Identified}, k.context.Status)
}

// contradictImpact compares whom the sentence says to be affected with the
// impact.
func (k *checker) contradictImpact(s span) {
	switch k.context.Impact {
	case status.ImpactNone, status.ImpactMinor:
		if _, fails := k.has(s, failPhrases); fails {
			k.contradict(s, allPhrases, calmPhrases, reasonSaysAll)
		}
	case status.ImpactCritical:
		k.contradict(s, fewPhrases, calmPhrases, reasonSaysFew)
	}
}

// contradictStates compares what is said of a component with its state.
func (k *checker) contradictStates() {
	for _, name := range slices.Sorted(maps.Keys(k.context.States)) {
		state := k.context.States[name]
		for _, at := range k.named([]string{name}) {
			next := span{at.end, min(len(k.plain), at.end+40)}
			for _, s := range k.sentences {
				if s.contains(at) {
					next.end = min(next.end, s.end)
				}
			}
			switch {
			case state == status.Operational && k.ongoing():
				k.contradict(next, downPhrases, partly, reasonSaysDown)
			case state.Impact().Level() >= status.ImpactMajor.Level():
				k.contradict(next, upPhrases, partly, reasonSaysWorks)
			}
		}
	}
}
