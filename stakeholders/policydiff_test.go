package stakeholders_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

func changesOf(from, to *stakeholders.Policy) []string {
	words := []string{}
	for _, c := range stakeholders.ComparePolicies(from, to) {
		words = append(words, c.String())
	}
	return words
}

func TestChangesAreSaidCellByCell(t *testing.T) {
	for _, c := range []struct {
		cell string // of update, keep_satisfied
		want []string
	}{
		{"P 1/60 / P 1/60 / –", nil},
		{"P 1/60 /  P  1/60 / -", nil},
		{"P 1/60 / P 1/30 / –", []string{"major: preferred channel every 60 min → every 30 min"}},
		{"P 1/30 / P 1/30 / –", []string{"critical and major: preferred channel every 60 min → every 30 min"}},
		{"–", []string{"critical and major: preferred channel every 60 min → nothing"}},
		{"E", []string{
			"critical and major: preferred channel every 60 min → nothing",
			"every impact: email nothing → at once",
		}},
		{"P 1/60 / P 1/60, C 15m told / S day", []string{
			"major: chat nothing → after 15 min, to those told before",
			"minor: sms nothing → in the daily digest",
		}},
		{"P+calendar >30 / P 1/60 / told", []string{
			"critical: preferred channel every 60 min → if still open after 30 min, with a calendar file",
			"minor: every channel used before nothing → at once, to those told before",
		}},
	} {
		var want []string
		for _, words := range c.want {
			want = append(want, "update, keep_satisfied, "+words)
		}
		if got := changesOf(defaultPolicy(t), policyWith(t, stakeholders.Updated, stakeholders.KeepSatisfied, c.cell)); !slices.Equal(got, want) {
			t.Errorf("%q\n%s\nwant\n%s", c.cell, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestChangesOfSettingsAreSaid(t *testing.T) {
	document := string(stakeholders.DefaultPolicyDocument())
	for _, pair := range [][2]string{
		{"name: Default policy", "name: Ours"}, {"  critical: 15m\n", ""}, {"critical: 10m", "critical: 5m"}, {"after: 2h", "after: 90m"},
		{"deputy_after: 15m", "deputy_after: 20m"}, {`"09:00"`, `"17:30"`}, {"major: {means: Use is degraded.}", "average: {means: Slow.}"},
		{"show_grades: false", "show_grades: true\nchannels: {T: [slack]}"},
	} {
		if !strings.Contains(document, pair[0]) {
			t.Fatalf("no %q", pair[0])
		}
		document = strings.Replace(document, pair[0], pair[1], 1)
	}
	want := []string{
		`name: "Default policy" → "Ours"`,
		"next update, critical: within 15m → not promised",
		"first update, critical: within 10m → within 5m",
		"long incident: after 2h, every 1h → after 1h30m, every 1h",
		"reminders: 5m before, manager 5m after, deputy 15m after → 5m before, manager 5m after, deputy 20m after",
		"daily digest: at 09:00 → at 17:30",
		"grade for major: major (Major): Use is degraded. → average (Average): Slow.",
		"grades on the page: not shown → shown",
		"letter of slack: C → T",
	}
	if got := changesOf(defaultPolicy(t), parsed(t, document)); !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A cell that can be written is read back as it was meant, and any policy of
// such cells is taken.
func TestAnyCellIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		document := string(stakeholders.DefaultPolicyDocument())
		document = document[:strings.Index(document, "table:")] + "channels: {T: [slack]}\ntable:\n"
		written := map[string]string{}
		for _, row := range stakeholders.PolicyRows() {
			document += "  " + string(row) + ":\n"
			for _, q := range stakeholders.Quadrants() {
				var cells []string
				for _, impact := range []status.Impact{status.ImpactCritical, status.ImpactMajor, status.ImpactMinor} {
					cell := anyCell().Draw(t, "cell").String()
					cells = append(cells, cell)
					written[fmt.Sprint(row, q, impact)] = cell
				}
				document += fmt.Sprintf("    %s: %s\n", q, strings.ReplaceAll(fmt.Sprintf("%q", strings.Join(cells, " / ")), `\u2013`, "–"))
			}
		}
		p, err := stakeholders.ParsePolicy([]byte(document))
		if err != nil {
			t.Fatalf("%s\n%v", document, err)
		}
		for _, row := range stakeholders.PolicyRows() {
			for _, q := range stakeholders.Quadrants() {
				for _, impact := range []status.Impact{status.ImpactCritical, status.ImpactMajor, status.ImpactMinor} {
					cell, _ := p.Cell(row, q, impact)
					if want := written[fmt.Sprint(row, q, impact)]; cell.String() != want || cell.Text != want {
						t.Fatalf("%s, %s, %s: %q read as %q", row, q, impact, want, cell)
					}
				}
			}
		}
	})
}

// anyCell makes any cell that makes sense.
func anyCell() *rapid.Generator[stakeholders.Cell] {
	return rapid.Custom(func(t *rapid.T) (c stakeholders.Cell) {
		letters := rapid.Permutation([]stakeholders.Class{'E', 'C', 'S', 'P', 'T'}).Draw(t, "letters")
		for range rapid.IntRange(0, 3).Draw(t, "lists") {
			n := rapid.IntRange(0, min(2, len(letters))).Draw(t, "n")
			e := stakeholders.Entry{Classes: letters[:n], Timing: anyTiming(t), Calendar: n > 0 && rapid.Bool().Draw(t, "calendar")}
			letters = letters[n:]
			e.Timing.Told = e.Timing.Told || n == 0
			c.Entries = append(c.Entries, e)
		}
		return c
	})
}

func anyTiming(t *rapid.T) (timing stakeholders.Timing) {
	timing.Told, timing.Delayed = rapid.Bool().Draw(t, "told"), rapid.Bool().Draw(t, "delayed")
	if timing.Digest = rapid.Bool().Draw(t, "day"); timing.Digest {
		return timing
	}
	minutes := func(name string) int { return rapid.IntRange(0, 1440).Draw(t, name) }
	if rapid.Bool().Draw(t, "hold") {
		timing.Hold = minutesOf(minutes("15m"))
	} else {
		timing.StillOpen = minutesOf(minutes(">30"))
	}
	timing.Limit = minutesOf(minutes("1/60"))
	return timing
}

func minutesOf(n int) time.Duration { return time.Duration(n) * time.Minute }

// What the reader of cells takes, it takes again as it writes it itself.
func FuzzCell(f *testing.F) {
	for _, seed := range []string{"–", "E C S / E C / C, E >30", "P+calendar 1/60 told day", "told", "E 15m >30", "E,,C", "/ / /", "E\u00a0C", "1/1/1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' && r != '–' }) {
			return // written with an escape, which YAML may read differently
		}
		p, err := stakeholders.ParsePolicy(documentWith(stakeholders.Updated, stakeholders.KeepInformed, text))
		if err != nil {
			checkRefusal(t, err)
			if !strings.Contains(err.Error(), "line ") {
				t.Errorf("%q: %v names no line", text, err)
			}
			return
		}
		var cells []string
		for _, impact := range []status.Impact{status.ImpactCritical, status.ImpactMajor, status.ImpactMinor} {
			cell, _ := p.Cell(stakeholders.Updated, stakeholders.KeepInformed, impact)
			cells = append(cells, cell.String())
		}
		again, err := stakeholders.ParsePolicy(documentWith(stakeholders.Updated, stakeholders.KeepInformed, strings.Join(cells, " / ")))
		if err != nil {
			t.Fatalf("%q written as %q: %v", text, cells, err)
		}
		if changes := stakeholders.ComparePolicies(p, again); len(changes) > 0 {
			t.Errorf("%q written as %q: %v", text, cells, changes)
		}
	})
}
