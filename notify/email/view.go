package email

import (
	"html/template"
	"strings"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/status"
)

// view is what both parts of a mail show to everybody who gets it.
type view struct {
	Language string
	Subject  string
	PageName string
	PageURL  string
	Label    string // "Critical", "Update", ...
	Tone     tone
	Title    string
	Facts    []notify.Fact
	Affects  string // the word before what is affected
	Affected []affected
	Text     string // the update's words
	HTML     template.HTML
	Next     string
	URL      string
	All      string // the words of the link to URL
	Preview  string // what a list of mails shows below the subject
	// Letter says that this is about one person's subscription: what they can do
	// is personal and stands in the middle.
	Letter bool
	// Personal stands where the words for one recipient go.
	Personal string
}

type affected struct {
	Name  string
	State string
	Tone  tone
}

// tone is a colour that goes with words which say the same.
type tone string

const (
	toneBad  tone = "bad"
	toneWarn tone = "warn"
	toneGood tone = "good"
	toneInfo tone = "info"
)

func newView(text notify.Text, personal string) view {
	c := text.Content
	tag := text.Language
	if tag == "" {
		tag = c.Language
	}
	if key := notify.LetterKey(c); key != "" {
		return newLetterView(c, tag, key, personal)
	}
	body := bodyOf(c.Body, text.Form)
	v := view{
		Language: lang.Match(tag), Label: notify.Label(tag, c), Tone: toneOf(c), Title: oneLine(c.Title),
		PageName: oneLine(c.PageName), PageURL: c.PageURL, URL: c.URL, All: lang.Text(tag, "notice.all"),
		Text: markup.Text(body), HTML: styled(markup.HTML(body)),
		Facts: facts(tag, c), Affects: lang.Text(tag, "incident.affects"), Personal: personal,
	}
	if c.Status.Over() {
		v.Affects = lang.Text(tag, "incident.affected_then")
	}
	if c.Reference != "" && text.Form != notify.FormShort {
		v.Facts = append(v.Facts, notify.Fact{Name: lang.Text(tag, "notice.reference"), Value: oneLine(c.Reference)})
	}
	v.Subject = v.Label + ": " + v.Title
	if v.PageName != "" {
		v.Subject = "[" + v.PageName + "] " + v.Subject
	}
	for _, a := range c.Affected {
		v.Affected = append(v.Affected, affected{Name: oneLine(a.Name), State: lang.Text(tag, "component."+string(a.Status)), Tone: componentTone(a.Status)})
	}
	if due := c.NextUpdateDueAt; !due.IsZero() {
		v.Next = lang.Text(tag, "incident.next_by", lang.Since(tag, due.In(c.Location()), c.PostedAt))
	}
	v.Preview = preview(v)
	return v
}

// bodyOf is as much of the update as the form shows: its first paragraph says
// what it means for the reader and what to do.
func bodyOf(markdown string, form notify.Form) string {
	markdown = strings.TrimSpace(strings.ReplaceAll(markdown, "\r\n", "\n"))
	if form == notify.FormShort {
		markdown, _, _ = strings.Cut(markdown, "\n\n")
	}
	return markdown
}

// facts are the state and the times.
func facts(tag string, c notify.Content) []notify.Fact {
	all := []notify.Fact{}
	if state, ok := notify.StateFact(tag, c); ok {
		all = append(all, state)
	}
	all = append(all, notify.TimeFacts(tag, c)...)
	if do, ok := notify.DoFact(tag, c); ok {
		all = append(all, do)
	}
	return all
}

// preview is one line for the list of mails.
func preview(v view) string {
	words := []rune(oneLine(v.Text))
	if len(words) > 140 {
		words = append([]rune(strings.TrimSpace(string(words[:139]))), '…')
	}
	return string(words)
}

func toneOf(c notify.Content) tone {
	switch {
	case c.Event == "resolved", c.Event == "withdrawn", c.Status.Over():
		return toneGood
	case c.Impact == status.ImpactCritical, c.Impact == status.ImpactMajor:
		return toneBad
	case c.Impact == status.ImpactMinor:
		return toneWarn
	default:
		return toneInfo
	}
}

func componentTone(s status.ComponentStatus) tone {
	switch s {
	case status.Operational:
		return toneGood
	case status.MajorOutage, status.PartialOutage:
		return toneBad
	case status.DegradedPerformance:
		return toneWarn
	default:
		return toneInfo
	}
}

// oneLine removes what would break a line or hide in it.
func oneLine(text string) string { return strings.Join(strings.Fields(markup.StripXML(text)), " ") }

// styles are written into the tags of the update's HTML, because many mail
// programs drop a style sheet. The text cannot contain a tag: there it is
// "&lt;p&gt;".
var styles = strings.NewReplacer(
	"<p>", `<p style="margin:0 0 14px">`,
	"<ul>", `<ul style="margin:0 0 14px;padding:0 0 0 22px">`,
	"<ol>", `<ol style="margin:0 0 14px;padding:0 0 0 22px">`,
	"<li>", `<li style="margin:0 0 4px">`,
	"<blockquote>", `<blockquote style="margin:0 0 14px;padding:0 0 0 14px;border-left:3px solid #b9c1cb">`,
	"<code>", `<code style="font-family:ui-monospace,Menlo,Consolas,monospace;font-size:14px">`,
	"<a ", `<a class="link" style="color:#0b57b0" `,
)

func styled(html template.HTML) template.HTML { return template.HTML(styles.Replace(string(html))) }
