package web

import (
	"errors"
	"slices"
	"strings"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/gofiber/fiber/v2"
)

// How often a subscriber wants to hear, as the form names it.
const (
	howUsual       = ""
	howStartAndEnd = "start_and_end"
	howEvery       = "every"
)

// entered is what somebody entered.
type entered struct {
	email      string
	components []string
	least      string
	how        string
	trapped    bool // a field was filled in that people do not see
}

// readEntered reads the body of a form, and nothing from the address.
func readEntered(c *fiber.Ctx) entered {
	one := func(name string) string {
		if all := formValues(c, name); len(all) > 0 {
			return all[0]
		}
		return ""
	}
	return entered{email: strings.TrimSpace(one("email")), components: formValues(c, "components"),
		least: one("least_impact"), how: one("how"), trapped: one(honeypot) != ""}
}

func formValues(c *fiber.Ctx, name string) []string {
	if form, err := c.MultipartForm(); err == nil {
		return form.Value[name]
	}
	var all []string
	for _, value := range c.Request().PostArgs().PeekMulti(name) {
		all = append(all, string(value))
	}
	return all
}

func (e entered) wishes() publish.Wishes {
	return publish.Wishes{Components: e.components, LeastImpact: e.least, StartAndEndOnly: e.how == howStartAndEnd, EveryUpdate: e.how == howEvery}
}

// faults names the fields that were refused.
func (e entered) faults(err error) []string {
	var bad []string
	var invalid *status.Invalid
	if errors.As(err, &invalid) {
		for _, f := range invalid.Fields {
			bad = append(bad, f.Field)
		}
	}
	if !slices.Contains([]string{howUsual, howStartAndEnd, howEvery}, e.how) {
		bad = append(bad, "how")
	}
	return bad
}

// formView is what can be chosen, with what is.
type formView struct {
	Tag    string
	Bad    []fault
	Groups []choiceGroup
	Least  []choice
	How    []choice
}

// fault is one field that was refused.
type fault struct{ Field, Words string }

// choiceGroup is the components of one group; without a name, of none.
type choiceGroup struct {
	Name    string
	Choices []choice
}

// choice is a box or a button to choose.
type choice struct {
	Value  string
	Words  string
	Chosen bool
}

func newFormView(sn *Snapshot, tag string, w publish.Wishes, bad []string) formView {
	v := formView{Tag: tag}
	for _, field := range bad {
		if key := "subscribe.bad_" + field; lang.Known(key) {
			v.Bad = append(v.Bad, fault{field, lang.Text(tag, key)})
		}
	}
	r := sn.record
	for _, g := range r.Groups {
		v.add(g.Name, r.InGroup(g.ID), w)
	}
	other := ""
	if len(v.Groups) > 0 {
		other = lang.Text(tag, "page.others")
	}
	v.add(other, r.InGroup(""), w)
	for _, value := range []string{"", string(status.ImpactMinor), string(status.ImpactMajor), string(status.ImpactCritical)} {
		words := lang.Text(tag, "subscribe.least_"+either(value, "any"))
		v.Least = append(v.Least, choice{value, words, value == w.LeastImpact})
	}
	how := map[bool]string{w.StartAndEndOnly: howStartAndEnd, w.EveryUpdate: howEvery}[true]
	for _, value := range []string{howUsual, howStartAndEnd, howEvery} {
		v.How = append(v.How, choice{value, lang.Text(tag, "subscribe.how_"+either(value, "usual")), value == how})
	}
	return v
}

func either(value, empty string) string {
	if value == "" {
		return empty
	}
	return value
}

// add lists the components of a group.
func (v *formView) add(name string, members []status.Component, w publish.Wishes) {
	g := choiceGroup{Name: name}
	for _, c := range members {
		g.Choices = append(g.Choices, choice{c.ID, c.Name, slices.Contains(w.Components, c.ID)})
	}
	if len(g.Choices) > 0 {
		v.Groups = append(v.Groups, g)
	}
}

// T is a sentence in the page's language.
func (v formView) T(key string, args ...any) string { return lang.Text(v.Tag, key, args...) }

// Fault is what is wrong with a field; empty: nothing.
func (v formView) Fault(field string) string {
	for _, f := range v.Bad {
		if f.Field == field {
			return f.Words
		}
	}
	return ""
}

// Narrowed says whether anything but an address was chosen or refused, so that
// it is shown.
func (v formView) Narrowed() bool {
	chosen := func(c choice) bool { return c.Chosen }
	return len(v.Bad) > 0 && v.Fault("email") == "" || slices.ContainsFunc(v.Groups, func(g choiceGroup) bool { return slices.ContainsFunc(g.Choices, chosen) }) ||
		slices.ContainsFunc(v.Least[1:], chosen) || slices.ContainsFunc(v.How[1:], chosen)
}
