package stakeholders

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/allclear-status/allclear/status"
)

// policyField is the field that faults of a policy are reported on.
const policyField = "policy"

// policyNames are the fields of a policy, in the order of the default one.
var policyNames = []string{
	"name", "next_update", "long_incident", "first_post", "reminders", "digest_at", "grades", "show_grades", "channels", "table",
}

// ParsePolicy reads a policy from YAML. The error is *status.Invalid, has every
// fault with the line and the column where it stands, in the order of the
// file, and says what would be right.
func ParsePolicy(text []byte) (*Policy, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, status.NewInvalid(policyField, "the file is empty; it must have a table")
	}
	file, tree, err := readTree(policyField, text)
	if err != nil {
		return nil, err
	}
	if tree == nil {
		return nil, status.NewInvalid(policyField, "the file has only comments; it must have a table")
	}
	p := &Policy{document: slices.Clone(text), rhythm: defaultRhythm(), table: map[Event]map[Quadrant]map[status.Impact]Cell{}}
	r := policyReader{file: file, policy: p}
	if fields, ok := r.names(tree); ok {
		r.read(fields)
	}
	if err := file.err(); err != nil {
		return nil, err
	}
	return p, nil
}

// policyReader turns the tree of a file into a policy.
type policyReader struct {
	file   *document
	policy *Policy
}

func (r policyReader) read(fields map[string]any) {
	r.known(fields, policyNames)
	name, _ := r.text(fields["name"], "name")
	if r.policy.Name = name; name == "" && fields["name"] == nil {
		r.file.fault([]any{"name"}, "name is missing; give the policy one, such as \"Default policy\"")
	} else if words := textFault("name", name, status.MaxNameLength, true); words != "" {
		r.file.fault([]any{"name"}, "%s", words)
	}
	r.rhythm(fields)
	r.grades(fields)
	r.channels(fields["channels"])
	r.table(fields)
}

// names is a value that must be names with values; nil has none.
func (r policyReader) names(value any, path ...any) (map[string]any, bool) {
	found, ok := value.(map[string]any)
	if !ok && value != nil {
		r.fault(path, "%smust be names with values", prefix(path))
	}
	return found, ok
}

// text is a value that must be a plain text. Numbers count as what was written.
func (r policyReader) text(value any, path ...any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case bool, int64, uint64, float64:
		return fmt.Sprint(value), true
	case nil:
		return "", false
	default:
		r.fault(path, "%sthis must be a plain text", prefix(path))
		return "", false
	}
}

// known refuses names that mean nothing.
func (r policyReader) known(fields map[string]any, names []string, path ...any) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(names, name) {
			r.fault(append(slices.Clone(path), name), "%sunknown field %q; use %s", prefix(path), name, listed(names))
		}
	}
}

func (r policyReader) fault(path []any, format string, args ...any) {
	at := r.file.position(path...)
	if len(path) == 0 {
		at = begin(r.file.root)
	}
	r.file.faultAt(at, format, args...)
}

// prefix names a place before a fault of it.
func prefix(path []any) string {
	if len(path) == 0 {
		return ""
	}
	names := make([]string, len(path))
	for i, step := range path {
		names[i] = fmt.Sprint(step)
	}
	return strings.Join(names, ".") + ": "
}

// listed joins names for a sentence: "a, b or c".
func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// timePattern is a length of time in a policy: 15m, 2h, 1h30m; a minute at
// least, a day at most.
const timePattern = `^(?:` + minutePattern + `m|(?:[1-9]|1[0-9]|2[0-3])h(?:(?:[1-9]|[1-5][0-9])m)?|24h)$`

var timeForm = regexp.MustCompile(timePattern)

// time reads a length of time; nothing keeps what is there.
func (r policyReader) time(into *time.Duration, value any, path ...any) bool {
	text, ok := r.text(value, path...)
	if !ok {
		return false
	}
	length, err := time.ParseDuration(text)
	if err != nil || !timeForm.MatchString(text) {
		r.fault(path, "%s%q must be a time from 1m to 24h, such as 15m or 2h", prefix(path), text)
		return false
	}
	*into = length
	return true
}

// times reads a time for each of some impacts.
func (r policyReader) times(into map[status.Impact]time.Duration, value any, field string) {
	fields, _ := r.names(value, field)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		impact := status.Impact(name)
		if !slices.Contains(columns, impact) {
			r.fault([]any{field, name}, "%s.%s: it must be critical, major or minor", field, name)
			continue
		}
		var length time.Duration
		if r.time(&length, fields[name], field, name) {
			into[impact] = length
		}
	}
}

// rhythm reads when the next word is due, and who is reminded of it.
func (r policyReader) rhythm(fields map[string]any) {
	to := &r.policy.rhythm
	r.times(to.next, fields["next_update"], "next_update")
	r.times(to.firstPost, fields["first_post"], "first_post")
	if long, ok := r.names(fields["long_incident"], "long_incident"); ok {
		r.known(long, []string{"after", "every"}, "long_incident")
		r.time(&to.longAfter, long["after"], "long_incident", "after")
		r.time(&to.longEvery, long["every"], "long_incident", "every")
	}
	r.reminders(fields["reminders"])
	if text, ok := r.text(fields["digest_at"], "digest_at"); ok {
		at, err := time.Parse("15:04", text)
		if err != nil || len(text) != len("15:04") {
			r.file.fault([]any{"digest_at"}, "digest_at: %q must be a time of day such as \"09:00\"", text)
		} else {
			to.digestHour, to.digestMinute = at.Hour(), at.Minute()
		}
	}
}

func (r policyReader) reminders(value any) {
	fields, ok := r.names(value, "reminders")
	if !ok {
		return
	}
	to := &r.policy.rhythm.reminders
	r.known(fields, []string{"before", "manager_after", "deputy_after"}, "reminders")
	if r.time(&to.Before, fields["before"], "reminders", "before") {
		for _, impact := range columns {
			if next, promised := r.policy.rhythm.next[impact]; promised && to.Before >= next {
				r.file.fault([]any{"reminders", "before"}, "reminders.before: %s is not before an update that is due every %s (next_update.%s)",
					lengthWords(to.Before), lengthWords(next), impact)
				break
			}
		}
	}
	r.time(&to.ManagerAfter, fields["manager_after"], "reminders", "manager_after")
	r.time(&to.DeputyAfter, fields["deputy_after"], "reminders", "deputy_after")
	if to.DeputyAfter <= to.ManagerAfter {
		r.file.fault([]any{"reminders"}, "reminders: the deputy (after %s) is told later than the manager (after %s)",
			lengthWords(to.DeputyAfter), lengthWords(to.ManagerAfter))
	}
}

// table reads every cell.
func (r policyReader) table(fields map[string]any) {
	if fields["table"] == nil {
		r.file.fault([]any{"table"}, "table is missing")
		return
	}
	table, ok := r.names(fields["table"], "table")
	if !ok {
		return
	}
	for _, row := range rows {
		if cells, found := table[string(row)]; !found {
			r.file.fault([]any{"table"}, "table.%s is missing", row)
		} else if cells, ok := r.names(cells, "table", string(row)); ok {
			r.policy.table[row] = r.row(row, cells)
		} else if cells == nil {
			r.file.fault([]any{"table", string(row)}, "table.%s has no cells; give one for each of %s", row, listed(quadrantNames()))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(table)) {
		if !slices.Contains(rows, Event(name)) {
			r.file.fault([]any{"table", name}, "table.%s: not an event; use %s", name, listed(rowNames()))
		}
	}
}

// row reads the cells of one event.
func (r policyReader) row(row Event, cells map[string]any) map[Quadrant]map[status.Impact]Cell {
	read := map[Quadrant]map[status.Impact]Cell{}
	for _, q := range quadrants {
		value, ok := cells[string(q)]
		if !ok || value == nil {
			r.file.fault([]any{"table", string(row), string(q)}, "table.%s.%s is missing; write \"–\" for nothing", row, q)
			continue
		}
		if text, ok := r.text(value, "table", string(row), string(q)); ok {
			read[q] = r.place(text, row, q)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cells)) {
		if !Quadrant(name).Valid() {
			r.file.fault([]any{"table", string(row), name}, "table.%s.%s: not a quadrant; use %s", row, name, listed(quadrantNames()))
		}
	}
	return read
}

// place reads what stands at one place of the table.
func (r policyReader) place(text string, row Event, q Quadrant) map[status.Impact]Cell {
	reader := cellReader{letters: r.policy.letters(), text: text}
	cells := reader.read()
	for _, f := range reader.faults {
		at := r.file.wordAt(text, f.at, "table", string(row), string(q))
		r.file.faultAt(at, "table.%s.%s: %q: %s", row, q, text, f.words)
	}
	return cells
}

func rowNames() []string {
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = string(row)
	}
	return names
}

func quadrantNames() []string {
	return []string{string(ManageClosely), string(KeepSatisfied), string(KeepInformed), string(Monitor)}
}
