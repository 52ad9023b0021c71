package stakeholders_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/stakeholders"
)

func parseCSV(text string) (stakeholders.RegisterFile, error) {
	return stakeholders.ParseRegister(stakeholders.CSV, []byte(text), pageComponents)
}

// The same register as goodRegister, as a European Excel saves it.
const goodCSV = "\uFEFFName;Kind;Power;Interest;E-mail;Slack;Phone;Label;Private;Opted in;Contractual;Components;Language;Time zone;Quiet hours;Owner;Review after;Notes;\r\n" +
	"Ana;;high;High;Ana@Example.com;;;;WAHR;;Contract of 2026-03-01;search, Card Payments|c3;es;Europe/Madrid;22:00 – 7:00;Bo;90d;\"Two\nlines\n\"\r\n" +
	"Ana;;;;;https://hooks.example/services/secret;'+34 600 000 000;#ana;nein;\r\n" +
	";;;;;;;;;;;;;;;;;;\r\n" +
	"Customers;segment;high;low\r\n" +
	"Everybody;Team;low;low;all@example.com;;;;;ja\r\n"

func TestSpreadsheetIsReadLikeTheFile(t *testing.T) {
	want, err := parseYAML([]byte(goodRegister), pageComponents)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"semicolons": goodCSV, "with sep": "sep=;\r\n" + strings.TrimPrefix(goodCSV, "\uFEFF"),
		"rows in another order": moveLine(goodCSV, "Ana;;;;;https", "Customers"),
	} {
		got, err := parseCSV(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(got.Stakeholders, want) {
			t.Errorf("%s: read\n%+v\nwant\n%+v", name, got.Stakeholders, want)
		}
	}
}

// moveLine puts the line that begins so behind the one that begins otherwise.
func moveLine(text, line, behind string) string {
	var kept []string
	var moved string
	for _, l := range strings.SplitAfter(text, "\r\n") {
		if strings.HasPrefix(l, line) {
			moved = l
			continue
		}
		if kept = append(kept, l); strings.HasPrefix(l, behind) {
			kept = append(kept, moved)
		}
	}
	return strings.Join(kept, "")
}

func TestFaultsOfASpreadsheetStandInItsOrder(t *testing.T) {
	_, err := parseCSV("name,power,interest,email\nAna,some,high,a@x.example\n,high,high,b@x.example\nBo,high,,c@x.example\nana,low,,\n")
	want := []string{
		`line 2, column power: power is "some"; it must be high or low`,
		"line 3, column name: is missing; every row names the entry that it belongs to",
		"line 4, column interest: interest is missing; it must be high or low",
		`line 5, column power: is not what "Ana" has on line 2; leave it empty here, or give each entry a name of its own`,
	}
	if faults := faultsOf(t, err); !slices.Equal(faults, want) {
		t.Errorf("faults\n%s\nwant\n%s", strings.Join(faults, "\n"), strings.Join(want, "\n"))
	}
}

func TestFaultsOfASpreadsheetNameLineAndColumn(t *testing.T) {
	const head = "name,kind,power,interest,email,slack,sms,label,private,contractual,components,language,time_zone,quiet_hours,owner,review_after\n"
	for _, c := range []struct{ name, text, want string }{
		{"empty", " \r\n", "the file is empty"},
		{"only columns", head, "has no rows below them"},
		{"unknown column", "name,power,interest,fax\n", `line 1, column 4: "fax" is not known; the columns are name, kind, power`},
		{"column twice", "name,power,interest,e-mail,email\n", "line 1, column 5: email stands twice"},
		{"no names of columns", "Ana,high,high,ana@x.example\n", "line 1, column 1: \"Ana\" is not known"},
		{"missing column", "name,power\n", "line 1, column interest: is missing"},
		{"cell without a column", head + "Ana,,high,low,a@x.example,,,,,,,,,,,,surplus\n", "line 2, column 17: has no name in the first line"},
		{"no name", head + ",,high,low,a@x.example\n", "line 2, column name: is missing"},
		{"power", head + "Ana,,some,low,a@x.example\n", `line 2, column power: power is "some"; it must be high or low`},
		{"no power", head + "Ana,,,low,a@x.example\n", `line 2, column power: power is missing`},
		{"kind", head + "Ana,group,high,low,a@x.example\n", `line 2, column kind: kind is "group"`},
		{"contradiction", head + "Ana,,high,low,a@x.example\nAna,,low,low,b@x.example\n", `line 3, column power: is not what "Ana" has on line 2`},
		{"contact twice", head + "Ana,,high,low,a@x.example\nAna,,,,A@X.example\n", "line 3, column email: the same email address stands twice"},
		{"bad email in a further row", head + "Ana,,high,low,a@x.example\n\nAna,,,,at x\n", `line 4, column email: email "at x" is not an email address`},
		{"secret", head + "Ana,,high,low,,hooks.example/secret\n", "line 2, column slack: slack is not the address of an incoming webhook"},
		{"number that a spreadsheet ate", head + "Ana,,high,low,,,34600000000\n", `line 2, column sms: sms "34600000000" is not a phone number with its country`},
		{"nobody to reach", head + "Ana,,high,low\n", `line 2, column email: "Ana" has no contacts`},
		{"marks of nobody", head + "Ana,,high,low,a@x.example\nAna,,,,,,,,yes\n", "line 3, column email: is empty, and so are the other channels"},
		{"truth", head + "Ana,,high,low,a@x.example,,,,perhaps\n", `line 2, column private: is "perhaps"; it must be yes or no`},
		{"contract without basis", head + "Ana,,high,low,a@x.example,,,,,yes\n", "line 2, column contractual: contractual has no basis"},
		{"component", head + "Ana,,high,low,a@x.example,,,,,,\"Search; frobnicator\"\n", `line 2, column components: component "frobnicator" is not on the page`},
		{"language", head + "Ana,,high,low,a@x.example,,,,,,,xx\n", `line 2, column language: language is "xx"`},
		{"zone", head + "Ana,,high,low,a@x.example,,,,,,,,Mars\n", `line 2, column time_zone: time_zone is "Mars"`},
		{"quiet hours", head + "Ana,,high,low,a@x.example,,,,,,,,,22-7\n", `line 2, column quiet_hours: quiet_hours is "22-7"`},
		{"review", head + "Ana,,high,low,a@x.example,,,,,,,,,,,180\n", `line 2, column review_after: review_after is "180"`},
		{"after a cell of two lines", head + "Ana,,high,low,a@x.example,,,,,,,,,,\"Two\nlines\"\nBo,,x,low,b@x.example\n", `line 4, column power`},
		{"quotation mark", head + "A\"na,,high,low,a@x.example\n", "line 2, column 2: a quotation mark stands where none may"},
		{"latin", head + "J\xf6rg,,high,low,a@x.example\n", "line 2: the file is not valid UTF-8"},
		{"odd separator", "sep=\"\nname,power,interest\n", "line 1, column"},
		{"UTF-16", "\xff\xfen\x00a\x00", "line 1: the file is not valid UTF-8"},
	} {
		file, err := parseCSV(c.text)
		found := false
		if err != nil {
			for _, f := range faultsOf(t, err) {
				found = found || strings.Contains(f, c.want)
			}
		}
		if !found || file.Stakeholders != nil || strings.Contains(err.Error(), "hooks.example") {
			t.Errorf("%s: %v, %+v\nwant %s", c.name, err, file.Stakeholders, c.want)
		}
	}
}

func TestHugeRegisterIsRefused(t *testing.T) {
	head := "name,power,interest,email\n"
	for words, text := range map[string]string{
		"1048577 bytes; at most 1048576":    strings.Repeat("x", stakeholders.MaxRegisterBytes+1),
		"5001 entries; at most 5000 are":    head + rows(stakeholders.MaxRegisterEntries+1),
		"line 2, column name: name has 300": head + strings.Repeat("n", 300) + ",high,high,a@x.example\n",
	} {
		if _, err := parseCSV(text); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v, want %s", err, words)
		}
	}
}

func rows(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "P%d,high,low,p%d@x.example\n", i, i)
	}
	return b.String()
}

func TestNoCellIsRunAsAFormula(t *testing.T) {
	s := entry("=cmd|' /C calc'!A0", stakeholders.Person, stakeholders.Monitor, "a@x.example")
	s.ID, s.Components = "", []string{}
	s.Owner, s.Notes, s.Contacts[0].Label, s.Contacts[0].Contractual = "@SUM(1)", "\t=1", "-1", "'=quoted already"
	register := []stakeholders.Stakeholder{s}
	text, err := stakeholders.FormatRegisterCSV(register, pageComponents)
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range []string{`'=cmd|`, `'@SUM(1)`, "\"'\t=1\"", `'-1`, `''=quoted already`} {
		if !strings.Contains(string(text), cell) && !strings.Contains(string(text), strings.Trim(cell, `"`)) {
			t.Errorf("no %q in\n%s", cell, text)
		}
	}
	if again, err := parseCSV(string(text)); err != nil || !reflect.DeepEqual(again.Stakeholders, register) {
		t.Errorf("read back as %+v, %v", again.Stakeholders, err)
	}
}

func FuzzParseRegisterCSV(f *testing.F) {
	f.Add(goodCSV)
	f.Add("sep=\t\nname\tpower\tinterest\tsms\n\"a\tb\"\thigh\tlow\t'+34600000000\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := parseCSV(text)
		if err != nil {
			checkRefusal(t, err)
			return
		}
		document, err := stakeholders.FormatRegisterCSV(file.Stakeholders, pageComponents)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseCSV(string(document))
		if err != nil || !reflect.DeepEqual(file.Stakeholders, again.Stakeholders) {
			t.Errorf("%+v\nwritten as\n%s\nread as %+v, %v", file.Stakeholders, document, again.Stakeholders, err)
		}
	})
}
