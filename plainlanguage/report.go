package plainlanguage

import (
	"cmp"
	"slices"
	"strings"
)

// Report is all that the check has to say about one text.
type Report struct {
	Findings []Finding `json:"findings"`
	// First are the most useful of them, the worst first: what to show before
	// anybody asks for more.
	First []Finding `json:"first"`
	// Suggested is the text with every replacement that fits into its sentence;
	// nil when there is none.
	Suggested  *string     `json:"suggested"`
	Essentials []Essential `json:"essentials"`
	// Language is the text's, "" when it cannot be told. Words says whether
	// there is a lexicon for it: otherwise only what is the same in every
	// language was looked at.
	Language string `json:"language"`
	Words    bool   `json:"words"`
}

// Review checks the text of a field, works out what it could say instead and
// what it does not say.
func Review(field, s string, c Context) Report {
	language := cmp.Or(c.Language, LanguageOf(s))
	c.Language = cmp.Or(language, "unknown")
	findings := Check(field, s, c)
	r := Report{
		Findings: findings, First: First(findings), Essentials: Essentials(s, c),
		Language: language, Words: lexiconOf(language) != nil,
	}
	if suggested := Suggest(field, s, findings); suggested != s {
		r.Suggested = &suggested
	}
	return r
}

// shownFirst is how many findings people read before they stop reading.
const shownFirst = 5

// First returns at most five findings, the worst first: errors before warnings
// before hints, what leaks before what confuses, and the same word only once.
func First(findings []Finding) []Finding {
	sorted := slices.Clone(findings)
	slices.SortStableFunc(sorted, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.Level.rank(), b.Level.rank()),
			cmp.Compare(slices.Index(claimOrder, a.Rule), slices.Index(claimOrder, b.Rule)),
			cmp.Compare(a.Start, b.Start))
	})
	first := make([]Finding, 0, shownFirst)
	seen := map[string]bool{}
	for _, f := range sorted {
		key := string(f.Rule) + strings.ToLower(f.Text)
		if len(first) == shownFirst || seen[key] {
			continue
		}
		seen[key] = true
		first = append(first, f)
	}
	return first
}

// WorstFirst returns all findings, those of First before the others.
func WorstFirst(findings []Finding) []Finding {
	first := First(findings)
	return slices.Concat(first, slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool { return slices.Contains(first, f) }))
}

// Suggest returns the text of a field with the replacements of its findings
// that fit into their sentences. It never takes anything else out.
func Suggest(field, s string, findings []Finding) string {
	var apply []Finding
	for _, f := range findings {
		if f.Field == field && f.Replacement != nil && f.fits {
			apply = append(apply, f)
		}
	}
	slices.SortFunc(apply, func(a, b Finding) int { return cmp.Compare(a.Start, b.Start) })
	runes := []rune(s)
	var b strings.Builder
	at := 0
	for _, f := range apply {
		if f.Start < at || f.End > len(runes) {
			continue
		}
		b.WriteString(articled(string(runes[at:f.Start]), *f.Replacement))
		b.WriteString(*f.Replacement)
		at = f.End
	}
	b.WriteString(string(runes[at:]))
	return b.String()
}

// articled is the text before a replacement with its last article made to suit
// it: "an API" becomes "a programming interface".
func articled(before, replacement string) string {
	head, ok := cutArticle(before, "an ")
	if !ok {
		if head, ok = cutArticle(before, "a "); !ok {
			return before
		}
	}
	article := before[len(head) : len(head)+1]
	if soundsOpen(replacement) {
		article += "n"
	}
	return head + article + " "
}

// soundsOpen says whether a word begins with the sound of a vowel: an urgent
// repair, a user, a unit.
func soundsOpen(s string) bool {
	if s = strings.ToLower(s); s == "" {
		return false
	}
	if s[0] == 'u' && len(s) > 2 {
		return strings.IndexByte("rplmt", s[1]) >= 0 || s[1] == 'n' && s[2] != 'i'
	}
	return strings.IndexByte("aeio", s[0]) >= 0
}

func cutArticle(s, article string) (string, bool) {
	if len(s) < len(article) || !strings.EqualFold(s[len(s)-len(article):], article) {
		return s, false
	}
	head := s[:len(s)-len(article)]
	if head != "" && isWordByte(head[len(head)-1]) {
		return s, false
	}
	return head, true
}
