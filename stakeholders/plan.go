package stakeholders

import (
	"fmt"
	"slices"
	"strings"

	"github.com/allclear-status/allclear/status"
)

// Plan is what an import would change, entry by entry, in the order of the
// file, then what would go.
type Plan struct {
	Changes []PlannedChange
	// Warnings say what is taken and may not be meant.
	Warnings []string
}

// PlannedChange is one entry that an import adds, changes or removes.
type PlannedChange struct {
	Action  string // "add", "change" or "remove"
	Name    string
	Details []string // what changes, one sentence each
	// From and To are the places before and after; empty: not in the register.
	From, To Quadrant
	// Entry is the entry as it would be (or was, for a removal).
	Entry Stakeholder
}

// PlanImport compares the register with a file; entries are the same when they
// have the same name, in capitals or not. Entries that are alike are left out.
// components are the page's, for their names.
func PlanImport(present, file []Stakeholder, components []status.Component) Plan {
	plan := Plan{Changes: []PlannedChange{}}
	byName, kept := map[string]int{}, map[int]bool{}
	for i, s := range present {
		byName[nameKey(s.Name)] = i
	}
	for _, s := range file {
		at, known := byName[nameKey(s.Name)]
		if !known {
			plan.Changes = append(plan.Changes, PlannedChange{"add", s.Name, []string{string(s.Quadrant()) + ", " + contactsWords(s)}, "", s.Quadrant(), s})
			continue
		}
		old := present[at]
		s.ID, kept[at] = old.ID, true
		s.CreatedAt, s.ReviewedAt = old.CreatedAt, old.ReviewedAt
		if details := Differences(old, s, components); len(details) > 0 {
			plan.Changes = append(plan.Changes, PlannedChange{"change", s.Name, details, old.Quadrant(), s.Quadrant(), s})
		}
	}
	for i, s := range present {
		if !kept[i] {
			plan.Changes = append(plan.Changes, PlannedChange{"remove", s.Name, []string{string(s.Quadrant()) + ", " + contactsWords(s)}, s.Quadrant(), "", s})
		}
	}
	return plan
}

func contactsWords(s Stakeholder) string {
	if s.Kind == Segment {
		return "segment of subscribers"
	}
	words := make([]string, len(s.Contacts))
	for i, c := range s.Contacts {
		words[i] = string(c.Channel) + " " + c.Shown() + marks(c)
	}
	return strings.Join(words, ", ")
}

func marks(c Contact) string {
	var words []string
	if c.Private {
		words = append(words, "private")
	}
	if c.OptedIn {
		words = append(words, "opted in")
	}
	if c.Contractual != "" {
		words = append(words, "contractual: "+c.Contractual)
	}
	if len(words) == 0 {
		return ""
	}
	return " (" + strings.Join(words, ", ") + ")"
}

// Differences lists what differs between two versions of an entry. components
// are the page's, for their names.
func Differences(old, s Stakeholder, components []status.Component) []string {
	var details []string
	if old.Name != s.Name {
		details = append(details, fmt.Sprintf("name: %q becomes %q", old.Name, s.Name))
	}
	if from, to := old.Quadrant(), s.Quadrant(); from != to {
		details = append(details, fmt.Sprintf("moves from %s to %s", from, to))
	}
	for _, f := range []struct{ name, old, new string }{
		{"kind", string(old.Kind), string(s.Kind)}, {"language", old.Language, s.Language}, {"time_zone", old.TimeZone, s.TimeZone},
		{"quiet_hours", old.QuietHours, s.QuietHours}, {"owner", old.Owner, s.Owner}, {"notes", old.Notes, s.Notes},
		{"review_after", old.ReviewAfter, s.ReviewAfter},
	} {
		if f.old != f.new {
			details = append(details, fmt.Sprintf("%s: %q becomes %q", f.name, f.old, f.new))
		}
	}
	switch from, to := contactsWords(old), contactsWords(s); {
	case sameContacts(old.Contacts, s.Contacts):
	case from == to: // the addresses are secret
		details = append(details, fmt.Sprintf("contacts: %s, of which an address changes", from))
	default:
		details = append(details, fmt.Sprintf("contacts: %s become %s", from, to))
	}
	from, to := slices.Sorted(slices.Values(old.Components)), slices.Sorted(slices.Values(s.Components))
	if !slices.Equal(from, to) {
		details = append(details, fmt.Sprintf("components: %s become %s", scopeWords(from, components), scopeWords(to, components)))
	}
	return details
}

// scopeWords names components; none stand for all.
func scopeWords(ids []string, components []status.Component) string {
	if len(ids) == 0 {
		return "all"
	}
	names := slices.Clone(ids)
	for i, id := range ids {
		if at := slices.IndexFunc(components, func(c status.Component) bool { return c.ID == id }); at >= 0 {
			names[i] = components[at].Name
		}
	}
	return strings.Join(names, ", ")
}

func sameContacts(a, b []Contact) bool {
	return slices.EqualFunc(a, b, func(x, y Contact) bool {
		return x.Channel == y.Channel && x.Address == y.Address && x.Label == y.Label && x.Private == y.Private &&
			x.OptedIn == y.OptedIn && x.Contractual == y.Contractual
	})
}
