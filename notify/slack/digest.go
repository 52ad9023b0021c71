package slack

import (
	"strings"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/notify"
)

// maxItems is how many incidents a digest lists: a section and a divider each.
const maxItems = 20

// newDigest is one message about several incidents.
func newDigest(text notify.Text) message {
	tag, c := text.Tag(), text.Content
	tally := strings.Join(notify.Tally(text), ", ")
	headline := markup.Line(lang.Pair(tag, notify.Label(text), tally))
	m, words := message{Blocks: []block{header(headline)}}, []string{headline}
	entries, more := notify.Entries(text, notify.ByChat, maxItems)
	for i, e := range entries {
		if i > 0 {
			m.Blocks = append(m.Blocks, block{Type: "divider"})
		}
		said := entryFacts(tag, e)
		m.Blocks = append(m.Blocks, section(lines(markedEntry(tag, e, said))))
		words = append(words, "", lang.Pair(tag, e.State, e.Title))
		for _, f := range said {
			words = append(words, lang.Pair(tag, f.Name, f.Value))
		}
		do := ""
		if e.Do != nil {
			do = lang.Pair(tag, e.Do.Name, e.Do.Value)
		}
		for _, line := range []string{e.Words, do, e.Next, e.URL} {
			if line != "" {
				words = append(words, line)
			}
		}
	}
	if more > 0 {
		rest := lang.Text(tag, "digest.more", more)
		m.Blocks = append(m.Blocks, section(link(c.PageURL, rest)))
		words = append(words, "", rest)
	}
	m.Text = plain(words, c.PageURL)
	return m.end(c.PageURL, markup.Excerpt(markup.Line(c.PageName), maxPage), "")
}

// entryFacts are what is affected, and the times.
func entryFacts(tag string, e notify.Entry) []notify.Fact {
	all := facts(tag, e.Content)
	if _, ok := notify.StateFact(tag, e.Content); ok {
		all = all[1:] // said in the entry's first line
	}
	return all
}

// markedEntry is one item with Slack's marks, a line each.
func markedEntry(tag string, e notify.Entry, said []notify.Fact) []string {
	all := []string{"*" + escaper.Replace(markup.Excerpt(e.Title, maxHeader)) + "*", escaper.Replace(e.State)}
	for _, f := range said {
		all = append(all, markedFact(tag, f))
	}
	if e.Words != "" {
		all = append(all, escaper.Replace(e.Words))
	}
	if e.Do != nil {
		all = append(all, markedFact(tag, *e.Do))
	}
	if e.Next != "" {
		all = append(all, "*"+escaper.Replace(e.Next)+"*")
	}
	if safeLink(e.URL) {
		all = append(all, link(e.URL, lang.Text(tag, "notice.all")))
	}
	return all
}
