package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/allclear-status/allclear/bench"
)

// measurements are the results of every round, by who sent to what.
type measurements struct {
	order []run
	by    map[run][]result
}

// run is one sender with one kind of mail server.
type run struct {
	name       string
	pipelining bool
}

func (m *measurements) add(name string, pipelining bool, r result) {
	if m.by == nil {
		m.by = map[run][]result{}
	}
	key := run{name, pipelining}
	if m.by[key] == nil {
		m.order = append(m.order, key)
	}
	m.by[key] = append(m.by[key], r)
}

// each is one number of every round.
func (m *measurements) each(of run, number func(result) float64) []float64 {
	var numbers []float64
	for _, r := range m.by[of] {
		numbers = append(numbers, number(r))
	}
	return numbers
}

func (m *measurements) median(of run, number func(result) float64) float64 {
	return bench.Median(m.each(of, number))
}

// speedTo is the ratio of two senders' messages per second.
func (m *measurements) speedTo(of run, anchor string) float64 {
	return bench.Ratio(m.each(of, result.perSecond), m.each(run{anchor, of.pipelining}, result.perSecond))
}

func cold(r result) float64   { return orNothing(bench.Milliseconds(r.cold)) }
func posted(r result) float64 { return orNothing(bench.Milliseconds(r.posted)) }
func memory(r result) float64 { return orNothing(r.memory) }

func first(r result) float64   { return bench.Milliseconds(r.first()) }
func last(r result) float64    { return r.last().Seconds() }
func cpuEach(r result) float64 { return float64(r.each(r.cpu)) / float64(time.Microsecond) }
func dbEach(r result) float64  { return orNothing(float64(r.each(r.dbCPU)) / float64(time.Microsecond)) }

// orNothing is a number that was measured, or NaN.
func orNothing(v float64) float64 {
	if v == 0 {
		return math.NaN()
	}
	return v
}

// report writes the medians, the ratios and the goals.
func (m *measurements) report(w io.Writer, p plan) error {
	slices.SortStableFunc(m.order, func(a, b run) int { return cmp.Compare(relayName(b.pipelining), relayName(a.pipelining)) })
	var rows [][]string
	for _, of := range m.order {
		row := []string{relayName(of.pipelining), of.name}
		for _, number := range []func(result) float64{cold, posted, first, last, result.perSecond, cpuEach, dbEach, memory} {
			row = append(row, bench.Number(m.median(of, number)))
		}
		rows = append(rows, append(row, bench.Number(m.speedTo(of, "smtp-source")), bench.Number(m.speedTo(of, "go-mail loop")), m.exactly(of)))
	}
	if _, err := fmt.Fprintf(w, "\n%d messages of %d bytes, a mail server that takes %s to answer, %d rounds; medians, and medians of each round's ratio.\n\n",
		p.n, m.by[m.order[0]][0].total.Size, p.roundTrip, p.rounds); err != nil {
		return err
	}
	if err := bench.Table(w, []string{"mail server", "sender", "cold POST ms", "POST ms", "first ms", "last s", "msg/s", "CPU us/msg", "database us/msg", "peak MB",
		"to smtp-source", "to go-mail", "sent/recipients/repeats"}, rows); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return bench.Goals(w, m.goals(p))
}

// exactly shows the ledger beside what the mail server counted, of the round
// with the largest difference.
func (m *measurements) exactly(of run) string {
	worst := slices.MaxFunc(m.by[of], func(a, b result) int { return cmp.Compare(a.wrong(), b.wrong()) })
	sent := "-"
	if worst.posted != 0 {
		sent = fmt.Sprint(worst.sent)
	}
	return fmt.Sprintf("%s/%d/%d", sent, worst.total.Distinct, worst.total.Repeats)
}

// wrong is how many rows, recipients and messages are not as they should be.
func (r result) wrong() int {
	off := r.sent - r.total.Distinct
	return max(off, -off) + r.unsent + r.total.Repeats
}

// goals are those of every way in which our server was run.
func (m *measurements) goals(p plan) []bench.Goal {
	var goals []bench.Goal
	for _, of := range m.order {
		if !strings.HasPrefix(of.name, "allclear ") {
			continue
		}
		name := func(goal string) string { return fmt.Sprintf("%s (%s, %s)", goal, of.name, relayName(of.pipelining)) }
		fastEnough, roundTrips := 1.0, 1.0
		if !of.pipelining {
			fastEnough, roundTrips = 0.7, 4
		}
		goals = append(goals,
			bench.Goal{Name: name("F1 POST, median"), Value: m.median(of, posted), Limit: 10, Unit: " ms"},
			bench.Goal{Name: name("F1 POST, slowest of the rounds"), Value: slices.Max(m.each(of, posted)), Limit: 50, Unit: " ms"},
			bench.Goal{Name: name("F2 first message"), Value: m.median(of, first), Limit: 100, Unit: " ms"},
			bench.Goal{Name: name("F3 speed to smtp-source"), Value: m.speedTo(of, "smtp-source"), Limit: fastEnough, AtLeast: true},
		)
		if p.roundTrip > 0 {
			limit := 0.7 * float64(p.sessions) / (roundTrips * p.roundTrip.Seconds())
			goals = append(goals, bench.Goal{Name: name("F4 messages per second"), Value: m.median(of, result.perSecond), Limit: math.Round(limit), AtLeast: true})
		}
		goals = append(goals,
			bench.Goal{Name: name("F5 speed to a go-mail loop"), Value: m.speedTo(of, "go-mail loop"), Limit: 2.5, AtLeast: true},
			bench.Goal{Name: name("F6 peak memory"), Value: slices.Max(m.each(of, memory)), Limit: 64, Unit: " MB"},
			bench.Goal{Name: name("F7 rows and messages off"), Value: slices.Max(m.each(of, func(r result) float64 { return float64(r.off(p.n)) })), Limit: 0},
		)
		if p.reads > 0 {
			goals = append(goals, bench.Goal{Name: name(fmt.Sprintf("P5 page read %d times a second, p99", p.reads)), Value: m.median(of, page(99)), Limit: 10, Unit: " ms"},
				bench.Goal{Name: name("P5 pages read in a second"), Value: m.median(of, pagesPerSecond), Limit: 0.98 * float64(p.reads), AtLeast: true})
		}
	}
	return goals
}

// page is how long the page took that was slower than so many percent.
func page(percent float64) func(result) float64 {
	return func(r result) float64 { return bench.Milliseconds(bench.Percentile(r.pages, percent)) }
}

func pagesPerSecond(r result) float64 { return float64(len(r.pages)) / r.last().Seconds() }

// off also counts who was not told at all.
func (r result) off(n int) int { return r.wrong() + max(n-r.sent, r.sent-n) }
