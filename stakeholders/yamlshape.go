package stakeholders

import (
	"fmt"
	"maps"
	"slices"
)

// shape is what a value in a YAML file must be: a plain text, true or false
// (truth), a list of one shape, or names with values of their own.
type shape struct {
	truth bool
	list  *shape
	names []named
}

// named is a value that has a name.
type named struct {
	name string
	shape
}

// mostShapeFaults bounds how many values of a wrong shape are named.
const mostShapeFaults = 50

// registerShape is that of a register file.
func registerShape() shape {
	contact := make([]named, 0, len(ContactChannels())+4)
	for _, channel := range ContactChannels() {
		contact = append(contact, named{name: string(channel)})
	}
	contact = append(contact, named{name: "label"}, named{"private", shape{truth: true}}, named{"opted_in", shape{truth: true}},
		named{"contractual", shape{names: []named{{name: "basis"}}}})
	entry := []named{{name: "name"}, {name: "kind"}, {name: "power"}, {name: "interest"}, {"contacts", shape{list: &shape{names: contact}}},
		{"components", shape{list: &shape{}}}, {name: "language"}, {name: "time_zone"}, {name: "quiet_hours"}, {name: "owner"}, {name: "review_after"}, {name: "notes"}}
	return shape{names: []named{{"stakeholders", shape{list: &shape{names: entry}}}, {name: "review_after"}}}
}

// checkShape notes every value that is not what its place in the file asks for;
// what is left out is right. It says whether all of them are.
func (d *document) checkShape(tree any, want shape) bool {
	d.shape(tree, want, nil)
	return len(d.places) == 0
}

func (d *document) shape(value any, want shape, path []any) {
	if value == nil || len(d.places) >= mostShapeFaults {
		return
	}
	at := func(step any) []any { return append(slices.Clone(path), step) }
	switch fields, isNames := value.(map[string]any); {
	case want.names != nil && !isNames:
		d.misshapen(path, "must be names with values: "+listed(want.known()))
	case want.names != nil:
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			i := slices.IndexFunc(want.names, func(n named) bool { return n.name == name })
			if i < 0 {
				d.fault(at(name), "unknown field %q; use %s", name, listed(want.known()))
				continue
			}
			d.shape(fields[name], want.names[i].shape, at(name))
		}
	case want.list != nil:
		items, ok := value.([]any)
		if !ok {
			d.misshapen(path, "must be a list, each of its items on a line that begins with \"- \"")
		}
		for i, item := range items {
			d.shape(item, *want.list, at(i))
		}
	case want.truth:
		if _, ok := value.(bool); !ok {
			d.misshapen(path, "must be true or false")
		}
	default:
		if _, list := value.([]any); list || isNames {
			d.misshapen(path, "must be a plain text")
		}
	}
}

// misshapen notes what a value must be, after the name that it has.
func (d *document) misshapen(path []any, words string) {
	subject := "this"
	if len(path) > 0 {
		if name, ok := path[len(path)-1].(string); ok {
			subject = name
		}
	}
	at := d.position(path...)
	if len(path) == 0 {
		at = begin(d.root)
	}
	d.faultAt(at, "%s", fmt.Sprintf("%s %s", subject, words))
}

// known are the names, as they are listed for people.
func (s shape) known() []string {
	names := make([]string, len(s.names))
	for i, n := range s.names {
		names[i] = n.name
	}
	return names
}
