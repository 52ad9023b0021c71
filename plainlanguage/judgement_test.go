package plainlanguage

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

var (
	evaluate   = flag.Bool("eval", false, "print what the check finds in testdata")
	showMisses = flag.Bool("show", false, "with -eval: show what is missed in the half that is developed on")
)

// share counts how many of a total.
type share struct{ n, of int }

func (s *share) add(hit bool) {
	s.of++
	if hit {
		s.n++
	}
}

func (s share) percent() float64 { return 100 * float64(s.n) / float64(max(1, s.of)) }

func (s share) String() string { return fmt.Sprintf("%3d of %3d (%5.1f %%)", s.n, s.of, s.percent()) }

// figures are what is counted over one half of the corpus.
type figures struct {
	found, warned, refused map[string]share // by label
	terms, termsWarned     map[string]share // by readers
	alarms, helpful        map[Rule]int     // warnings and errors outside and on marked places
	alarmHints             map[Rule]int
	developerWarnings      int // warnings of the second group under the developer profile
	softRefused            int
	misses                 []string
	developerMisses        []string
}

// jargonRules are those whose findings are about words.
var jargonRules = []Rule{
	RuleHost, RuleAddress, RuleTrace, RuleIdentifier, RuleCommand, RulePath, RuleInternalName, RuleStatusCode, RuleInfrastructure,
	RuleTooling, RuleShopTalk, RuleAcronym,
}

func measure(samples []sample, profile Profile) figures {
	f := figures{
		found: map[string]share{}, warned: map[string]share{}, refused: map[string]share{}, terms: map[string]share{},
		termsWarned: map[string]share{}, alarms: map[Rule]int{}, alarmHints: map[Rule]int{}, helpful: map[Rule]int{},
	}
	for _, s := range samples {
		s.context.Profile = profile
		f.count(s, Check("body", s.text, s.context))
	}
	return f
}

func (f *figures) count(s sample, findings []Finding) {
	var found, warned, onlySoft = false, false, true
	for _, x := range findings {
		if !slices.Contains(jargonRules, x.Rule) {
			if x.Level != LevelHint {
				f.alarms[x.Rule]++
				f.misses = append(f.misses, fmt.Sprintf("%s: other rule %s %q in %q", s.kind, x.Rule, x.Text, s.text))
			} else {
				f.alarmHints[x.Rule]++
			}
			continue
		}
		found, warned = true, warned || x.Level != LevelHint
		f.countFinding(s, x)
	}
	for _, m := range s.marks {
		onlySoft = onlySoft && m.soft
		f.countTerm(s, m, findings)
	}
	f.softRefused += btoi(onlySoft && Blocking(findings))
	bump(f.found, s.kind, found)
	bump(f.warned, s.kind, warned)
	bump(f.refused, s.kind, Blocking(findings))
	if s.kind == "jargon" && !warned || s.kind == "mixed" && !found {
		f.misses = append(f.misses, fmt.Sprintf("%s: nothing in %q", s.kind, s.text))
	}
}

// countFinding says whether a finding about words stands on a marked place.
func (f *figures) countFinding(s sample, x Finding) {
	at := span{x.Start, x.End}
	on := slices.ContainsFunc(s.marks, func(m mark) bool { return m.overlaps(at) })
	developer := on && !slices.ContainsFunc(s.marks, func(m mark) bool { return m.overlaps(at) && !m.developer })
	switch {
	case x.Level == LevelHint && !on:
		f.alarmHints[x.Rule]++
		f.misses = append(f.misses, fmt.Sprintf("%s: hint %s %q in %q", s.kind, x.Rule, x.Text, s.text))
	case x.Level != LevelHint && on:
		f.helpful[x.Rule]++
		if developer {
			f.developerWarnings++
			f.developerMisses = append(f.developerMisses, fmt.Sprintf("developers warned: %s %q in %q", x.Rule, x.Text, s.text))
		}
		soft := !slices.ContainsFunc(s.marks, func(m mark) bool { return m.overlaps(at) && !m.soft })
		if soft && s.kind == "plain" {
			f.misses = append(f.misses, fmt.Sprintf("%s: soft, yet %s %s %q in %q", s.kind, x.Level, x.Rule, x.Text, s.text))
		}
	case x.Level != LevelHint:
		f.alarms[x.Rule]++
		f.misses = append(f.misses, fmt.Sprintf("%s: %s %s %q in %q", s.kind, x.Level, x.Rule, x.Text, s.text))
	}
}

func (f *figures) countTerm(s sample, m mark, findings []Finding) {
	readers := "every"
	if m.developer {
		readers = "developer"
	}
	if m.soft {
		readers += " soft"
	}
	on := func(x Finding) bool { return m.overlaps(span{x.Start, x.End}) }
	found := slices.ContainsFunc(findings, on)
	bump(f.terms, readers, found)
	bump(f.termsWarned, readers, slices.ContainsFunc(findings, func(x Finding) bool { return on(x) && x.Level != LevelHint }))
	if !found {
		f.misses = append(f.misses, fmt.Sprintf("missed %s: %q in %q", readers, string([]rune(s.text)[m.start:m.end]), s.text))
	}
}

func bump(m map[string]share, key string, hit bool) {
	s := m[key]
	s.add(hit)
	m[key] = s
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func halfOf(samples []sample, held bool) []sample {
	return slices.DeleteFunc(slices.Clone(samples), func(s sample) bool { return s.held != held })
}

// print writes the figures of one half.
func (f figures) print(t *testing.T, title string, profile Profile, show bool) {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s, profile %s\n", title, profile)
	for _, kind := range []string{"plain", "mixed", "jargon"} {
		fmt.Fprintf(&b, "  %-6s  a finding %s   warning or error %s   refused %s\n", kind, f.found[kind], f.warned[kind], f.refused[kind])
	}
	for _, readers := range slices.Sorted(maps.Keys(f.terms)) {
		fmt.Fprintf(&b, "  terms %-15s  found %s   as warning or error %s\n", readers, f.terms[readers], f.termsWarned[readers])
	}
	fmt.Fprintf(&b, "  refused although all marks are soft: %d; warnings on developers' words: %d\n", f.softRefused, f.developerWarnings)
	rules := map[Rule]bool{}
	for _, m := range []map[Rule]int{f.alarms, f.helpful, f.alarmHints} {
		for rule := range m {
			rules[rule] = true
		}
	}
	for _, rule := range slices.SortedFunc(maps.Keys(rules), cmp.Compare) {
		fmt.Fprintf(&b, "  %-15s  warnings and errors: on a mark %3d, beside %3d; hints beside %3d\n", rule, f.helpful[rule], f.alarms[rule], f.alarmHints[rule])
	}
	if show {
		if profile == ProfileDeveloper {
			f.misses = f.developerMisses
		}
		slices.Sort(f.misses)
		fmt.Fprintln(&b, strings.Join(f.misses, "\n"))
	}
	t.Log(b.String())
}

// TestJudgement holds the check to what it was measured to do.
func TestJudgement(t *testing.T) {
	samples := readSamples(t, "corpus/*.txt")
	if len(samples) < 400 {
		t.Errorf("%d samples, want at least 400", len(samples))
	}
	for _, held := range []bool{false, true} {
		title := map[bool]string{false: "the half developed on", true: "the half only counted"}[held]
		half := halfOf(samples, held)
		public, developer := measure(half, ProfilePublic), measure(half, ProfileDeveloper)
		if *evaluate {
			public.print(t, title, ProfilePublic, *showMisses && !held)
			developer.print(t, title, ProfileDeveloper, *showMisses && !held)
			measure(half, ProfileInternal).print(t, title, ProfileInternal, false)
		}
		public.judge(t, title)
		if developer.developerWarnings > 0 {
			t.Errorf("%s: developers are warned of %d of their own words", title, developer.developerWarnings)
		}
	}
}

func (f figures) judge(t *testing.T, title string) {
	t.Helper()
	for _, goal := range []struct {
		what string
		got  float64
		ok   func(float64) bool
	}{
		{"jargon texts with a warning", f.warned["jargon"].percent(), atLeast(97)},
		{"mixed texts with a finding", f.found["mixed"].percent(), atLeast(90)},
		{"terms no reader should see", f.terms["every"].percent(), atLeast(85)},
		{"developers' terms", f.terms["developer"].percent(), atLeast(75)},
		{"plain texts with a warning", f.warned["plain"].percent(), atMost(5)},
		{"plain texts refused", f.refused["plain"].percent(), atMost(0.5)},
		{"soft texts refused", float64(f.softRefused), atMost(0)},
	} {
		if !goal.ok(goal.got) {
			t.Errorf("%s: %s: %.1f", title, goal.what, goal.got)
		}
	}
}

func atLeast(n float64) func(float64) bool { return func(got float64) bool { return got >= n } }
func atMost(n float64) func(float64) bool  { return func(got float64) bool { return got <= n } }

// leakFigures are what is counted over leaks and near misses.
type leakFigures struct {
	found   share
	byRule  map[Rule]share
	flagged share // near misses
	misses  []string
}

func measureLeaks(samples []sample) leakFigures {
	f := leakFigures{byRule: map[Rule]share{}}
	for _, s := range samples {
		findings := Check("body", s.text, s.context)
		if s.kind == "near" {
			n := slices.IndexFunc(findings, func(x Finding) bool { return x.Rule.leak() })
			f.flagged.add(n >= 0)
			if n >= 0 {
				f.misses = append(f.misses, fmt.Sprintf("near: %s %q in %q", findings[n].Rule, findings[n].Text, s.text))
			}
			continue
		}
		for _, m := range s.marks {
			found := slices.ContainsFunc(findings, func(x Finding) bool { return x.Rule.leak() && m.overlaps(span{x.Start, x.End}) })
			one := f.byRule[s.rule]
			one.add(found)
			f.byRule[s.rule] = one
			f.found.add(found)
			if !found {
				f.misses = append(f.misses, fmt.Sprintf("missed %s: %q", s.rule, s.text))
			}
		}
	}
	return f
}

func (f leakFigures) print(t *testing.T, title string, show bool) {
	t.Logf("\nleaks, %s: found %s; near misses flagged %s", title, f.found, f.flagged)
	for _, rule := range slices.Sorted(maps.Keys(f.byRule)) {
		t.Logf("  %-14s %s", rule, f.byRule[rule])
	}
	if show {
		t.Log(strings.Join(f.misses, "\n"))
	}
}

// TestLeaksOfTheCorpus counts leaks that are found and near misses that are
// not.
func TestLeaksOfTheCorpus(t *testing.T) {
	samples := readSamples(t, "leaks.txt")
	if *evaluate {
		for _, held := range []bool{false, true} {
			title := map[bool]string{false: "the half developed on", true: "the half only counted"}[held]
			measureLeaks(halfOf(samples, held)).print(t, title, *showMisses && !held)
		}
	}
	if all := measureLeaks(samples); all.found.percent() < 97 || all.flagged.percent() > 3 {
		t.Errorf("leaks found %s, near misses flagged %s", all.found, all.flagged)
	}
}

// TestLanguages prints, and holds, what is found in the other languages with a
// lexicon.
func TestLanguages(t *testing.T) {
	for _, language := range []string{"de", "fr", "es"} {
		samples := readSamples(t, "languages/"+language+".txt")
		for _, s := range samples {
			if got := LanguageOf(s.text); got != language {
				t.Errorf("%q is taken for %q", s.text, got)
			}
		}
		public := measure(samples, ProfilePublic)
		if *evaluate {
			public.print(t, "language "+language, ProfilePublic, *showMisses)
		}
		public.judge(t, language)
	}
}
