package email

import (
	"strings"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/notify"
)

// item is one incident in a digest.
type item struct {
	notify.Entry
	Tone    tone
	Affects string
	Names   string // what is affected, on one line
}

// maxItems is how many incidents a digest lists; the page has them all.
const maxItems = 25

// gather fills in what a digest says.
func (v *view) gather(text notify.Text) {
	c, tag := text.Content, text.Tag()
	tally := strings.Join(notify.Tally(text), ", ")
	v.Label, v.Tone, v.Title = tally, toneInfo, notify.DigestTitle(text)
	entries, more := notify.Entries(text, notify.ByMail, maxItems)
	titles := make([]string, len(entries))
	for i, e := range entries {
		one := item{Entry: e, Tone: toneOf(e.Content), Affects: affects(tag, e.Content)}
		shown, others := affectedOf(tag, e.Affected)
		names := make([]string, len(shown))
		for n, a := range shown {
			names[n] = a.Name + " (" + a.State + ")"
		}
		one.Names = strings.TrimSpace(strings.Join(names, ", ") + " " + others)
		v.Items, titles[i] = append(v.Items, one), e.State+": "+e.Title
	}
	if more > 0 {
		v.Rest = lang.Text(tag, "digest.more", more)
	}
	v.Preview = preview(strings.Join(titles, " · "), "", nil)
	v.URL = c.PageURL
}
