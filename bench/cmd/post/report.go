package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/allclear-status/allclear/bench"
)

// measurements are the results by database and circumstances.
type measurements struct {
	order []key
	by    map[key][]result
}

type key struct{ database, what string }

func (m *measurements) add(database, what string, r result) {
	k := key{database, what}
	if m.by == nil {
		m.by = map[key][]result{}
	}
	if m.by[k] == nil {
		m.order = append(m.order, k)
	}
	m.by[k] = append(m.by[k], r)
}

func post(r result) time.Duration    { return r.post }
func seen(r result) time.Duration    { return r.seen }
func preview(r result) time.Duration { return r.preview }

// times are those of one kind in milliseconds, in order.
func (m *measurements) times(k key, of func(result) time.Duration) []float64 {
	var list []float64
	for _, r := range m.by[k] {
		if took := of(r); took != 0 {
			list = append(list, bench.Milliseconds(took))
		}
	}
	slices.Sort(list)
	return list
}

// slowest is the time that 99 of 100 do not exceed.
func slowest(sorted []float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	return sorted[len(sorted)*99/100]
}

// report writes the medians, the slowest percent and the goals.
func (m *measurements) report(w io.Writer, p plan) error {
	var rows [][]string
	for _, k := range m.order {
		row := []string{k.database, k.what}
		for _, of := range []func(result) time.Duration{post, seen, preview} {
			times := m.times(k, of)
			row = append(row, bench.Number(bench.Median(times)), bench.Number(slowest(times)))
		}
		rows = append(rows, row)
	}
	if _, err := fmt.Fprintf(w, "\n%d entries in the register, %d and %d subscribers in %d classes, %d posts each; milliseconds.\n\n", p.entries, classes, p.n, classes, p.posts); err != nil {
		return err
	}
	if err := bench.Table(w, []string{"database", "subscribers", "POST", "p99", "seen on the page", "p99", "preview", "p99"}, rows); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return bench.Goals(w, m.goals())
}

func (m *measurements) goals() []bench.Goal {
	var goals []bench.Goal
	for _, k := range m.order {
		if k.what != manySubscribers {
			continue
		}
		few := key{k.database, fewSubscribers}
		median := bench.Median(m.times(k, post))
		name := func(goal string) string { return fmt.Sprintf("%s (%s)", goal, k.database) }
		goals = append(goals,
			bench.Goal{Name: name("F1 POST, median"), Value: median, Limit: 10, Unit: " ms"},
			bench.Goal{Name: name("F1 POST, p99"), Value: slowest(m.times(k, post)), Limit: 50, Unit: " ms"},
			bench.Goal{Name: name("F1 POST with many to with few"), Value: median / bench.Median(m.times(few, post)), Limit: 1.2},
			bench.Goal{Name: name("P7 seen, p99"), Value: slowest(m.times(k, seen)), Limit: 50, Unit: " ms"},
			bench.Goal{Name: name("preview, p99"), Value: slowest(m.times(k, preview)), Limit: 200, Unit: " ms"},
		)
	}
	return goals
}
