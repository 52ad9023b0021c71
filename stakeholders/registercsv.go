package stakeholders

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/allclear-status/allclear/status"
)

// The columns of a register in a spreadsheet. A row is an entry with up to one
// contact by each channel; more contacts follow in further rows of the same
// name, in which the entry's other cells may stay empty.
var csvColumns = []string{"name", "kind", "power", "interest", "email", "slack", "discord", "teams", "google_chat", "mattermost", "sms", "label", "private", "opted_in", "contractual",
	"components", "language", "time_zone", "quiet_hours", "owner", "review_after", "notes"}

// csvOfEntry are the columns about the entry, not about the contacts of a row.
var csvOfEntry = []string{"kind", "power", "interest", "components", "language", "time_zone", "quiet_hours", "owner", "review_after", "notes"}

// truths are what people and their spreadsheets write for yes and no.
var truths = map[string]bool{
	"true": true, "yes": true, "y": true, "x": true, "1": true, "wahr": true, "ja": true, "vrai": true, "oui": true, "verdadero": true, "sí": true, "si": true,
	"false": false, "no": false, "n": false, "0": false, "falsch": false, "nein": false, "faux": false, "non": false, "falso": false,
}

// csvReader reads a register from a spreadsheet.
type csvReader struct {
	rows    *csv.Reader
	columns []string // by place in a row; empty: a column without a name
	bad     *status.Invalid
	lines   []int       // of the faults
	entries []*csvEntry // in the order of the file
	byName  map[string]*csvEntry
}

// csvEntry is a draft with where its parts stand.
type csvEntry struct {
	draft    Draft
	line     int
	lines    map[string]int // of the cells about the entry
	cells    map[string]string
	contacts []int // lines
}

// csvRow is the named cells of one row.
type csvRow struct {
	cells map[string]string
	lines map[string]int
	line  int
}

func parseCSV(text []byte, components []status.Component) (RegisterFile, error) {
	delimiter, skip := csvDelimiter(text)
	c := csvReader{rows: csv.NewReader(bytes.NewReader(text[skip:])), bad: &status.Invalid{}, byName: map[string]*csvEntry{}}
	c.rows.Comma, c.rows.FieldsPerRecord = delimiter, -1
	c.rows.TrimLeadingSpace = delimiter != '\t' // a tab is a space too
	before := bytes.Count(text[:skip], []byte("\n"))
	if err := c.readAll(before); err != nil {
		return RegisterFile{}, err
	}
	if len(c.entries) == 0 && len(c.bad.Fields) == 0 {
		return RegisterFile{}, status.NewInvalid(registerField, "the file names columns and has no rows below them")
	}
	if err := tooMany(len(c.entries)); err != nil {
		return RegisterFile{}, err
	}
	r := registerReader{components: components, names: map[string]int{}}
	for _, e := range c.entries {
		e.draft.Components = csvList(e.draft.Components, components)
		r.read(e.draft, e.line, func(at []any, subject, words string) {
			line, column := e.place(at)
			c.fault(line, column, sentence(subject, words))
		})
	}
	return r.result(c.err())
}

// csvDelimiter finds what stands between the cells of the first line, and how
// many bytes to skip: Excel may say "sep=;" before.
func csvDelimiter(text []byte) (delimiter rune, skip int) {
	first, _, more := bytes.Cut(text, []byte("\n"))
	if line := bytes.TrimRight(first, "\r"); more && len(line) == len("sep=;") && bytes.HasPrefix(bytes.ToLower(line), []byte("sep=")) && strings.Contains(",;\t|", string(line[len("sep="):])) {
		return rune(line[len("sep=")]), len(first) + 1
	}
	delimiter = ','
	for _, other := range ";\t|" {
		if strings.Count(string(first), string(other)) > strings.Count(string(first), string(delimiter)) {
			delimiter = other
		}
	}
	return delimiter, 0
}

// fault notes what is wrong in a cell.
func (c *csvReader) fault(line int, column, words string) {
	if column != "" {
		words = fmt.Sprintf("column %s: %s", column, words)
	}
	c.bad.Add(registerField, "line %d, %s", line, words)
	c.lines = append(c.lines, line)
}

// err returns every fault in the order of the file, or nil.
func (c *csvReader) err() error {
	order := make([]int, len(c.lines))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(c.lines[a], c.lines[b]) })
	sorted := &status.Invalid{}
	for _, i := range order {
		sorted.Fields = append(sorted.Fields, c.bad.Fields[i])
	}
	return sorted.Err()
}

func (c *csvReader) readAll(before int) error {
	for first := true; ; first = false {
		cells, err := c.rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var syntax *csv.ParseError
		if errors.As(err, &syntax) {
			return status.NewInvalid(registerField, "line %d, column %d: a quotation mark stands where none may; put the cell in quotation marks and double those inside",
				syntax.Line+before, syntax.Column)
		}
		if err != nil {
			return fmt.Errorf("read register: %w", err)
		}
		if first {
			if c.readHeader(cells, before+1); len(c.bad.Fields) > 0 {
				return c.bad
			}
			continue
		}
		c.readRow(cells, before)
	}
}

// readHeader reads the names of the columns, however they are spelled.
func (c *csvReader) readHeader(cells []string, line int) {
	spelling := strings.NewReplacer(" ", "", "_", "", "-", "")
	for n, cell := range cells {
		name := ""
		for _, known := range csvColumns {
			if given := spelling.Replace(strings.ToLower(cell)); given == spelling.Replace(known) || known == "sms" && given == "phone" {
				name = known
			}
		}
		switch {
		case name == "" && strings.TrimSpace(cell) != "":
			c.fault(line, fmt.Sprint(n+1), fmt.Sprintf("%.50q is not known; the columns are %s", strings.TrimSpace(cell), strings.Join(csvColumns, ", ")))
		case name != "" && slices.Contains(c.columns, name):
			c.fault(line, fmt.Sprint(n+1), fmt.Sprintf("%s stands twice", name))
		}
		c.columns = append(c.columns, name)
	}
	for _, name := range []string{"name", "power", "interest"} {
		if !slices.Contains(c.columns, name) {
			c.fault(line, name, "is missing; the first line must name the columns")
		}
	}
}

// readRow takes a row into its entry.
func (c *csvReader) readRow(cells []string, before int) {
	row := csvRow{cells: map[string]string{}, lines: map[string]int{}}
	for n, cell := range cells {
		line, _ := c.rows.FieldPos(n)
		if row.line == 0 {
			row.line = line + before
		}
		switch name := c.column(n); {
		case name != "":
			row.cells[name], row.lines[name] = unguard(cell), line+before
			if name != "notes" {
				row.cells[name] = strings.TrimSpace(row.cells[name])
			}
		case strings.TrimSpace(cell) != "":
			c.fault(line+before, fmt.Sprint(n+1), "has no name in the first line")
		}
	}
	if !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
		return // a blank row
	}
	name := row.cells["name"]
	if name == "" {
		c.fault(row.line, "name", "is missing; every row names the entry that it belongs to")
		return
	}
	e, known := c.byName[nameKey(name)]
	if !known {
		e = &csvEntry{draft: Draft{Name: name}, line: row.line, lines: map[string]int{"name": row.line}, cells: map[string]string{}}
		c.byName[nameKey(name)] = e
		c.entries = append(c.entries, e)
	}
	c.readEntry(e, row)
	c.readContacts(e, row)
}

func (c *csvReader) column(n int) string {
	if n < len(c.columns) {
		return c.columns[n]
	}
	return ""
}

// readEntry takes the cells about the entry. Of several rows each may hold
// them, and they must not contradict each other.
func (c *csvReader) readEntry(e *csvEntry, row csvRow) {
	for _, name := range csvOfEntry {
		switch cell, have := row.cells[name], e.cells[name]; {
		case cell == "" || cell == have:
		case have != "":
			c.fault(row.lines[name], name, fmt.Sprintf("is not what %q has on line %d; leave it empty here, or give each entry a name of its own", e.draft.Name, e.lines[name]))
		default:
			e.cells[name], e.lines[name] = cell, row.lines[name]
		}
	}
	d := &e.draft
	d.Kind, d.Power, d.Interest = strings.ToLower(e.cells["kind"]), strings.ToLower(e.cells["power"]), strings.ToLower(e.cells["interest"])
	d.Language, d.TimeZone, d.QuietHours = e.cells["language"], e.cells["time_zone"], e.cells["quiet_hours"]
	d.Owner, d.ReviewAfter, d.Notes = e.cells["owner"], e.cells["review_after"], e.cells["notes"]
	if d.Components = nil; e.cells["components"] != "" {
		d.Components = []string{e.cells["components"]}
	}
}

// readContacts takes the contacts of a row. Its label is that of the chat
// channel, if the row has one; its marks are those of all its contacts.
func (c *csvReader) readContacts(e *csvEntry, row csvRow) {
	marks := DraftContact{Private: c.truth(row, "private"), OptedIn: c.truth(row, "opted_in"), Label: row.cells["label"]}
	if basis := row.cells["contractual"]; basis != "" {
		if truth, answer := truths[strings.ToLower(basis)]; !answer || truth {
			marks.Contract = &basis
		}
	}
	found := false
	chats := row.chats()
	for _, channel := range ContactChannels() {
		address := row.cells[string(channel)]
		if address == "" {
			continue
		}
		contact := marks
		contact.Channel, contact.Address, found = channel, address, true
		if chats > 0 && !channel.Chat() {
			contact.Label = ""
		}
		e.draft.Contacts, e.contacts = append(e.draft.Contacts, contact), append(e.contacts, row.line)
	}
	if !found && (marks.Private || marks.OptedIn || marks.Contract != nil || marks.Label != "") {
		c.fault(row.line, "email", "is empty, and so are the other channels; label, private, opted_in and contractual say something about a contact")
	}
}

// chats counts the chat channels of a row.
func (r csvRow) chats() int {
	n := 0
	for _, channel := range ChatChannels() {
		if r.cells[string(channel)] != "" {
			n++
		}
	}
	return n
}

func (c *csvReader) truth(row csvRow, name string) bool {
	cell := row.cells[name]
	truth, known := truths[strings.ToLower(cell)]
	if !known && cell != "" {
		c.fault(row.lines[name], name, fmt.Sprintf("is %q; it must be yes or no", cell))
	}
	return truth
}

// place is the line and the column of a part of the draft.
func (e *csvEntry) place(at []any) (line int, column string) {
	column, _ = at[0].(string)
	if len(at) == 3 {
		n, _ := at[1].(int)
		column, _ = at[2].(string)
		return e.contacts[n], column
	}
	if column == "contacts" {
		column = string(Email)
	}
	if line, ok := e.lines[column]; ok {
		return line, column
	}
	return e.line, column
}

// csvSeparators may stand between the components of a cell.
const csvSeparators = ",;|\n"

// csvList takes the components of a cell apart, unless the whole cell is the
// name of one.
func csvList(cell []string, components []status.Component) []string {
	if len(cell) == 0 || len(componentsNamed(components, cell[0])) > 0 {
		return cell
	}
	var names []string
	for name := range strings.FieldsFuncSeq(cell[0], func(r rune) bool { return strings.ContainsRune(csvSeparators, r) }) {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// guarded are the signs with which a spreadsheet may take a cell for a formula.
const guarded = "=+-@\t\r＝＋－＠"

// guard keeps a spreadsheet from running a cell; unguard takes that back.
func guard(cell string) string {
	if first := []rune(cell); len(first) > 0 && (strings.ContainsRune(guarded, first[0]) ||
		len(first) > 1 && first[0] == '\'' && strings.ContainsRune(guarded+"'", first[1])) {
		return "'" + cell
	}
	return cell
}

func unguard(cell string) string {
	rest, ok := strings.CutPrefix(cell, "'")
	if first := []rune(rest); ok && len(first) > 0 && strings.ContainsRune(guarded+"'", first[0]) {
		return rest
	}
	return cell
}
