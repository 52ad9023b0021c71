package plainlanguage

import (
	"slices"
	"strings"

	"github.com/allclear-status/allclear/status"
)

// Glossary is what one company adds to the check: names that only it uses and
// what the public calls them, words that its readers know, addresses of its
// own, and who its readers are.
type Glossary struct {
	Internal map[string]string
	Allowed  []string
	Public   []string // mail addresses, phone numbers, domains
	Profile  Profile  // of the page; public when empty
	// Components are the readers of single components, by their names.
	Components map[string]Profile
	// Quadrants are the readers of the form that a quadrant of the register
	// gets, by the quadrant's name.
	Quadrants map[string]Profile
}

// quadrants are the names that "readers of" takes for quadrants of the
// register; all others are components.
var quadrants = set("manage_closely keep_satisfied keep_informed monitor")

// What a glossary holds at most, so that checking a text stays quick.
const (
	longestGlossary = 256 << 10
	mostEntries     = 5000
	longestEntry    = 200
)

// ParseGlossary reads a glossary as people write it, a line for each entry:
//
//	# what follows is a comment
//	falcon => Card payments
//	ledger-core =>
//	allow: cluster, ZQX
//	public: help.acme.example, +49 30 5550100
//	readers: developer
//	readers of Payments API: developer
//	readers of keep_satisfied: public
//
// Errors: *status.Invalid with every line that is wrong.
func ParseGlossary(document string) (Glossary, error) {
	g := Glossary{Internal: map[string]string{}, Components: map[string]Profile{}, Quadrants: map[string]Profile{}}
	if len(document) > longestGlossary {
		return g, status.NewInvalid("glossary", "has %d bytes; at most %d are read", len(document), longestGlossary)
	}
	bad := &status.Invalid{}
	if status.CheckText(bad, "glossary", document, longestGlossary, false); len(bad.Fields) > 0 {
		return g, bad
	}
	for n, line := range strings.Split(document, "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if wrong := g.add(line); wrong != "" {
			bad.Add("glossary", "line %d: %s", n+1, wrong)
		}
	}
	if entries := len(g.Internal) + len(g.Allowed) + len(g.Public) + len(g.Components) + len(g.Quadrants); entries > mostEntries {
		bad.Add("glossary", "has %d entries; at most %d are read", entries, mostEntries)
	}
	return g, bad.Err()
}

// add reads one line and says what is wrong with it.
func (g *Glossary) add(line string) string {
	if len(line) > 20*longestEntry {
		return "is too long; give each name a line of its own"
	}
	if internal, public, ok := strings.Cut(line, "=>"); ok {
		internal, public = strings.TrimSpace(internal), strings.TrimSpace(public)
		switch {
		case len(newText(internal).words) == 0:
			return `needs a name before "=>", such as "falcon => Card payments"`
		case len(internal) > longestEntry || len(public) > longestEntry:
			return "has a name that is too long"
		}
		g.Internal[internal] = public
		return ""
	}
	key, value, ok := strings.Cut(line, ":")
	key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
	switch component, of := strings.CutPrefix(strings.TrimSpace(line[:max(0, strings.LastIndexByte(line, ':'))]), "readers of "); {
	case !ok:
		return `is neither "internal name => public name" nor "allow: word"`
	case of:
		value = strings.TrimSpace(line[strings.LastIndexByte(line, ':')+1:])
		if component = strings.TrimSpace(component); quadrants[component] {
			g.Quadrants[component] = Profile(value)
		} else {
			g.Components[component] = Profile(value)
		}
		return wrongProfile(value)
	case key == "readers":
		g.Profile = Profile(value)
		return wrongProfile(value)
	case key == "allow":
		g.Allowed = append(g.Allowed, listOf(value)...)
	case key == "public":
		g.Public = append(g.Public, listOf(value)...)
	default:
		return `begins with what is not known; lines are "internal name => public name", "allow:", "public:", "readers:" and "readers of COMPONENT:"`
	}
	return ""
}

func wrongProfile(value string) string {
	if p := Profile(value); p != ProfilePublic && p != ProfileDeveloper && p != ProfileInternal {
		return `readers are "public", "developer" or "internal"`
	}
	return ""
}

func listOf(value string) []string {
	var list []string
	for entry := range strings.SplitSeq(value, ",") {
		if entry = strings.TrimSpace(entry); entry != "" {
			list = append(list, entry)
		}
	}
	return list
}

// Into adds the glossary to what is known about a text. Where all affected
// components have readers of their own, the text is for these: the least
// knowing of them.
func (g Glossary) Into(c Context) Context {
	c.Internal = g.Internal
	c.Allowed = slices.Concat(c.Allowed, g.Allowed)
	c.PublicAddresses = slices.Concat(c.PublicAddresses, g.Public)
	if c.Profile != "" && c.Profile != ProfilePublic {
		return c // whoever asked knew better
	}
	if g.Profile != "" {
		c.Profile = g.Profile
	}
	if own, ok := g.readersOf(c.Components); ok {
		c.Profile = own
	}
	return c
}

// readersOf are the readers of all of some components, when the glossary names
// them.
func (g Glossary) readersOf(components []string) (Profile, bool) {
	least := ProfileInternal
	for _, name := range components {
		profile, ok := g.Components[name]
		if !ok {
			return "", false
		}
		if profile == ProfilePublic || least == ProfileInternal {
			least = profile
		}
	}
	return least, len(components) > 0
}

// ReadersOf are the readers of the form that a quadrant gets: those that the
// glossary names, or else usual.
func (g Glossary) ReadersOf(quadrant string, usual Profile) Profile {
	if own, ok := g.Quadrants[quadrant]; ok {
		return own
	}
	return usual
}

// LeastKnowing is, of two kinds of readers, the one that knows fewer words: a
// text for both has to suit it.
func LeastKnowing(a, b Profile) Profile {
	for _, p := range []Profile{ProfileInternal, ProfileDeveloper} {
		if a == p {
			return b
		}
		if b == p {
			return a
		}
	}
	return ProfilePublic
}
