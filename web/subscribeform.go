package web

import (
	"cmp"
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
	howDaily       = "daily"
)

// hows are all of them, in the order of the form.
func hows() []string { return []string{howUsual, howStartAndEnd, howEvery, howDaily} }

// entered is what somebody entered.
type entered struct {
	email      string
	chat       string // the address of a chat's incoming webhook
	components []string
	least      string
	how        string
	quietFrom  string
	quietTo    string
	zone       string
	language   string
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
	return entered{email: strings.TrimSpace(one("email")), chat: strings.TrimSpace(one("chat")), components: formValues(c, "components"),
		least: one("least_impact"), how: one("how"),
		quietFrom: one("quiet_from"), quietTo: one("quiet_to"), zone: strings.TrimSpace(one("time_zone")), language: one("language"), trapped: one(honeypot) != ""}
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

// wishes are what was entered, by somebody who reads the form in a language:
// that is theirs unless they choose another.
func (e entered) wishes(tag string) publish.Wishes {
	w := publish.Wishes{Components: e.components, LeastImpact: e.least, StartAndEndOnly: e.how == howStartAndEnd, EveryUpdate: e.how == howEvery,
		DailyDigest: e.how == howDaily, Language: cmp.Or(e.language, tag)}
	if e.quietFrom != "" || e.quietTo != "" {
		w.QuietHours = e.quietFrom + "-" + e.quietTo
	}
	if w.QuietHours != "" || w.DailyDigest { // no other message asks what time it is
		w.TimeZone = e.zone
	}
	return w
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
	if !slices.Contains(hows(), e.how) {
		bad = append(bad, "how")
	}
	return bad
}

// formView is what can be chosen, with what is.
type formView struct {
	Tag       string
	Bad       []fault
	Groups    []choiceGroup
	Least     []choice
	How       []choice
	QuietFrom string
	QuietTo   string
	Zone      string
	Guess     bool     // nobody chose the zone yet
	Zones     []string // to choose from; none: the browser lists those it knows
	Languages []choice
	Program   bool // it is no person who is told
	further   bool // something is chosen that stands further down
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
	for _, value := range hows() {
		words := lang.Text(tag, "subscribe.how_"+either(value, "usual"))
		if value == howDaily {
			words = lang.Text(tag, "subscribe.how_daily", r.DigestAt)
		}
		v.How = append(v.How, choice{value, words, value == howOf(w)})
	}
	v.addHours(r.Page, w)
	return v
}

// forProgram leaves out what only people choose: a program has no night, reads
// no language, and is sent everything at once.
func (v *formView) forProgram() {
	v.Program = true
	v.How = slices.DeleteFunc(v.How, func(c choice) bool { return c.Value != howUsual && c.Value != howStartAndEnd })
	for i := range v.How {
		if v.How[i].Value == howUsual {
			v.How[i].Words, v.How[i].Chosen = lang.Text(v.Tag, "subscribe.how_program"), !v.How[len(v.How)-1].Chosen
		}
	}
}

// howOf is how often somebody wants to hear.
func howOf(w publish.Wishes) string {
	switch {
	case w.StartAndEndOnly:
		return howStartAndEnd
	case w.EveryUpdate:
		return howEvery
	case w.DailyDigest:
		return howDaily
	default:
		return howUsual
	}
}

// addHours fills in when, by which clock and in which language somebody wants
// to hear.
func (v *formView) addHours(page status.Page, w publish.Wishes) {
	v.QuietFrom, v.QuietTo, _ = strings.Cut(w.QuietHours, "-")
	v.Zone, v.Guess = cmp.Or(w.TimeZone, page.TimeZone), w.TimeZone == ""
	spoken := cmp.Or(w.Language, page.Language)
	for _, tag := range lang.Tags() {
		v.Languages = append(v.Languages, choice{tag, lang.Text(tag, "language.name"), tag == spoken})
	}
	v.further = w.QuietHours != "" || w.TimeZone != "" || spoken != page.Language
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

// Narrowed says whether something was chosen or refused of what comes next to
// the address, so that it is shown.
func (v formView) Narrowed() bool {
	chosen := func(c choice) bool { return c.Chosen }
	return v.refused("components", "least_impact", "how") || slices.ContainsFunc(v.Groups, func(g choiceGroup) bool { return slices.ContainsFunc(g.Choices, chosen) }) ||
		slices.ContainsFunc(v.Least[1:], chosen) || slices.ContainsFunc(v.How[1:], chosen)
}

// Further says the same of what stands further down.
func (v formView) Further() bool {
	return v.further || v.refused("quiet_hours", "time_zone", "language")
}

func (v formView) refused(fields ...string) bool {
	return slices.ContainsFunc(v.Bad, func(f fault) bool { return slices.Contains(fields, f.Field) })
}
