package stakeholders

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/allclear-status/allclear/status"
)

// registerField is the field that faults of a register file are reported on.
const registerField = "register"

// Limits of a register file. The size is also that of the API's bodies.
const (
	MaxRegisterBytes   = 1 << 20
	MaxRegisterEntries = 5_000
)

// Format is a way of writing the register down.
type Format string

// The formats. Markdown is for people and is not read back.
const (
	YAML     Format = "yaml"
	CSV      Format = "csv"
	Markdown Format = "md"
)

// RegisterFile is a register as it was read from a file.
type RegisterFile struct {
	Stakeholders []Stakeholder // without ids
	lines        []int
}

// Line is where an entry begins in the file.
func (f RegisterFile) Line(entry int) int { return f.lines[entry] }

// Warnings says what the file may not mean, with the lines.
func (f RegisterFile) Warnings() []string {
	where := func(i int) string { return fmt.Sprintf("line %d: %s", f.lines[i], f.Stakeholders[i].Name) }
	warnings := Warnings(f.Stakeholders, where)
	for i, s := range f.Stakeholders {
		if words := OwnerWarning(f.Stakeholders, s); words != "" {
			warnings = append(warnings, where(i)+": "+words)
		}
	}
	return warnings
}

// ParseRegister reads a register file. components are the page's, by which
// names are understood. The error is *status.Invalid and names the line of
// every fault; nothing of a faulty file is returned.
func ParseRegister(format Format, text []byte, components []status.Component) (RegisterFile, error) {
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	switch {
	case len(text) > MaxRegisterBytes:
		return RegisterFile{}, status.NewInvalid(registerField, "the file has %d bytes; at most %d are taken", len(text), MaxRegisterBytes)
	case !utf8.Valid(text):
		return RegisterFile{}, status.NewInvalid(registerField, "line %d: the file is not valid UTF-8; save it as UTF-8 (a spreadsheet calls that \"CSV UTF-8\")", lineNotUTF8(text))
	case len(bytes.TrimSpace(text)) == 0 && format == CSV:
		return RegisterFile{}, status.NewInvalid(registerField, "the file is empty; its first line must name the columns: name, power, interest, email")
	case format == CSV:
		return parseCSV(text, components)
	case format == YAML:
		return parseYAML(text, components)
	default:
		return RegisterFile{}, status.NewInvalid("format", "is %q; it must be yaml or csv", format)
	}
}

// lineNotUTF8 is the first line that holds a byte of another encoding.
func lineNotUTF8(text []byte) int {
	line := 1
	for before := range bytes.Lines(text) {
		if !utf8.Valid(before) {
			break
		}
		line++
	}
	return line
}

// registerReader checks the drafts of a file, one after another.
type registerReader struct {
	components []status.Component
	names      map[string]int // of entries, with the lines on which they stand
	file       RegisterFile
}

// read checks a draft that begins on a line and takes it into the register.
func (r *registerReader) read(d Draft, line int, note faults) {
	s := d.check(r.components, note)
	if first, ok := r.names[nameKey(s.Name)]; ok && s.Name != "" {
		note([]any{"name"}, "name", fmt.Sprintf("%q stands twice, first on line %d; names must differ", s.Name, first))
	} else {
		r.names[nameKey(s.Name)] = line
	}
	r.file.Stakeholders, r.file.lines = append(r.file.Stakeholders, s), append(r.file.lines, line)
}

// result is the register, when nothing is at fault.
func (r *registerReader) result(err error) (RegisterFile, error) {
	if err != nil {
		return RegisterFile{}, err
	}
	return r.file, nil
}

// nameKey is what two names must not have in common: people write the same name
// in capitals and without, and their programs write é as one character or two.
func nameKey(name string) string { return strings.ToLower(norm.NFC.String(name)) }

// SameName says whether two names are one to people (see nameKey).
func SameName(a, b string) bool { return strings.EqualFold(norm.NFC.String(a), norm.NFC.String(b)) }

// tidied is a text as it is kept: without the space around it, and with every
// character in one way, whichever program wrote it.
func tidied(text string) string { return norm.NFC.String(strings.TrimSpace(text)) }

// tooMany refuses a register that is no register of people any more.
func tooMany(entries int) error {
	if entries <= MaxRegisterEntries {
		return nil
	}
	return status.NewInvalid(registerField, "the file has %d entries; at most %d are taken: let larger audiences subscribe", entries, MaxRegisterEntries)
}

// sentence joins what is wrong with the name of what it is wrong with.
func sentence(subject, words string) string {
	if subject == "" {
		return words
	}
	return subject + " " + words
}
