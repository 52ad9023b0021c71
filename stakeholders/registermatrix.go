package stakeholders

import (
	"cmp"
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/allclear-status/allclear/status"
)

// Matrix is the register as a document for people, such as a page of a wiki.
type Matrix struct {
	PageName      string
	At            time.Time
	PolicyName    string
	PolicyVersion int64
	Register      []Stakeholder
	Components    []status.Component
}

// Markdown writes the document: the four quadrants as a matrix, then who is in
// each. It shows no secret.
func (m Matrix) Markdown() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# Stakeholders of %s\n\n", cell(m.PageName))
	fmt.Fprintf(&b, "As of %s. Who is told what, when, is said by the policy %s, version %d.\n\n", m.At.UTC().Format("2006-01-02 15:04 UTC"), cell(cmp.Or(m.PolicyName, "in force")), m.PolicyVersion)
	b.WriteString("| | interest high | interest low |\n|---|---|---|\n")
	for _, power := range []Level{High, Low} {
		fmt.Fprintf(&b, "| **power %s** | %s | %s |\n", power, m.names(Place(power, High)), m.names(Place(power, Low)))
	}
	for _, q := range quadrants {
		m.quadrant(&b, q)
	}
	return []byte(b.String())
}

// quadrantTitles are the quadrants as people write them.
var quadrantTitles = map[Quadrant]string{
	ManageClosely: "Manage closely", KeepSatisfied: "Keep satisfied", KeepInformed: "Keep informed", Monitor: "Monitor",
}

// names is one cell of the matrix.
func (m Matrix) names(q Quadrant) string {
	names := []string{"**" + quadrantTitles[q] + "**"}
	for _, s := range m.Register {
		if s.Quadrant() == q {
			names = append(names, cell(s.Name))
		}
	}
	return strings.Join(names, "<br>")
}

// quadrant lists who is in one.
func (m Matrix) quadrant(b *strings.Builder, q Quadrant) {
	fmt.Fprintf(b, "\n## %s\n\n", quadrantTitles[q])
	head := "| who | contacts | owner | components | language | zone | quiet hours | next review |\n|---|---|---|---|---|---|---|---|\n"
	for _, s := range m.Register {
		if s.Quadrant() != q {
			continue
		}
		b.WriteString(head)
		head = ""
		fmt.Fprintf(b, "| %s (%s) | %s | %s | %s | %s | %s | %s | %s |\n", cell(s.Name), s.Kind, contactsCell(s), shownCell(s.Owner),
			m.components(s), shownCell(s.Language), shownCell(s.TimeZone), shownCell(s.QuietHours), m.review(s))
	}
	if head != "" {
		b.WriteString("Nobody.\n")
	}
}

func contactsCell(s Stakeholder) string {
	if s.Kind == Segment {
		return "whoever subscribed"
	}
	shown := make([]string, len(s.Contacts))
	for i, c := range s.Contacts {
		shown[i] = cell(string(c.Channel) + " " + c.Shown() + marks(c))
	}
	return strings.Join(shown, "<br>")
}

func (m Matrix) components(s Stakeholder) string {
	if len(s.Components) == 0 {
		return "all"
	}
	names := map[string]string{}
	for _, c := range m.Components {
		names[c.ID] = c.Name
	}
	shown := make([]string, len(s.Components))
	for i, id := range s.Components {
		shown[i] = cell(cmp.Or(names[id], "one that was deleted"))
	}
	return strings.Join(shown, "<br>")
}

func (m Matrix) review(s Stakeholder) string {
	due := s.ReviewDueAt()
	switch {
	case due.IsZero():
		return "never"
	case s.ReviewDue(m.At):
		return "**due since " + due.UTC().Format(time.DateOnly) + "**"
	default:
		return due.UTC().Format(time.DateOnly)
	}
}

// shownCell is a text, or a line for none.
func shownCell(text string) string { return cmp.Or(cell(text), "–") }

// cell keeps a text from being anything but text in a table.
func cell(text string) string {
	text = html.EscapeString(strings.Join(strings.Fields(text), " "))
	return markdownSigns.Replace(text)
}

var markdownSigns = strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "#", `\#`, "~", `\~`)
