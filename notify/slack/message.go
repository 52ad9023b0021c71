package slack

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/notify"
)

// Slack's limits, in characters. Escaped text counts as it is sent.
const (
	maxHeader   = 150
	maxSection  = 3000
	maxSections = 10 // of the update's text; 50 blocks are allowed in all
	maxPage     = 80 // of one name
	maxLink     = 1000
	maxFallback = 8000
)

// message is the body of a post. Text is what a notification shows, and all
// that services without blocks (Mattermost) read.
type message struct {
	Text        string  `json:"text"`
	Blocks      []block `json:"blocks"`
	UnfurlLinks bool    `json:"unfurl_links"`
	UnfurlMedia bool    `json:"unfurl_media"`
}

type block struct {
	Type     string       `json:"type"`
	Text     *textObject  `json:"text,omitempty"`
	Elements []textObject `json:"elements,omitempty"`
}

type textObject struct {
	Type string `json:"type"`
	Text string `json:"text"`
	// Emoji is false in plain text, so that ":x:" stays what it is.
	Emoji *bool `json:"emoji,omitempty"`
	// Verbatim keeps Slack from looking for names and channels in the text.
	Verbatim bool `json:"verbatim,omitempty"`
}

// encode renders a text for every webhook that gets it.
func encode(text notify.Text) ([]byte, error) { return encodeMessage(newMessage(text)) }

func encodeMessage(m message) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // the text escapes what Slack reads as marks
	if err := encoder.Encode(m); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func newMessage(text notify.Text) message {
	if len(text.Content.Items) > 0 {
		return newDigest(text)
	}
	n := newNotice(text)
	m := message{Text: n.fallback(), Blocks: []block{header(n.headline)}}
	if len(n.facts) > 0 {
		m.Blocks = append(m.Blocks, section(lines(n.marked())))
	}
	rest := link(n.url, lang.Text(n.tag, "notice.more"))
	for _, part := range split(mrkdwn(n.body), maxSection, maxSections, rest) {
		m.Blocks = append(m.Blocks, section(part))
	}
	if n.do != nil {
		m.Blocks = append(m.Blocks, section(cut(markedFact(n.tag, *n.do), maxSection)))
	}
	if n.part != nil {
		m.Blocks = append(m.Blocks, block{Type: "divider"}, section("*"+escaper.Replace(n.part.Heading)+"*"))
		for _, part := range split(mrkdwn(n.part.Body), maxSection, maxSections, escaper.Replace(lang.Text(n.tag, "notice.cut"))) {
			m.Blocks = append(m.Blocks, section(part))
		}
		m.Blocks = append(m.Blocks, block{Type: "divider"})
	}
	if n.next != "" {
		m.Blocks = append(m.Blocks, section("*"+escaper.Replace(n.next)+"*"))
	}
	return m.end(n.url, n.open, n.page)
}

// end adds where the rest is, and who speaks. It is a link and no button: a
// button reports to an application that an incoming webhook does not have, and
// Slack then shows a warning beside it.
func (m message) end(url, open, page string) message {
	var parts []string
	if safeLink(url) {
		parts = append(parts, "*"+link(url, open)+"*")
	}
	if page != "" {
		parts = append(parts, escaper.Replace(page))
	}
	if len(parts) > 0 {
		m.Blocks = append(m.Blocks, block{Type: "context", Elements: []textObject{mark(strings.Join(parts, " · "))}})
	}
	return m
}

// change adds where the one channel that gets it chooses what to get.
func (m message) change(tag, url string) message {
	if safeLink(url) {
		words := lang.Text(tag, "notice.preferences")
		m.Text += "\n" + escaper.Replace(words+": "+url)
		m.Blocks = append(m.Blocks, block{Type: "context", Elements: []textObject{mark(link(url, words))}})
	}
	return m
}

func header(words string) block {
	return block{Type: "header", Text: &textObject{Type: "plain_text", Text: markup.Excerpt(words, maxHeader), Emoji: new(bool)}}
}

// lines puts as many whole lines into a section as it holds.
func lines(all []string) string {
	kept := all[:0:0]
	room := maxSection
	for _, line := range all {
		line = cut(line, maxSection)
		if room -= utf8.RuneCountInString(line) + 1; room < -1 {
			break
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}

func safeLink(url string) bool {
	return url != "" && len(url) <= maxLink && !strings.ContainsAny(url, "<>| \n")
}

// link is words that lead to an address; the words alone where it could not
// stand between brackets.
func link(url, words string) string {
	words = escaper.Replace(strings.ReplaceAll(words, "|", "/"))
	if !safeLink(url) {
		return words
	}
	return "<" + strings.ReplaceAll(url, "&", "&amp;") + "|" + words + ">"
}

// encodeLetter renders a letter for the one webhook that gets it. Only a plain
// web address becomes a link.
func encodeLetter(c notify.Content, words notify.Letter, act string) ([]byte, error) {
	m := message{Text: cut(escaper.Replace(everybody.ReplaceAllString(words.Subject+"\n"+words.Text, "@\u200b$1")), maxFallback), Blocks: []block{
		header(words.Subject),
		section(cut("*"+escaper.Replace(words.Title)+"*\n"+escaper.Replace(words.Text), maxSection)),
	}}
	if words.Act != "" && safeLink(act) {
		m.Text += "\n" + escaper.Replace(words.Act+": "+act)
		m.Blocks = append(m.Blocks, section("*"+link(act, words.Act)+"*"), block{Type: "context", Elements: []textObject{mark(escaper.Replace(words.Fine))}})
	}
	return encodeMessage(m.end("", "", markup.Excerpt(markup.Line(c.PageName), maxPage)))
}

func section(text string) block {
	object := mark(text)
	return block{Type: "section", Text: &object}
}

func mark(text string) textObject { return textObject{Type: "mrkdwn", Text: text, Verbatim: true} }

// notice is what a message says, before it is given marks.
type notice struct {
	tag      string
	headline string
	facts    []notify.Fact
	body     string       // Markdown
	do       *notify.Fact // what readers can do
	part     *notify.Part
	next     string
	page     string
	url      string
	open     string // the words of the link
}

func newNotice(text notify.Text) notice {
	c, tag := text.Content, text.Tag()
	n := notice{
		tag: tag, headline: markup.Line(lang.Pair(tag, notify.Label(text), c.Title)), body: strings.ReplaceAll(c.Body, "\r\n", "\n"),
		facts: facts(tag, c), next: notify.Next(text, notify.ByChat),
		page: markup.Excerpt(markup.Line(c.PageName), maxPage), url: c.URL, open: lang.Text(tag, "notice.all"),
	}
	if text.Form == notify.FormShort {
		n.body, _, _ = strings.Cut(strings.TrimSpace(n.body), "\n\n")
	}
	if do, ok := notify.DoFact(tag, c); ok {
		n.do = &do
	}
	if part, ok := notify.Added(text); ok {
		n.part = &part
	}
	return n
}

// facts are the state, what is affected and the times.
func facts(tag string, c notify.Content) []notify.Fact {
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

// maxAffected is how many components a message lists; the page has them all.
const maxAffected = 10

// affected is what is affected and how, on one line.
func affected(tag string, c notify.Content) string {
	var parts []string
	for i, a := range c.Affected {
		if i == maxAffected {
			return strings.Join(parts, ", ") + " " + lang.Text(tag, "notice.affected_more", len(c.Affected)-i)
		}
		part := markup.Excerpt(markup.Line(a.Name), maxPage)
		if state := notify.StateOf(tag, c, a); state != "" {
			part += " (" + state + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// markedFact is a fact with Slack's marks.
func markedFact(tag string, f notify.Fact) string {
	return lang.Pair(tag, "*"+escaper.Replace(f.Name)+"*", escaper.Replace(f.Value))
}

// marked are the facts with Slack's marks, a line each.
func (n notice) marked() []string {
	lines := make([]string, len(n.facts))
	for i, f := range n.facts {
		lines[i] = markedFact(n.tag, f)
	}
	return lines
}

// everybody finds the words by which a plain text can still call everybody in
// services that read no blocks.
var everybody = regexp.MustCompile(`(?i)@(channel|here|everyone|all)\b`)

// fallback is the whole message without marks.
func (n notice) fallback() string {
	parts := []string{n.headline}
	for _, f := range n.facts {
		parts = append(parts, lang.Pair(n.tag, f.Name, f.Value))
	}
	if body := markup.Text(n.body); body != "" {
		parts = append(parts, "", body, "")
	}
	if n.do != nil {
		parts = append(parts, lang.Pair(n.tag, n.do.Name, n.do.Value))
	}
	if n.part != nil {
		parts = append(parts, "", n.part.Heading+":", markup.Text(n.part.Body), "")
	}
	if n.next != "" {
		parts = append(parts, n.next)
	}
	return plain(parts, n.url)
}

// plain is a text for services that read no blocks; what is too long is cut at
// a word, and the address of the rest stays.
func plain(parts []string, url string) string {
	calm := func(text string) string { return escaper.Replace(everybody.ReplaceAllString(text, "@\u200b$1")) }
	text := strings.Join(parts, "\n")
	room := maxFallback - maxLink
	for limit := room; utf8.RuneCountInString(calm(text)) > room; limit = limit * 3 / 4 {
		text = markup.Excerpt(text, limit)
	}
	text = calm(text)
	if url = escaper.Replace(url); url != "" && len(url) < maxLink {
		text += "\n" + url
	}
	return text
}

// cut shortens marked text to a number of characters, at a word and never
// inside an escape.
func cut(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	text = strings.TrimSuffix(markup.Excerpt(text, limit), "…")
	if at := strings.LastIndexByte(text, '&'); at >= 0 && len(text)-at < len("&amp;") && !strings.Contains(text[at:], ";") {
		text = text[:at]
	}
	return strings.TrimRight(text, " ") + "…"
}
