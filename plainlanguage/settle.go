package plainlanguage

import (
	"cmp"
	"slices"
	"strings"
)

// settle takes the replacements back that fit into their sentence each, but not
// beside their neighbours: "update of update", "the server in the server".
func (k *checker) settle(findings []Finding) {
	var fitting []*Finding
	for i := range findings {
		if f := &findings[i]; f.fits {
			fitting = append(fitting, f)
		}
	}
	slices.SortFunc(fitting, func(a, b *Finding) int { return cmp.Compare(a.Start, b.Start) })
	k.keepCodePairs(findings)
	for i, f := range fitting {
		f.fits = f.fits && !k.repeats(f) && !slices.ContainsFunc(fitting[max(0, i-settleReach):i], func(before *Finding) bool {
			return before.fits && k.collide(before, f)
		})
		// Of two nouns side by side the second says what both are.
		if i > 0 && f.fits && fitting[i-1].fits && fitting[i-1].End+1 == f.Start && k.at(fitting[i-1].End) == ' ' && fitting[i-1].noun && f.noun {
			fitting[i-1].fits = false
		}
	}
}

// keepCodePairs leaves "503 and 504 errors" as it is: half of it would not read.
func (k *checker) keepCodePairs(findings []Finding) {
	var codes []*Finding
	for i := range findings {
		if findings[i].Rule == RuleStatusCode {
			codes = append(codes, &findings[i])
		}
	}
	slices.SortFunc(codes, func(a, b *Finding) int { return cmp.Compare(a.Start, b.Start) })
	for i := 1; i < len(codes); i++ {
		if codes[i].Start-codes[i-1].End <= len(" and ") {
			codes[i-1].fits, codes[i].fits = false, false
		}
	}
}

// settleReach is how many replacements back one is still remembered.
const settleReach = 4

// repeats says whether a replacement says again what its neighbours say.
func (k *checker) repeats(f *Finding) bool {
	if f.Rule == RuleHost || f.Rule == RuleInternalName {
		return false
	}
	p := k.placeOf(span{f.Start, f.End})
	for word := range strings.FieldsSeq(strings.ToLower(*f.Replacement)) {
		if len(word) < 4 {
			continue
		}
		for _, near := range []string{p.before, p.earlier[0], p.earlier[1], p.next[0], p.next[1], p.next[2]} {
			if sameWord(near, word) {
				return true
			}
		}
	}
	return false
}

// collide says whether two replacements in one sentence say the same for two
// different things, or repeat a word close by.
func (k *checker) collide(a, b *Finding) bool {
	between := k.plain[a.End:b.Start]
	if a.Rule == RuleHost || b.Rule == RuleHost || strings.ContainsAny(between, ".!?\n") || sameWord(strings.ToLower(a.Text), strings.ToLower(b.Text)) {
		return false
	}
	one, other := strings.ToLower(*a.Replacement), strings.ToLower(*b.Replacement)
	if sameWord(one, other) {
		return true
	}
	if strings.Count(between, " ") > 3 {
		return false
	}
	for word := range strings.FieldsSeq(other) {
		if len(word) > 3 && slices.ContainsFunc(strings.Fields(one), func(w string) bool { return sameWord(w, word) }) {
			return true
		}
	}
	return false
}

// sameWord says whether two words are one, or one and its plural.
func sameWord(a, b string) bool {
	return a != "" && (a == b || a == plurals(b) || b == plurals(a))
}
