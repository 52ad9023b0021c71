package bench

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Median is the middle of some numbers, NaN of none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// Ratio is the median of the ratios of each round: what slowed the machine in
// one round slowed both. NaN where there is nothing to compare.
func Ratio(ours, anchor []float64) float64 {
	var ratios []float64
	for i := range min(len(ours), len(anchor)) {
		if anchor[i] != 0 {
			ratios = append(ratios, ours[i]/anchor[i])
		}
	}
	return Median(ratios)
}

// Milliseconds is a duration as a number.
func Milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// Number writes a number with as many decimals as help, "-" for NaN.
func Number(v float64) string {
	switch {
	case math.IsNaN(v):
		return "-"
	case math.Abs(v) >= 100:
		return fmt.Sprintf("%.0f", v)
	case math.Abs(v) >= 10:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.2f", v)
	}
}

// Table writes rows under a heading, in columns.
func Table(w io.Writer, heading []string, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{heading}, rows...) {
		if _, err := fmt.Fprintln(t, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	return t.Flush()
}

// Goal is a number to hold: at least or at most so much.
type Goal struct {
	Name    string // P1, F3, ... and what is measured
	Value   float64
	Limit   float64
	AtLeast bool
	Unit    string
}

// Held says whether the goal is reached.
func (g Goal) Held() bool {
	if g.AtLeast {
		return g.Value >= g.Limit
	}
	return g.Value <= g.Limit
}

// Row is the goal as a row of a table: name, goal, measured, verdict.
func (g Goal) Row() []string {
	sign, verdict := "<=", "missed"
	if g.AtLeast {
		sign = ">="
	}
	if g.Held() {
		verdict = "held"
	}
	if math.IsNaN(g.Value) {
		verdict = "not measured"
	}
	return []string{g.Name, fmt.Sprintf("%s %g%s", sign, g.Limit, g.Unit), Number(g.Value) + g.Unit, verdict}
}

// Goals writes goals as a table.
func Goals(w io.Writer, goals []Goal) error {
	rows := make([][]string, len(goals))
	for i, goal := range goals {
		rows[i] = goal.Row()
	}
	return Table(w, []string{"goal", "wanted", "measured", ""}, rows)
}
