package email

import (
	"cmp"
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
	// Written is the language of what people wrote, where it is another one.
	Written  string
	Subject  string
	Topic    string // the part of the subject that stays; empty: about no incident
	Preview  string // what a list of mails shows below the subject
	PageName string
	PageURL  string
	Label    string // "Critical", "Update", ...
	Tone     tone
	Title    string
	State    *notify.Fact
	Facts    []notify.Fact // the times and the reference
	Colon    string        // with the space that this language wants before it
	Affects  string        // the word before what is affected
	Head     string        // the same as a heading
	Affected []affected
	Others   string // "and 12 more"
	Text     string // the update's words
	HTML     template.HTML
	Rest     string       // says that there is more of them on the page
	Do       *notify.Fact // what readers can do
	Next     string
	Box      *box
	Items    []item // of a digest
	URL      string
	All      string // the words of the link to URL
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

// box is a part that is not public.
type box struct {
	Heading  string
	Internal bool
	Text     string
	HTML     template.HTML
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
	c, tag := text.Content, text.Tag()
	if words, ok := notify.LetterOf(text); ok {
		return newLetterView(text, words, personal)
	}
	v := view{
		Language: tag, Subject: notify.Subject(text), PageName: markup.Line(c.PageName), PageURL: c.PageURL,
		Colon: lang.Pair(tag, "", ""), URL: c.URL, All: lang.Text(tag, "notice.all"), Personal: personal,
	}
	if written := lang.Match(c.Language); c.Language != "" && written != tag {
		v.Written = written
	}
	if len(c.Items) > 0 {
		v.gather(text)
	} else {
		v.tell(text)
	}
	return v
}

// tell fills in what is said about one incident.
func (v *view) tell(text notify.Text) {
	c, tag := text.Content, text.Tag()
	v.Label, v.Tone, v.Title, v.Topic = notify.Label(text), toneOf(c), markup.Line(c.Title), notify.Topic(c)
	if state, ok := notify.StateFact(tag, c); ok {
		v.State = &state
	}
	v.Facts = notify.TimeFacts(tag, c)
	if c.Reference != "" && text.Form != notify.FormShort {
		v.Facts = append(v.Facts, notify.Fact{Name: lang.Text(tag, "notice.reference"), Value: markup.Line(c.Reference)})
	}
	v.Affects = affects(tag, c)
	v.Head = strings.TrimSpace(v.Affects + v.Colon)
	v.Affected, v.Others = affectedOf(tag, c)
	body, whole := shortened(bodyOf(c.Body, text.Form))
	v.Text, v.HTML = markup.Text(body), styled(markup.HTML(body))
	if !whole {
		v.Rest = lang.Text(tag, "notice.more")
	}
	if do, ok := notify.DoFact(tag, c); ok {
		v.Do = &do
	}
	v.Next = notify.Next(text, notify.ByMail)
	if part, ok := notify.Added(text); ok {
		body, _ := shortened(part.Body)
		v.Box = &box{part.Heading, part.Internal, markup.Text(body), styled(markup.HTML(body))}
	}
	v.Preview = preview(markup.Gist(body), v.Next, v.Affected)
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

func affects(tag string, c notify.Content) string {
	if c.Status.Over() {
		return lang.Text(tag, "incident.affected_then")
	}
	return lang.Text(tag, "incident.affects")
}

// maxAffected is how many components a mail lists; the page has them all.
const maxAffected = 20

func affectedOf(tag string, c notify.Content) (shown []affected, others string) {
	for i, a := range c.Affected {
		if i == maxAffected {
			others = lang.Text(tag, "notice.affected_more", len(c.Affected)-i)
			break
		}
		shown = append(shown, affected{Name: markup.Line(a.Name), State: notify.StateOf(tag, c, a), Tone: componentTone(a.Status)})
	}
	return shown, others
}

// maxPreview is as much as any list of mails shows.
const maxPreview = 140

// preview is one line for the list of mails: what it means for the reader, and
// when to expect more. The subject has said the rest.
func preview(words, next string, touched []affected) string {
	if words == "" {
		names := make([]string, len(touched))
		for i, a := range touched {
			names[i] = a.Name
		}
		words = strings.Join(names, ", ")
	}
	if next == "" {
		return markup.Excerpt(words, maxPreview)
	}
	if words == "" {
		return markup.Excerpt(next, maxPreview)
	}
	return markup.Excerpt(markup.Excerpt(words, max(40, maxPreview-len(next)-3))+" · "+next, maxPreview)
}

func toneOf(c notify.Content) tone {
	switch {
	case c.Event.Ends(), c.Status.Over():
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

// styles are written into the tags of the update's HTML, because many mail
// programs drop a style sheet. The text cannot contain a tag: there it is
// "&lt;p&gt;".
var styles = strings.NewReplacer(
	"<p>", `<p style="margin:0 0 14px">`,
	"<ul>", `<ul style="margin:0 0 14px;padding:0 0 0 22px">`,
	"<ol>", `<ol style="margin:0 0 14px;padding:0 0 0 22px">`,
	"<li>", `<li style="margin:0 0 4px">`,
	"<blockquote>", `<blockquote class="rule" style="margin:0 0 14px;padding:0 0 0 14px;border-left:3px solid #b9c1cb">`,
	"<code>", `<code style="font-family:ui-monospace,Menlo,Consolas,monospace;font-size:14px">`,
	"<a ", `<a class="link" style="color:#0b57b0" `,
)

func styled(html template.HTML) template.HTML { return template.HTML(styles.Replace(string(html))) }

// maxHTML is how many bytes one text may have as HTML. Gmail cuts a mail off
// after 102 kB, and with it the link to leave.
const maxHTML = 30_000

// shortened is as much of a text as a mail has room for, whole paragraphs where
// there are any; false when something was left out.
func shortened(markdown string) (string, bool) {
	if len(styled(markup.HTML(markdown))) <= maxHTML {
		return markdown, true
	}
	kept := markdown
	for len(styled(markup.HTML(kept))) > maxHTML {
		kept = kept[:len(kept)*3/4]
	}
	if at := strings.LastIndex(kept, "\n\n"); at > len(kept)/2 {
		return kept[:at], false
	}
	kept = strings.ToValidUTF8(kept, "")
	if at := strings.LastIndexAny(kept, " \n"); at > len(kept)/2 {
		kept = kept[:at]
	}
	return cmp.Or(strings.TrimSpace(kept)+"…", "…"), false
}
