package publish

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/store"
)

// WordsMonth is what the check found in the updates of one month.
type WordsMonth struct {
	Posts int
	// Clean are those without an error or a warning.
	Clean   int
	ByLevel map[plainlanguage.Level]int
	ByRule  map[plainlanguage.Rule]int
	// Overrides are the errors that were published all the same, by whom.
	Overrides []Override
}

// Override counts how often somebody published in spite of an error of a rule.
type Override struct {
	By   string
	Rule plainlanguage.Rule
	N    int
}

// WordsMonth counts the findings of the month that a time lies in, in that
// time's zone.
func (p *Publisher) WordsMonth(ctx context.Context, month time.Time) (WordsMonth, error) {
	from := time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, month.Location())
	checks, err := p.store.WordsChecks(ctx, from, from.AddDate(0, 1, 0))
	if err != nil {
		return WordsMonth{}, err
	}
	m := WordsMonth{Posts: len(checks), ByLevel: map[plainlanguage.Level]int{}, ByRule: map[plainlanguage.Rule]int{}}
	overrides := map[Override]int{}
	for _, c := range checks {
		m.count(c)
		for _, rule := range c.Overridden {
			overrides[Override{By: cmp.Or(c.Actor.Name, c.Actor.Kind), Rule: rule}]++
		}
	}
	for o, n := range maps.All(overrides) {
		o.N = n
		m.Overrides = append(m.Overrides, o)
	}
	slices.SortFunc(m.Overrides, func(a, b Override) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.By, b.By), cmp.Compare(a.Rule, b.Rule))
	})
	return m, nil
}

func (m *WordsMonth) count(c store.WordsCheck) {
	clean := true
	for _, f := range c.Findings {
		m.ByLevel[f.Level]++
		m.ByRule[f.Rule]++
		clean = clean && f.Level == plainlanguage.LevelHint
	}
	if clean {
		m.Clean++
	}
}
