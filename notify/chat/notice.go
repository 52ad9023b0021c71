package chat

import (
	"strings"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/notify"
)

const (
	// MaxPage is how many characters of one name are shown.
	MaxPage = 80
	// MaxTitle is how many characters of a title are shown.
	MaxTitle = 150
	// maxAffected is how many components a message lists; the page has them all.
	maxAffected = 10
	// MaxEntries is how many incidents a digest lists.
	MaxEntries = 20
	maxLink    = 1000
)

// Notice is what a chat message says, before it is given marks. All its texts
// are plain but Body and the part's, which are Markdown.
type Notice struct {
	Tag      string // the language of our own words
	Tone     Tone
	Headline string
	Lead     string // stands above Words, where there is one
	Words    string // of a letter
	Facts    []notify.Fact
	Body     string
	Do       *notify.Fact // what readers can do
	Part     *notify.Part // for these readers only
	Entries  []Entry      // of a digest
	More     int          // incidents that a digest leaves out
	Next     string
	Fine     string // small print
	Change   string // where its one reader chooses what to get; empty, or a plain web address
	Page     string
	URL      string // where the rest is; empty, or a plain web address
	Open     string // the words of that link
	// Thread groups the messages about one incident; empty: by itself.
	Thread   string
	PostedAt time.Time
}

// Entry is one incident of a digest.
type Entry struct {
	Title, State string
	Facts        []notify.Fact
	Words        string
	Do           *notify.Fact
	Next         string
	URL, Open    string
}

// Of is what a text says to everybody who gets it.
func Of(text notify.Text) Notice {
	if len(text.Content.Items) > 0 {
		return ofDigest(text)
	}
	c, tag := text.Content, text.Tag()
	n := Notice{
		Tag: tag, Tone: toneOf(c), Headline: Calm(markup.Line(lang.Pair(tag, notify.Label(text), c.Title))), Body: strings.ReplaceAll(c.Body, "\r\n", "\n"),
		Facts: Facts(tag, c), Next: notify.Next(text, notify.ByChat),
		Page: PageName(c), URL: webAddress(c.URL), Open: lang.Text(tag, "notice.all"), Thread: c.IncidentID, PostedAt: c.PostedAt,
	}
	if text.Form == notify.FormShort {
		n.Body, _, _ = strings.Cut(strings.TrimSpace(n.Body), "\n\n")
	}
	if do, ok := notify.DoFact(tag, c); ok {
		n.Do = &do
	}
	if part, ok := notify.Added(text); ok {
		n.Part = &part
	}
	return n
}

// OfLetter is what a letter says to the one place that gets it.
func OfLetter(text notify.Text, letter notify.Letter, act string) Notice {
	n := Notice{Tag: text.Tag(), Headline: Calm(markup.Line(letter.Subject)), Lead: markup.Line(letter.Title), Words: markup.StripXML(letter.Text),
		Page: PageName(text.Content), PostedAt: text.Content.PostedAt}
	if act = webAddress(act); letter.Act != "" && act != "" {
		n.URL, n.Open, n.Fine = act, letter.Act, letter.Fine
	}
	return n
}

func ofDigest(text notify.Text) Notice {
	c, tag := text.Content, text.Tag()
	n := Notice{Tag: tag, Headline: markup.Line(lang.Pair(tag, notify.Label(text), strings.Join(notify.Tally(text), ", "))),
		URL: webAddress(c.PageURL), Open: PageName(c), PostedAt: c.PostedAt}
	entries, more := notify.Entries(text, notify.ByChat, MaxEntries)
	for _, e := range entries {
		n.Tone = max(n.Tone, toneOf(e.Content))
		said := Facts(tag, e.Content)
		if _, ok := notify.StateFact(tag, e.Content); ok {
			said = said[1:] // in the entry's first line
		}
		n.Entries = append(n.Entries, Entry{Title: markup.Excerpt(e.Title, MaxTitle), State: e.State, Facts: said, Words: markup.StripXML(e.Words),
			Do: e.Do, Next: e.Next, URL: webAddress(e.URL), Open: lang.Text(tag, "notice.all")})
	}
	n.More = more
	return n
}

// ChangeWords are those of the link to choose what to get.
func (n Notice) ChangeWords() string { return lang.Text(n.Tag, "notice.preferences") }

// MoreWords say how many incidents a digest leaves out; empty: none.
func (n Notice) MoreWords(left int) string {
	if n.More+left == 0 {
		return ""
	}
	return lang.Text(n.Tag, "digest.more", n.More+left)
}

// CutWords say that there is more of a text, and where.
func (n Notice) CutWords() string { return lang.Text(n.Tag, "notice.more") }

// PartCutWords say that there is more of a part, which the page does not show.
func (n Notice) PartCutWords() string { return lang.Text(n.Tag, "notice.cut") }

// PageName is the page's name on one line.
func PageName(c notify.Content) string { return markup.Excerpt(Calm(markup.Line(c.PageName)), MaxPage) }

// Facts are the state, what is affected and the times.
func Facts(tag string, c notify.Content) []notify.Fact {
	all := []notify.Fact{}
	if state, ok := notify.StateFact(tag, c); ok {
		all = append(all, state)
	}
	if touched := affected(tag, c); touched != "" {
		key := "incident.affects"
		if c.Status.Over() {
			key = "incident.affected_then"
		}
		all = append(all, notify.Fact{Name: lang.Text(tag, key), Value: touched})
	}
	return append(all, notify.TimeFacts(tag, c)...)
}

// affected is what is affected and how, on one line.
func affected(tag string, c notify.Content) string {
	var parts []string
	for i, a := range c.Affected {
		if i == maxAffected {
			return strings.Join(parts, ", ") + " " + lang.Text(tag, "notice.affected_more", len(c.Affected)-i)
		}
		part := markup.Excerpt(markup.Line(a.Name), MaxPage)
		if state := notify.StateOf(tag, c, a); state != "" {
			part += " (" + state + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// webAddress is an address that can stand behind a link, or nothing.
func webAddress(url string) string {
	if len(url) > maxLink || strings.ContainsAny(url, "<>|\"'`\\ \t\r\n") || (!strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://")) {
		return ""
	}
	return url
}
