package stakeholders_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/allclear-status/allclear/stakeholders"
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

func TestExportedRegisterIsImportedUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var register []stakeholders.Stakeholder
		for n := range rapid.IntRange(1, 3).Draw(t, "entries") {
			s := entry(fmt.Sprint(strings.TrimSpace(genText(true).Draw(t, "name")), n), stakeholders.Person, rapid.SampledFrom(stakeholders.Quadrants()).Draw(t, "quadrant"), fmt.Sprint("p", n, "@x.example"))
			s.ID, s.Components = "", []string{}
			s.Owner, s.Notes, s.Language = genText(true).Draw(t, "owner"), genText(false).Draw(t, "notes"), genText(true).Draw(t, "language")
			s.Contacts[0].Label = genText(true).Draw(t, "label")
			if rapid.Bool().Draw(t, "scoped") {
				s.Components = []string{"c1", "c3"} // one whose name is enough, and one of two twins
			}
			register = append(register, s)
		}
		document, err := stakeholders.FormatRegister(register, pageComponents)
		if err != nil {
			t.Fatal(err)
		}
		again, err := stakeholders.ParseRegister(document, pageComponents)
		if err != nil || !reflect.DeepEqual(register, again) {
			t.Fatalf("%+v\nwritten as\n%s\nread as %+v, %v", register, document, again, err)
		}
	})
}
