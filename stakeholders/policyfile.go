package stakeholders

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"github.com/allclear-status/allclear/status"
)

// policyField is the field that faults of a policy are reported on.
const policyField = "policy"

type policyFile struct {
	Name       string                       `yaml:"name"`
	NextUpdate map[string]string            `yaml:"next_update"`
	Table      map[string]map[string]string `yaml:"table"`
}

// ParsePolicy reads a policy from YAML. The error is *status.Invalid, names
// the line of every fault that has one, and says what would be right.
func ParsePolicy(text []byte) (*Policy, error) {
	var in policyFile
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, status.NewInvalid(policyField, "the file is empty; it must have a table")
	}
	file, err := readDocument(policyField, text, &in)
	if err != nil {
		return nil, err
	}
	p := &Policy{
		Name:     in.Name,
		document: slices.Clone(text),
		next:     map[status.Impact]time.Duration{},
		table:    map[Event]map[Quadrant]map[status.Impact]Cell{},
	}
	if words := textFault("name", in.Name, status.MaxNameLength, true); words != "" {
		file.fault([]any{"name"}, "%s", words)
	}
	p.readNextUpdate(file, in.NextUpdate)
	for _, row := range rows {
		if cells, ok := in.Table[string(row)]; ok {
			p.table[row] = readRow(file, row, cells)
		} else {
			file.fault([]any{"table"}, "table.%s is missing", row)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(in.Table)) {
		if !slices.Contains(rows, Event(name)) {
			file.fault([]any{"table", name}, "table.%s: not an event", name)
		}
	}
	if err := file.bad.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

// readNextUpdate reads the rhythm of promises.
func (p *Policy) readNextUpdate(file *document, next map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(next)) {
		every, err := time.ParseDuration(next[name])
		if impact := status.Impact(name); !impact.ValidGrade() || err != nil || every < time.Minute || every > 24*time.Hour {
			file.fault([]any{"next_update", name}, "next_update.%s: %q must be a grade with a time from 1m to 24h", name, next[name])
		} else {
			p.next[impact] = every
		}
	}
}

// readRow reads the cells of one event.
func readRow(file *document, row Event, cells map[string]string) map[Quadrant]map[status.Impact]Cell {
	read := map[Quadrant]map[status.Impact]Cell{}
	for _, q := range quadrants {
		text, ok := cells[string(q)]
		if !ok {
			file.fault([]any{"table", string(row)}, "table.%s.%s is missing", row, q)
			continue
		}
		columns, err := parseCells(text)
		if err != nil {
			file.fault([]any{"table", string(row), string(q)}, "table.%s.%s: %s", row, q, err)
			continue
		}
		read[q] = columns
	}
	for _, name := range slices.Sorted(maps.Keys(cells)) {
		if !Quadrant(name).Valid() {
			file.fault([]any{"table", string(row), name}, "table.%s.%s: not a quadrant; use manage_closely, keep_satisfied, keep_informed or monitor", row, name)
		}
	}
	return read
}
