package web

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/status"
)

// views are the templates, one a page, each executed with one view struct.
type views struct {
	page, incident, history, leave, message, widget *template.Template
	subscribe, confirm, preferences, remind         *template.Template
}

// newViews reads the templates; a fault in them stops the first test.
func newViews() *views {
	layout := template.Must(template.ParseFS(templateFiles, "templates/layout.html", "templates/parts.html", "templates/forms.html"))
	read := func(name string) *template.Template {
		return template.Must(template.Must(layout.Clone()).ParseFS(templateFiles, "templates/"+name))
	}
	return &views{page: read("page.html"), incident: read("incident.html"), history: read("history.html"), leave: read("leave.html"), message: read("message.html"), widget: read("frame.html"),
		subscribe: read("subscribe.html"), confirm: read("confirm.html"), preferences: read("preferences.html"), remind: read("remind.html")}
}

// render executes a template into memory, so that nothing half done goes out.
func render(t *template.Template, view any) ([]byte, error) {
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, "layout", view); err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	return out.Bytes(), nil
}

// frame is what every page has around its own content.
type frame struct {
	Tag         string // language
	Name        string // of the page
	Title       string
	Description string
	Canonical   string // absolute address; empty: none
	Style       string
	Script      string     // empty: the page does not update itself
	FormScript  string     // empty: the page has no form to fill in
	Feeds       []feedLink // empty: none
	Contact     string
	ContactURL  string
	Tone        string // colours the browser's own frame
	Unlisted    bool   // search engines are asked to stay away
	Zone        string
	Changed     moment // zero: not said
}

// newFrame fills in what follows from the snapshot; without one, what can be
// said without.
func (s *Site) newFrame(sn *Snapshot, tag string) frame {
	f := frame{Tag: tag, Name: "Status", Style: s.assets.Style, Contact: s.options.Contact, ContactURL: contactURL(s.options.Contact), Tone: "none"}
	if sn != nil {
		page := sn.record.Page
		f.Name, f.Feeds = page.Name, feedLinks(page, tag)
		f.Zone = lang.Zone(sn.builtAt.In(page.Location()))
	}
	return f
}

// feedLink tells feed readers and browsers of a feed.
type feedLink struct {
	Path  string
	Type  template.HTMLAttr // as it is written: programs look for the plus sign
	Title string
}

// feedLinks lists the feeds, Statuspage's own two first.
func feedLinks(p status.Page, tag string) []feedLink {
	return []feedLink{
		{"/history.rss", `type="application/rss+xml"`, lang.Text(tag, "page.feed_title", p.Name)},
		{"/history.atom", `type="application/atom+xml"`, lang.Text(tag, "page.atom_title", p.Name)},
		{"/feed.json", `type="application/feed+json"`, lang.Text(tag, "page.json_title", p.Name)},
		{"/updates.rss", `type="application/rss+xml"`, lang.Text(tag, "feed.updates_title", p.Name)},
	}
}

func contactURL(contact string) string {
	switch {
	case strings.HasPrefix(contact, "https://"), strings.HasPrefix(contact, "http://"), strings.HasPrefix(contact, "mailto:"):
		return contact
	case strings.Contains(contact, "@"):
		return "mailto:" + contact
	default:
		return ""
	}
}

// T is a sentence in the page's language.
func (f frame) T(key string, args ...any) string { return lang.Text(f.Tag, key, args...) }

// Timed is a sentence with a time in it.
func (f frame) Timed(key string, m moment) template.HTML {
	const mark = "\x00"
	before, after, _ := strings.Cut(lang.Text(f.Tag, key, mark), mark)
	return template.HTML(template.HTMLEscapeString(before)) + m.HTML() + template.HTML(template.HTMLEscapeString(after))
}

// Theme is the colour of the browser's frame.
func (f frame) Theme() string {
	switch f.Tone {
	case "ok":
		return "#147a46"
	case "minor":
		return "#8a5a00"
	case "major":
		return "#b34700"
	case "critical":
		return "#b3202c"
	case "maintenance":
		return "#1d5fae"
	default:
		return "#24303f"
	}
}

// moment is a time as a program and as a person reads it.
type moment struct {
	Machine string
	Shown   string
}

// HTML is the time element. Both parts come from the clock, never from people.
func (m moment) HTML() template.HTML {
	return template.HTML(fmt.Sprintf(`<time datetime="%s">%s</time>`,
		template.HTMLEscapeString(m.Machine), template.HTMLEscapeString(m.Shown)))
}

// machine is a time for programs.
func machine(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// whole is a time with its day.
func whole(tag string, t time.Time) moment { return moment{machine(t), lang.Moment(tag, t)} }

// clock is a time without its day.
func clock(tag string, t time.Time) moment { return moment{machine(t), lang.Clock(tag, t)} }

// short is a time without its day when that is the day of now.
func short(tag string, t, now time.Time) moment { return moment{machine(t), lang.Since(tag, t, now)} }

// toned is a word with the colour and the shape that go with it.
type toned struct {
	Word string
	Tone string // ok, minor, major, critical, maintenance, none
}

func componentState(tag string, s status.ComponentStatus) toned {
	tones := map[status.ComponentStatus]string{
		status.Operational: "ok", status.UnderMaintenance: "maintenance", status.DegradedPerformance: "minor",
		status.PartialOutage: "major", status.MajorOutage: "critical",
	}
	return toned{lang.Text(tag, "component."+string(s)), tones[s]}
}

func impactOf(tag string, i status.Incident) toned {
	impact := i.ShownImpact()
	if i.IsMaintenance() {
		impact = status.ImpactMaintenance
	}
	if impact == "" {
		impact = status.ImpactNone
	}
	return impactState(tag, impact)
}

func impactState(tag string, impact status.Impact) toned {
	return toned{lang.Text(tag, "impact."+string(impact)), string(impact)}
}

func incidentState(tag string, s status.IncidentStatus) string {
	return lang.Text(tag, "incident."+string(s))
}
