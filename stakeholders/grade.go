package stakeholders

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/allclear-status/allclear/status"
)

// Grade is what an organisation calls an impact, and what it means by it.
type Grade struct {
	Impact  status.Impact
	Name    string // in the file: critical, average, ...
	Display string // for readers
	Means   string // in plain words
}

// Grades are the organisation's own, the worst first; none when the policy
// defines none.
func (p *Policy) Grades() []Grade { return slices.Clone(p.grades) }

// ShownGrades are the grades that the public page explains.
func (p *Policy) ShownGrades() []Grade {
	if !p.showGrades {
		return nil
	}
	return p.Grades()
}

// Grade is what the organisation calls an impact.
func (p *Policy) Grade(impact status.Impact) (Grade, bool) {
	for _, g := range p.grades {
		if g.Impact == impact {
			return g, true
		}
	}
	return Grade{}, false
}

// Graded finds the impact that the organisation means by a name.
func (p *Policy) Graded(name string) (status.Impact, bool) {
	for _, g := range p.grades {
		if g.Name == name {
			return g.Impact, true
		}
	}
	return "", false
}

// gradeName is a name that a grade may have.
var gradeName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,29}$`)

// gradeImpacts is what the usual names mean without being told.
var gradeImpacts = map[string]status.Impact{
	"critical": status.ImpactCritical, "major": status.ImpactMajor, "average": status.ImpactMajor, "minor": status.ImpactMinor,
}

// grades reads what the organisation calls the impacts.
func (r policyReader) grades(fields map[string]any) {
	switch show := fields["show_grades"].(type) {
	case nil:
	case bool:
		r.policy.showGrades = show
	default:
		r.file.fault([]any{"show_grades"}, "show_grades: it must be true or false")
	}
	grades, given := r.names(fields["grades"], "grades")
	if !given {
		if r.policy.showGrades && fields["grades"] == nil {
			r.file.fault([]any{"show_grades"}, "show_grades: there are no grades to show; define critical, major and minor under grades:")
		}
		return
	}
	read := map[status.Impact]Grade{}
	faulty := false
	for _, name := range slices.Sorted(maps.Keys(grades)) {
		g, ok := r.grade(name, grades[name])
		if other, twice := read[g.Impact]; ok && twice {
			r.file.fault([]any{"grades", name}, "grades.%s: its impact is %s, as that of %s; each impact has one grade", name, g.Impact, other.Name)
			ok = false
		}
		if read[g.Impact] = g; !ok {
			faulty = true
		}
	}
	for _, impact := range columns {
		if g, ok := read[impact]; ok {
			r.policy.grades = append(r.policy.grades, g)
		} else if !faulty {
			r.file.fault([]any{"grades"}, "grades: no grade has the impact %s; give one for each of critical, major and minor", impact)
		}
	}
}

// grade reads one grade.
func (r policyReader) grade(name string, value any) (Grade, bool) {
	before := len(r.file.places)
	g := Grade{Name: name, Impact: gradeImpacts[name]}
	if !gradeName.MatchString(name) || status.Impact(name) == status.ImpactNone || status.Impact(name) == status.ImpactMaintenance {
		r.fault([]any{"grades", name}, "grades.%s: a grade is a word such as average, of lower-case letters; none and maintenance mean something else", name)
	}
	fields, ok := r.names(value, "grades", name)
	if !ok {
		if value == nil {
			r.fault([]any{"grades", name}, "grades.%s: it must say what it means, such as {means: \"Use is degraded.\"}", name)
		}
		return g, false
	}
	r.known(fields, []string{"display", "impact", "means"}, "grades", name)
	if text, ok := r.text(fields["impact"], "grades", name, "impact"); ok {
		g.Impact = status.Impact(text)
	}
	switch own := status.Impact(name); {
	case !slices.Contains(columns, g.Impact):
		r.fault([]any{"grades", name, "impact"}, "grades.%s: its impact must be critical, major or minor", name)
	case slices.Contains(columns, own) && g.Impact != own:
		r.fault([]any{"grades", name, "impact"}, "grades.%s: %s means the impact %s to every program that posts; choose another name", name, name, own)
	}
	g.Display, _ = r.text(fields["display"], "grades", name, "display")
	if g.Display == "" {
		g.Display = strings.ToUpper(name[:min(1, len(name))]) + strings.ReplaceAll(name[min(1, len(name)):], "_", " ")
	}
	if g.Means, _ = r.text(fields["means"], "grades", name, "means"); g.Means == "" && fields["means"] == nil {
		r.fault([]any{"grades", name}, "grades.%s: means is missing; say in plain words when it is this grade", name)
	}
	for _, f := range []struct {
		field, text string
		limit       int
	}{{"display", g.Display, status.MaxNameLength}, {"means", g.Means, status.MaxDescriptionLength}} {
		if words := textFault(f.field, f.text, f.limit, true); words != "" {
			r.fault([]any{"grades", name, f.field}, "grades.%s.%s", name, words)
		}
	}
	return g, len(r.file.places) == before
}
