package stakeholders_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

var pageComponents = []status.Component{{ID: "c1", Name: "Card payments"}, {ID: "c2", Name: "Search"}, {ID: "c3", Name: "Twin"}, {ID: "c4", Name: "Twin"}}

const goodRegister = `# who must know
stakeholders:
  - name: "  Ana  "
    power: high
    interest: high
    contacts:
      - email: Ana@Example.com
        private: true
        contractual: {basis: "Contract of 2026-03-01"}
      - slack: https://hooks.example/services/secret
        label: "#ana"
      - sms: +34 600 000 000
    components: [search, Card Payments, Search, c3]
    language: es
    time_zone: Europe/Madrid
    quiet_hours: 22:00-07:00
    owner: Bo
    review_after: 90d
    notes: |
      Two
      lines
  - {name: Customers, kind: segment, power: high, interest: low}
  - name: Everybody
    kind: team
    power: low
    interest: low
    contacts:
      - email: all@example.com
        opted_in: true
`

func parseYAML(text []byte, components []status.Component) ([]stakeholders.Stakeholder, error) {
	file, err := stakeholders.ParseRegister(stakeholders.YAML, text, components)
	return file.Stakeholders, err
}

func TestRegisterFileIsRead(t *testing.T) {
	got, err := parseYAML([]byte(goodRegister), pageComponents)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := stakeholders.NormalizeAddress(stakeholders.Slack, "https://hooks.example/services/secret")
	if err != nil {
		t.Fatal(err)
	}
	high, low := stakeholders.High, stakeholders.Low
	want := []stakeholders.Stakeholder{
		{Name: "Ana", Kind: stakeholders.Person, Power: high, Interest: high, Components: []string{"c1", "c2", "c3"},
			Language: "es", TimeZone: "Europe/Madrid", QuietHours: "22:00-07:00", Owner: "Bo", ReviewAfter: "90d", Notes: "Two\nlines\n",
			Contacts: []stakeholders.Contact{
				{Channel: stakeholders.Email, Address: "ana@example.com", Private: true, Contractual: "Contract of 2026-03-01"},
				{Channel: stakeholders.Slack, Address: digest, Label: "#ana", Endpoint: "https://hooks.example/services/secret"},
				{Channel: stakeholders.SMS, Address: "+34600000000"}}},
		{Name: "Customers", Kind: stakeholders.Segment, Power: high, Interest: low, Contacts: []stakeholders.Contact{}, Components: []string{}},
		{Name: "Everybody", Kind: stakeholders.Team, Power: low, Interest: low, Components: []string{},
			Contacts: []stakeholders.Contact{{Channel: stakeholders.Email, Address: "all@example.com", OptedIn: true}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%+v\nwant\n%+v", got, want)
	}
}

// Each document breaks the good one in one place.
func TestFaultsOfARegisterNameTheirLines(t *testing.T) {
	for _, c := range []struct {
		name, old, new string
		words          string
	}{
		{"no name", `name: "  Ana  "`, `name: " "`, "name is missing"},
		{"name twice", "name: Everybody", "name: Ana", `"Ana" stands twice, first on line 3`},
		{"name twice, in capitals", "name: Everybody", "name: ANA", `"ANA" stands twice, first on line 3`},
		{"name with a line", "name: Everybody", `name: "Every\nbody"`, "control character U+000A"},
		{"kind", "kind: team", "kind: group", `kind is "group"; it must be person, team or segment`},
		{"power", "power: high", "power: some", `power is "some"; it must be high or low`},
		{"interest", "interest: high", "interest: HIGH", `interest is "HIGH"; it must be high or low`},
		{"email", "email: all@example.com", "email: all@example", ""},
		{"bad email", "email: all@example.com", "email: all at example.com", `"all at example.com" is not an email address`},
		{"injected email", "email: all@example.com", `email: "a@x.example\r\nBcc: b@x.example"`, `"a@x.example\r\nBcc: b@x.example" is not`},
		{"webhook", "slack: https://hooks.example/services/secret", "slack: hooks.example/services/secret", "slack is not the address of an incoming webhook"},
		{"phone", "sms: +34 600 000 000", "sms: 600 000 000", "is not a phone number"},
		{"two channels in one contact", "sms: +34 600 000 000", "{sms: +34600000000, email: b@example.com}", "exactly one of email, slack, discord, teams, google_chat, mattermost or sms"},
		{"no channel in a contact", "sms: +34 600 000 000", "label: x", "exactly one of email, slack, discord, teams, google_chat, mattermost or sms"},
		{"the same address twice", "sms: +34 600 000 000", "email: ana@EXAMPLE.com", "the same email address stands twice"},
		{"component", "components: [search,", "components: [frobnicator,", `component "frobnicator" is not on the page`},
		{"component of two", "components: [search,", "components: [twin,", `"twin" stands for 2 components`},
		{"time zone", "time_zone: Europe/Madrid", "time_zone: Mars/Olympus", `time_zone is "Mars/Olympus"`},
		{"time zone of the machine", "time_zone: Europe/Madrid", "time_zone: Local", `time_zone is "Local"`},
		{"time zone outside", "time_zone: Europe/Madrid", "time_zone: ../../etc/passwd", "time_zone is"},
		{"quiet hours", "quiet_hours: 22:00-07:00", "quiet_hours: 22-7", `quiet_hours is "22-7"`},
		{"quiet all day", "quiet_hours: 22:00-07:00", "quiet_hours: 22:00-22:00", `quiet_hours is "22:00-22:00"`},
		{"quiet at no time", "quiet_hours: 22:00-07:00", "quiet_hours: 25:00-07:00", `quiet_hours is "25:00-07:00"`},
		{"language", "language: es", "language: elvish", `language is "elvish"; it must be one of en, de, es, fr`},
		{"review after", "review_after: 90d", "review_after: soon", `review_after is "soon"; it must be a number of days`},
		{"contract without basis", `{basis: "Contract of 2026-03-01"}`, `{basis: " "}`, "contractual has no basis"},
		{"contract without words", `{basis: "Contract of 2026-03-01"}`, `true`, "contractual must be names with values: basis"},
		{"contract that is only said", `{basis: "Contract of 2026-03-01"}`, `{basis: "yes"}`, "contractual has no basis"},
		{"unknown channel", "sms: +34 600 000 000", "fax: +34 600 000 000", `unknown field "fax"; use email, slack, discord, teams, google_chat, mattermost, sms, label, private, opted_in or contractual`},
		{"not UTF-8", "owner: Bo", "owner: B\xf6", "is not valid UTF-8"},
		{"unknown field", "owner: Bo", "boss: Bo", `unknown field "boss"`},
		{"unknown field of a contact", "private: true", "secret: true", `unknown field "secret"`},
		{"field twice", "owner: Bo", "language: Bo", "already defined"},
		{"not true or false", "private: true", "private: perhaps", "private must be true or false"},
		{"a list for a text", "owner: Bo", "owner: [Bo]", "owner must be a plain text"},
		{"a text for a list", "components: [search, Card Payments, Search, c3]", "components: search", "components must be a list"},
		{"bad indentation", "    owner: Bo", "   owner: Bo", ""},
		{"label too long", `label: "#ana"`, "label: " + strings.Repeat("x", 256), "256 characters"},
		{"notes with a control character", "    notes: |\n      Two\n      lines\n", "    notes: \"a\\x07\"\n", "U+0007"},
		{"segment with contacts", "  - {name: Customers, kind: segment, power: high, interest: low}", "  - {name: Customers, kind: segment, power: high, interest: low, contacts: [{email: a@x.example}]}", "is a segment"},
		{"nobody to reach", "  - {name: Customers, kind: segment, power: high, interest: low}", "  - {name: Customers, power: high, interest: low}", "has no contacts"},
		{"second document", "  - name: Everybody", "---\nstakeholders:\n  - name: Everybody", "a second document begins here"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, after, found := strings.Cut(goodRegister, c.old)
			if !found {
				t.Fatalf("no %q", c.old)
			}
			line := strings.Count(before, "\n") + 1
			got, err := parseYAML([]byte(before+c.new+after), pageComponents)
			if c.name == "email" { // a name without a dot is a host of one's own
				if err != nil {
					t.Error(err)
				}
				return
			}
			faults := faultsOf(t, err)
			if got != nil {
				t.Errorf("something was returned: %+v", got)
			}
			if len(faults) != 1 || !strings.HasPrefix(faults[0], fmt.Sprintf("line %d", line)) || !strings.Contains(faults[0], c.words) {
				t.Errorf("faults %q, want one on line %d: %s", faults, line, c.words)
			}
			if strings.Contains(err.Error(), "services/secret") || strings.Contains(err.Error(), "Go struct") {
				t.Errorf("not fit to show: %v", err)
			}
		})
	}
}

func faultsOf(t *testing.T, err error) (messages []string) {
	t.Helper()
	var invalid *status.Invalid
	if !errors.As(err, &invalid) {
		t.Fatalf("error %v, want *status.Invalid", err)
	}
	for _, f := range invalid.Fields {
		if f.Field != "register" {
			t.Errorf("field %s", f.Field)
		}
		messages = append(messages, f.Message)
	}
	return messages
}

func TestEveryFaultOfARegisterIsNamedInTheSameOrder(t *testing.T) {
	const broken = `stakeholders:
  - name: ""
    power: x
    interest: y
  - kind: z
    power: low
    interest: low
    owner: "\x01"
    language: "\x02"
    notes: "\x03"
    contacts:
      - email: "@"
      - {}
`
	var first []string
	for range 20 {
		_, err := parseYAML([]byte(broken), nil)
		faults := faultsOf(t, err)
		if first == nil {
			first = faults
		}
		if !slices.Equal(first, faults) {
			t.Fatalf("%q, then %q", first, faults)
		}
	}
	var lines []string
	for _, f := range first {
		line, _, _ := strings.Cut(f, ",")
		lines = append(lines, strings.TrimPrefix(line, "line "))
	}
	if want := []string{"2", "2", "3", "4", "5", "5", "8", "9", "10", "12", "13"}; !slices.Equal(lines, want) {
		t.Errorf("lines %v, want %v: %q", lines, want, first)
	}
}

func TestRegisterWithoutEntriesIsRefused(t *testing.T) {
	for _, document := range []string{"", " \n\t", "{}", "# only words\n", "stakeholders:\n", "stakeholders: []\n", "stakeholders: 7\n", "- a\n", "people: []\n", "a: [", "&a *a", "\x00"} {
		if got, err := parseYAML([]byte(document), nil); got != nil || err == nil || len(faultsOf(t, err)) != 1 {
			t.Errorf("%q: %v, %v", document, got, err)
		}
	}
}

func TestImportIsIdempotent(t *testing.T) {
	file, err := parseYAML([]byte(goodRegister), pageComponents)
	if err != nil {
		t.Fatal(err)
	}
	present := slices.Clone(file)
	for i := range present {
		present[i].ID = fmt.Sprint("id", i)
		present[i].Contacts = slices.Clone(present[i].Contacts)
		for n := range present[i].Contacts { // as the store gives them back
			present[i].Contacts[n].ID, present[i].Contacts[n].Endpoint = "contact", ""
		}
		slices.Reverse(present[i].Components)
	}
	slices.Reverse(present)
	if plan := stakeholders.PlanImport(present, file, pageComponents); len(plan.Changes) != 0 || plan.Changes == nil {
		t.Errorf("a second import would change %+v", plan.Changes)
	}
}

func TestEveryValueOfAWrongShapeIsNamed(t *testing.T) {
	got, err := parseYAML([]byte(`stakeholders:
  - name: [Ana]
    interest: high
    contacts:
      - {fax: "1", private: perhaps}
      - ana@example.com
    components: Search
  - Bo
reviews: 3
`), pageComponents)
	want := []string{
		"line 2, column 5: name must be a plain text",
		`line 5, column 10: unknown field "fax"; use email, slack, discord, teams, google_chat, mattermost, sms, label, private, opted_in or contractual`,
		"line 5, column 20: private must be true or false",
		"line 6, column 9: this must be names with values: email, slack, discord, teams, google_chat, mattermost, sms, label, private, opted_in or contractual",
		`line 7, column 5: components must be a list, each of its items on a line that begins with "- "`,
		"line 8, column 5: this must be names with values: name, kind, power, interest, contacts, components, language, time_zone, quiet_hours, owner, review_after or notes",
		`line 9, column 1: unknown field "reviews"; use stakeholders or review_after`,
	}
	if faults := faultsOf(t, err); !slices.Equal(faults, want) || got != nil {
		t.Errorf("faults\n%s\nwant\n%s", strings.Join(faults, "\n"), strings.Join(want, "\n"))
	}
	_, err = parseYAML([]byte("- Ana\n"), nil)
	if faults := faultsOf(t, err); !slices.Equal(faults, []string{"line 1, column 1: this must be names with values: stakeholders or review_after"}) {
		t.Errorf("a list: %q", faults)
	}
	_, err = parseYAML([]byte("stakeholders:\n  - kind: person\n"), nil)
	want = []string{"line 2, column 5: name is missing", "line 2, column 5: power is missing; it must be high or low",
		"line 2, column 5: interest is missing; it must be high or low", `line 2, column 5: the entry has no contacts; give at least one, such as "- email: ana@example.com"`}
	if faults := faultsOf(t, err); !slices.Equal(faults, want) {
		t.Errorf("missing: %q", faults)
	}
}

func TestImportPlanSaysWhatWouldChange(t *testing.T) {
	closely, satisfied, monitor := stakeholders.ManageClosely, stakeholders.KeepSatisfied, stakeholders.Monitor
	ana := entry("Ana", stakeholders.Person, closely, "ana@x")
	secret := stakeholders.Contact{Channel: stakeholders.Slack, Address: "digest", Label: "#ops"}
	team := entry("Ops", stakeholders.Team, monitor)
	team.Contacts = []stakeholders.Contact{secret}
	change := func(s stakeholders.Stakeholder, edit func(*stakeholders.Stakeholder)) stakeholders.Stakeholder {
		s.Contacts = slices.Clone(s.Contacts)
		edit(&s)
		return s
	}
	for _, c := range []struct {
		name          string
		present, file []stakeholders.Stakeholder
		want          []string
	}{
		{"added", nil, []stakeholders.Stakeholder{ana, entry("Customers", stakeholders.Segment, satisfied)},
			[]string{"add Ana: manage_closely, email ana@x", "add Customers: keep_satisfied, segment of subscribers"}},
		{"removed", []stakeholders.Stakeholder{team, ana}, nil, []string{"remove Ops: monitor, slack #ops", "remove Ana: manage_closely, email ana@x"}},
		{"renamed", []stakeholders.Stakeholder{ana}, []stakeholders.Stakeholder{change(ana, func(s *stakeholders.Stakeholder) { s.Name = "Ann" })},
			[]string{"add Ann: manage_closely, email ana@x", "remove Ana: manage_closely, email ana@x"}},
		{"written in capitals", []stakeholders.Stakeholder{ana}, []stakeholders.Stakeholder{change(ana, func(s *stakeholders.Stakeholder) { s.Name = "ANA" })},
			[]string{`change ANA: name: "Ana" becomes "ANA"`}},
		{"moved", []stakeholders.Stakeholder{ana}, []stakeholders.Stakeholder{entry("Ana", stakeholders.Person, satisfied, "ana@x")}, []string{"change Ana: moves from manage_closely to keep_satisfied"}},
		{"fields", []stakeholders.Stakeholder{ana}, []stakeholders.Stakeholder{change(ana, func(s *stakeholders.Stakeholder) {
			s.Kind, s.Language, s.TimeZone, s.QuietHours, s.Owner, s.Notes, s.Components = stakeholders.Team, "es", "UTC", "22:00-07:00", "Bo", "n", []string{"c1", "gone"}
		})}, []string{`change Ana: kind: "person" becomes "team"; language: "" becomes "es"; time_zone: "" becomes "UTC"; quiet_hours: "" becomes "22:00-07:00"; owner: "" becomes "Bo"; notes: "" becomes "n"; components: all become Card payments, gone`}},
		{"contacts", []stakeholders.Stakeholder{ana}, []stakeholders.Stakeholder{entry("Ana", stakeholders.Person, closely, "ana@x", "+34")}, []string{"change Ana: contacts: email ana@x become email ana@x, sms +34"}},
		{"contacts in another order", []stakeholders.Stakeholder{entry("Ana", stakeholders.Person, closely, "a@x", "b@x")}, []stakeholders.Stakeholder{entry("Ana", stakeholders.Person, closely, "b@x", "a@x")},
			[]string{"change Ana: contacts: email a@x, email b@x become email b@x, email a@x"}},
		{"marks of a contact", []stakeholders.Stakeholder{ana}, []stakeholders.Stakeholder{change(ana, func(s *stakeholders.Stakeholder) { s.Contacts[0].Private, s.Contacts[0].OptedIn = true, true })},
			[]string{"change Ana: contacts: email ana@x become email ana@x (private, opted in)"}},
		{"a secret behind the same label", []stakeholders.Stakeholder{team}, []stakeholders.Stakeholder{change(team, func(s *stakeholders.Stakeholder) { s.Contacts[0].Address = "other" })},
			[]string{"change Ops: contacts: slack #ops, of which an address changes"}},
		{"entries in another order", []stakeholders.Stakeholder{ana, team}, []stakeholders.Stakeholder{team, ana}, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := []string{}
			for _, p := range stakeholders.PlanImport(c.present, c.file, pageComponents).Changes {
				got = append(got, fmt.Sprintf("%s %s: %s", p.Action, p.Name, strings.Join(p.Details, "; ")))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q\nwant %q", got, c.want)
			}
		})
	}
}

func TestPlannedChangeKeepsTheEntrysID(t *testing.T) {
	old := entry("Ana", stakeholders.Person, stakeholders.Monitor, "a@x")
	old.ID = "kept"
	file := entry("Ana", stakeholders.Person, stakeholders.ManageClosely, "a@x")
	file.ID = ""
	if plan := stakeholders.PlanImport([]stakeholders.Stakeholder{old}, []stakeholders.Stakeholder{file}, pageComponents); plan.Changes[0].Entry.ID != "kept" {
		t.Errorf("%+v", plan.Changes[0].Entry)
	}
}

// Programs write é as one character or as two; people see one name.
func TestNamesThatLookAlikeByTheirAccentsAreOne(t *testing.T) {
	const composed, apart = "Ren\u00e9 P\u00e9rez", "Rene\u0301 Pe\u0301rez"
	entry := func(name string) string {
		return fmt.Sprintf("  - {name: %q, power: high, interest: low, owner: %q, notes: %q, contacts: [{slack: \"https://hooks.example/x\", label: %q}]}\n", name, name, name, name)
	}
	file, err := stakeholders.ParseRegister(stakeholders.YAML, []byte("stakeholders:\n"+entry(apart)), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := file.Stakeholders[0]
	if s.Name != composed || s.Owner != composed || s.Notes != composed || s.Contacts[0].Label != composed {
		t.Errorf("read %+v", s)
	}
	if _, err := stakeholders.ParseRegister(stakeholders.YAML, []byte("stakeholders:\n"+entry(composed)+entry(apart)), nil); err == nil || !strings.Contains(err.Error(), "stands twice, first on line 2") {
		t.Errorf("both are taken: %v", err)
	}
	rows, err := stakeholders.ParseRegister(stakeholders.CSV, []byte("name,power,interest,email\n"+composed+",high,low,a@x.example\n"+apart+",,,b@x.example\n"), nil)
	if err != nil || len(rows.Stakeholders) != 1 || len(rows.Stakeholders[0].Contacts) != 2 {
		t.Errorf("a spreadsheet has %+v, %v", rows.Stakeholders, err)
	}
	old := s
	old.Name = apart // as an older version kept it
	if plan := stakeholders.PlanImport([]stakeholders.Stakeholder{old}, file.Stakeholders, nil); len(plan.Changes) != 1 || plan.Changes[0].Action != "change" {
		t.Errorf("the plan is %+v", plan)
	}
	if !stakeholders.SameName(apart, strings.ToUpper(composed)) || stakeholders.SameName("Rene", composed) {
		t.Error("names are not compared as people do")
	}
}
