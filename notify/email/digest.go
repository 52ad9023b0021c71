package email

import (
	"html/template"
	"strings"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/notify"
)

// item is one incident in a digest.
type item struct {
	notify.Entry
	Tone    tone
	Affects string
	Names   string // what is affected, on one line
}

// How much a digest lists; the page has it all.
const (
	maxItems     = 25
	maxItemsHTML = 70_000 // bytes, as maxHTML for one text
	maxNames     = 200    // characters of what one item affects
)

// size is about how many bytes an item has as HTML.
func (i item) size() int {
	size := 1500
	if i.Do != nil {
		size += len(template.HTMLEscapeString(i.Do.Value))
	}
	return size + len(template.HTMLEscapeString(i.Title+i.Title+i.Names+i.Words)) + 2*len(i.URL)
}

// gather fills in what a digest says.
func (v *view) gather(text notify.Text) {
	c, tag := text.Content, text.Tag()
	tally := strings.Join(notify.Tally(text), ", ")
	v.Label, v.Tone, v.Title = tally, toneInfo, notify.DigestTitle(text)
	entries, more := notify.Entries(text, notify.ByMail, maxItems)
	titles, room := make([]string, len(entries)), maxItemsHTML
	for i, e := range entries {
		one := item{Entry: e, Tone: toneOf(e.Content), Affects: affects(tag, e.Content)}
		shown, others := affectedOf(tag, e.Content)
		names := make([]string, len(shown))
		for n, a := range shown {
			if names[n] = a.Name; a.State != "" {
				names[n] += " (" + a.State + ")"
			}
		}
		one.Names = strings.TrimSpace(markup.Excerpt(strings.Join(names, ", "), maxNames) + " " + others)
		if room -= one.size(); room < 0 {
			more += len(entries) - i
			break
		}
		v.Items, titles[i] = append(v.Items, one), lang.Pair(tag, e.State, e.Title)
	}
	if more > 0 {
		v.Rest = lang.Text(tag, "digest.more", more)
	}
	v.Preview = preview(strings.Join(titles, " · "), "", nil)
	v.URL = c.PageURL
}
