package stakeholders_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// genText makes texts that YAML could take for something else.
func genText(singleLine bool) *rapid.Generator[string] {
	words := []string{"Ana", "null", "~", "yes", "no", "true", "0x1F", "1e3", "12:30", "2026-03-02", "- a", "a: b", "#a", "a #b", "'", `"`, `\n`, "&a", "*a", "!x", "|", ">", "%", "@", "`", "{", "}", "[", "]", ",", "?", ": ", " ", "é", "日本", "🙂", "\u00a0", "<<", "---", "..."}
	if !singleLine {
		words = append(words, "\n", "\n\n", "\t", "  \n", "\n  x")
	}
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 5).Draw(t, "words"), "")
	})
}

// genContacts makes contacts of one entry whose addresses differ.
func genContacts(t *rapid.T, entry int) []stakeholders.Contact {
	contacts := []stakeholders.Contact{}
	for i := range rapid.IntRange(1, 4).Draw(t, "contacts") {
		c := stakeholders.Contact{Channel: rapid.SampledFrom([]stakeholders.Channel{stakeholders.Email, stakeholders.Slack, stakeholders.SMS}).Draw(t, "channel"),
			Label: strings.TrimSpace(genText(true).Draw(t, "label")), Private: rapid.Bool().Draw(t, "private"), OptedIn: rapid.Bool().Draw(t, "opted in"),
			Contractual: rapid.SampledFrom([]string{"", "", "=1+1", "Contract, 4"}).Draw(t, "contractual")}
		address := map[stakeholders.Channel]string{stakeholders.Email: fmt.Sprintf("p%d.%d@x.example", entry, i),
			stakeholders.Slack: fmt.Sprintf("https://hooks.example/%d/%d", entry, i), stakeholders.SMS: fmt.Sprintf("+34600000%d%d", entry, i)}[c.Channel]
		var err error
		if c.Address, err = stakeholders.NormalizeAddress(c.Channel, address); err != nil {
			t.Fatal(err)
		}
		if c.Channel == stakeholders.Slack {
			c.Endpoint = address
		}
		contacts = append(contacts, c)
	}
	return contacts
}

func TestExportedRegisterIsImportedUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var register []stakeholders.Stakeholder
		for n := range rapid.IntRange(1, 3).Draw(t, "entries") {
			s := entry(fmt.Sprint(strings.TrimSpace(genText(true).Draw(t, "name")), n), stakeholders.Person, rapid.SampledFrom(stakeholders.Quadrants()).Draw(t, "quadrant"), "a@x.example")
			s.ID, s.Components = "", []string{}
			s.Owner, s.Notes = strings.TrimSpace(genText(true).Draw(t, "owner")), genText(false).Draw(t, "notes")
			s.Language = rapid.SampledFrom([]string{"", "de", "es"}).Draw(t, "language")
			s.ReviewAfter = rapid.SampledFrom([]string{"", "30d", "2027-01-31", "never"}).Draw(t, "review after")
			s.Contacts = genContacts(t, n)
			s.Components = rapid.SampledFrom([][]string{{}, {"c1"}, {"c1", "c3"}, {"c5"}, {"c1", "c2"}}).Draw(t, "scope")
			register = append(register, s)
		}
		// Of two names that need an id, and one that holds what separates others.
		components := append(slices.Clone(pageComponents), status.Component{ID: "c5", Name: "Card payments, Search"})
		for format, write := range map[stakeholders.Format]func([]stakeholders.Stakeholder, []status.Component) ([]byte, error){
			stakeholders.YAML: stakeholders.FormatRegister, stakeholders.CSV: stakeholders.FormatRegisterCSV,
		} {
			document, err := write(register, components)
			if err != nil {
				t.Fatal(err)
			}
			again, err := stakeholders.ParseRegister(format, document, components)
			if err != nil || !reflect.DeepEqual(register, again.Stakeholders) {
				t.Fatalf("%+v\nwritten as\n%s\nread as %+v, %v", register, document, again.Stakeholders, err)
			}
		}
	})
}
