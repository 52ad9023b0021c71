package stakeholders

import (
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/allclear-status/allclear/status"
)

//go:embed default_policy.yaml
var defaultPolicy []byte

// Policy is what each quadrant is owed for each event, and the rhythm of
// promises. It is data: one YAML document, versioned in the store.
type Policy struct {
	Version  int64
	Name     string
	document []byte
	next     map[status.Impact]time.Duration
	table    map[Event]map[Quadrant]map[status.Impact]Cell
}

// Cell is one place in the table for one impact.
type Cell struct {
	Text    string // as written in the policy
	Entries []Entry
}

// Entry is a list of channels with one timing. No channel means every channel
// on which somebody was already told.
type Entry struct {
	Classes  []Class
	Calendar bool
	Timing   Timing
}

// Timing says when an entry applies; the zero Timing is now, to everybody.
type Timing struct {
	Hold      time.Duration // held that long
	Limit     time.Duration // at most one message in that period
	StillOpen time.Duration // held that long, dropped unless open and not in monitoring
	Digest    bool          // with the daily digest
	Told      bool          // only where something was told already
	Delayed   bool          // only where a delay was told
}

// Immediate says that nothing delays a message with this timing.
func (t Timing) Immediate() bool {
	return t.Hold == 0 && t.Limit == 0 && t.StillOpen == 0 && !t.Digest
}

// DefaultPolicyDocument is the policy that a new page starts with, as YAML.
func DefaultPolicyDocument() []byte { return append([]byte(nil), defaultPolicy...) }

// Document is the policy as it was written.
func (p *Policy) Document() []byte { return append([]byte(nil), p.document...) }

// NextUpdate is how long after a post of this impact the next update is due; 0
// when none is promised.
func (p *Policy) NextUpdate(impact status.Impact) time.Duration { return p.next[impact] }

// Cell finds the place in the table. Impact none has no cell.
func (p *Policy) Cell(event Event, q Quadrant, impact status.Impact) (Cell, bool) {
	cell, ok := p.table[event.Row()][q][impact]
	return cell, ok
}

// columns are the impacts of a cell in the order in which it is written.
var columns = []status.Impact{status.ImpactCritical, status.ImpactMajor, status.ImpactMinor}

type policyFile struct {
	Name       string                       `yaml:"name"`
	NextUpdate map[string]string            `yaml:"next_update"`
	Table      map[string]map[string]string `yaml:"table"`
}

// ParsePolicy reads a policy from YAML. The error names the line where one
// can be told and says what would be right.
func ParsePolicy(document []byte) (*Policy, error) {
	var file policyFile
	if err := yaml.UnmarshalWithOptions(document, &file, yaml.DisallowUnknownField()); err != nil {
		return nil, fmt.Errorf("policy: %s", yaml.FormatError(err, false, false))
	}
	p := &Policy{
		Name:     file.Name,
		document: append([]byte(nil), document...),
		next:     map[status.Impact]time.Duration{},
		table:    map[Event]map[Quadrant]map[status.Impact]Cell{},
	}
	var faults []error
	for name, text := range file.NextUpdate {
		every, err := time.ParseDuration(text)
		if impact := status.Impact(name); !impact.ValidGrade() || err != nil || every < time.Minute || every > 24*time.Hour {
			faults = append(faults, fmt.Errorf("policy: %snext_update.%s: %q must be a grade with a time from 1m to 24h", line(document, "next_update", name), name, text))
		} else {
			p.next[impact] = every
		}
	}
	for _, row := range rows {
		cells, ok := file.Table[string(row)]
		if !ok {
			faults = append(faults, fmt.Errorf("policy: table.%s is missing", row))
			continue
		}
		p.table[row] = map[Quadrant]map[status.Impact]Cell{}
		for _, q := range quadrants {
			text, ok := cells[string(q)]
			if !ok {
				faults = append(faults, fmt.Errorf("policy: %stable.%s.%s is missing", line(document, "table", string(row)), row, q))
				continue
			}
			columns, err := parseCells(text)
			if err != nil {
				faults = append(faults, fmt.Errorf("policy: %stable.%s.%s: %w", line(document, "table", string(row), string(q)), row, q, err))
				continue
			}
			p.table[row][q] = columns
		}
		for name := range cells {
			if !Quadrant(name).Valid() {
				faults = append(faults, fmt.Errorf("policy: %stable.%s.%s: not a quadrant; use manage_closely, keep_satisfied, keep_informed or monitor", line(document, "table", string(row), name), row, name))
			}
		}
	}
	for name := range file.Table {
		if !knownRow(Event(name)) {
			faults = append(faults, fmt.Errorf("policy: %stable.%s: not an event", line(document, "table", name), name))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return p, nil
}

func knownRow(e Event) bool {
	for _, row := range rows {
		if row == e {
			return true
		}
	}
	return false
}

// line finds where a key of the document stands: "line 12: ", or nothing.
func line(document []byte, keys ...string) string {
	path, err := yaml.PathString("$." + strings.Join(keys, "."))
	if err != nil {
		return ""
	}
	node, err := path.ReadNode(strings.NewReader(string(document)))
	if err != nil || node.GetToken() == nil {
		return ""
	}
	return "line " + strconv.Itoa(node.GetToken().Position.Line) + ": "
}

func parseCells(text string) (map[status.Impact]Cell, error) {
	parts := strings.Split(text, " / ")
	if len(parts) == 1 {
		parts = []string{text, text, text}
	}
	if len(parts) != 3 {
		return nil, fmt.Errorf("%q must be one value, or three separated by \" / \": critical / major / minor", text)
	}
	cells := map[status.Impact]Cell{}
	for i, part := range parts {
		cell, err := parseCell(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		cells[columns[i]] = cell
	}
	return cells, nil
}

func parseCell(text string) (Cell, error) {
	cell := Cell{Text: text}
	if text == "–" || text == "-" {
		return cell, nil
	}
	for list := range strings.SplitSeq(text, ",") {
		entry, err := parseEntry(strings.Fields(list))
		if err != nil {
			return Cell{}, fmt.Errorf("%q: %w", text, err)
		}
		cell.Entries = append(cell.Entries, entry)
	}
	return cell, nil
}

func parseEntry(words []string) (Entry, error) {
	var e Entry
	timed := false
	for _, word := range words {
		letter, extra, _ := strings.Cut(word, "+")
		if len(letter) == 1 && strings.Contains("ECSP", letter) && (extra == "" || extra == "calendar") {
			if timed {
				return e, fmt.Errorf("the channel %s stands behind a timing; put a comma before it", letter)
			}
			e.Classes = append(e.Classes, Class(letter[0]))
			e.Calendar = e.Calendar || extra != ""
			continue
		}
		if err := e.Timing.read(word); err != nil {
			return e, err
		}
		timed = true
	}
	switch {
	case len(e.Classes) == 0 && !e.Timing.Told:
		return e, errors.New("it names no channel (E, C, S, P); only \"told\" may stand without one")
	case e.Timing.Hold > 0 && e.Timing.StillOpen > 0:
		return e, errors.New("it holds and waits at once; give one of 15m and >30")
	}
	return e, nil
}

// read takes one timing word.
func (t *Timing) read(word string) error {
	minutes := func(text string) (time.Duration, error) {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1440 {
			return 0, fmt.Errorf("%q: the minutes must be a whole number from 1 to 1440", word)
		}
		return time.Duration(n) * time.Minute, nil
	}
	var err error
	switch {
	case word == "told":
		t.Told = true
	case word == "delayed":
		t.Delayed = true
	case word == "day":
		t.Digest = true
	case strings.HasPrefix(word, ">"):
		t.StillOpen, err = minutes(word[1:])
	case strings.HasPrefix(word, "1/"):
		t.Limit, err = minutes(word[2:])
	case strings.HasSuffix(word, "m"):
		t.Hold, err = minutes(strings.TrimSuffix(word, "m"))
	default:
		err = fmt.Errorf("%q is neither a channel (E, C, S, P) nor a timing (15m, 1/60, >30, day, told)", word)
	}
	return err
}
