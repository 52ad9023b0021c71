package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/allclear-status/allclear/bench"
)

// measurements are the results of every round, by server and request.
type measurements struct {
	order []request
	by    map[string]map[request]*series
}

// series are the results of the rounds of one request on one server.
type series struct{ perSecond, p50, p99, cpu []float64 }

func (m *measurements) add(server string, r request, one result) {
	if m.by == nil {
		m.by = map[string]map[request]*series{}
	}
	if m.by[server] == nil {
		m.by[server] = map[request]*series{}
	}
	s := m.by[server][r]
	if s == nil {
		s = &series{}
		m.by[server][r] = s
	}
	if !slices.Contains(m.order, r) {
		m.order = append(m.order, r)
	}
	s.perSecond = append(s.perSecond, one.PerSecond)
	s.p50 = append(s.p50, bench.Milliseconds(one.P50))
	s.p99 = append(s.p99, bench.Milliseconds(one.P99))
	s.cpu = append(s.cpu, 1000*bench.Milliseconds(one.cpu))
}

// report writes the medians, the ratios to nginx and the goals.
func (m *measurements) report(w io.Writer, p plan) error {
	var rows [][]string
	var goals []bench.Goal
	for _, r := range m.order {
		theirs, ours := m.by["nginx"][r], m.by["allclear"][r]
		speed, cost := bench.Ratio(ours.perSecond, theirs.perSecond), bench.Ratio(ours.cpu, theirs.cpu)
		rows = append(rows, theirs.row(r, "nginx", 1, 1), ours.row(r, "allclear", speed, cost))
		goals = append(goals, goalsOf(r, speed, cost)...)
	}
	if _, err := fmt.Fprintf(w, "\nMedians of %d rounds of %d s, wrk -t2; the ratios are medians of each round's ratio to nginx.\n\n", p.rounds, p.seconds); err != nil {
		return err
	}
	if err := bench.Table(w, []string{"request", "server", "req/s", "p50 ms", "p99 ms", "CPU us/req", "speed", "CPU"}, rows); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return bench.Goals(w, goals)
}

func (s *series) row(r request, server string, speed, cost float64) []string {
	return []string{r.String(), server, bench.Number(bench.Median(s.perSecond)), bench.Number(bench.Median(s.p50)), bench.Number(bench.Median(s.p99)),
		bench.Number(bench.Median(s.cpu)), bench.Number(speed), bench.Number(cost)}
}

// goalsOf are the goals P1, for what is sent, and P2, for what is not.
func goalsOf(r request, speed, cost float64) []bench.Goal {
	name, slowest, dearest := "P1", 0.8, 1.25
	if r.connections >= 512 {
		slowest = 0.95
	}
	if r.unchanged {
		name, slowest, dearest = "P2", 0.9, 1.4
	}
	name += " " + r.String()
	return []bench.Goal{
		{Name: name + ": speed to nginx", Value: speed, Limit: slowest, AtLeast: true},
		{Name: name + ": CPU to nginx", Value: cost, Limit: dearest},
	}
}
