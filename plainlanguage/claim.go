package plainlanguage

import (
	"cmp"
	"slices"
	"strings"
)

// findings turns hits into findings: one for each place, in order, with what
// must not be repeated cut short.
func (k *checker) findings(field string) []Finding {
	told := k.claim()
	masks := maskedSpans(told)
	findings := make([]Finding, 0, len(told))
	for _, h := range told {
		f := Finding{
			Rule: h.rule, Level: h.level, Field: field, Start: h.start, End: h.end,
			Text: k.shown(h.span, masks), Reason: k.lexicon.translated(h.reason),
		}
		if h.replacement != "" {
			h.replacement = k.lexicon.translated(h.replacement)
			f.Replacement, f.fits, f.noun = k.inSentence(h), !h.advice && k.fits(h), h.noun
		}
		findings = append(findings, f)
	}
	k.settle(findings)
	sortFindings(findings)
	return findings
}

// inSentence is a replacement with a capital where it begins a sentence that
// began with one. Advice speaks to the writer and stays as it is.
func (k *checker) inSentence(h hit) *string {
	words := k.withoutArticle(h)
	first := h.start == 0 || strings.IndexByte(".!?:\n*-#>]", k.at(h.start-1)) >= 0 || k.at(h.start-1) == ' ' && strings.IndexByte(".!?\n-*#>]", k.at(h.start-2)) >= 0
	if !h.advice && (first || h.reworded && k.isCapitalized(h.span)) && isUpper(k.plain[h.start]) && isLower(words[0]) {
		words = strings.ToUpper(words[:1]) + words[1:]
	}
	return &words
}

// isCapitalized says whether the first word of a span has a capital and no other.
func (k *checker) isCapitalized(s span) bool {
	word, _, _ := strings.Cut(k.plain[s.start:s.end], " ")
	return len(word) > 1 && isUpper(word[0]) && every(word[1:], isLower)
}

// claim keeps of the hits about the same words the one whose rule comes first.
// A hit inside another adds nothing, because the whole has to go anyway; hits
// of lesser rules must not even touch one, or two replacements would collide.
func (k *checker) claim() []hit {
	slices.SortStableFunc(k.hits, func(a, b hit) int {
		return cmp.Or(
			cmp.Compare(slices.Index(claimOrder, a.rule), slices.Index(claimOrder, b.rule)),
			cmp.Compare(a.start, b.start),
			cmp.Compare(b.end, a.end))
	})
	claimed := make([]bool, len(k.runes))
	var told []hit
	last := hit{}
	for _, h := range k.hits {
		if h.rule == last.rule && h.start < last.end {
			continue // overlaps its neighbour of the same rule
		}
		taken := claimedIn(claimed, h.span)
		if taken == h.length() || taken > 0 && !h.rule.leak() {
			continue
		}
		for i := h.start; i < h.end; i++ {
			claimed[i] = true
		}
		told, last = append(told, h), h
	}
	return told
}

// claimedIn counts the code points of s that are claimed.
func claimedIn(claimed []bool, s span) int {
	n := 0
	for _, c := range claimed[s.start:s.end] {
		if c {
			n++
		}
	}
	return n
}

// maskedSpans are the places that no finding may show, in order.
func maskedSpans(hits []hit) []span {
	var masks []span
	for _, h := range hits {
		if h.masked {
			masks = append(masks, h.span)
		}
	}
	slices.SortFunc(masks, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	return masks
}

// shown is the text of a span with the masked places in it cut short.
func (t *text) shown(s span, masks []span) string {
	first, _ := slices.BinarySearchFunc(masks, s.start, func(m span, at int) int { return cmp.Compare(m.end-1, at) })
	var b strings.Builder
	at := s.start
	for _, m := range masks[first:] {
		if m.start >= s.end {
			break
		}
		// Of a short secret, four characters would be too much.
		visible := m.start + min(4, m.length()/2)
		b.WriteString(t.source(span{at, max(at, min(visible, s.end))}))
		b.WriteString("…")
		at = min(m.end, s.end)
	}
	b.WriteString(t.source(span{at, max(at, s.end)}))
	return b.String()
}
