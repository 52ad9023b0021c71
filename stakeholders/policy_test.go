package stakeholders_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// specification is the table of ROUTING.md, copied.
const specification = `
| opened, reopened, fell back (monitoring or resolved to an earlier state) | E C S / E C / C, E >30 | P / P / P >30 | E C / E C / C | C, E 15m / C / – |
| update | C, E 1/30 / C, E 1/60 / C | P 1/60 / P 1/60 / – | C, E 1/60 / C, E 1/60 / C | – |
| identified | E C / E C / C | P / P / – | C, E 1/60 / C, E 1/60 / C | – |
| monitoring | C, E 15m / C, E 15m / C | P 15m / P 15m / – | C, E 15m / C, E 15m / C | – |
| resolved | E C, S told / E C / C, E told | P / P / P told | E C / E C / C | told / told / told |
| withdrawn (deleted, made a draft again) | told | told | told | told |
| component status changed without an incident | – (webhooks only) | – | – | – |
| impact lowered (read by the impact before) | C / C / – | – | C / C / – | – |
| retrospective published | E / E / E day | P told / P told day / – | E day / E day / – | – |
| action item done (public ones) | E day / E day / – | – | – | – |
| maintenance announced, moved, cancelled | E+calendar / E+calendar / E day | P+calendar / P+calendar / – | E+calendar / E+calendar / E day | E day / – / – |
| maintenance in 24 h | E / – / – | P / P / – | E / E / – | – |
| maintenance in 1 h | C / – / – | – | C / C / – | – |
| maintenance started | C / C / – | – | C / C / – | – |
| maintenance overruns, is extended | E C / E C / – | P / P / – | E C / E C / C | – |
| maintenance completed | C / C / – | P told of a delay / same / – | C / C / – | – |
`

// specified are the events that read each line of the specification, in order.
var specified = [][]stakeholders.Event{
	{stakeholders.Opened, stakeholders.Reopened, stakeholders.FellBack},
	{stakeholders.Updated},
	{stakeholders.Identified},
	{stakeholders.Monitoring},
	{stakeholders.Resolved},
	{stakeholders.Withdrawn},
	{stakeholders.ComponentChanged},
	{stakeholders.ImpactLowered},
	{stakeholders.Retrospective},
	{stakeholders.ActionDone},
	{stakeholders.MaintenanceAnnounced, stakeholders.MaintenanceMoved, stakeholders.MaintenanceCancelled},
	{stakeholders.MaintenanceIn24h},
	{stakeholders.MaintenanceIn1h},
	{stakeholders.MaintenanceStarted},
	{stakeholders.MaintenanceOverruns, stakeholders.MaintenanceExtended},
	{stakeholders.MaintenanceCompleted},
}

func defaultPolicy(t interface{ Fatal(...any) }) *stakeholders.Policy {
	p, err := stakeholders.ParsePolicy(stakeholders.DefaultPolicyDocument())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDefaultPolicyIsTheSpecifiedTable(t *testing.T) {
	p := defaultPolicy(t)
	columns := []stakeholders.Quadrant{stakeholders.ManageClosely, stakeholders.KeepSatisfied, stakeholders.KeepInformed, stakeholders.Monitor}
	impacts := []status.Impact{status.ImpactCritical, status.ImpactMajor, status.ImpactMinor}
	lines := strings.Split(strings.TrimSpace(specification), "\n")
	if len(lines) != len(specified) {
		t.Fatalf("%d lines for %d rows", len(lines), len(specified))
	}
	for row, line := range lines {
		fields := strings.Split(strings.Trim(line, "| "), "|")
		if len(fields) != 5 {
			t.Fatalf("line %q", line)
		}
		for column, q := range columns {
			cells := specifiedCells(fields[column+1])
			for i, impact := range impacts {
				for _, event := range specified[row] {
					cell, ok := p.Cell(event, q, impact)
					if got := spell(cell); !ok || got != cells[i] {
						t.Errorf("%s, %s, %s: policy gives %q, the specification %q", event, q, impact, got, cells[i])
					}
				}
			}
		}
	}
}

// specifiedCells splits a place of the specification into its three cells.
func specifiedCells(text string) []string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), " (")
	cells := strings.Split(text, " / ")
	if len(cells) == 1 {
		cells = []string{text, text, text}
	}
	for i := range cells {
		if cells[i] == "same" {
			cells[i] = cells[i-1]
		}
		cells[i] = strings.ReplaceAll(cells[i], "told of a delay", "delayed")
	}
	return cells
}

// spell writes a cell as the rules understand it, in the table's notation.
func spell(c stakeholders.Cell) string {
	if len(c.Entries) == 0 {
		return "–"
	}
	var lists []string
	for _, e := range c.Entries {
		var words []string
		for _, class := range e.Classes {
			word := string(class)
			if e.Calendar {
				word += "+calendar"
			}
			words = append(words, word)
		}
		for _, part := range []struct {
			set  bool
			word string
		}{
			{e.Timing.Told, "told"}, {e.Timing.Delayed, "delayed"}, {e.Timing.Digest, "day"},
			{e.Timing.Hold > 0, fmt.Sprintf("%gm", e.Timing.Hold.Minutes())},
			{e.Timing.Limit > 0, fmt.Sprintf("1/%g", e.Timing.Limit.Minutes())},
			{e.Timing.StillOpen > 0, fmt.Sprintf(">%g", e.Timing.StillOpen.Minutes())},
		} {
			if part.set {
				words = append(words, part.word)
			}
		}
		lists = append(lists, strings.Join(words, " "))
	}
	return strings.Join(lists, ", ")
}

func TestDefaultPromisesByImpact(t *testing.T) {
	p := defaultPolicy(t)
	for impact, want := range map[status.Impact]time.Duration{
		status.ImpactCritical: 15 * time.Minute, status.ImpactMajor: 30 * time.Minute, status.ImpactMinor: 30 * time.Minute, status.ImpactNone: 0,
	} {
		if got := p.NextUpdate(impact); got != want {
			t.Errorf("%s: next update after %s, want %s", impact, got, want)
		}
	}
}

func TestImpactNoneHasNoCell(t *testing.T) {
	if _, ok := defaultPolicy(t).Cell(stakeholders.Opened, stakeholders.ManageClosely, status.ImpactNone); ok {
		t.Error("impact none is page only")
	}
}

// policyWith is the default policy with one cell replaced.
func policyWith(t interface{ Fatal(...any) }, event stakeholders.Event, q stakeholders.Quadrant, cell string) *stakeholders.Policy {
	p, err := stakeholders.ParsePolicy(documentWith(event, q, cell))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func documentWith(event stakeholders.Event, q stakeholders.Quadrant, cell string) []byte {
	lines := strings.Split(string(stakeholders.DefaultPolicyDocument()), "\n")
	row := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "  "+string(event)+":") })
	for i := row + 1; ; i++ {
		if strings.HasPrefix(lines[i], "    "+string(q)+":") {
			lines[i] = fmt.Sprintf("    %s: %q", q, cell)
			return []byte(strings.Join(lines, "\n"))
		}
	}
}

func TestCellGrammar(t *testing.T) {
	for _, c := range []struct{ cell, want string }{
		{"–", "–"}, {"-", "–"},
		{"E", "E"}, {"E C S P", "E C S P"}, {"E  C", "E C"},
		{"E 15m", "E 15m"}, {"E 1/60", "E 1/60"}, {"E >30", "E >30"}, {"E day", "E day"}, {"E told", "E told"}, {"P delayed", "P delayed"},
		{"E told day", "E told day"}, {"E 15m 1/60", "E 15m 1/60"}, {"told", "told"}, {"told 15m", "told 15m"},
		{"C, E 15m", "C, E 15m"}, {"C,E 15m,S told", "C, E 15m, S told"}, {"P, told", "P, told"},
		{"E+calendar", "E+calendar"}, {"E 1440m", "E 1440m"}, {"E 1m", "E 1m"},
	} {
		p, err := stakeholders.ParsePolicy(documentWith(stakeholders.Updated, stakeholders.KeepInformed, c.cell))
		if err != nil {
			t.Errorf("%q: %v", c.cell, err)
			continue
		}
		for _, impact := range []status.Impact{status.ImpactMinor, status.ImpactMajor, status.ImpactCritical} {
			if cell, _ := p.Cell(stakeholders.Updated, stakeholders.KeepInformed, impact); spell(cell) != c.want {
				t.Errorf("%q at %s reads %q", c.cell, impact, spell(cell))
			}
		}
	}
}

func TestBadCellsAreRefused(t *testing.T) {
	for _, c := range []struct{ cell, want string }{
		{"", "names no channel"}, {"E,", "names no channel"}, {", E", "names no channel"}, {"15m", "names no channel"}, {"day", "names no channel"},
		{"X", "neither a channel"}, {"e", "neither a channel"}, {"EC", "neither a channel"}, {"E/C/S", "neither a channel"}, {"now", "neither a channel"},
		{"E+", "neither a channel"}, {"E+ics", "neither a channel"}, {"E, –", "neither a channel"}, {"m", "whole number"},
		{"E / C", "one value, or three"}, {"E / C / S / P", "one value, or three"},
		{"E 0m", "whole number"}, {"E 1441m", "whole number"}, {"E -5m", "whole number"}, {"E 1.5m", "whole number"}, {"E +5m", "whole number"},
		{"E 1/0", "whole number"}, {"E 1/+60", "whole number"}, {"E 1/", "whole number"}, {"E >", "whole number"}, {"E >x", "whole number"},
		{"E 99999999999999999999m", "whole number"}, {"E 2/60", "neither a channel"},
		{"E 15m C", "put a comma"}, {"E told C", "put a comma"},
		{"E 15m >30", "holds and waits"}, {"E 15m 20m", "says again"}, {"E told told", "says again"},
		{"E E", "stands twice"}, {"E, E 15m", "stands twice"},
		{"E / – / bad", "neither a channel"},
	} {
		_, err := stakeholders.ParsePolicy(documentWith(stakeholders.Updated, stakeholders.KeepInformed, c.cell))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "table.update.keep_informed") {
			t.Errorf("%q: error %v, want %q", c.cell, err, c.want)
		}
	}
}

func TestFaultsOfAPolicyNameTheirLines(t *testing.T) {
	good := string(stakeholders.DefaultPolicyDocument())
	lineOf := func(document, text string) int {
		before, _, found := strings.Cut(document, text)
		if !found {
			t.Fatalf("no %q", text)
		}
		return strings.Count(before, "\n") + 1
	}
	replace := func(old, new string) string {
		lineOf(good, old)
		return strings.Replace(good, old, new, 1)
	}
	for _, c := range []struct {
		name, document string
		line           int // 0: no line to name
		words          string
	}{
		{"empty", " \n", 0, "the file is empty"},
		{"no YAML", "table: [", 1, "']' not found"},
		{"not a mapping", "- a\n", 1, "must be names with values"},
		{"unknown field", "name: x\ncolour: red\n", 2, `unknown field "colour"`},
		{"cell is a list", replace("keep_satisfied: P / P / P >30", "keep_satisfied: [P]"), lineOf(good, "keep_satisfied: P / P / P >30"), "this must be a plain text"},
		{"bad cell", replace("C, E 1/30 /", "C, E 1/zz /"), lineOf(good, "C, E 1/30 /"), "table.update.manage_closely"},
		{"quadrant missing", replace("    monitor: C, E 15m / C / –\n", ""), lineOf(good, "opened:"), "table.opened.monitor is missing"},
		{"quadrant unknown", replace("    monitor: told\n", "    monitor: told\n    bystanders: E\n"), lineOf(good, "    monitor: told\n") + 1, "table.resolved.bystanders: not a quadrant"},
		{"event missing", replace("  resolved:", "  solved:"), lineOf(good, "table:"), "table.resolved is missing"},
		{"event unknown", replace("  resolved:", "  solved:"), lineOf(good, "  resolved:"), "table.solved: not an event"},
		{"event with odd signs", replace("  resolved:", "  \"$..re.solved[0]\":"), lineOf(good, "  resolved:"), "not an event"},
		{"twice", replace("  update:", "  opened:"), lineOf(good, "  update:"), "already defined"},
		{"promise too short", replace("critical: 15m", "critical: 15s"), lineOf(good, "critical: 15m"), "next_update.critical"},
		{"promise no time", replace("major: 30m", "major: soon"), lineOf(good, "major: 30m"), "next_update.major"},
		{"promise for no grade", replace("minor: 30m", "tiny: 30m"), lineOf(good, "minor: 30m"), "next_update.tiny"},
		{"two documents", good + "---\nname: other\n", strings.Count(good, "\n") + 1, "second document"},
		{"name not a text", replace("name: Default policy", "name: \"a\\x00\""), lineOf(good, "name: Default policy"), "control character"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := stakeholders.ParsePolicy([]byte(c.document))
			var invalid *status.Invalid
			if p != nil || !errors.As(err, &invalid) {
				t.Fatalf("policy %v, error %v", p, err)
			}
			want := c.words
			found := slices.ContainsFunc(invalid.Fields, func(f status.FieldError) bool {
				place := ""
				if c.line > 0 {
					place = fmt.Sprintf("line %d", c.line)
				}
				return f.Field == "policy" && strings.HasPrefix(f.Message, place) && strings.Contains(f.Message, want)
			})
			if !found {
				t.Errorf("no fault on line %d with %q in: %v", c.line, want, err)
			}
		})
	}
}

func TestPolicyKeepsItsDocument(t *testing.T) {
	p := defaultPolicy(t)
	document := p.Document()
	if string(document) != string(stakeholders.DefaultPolicyDocument()) || p.Name != "Default policy" {
		t.Error("the document is kept as written")
	}
	document[0] = '!'
	if p.Document()[0] == '!' {
		t.Error("the document cannot be changed from outside")
	}
}
