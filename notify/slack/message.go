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
	maxPage     = 80
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
func encode(text notify.Text) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // the text escapes what Slack reads as marks
	if err := encoder.Encode(newMessage(text)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func newMessage(text notify.Text) message {
	n := newNotice(text)
	m := message{Text: n.fallback(), Blocks: []block{
		{Type: "header", Text: &textObject{Type: "plain_text", Text: cut(n.headline, maxHeader), Emoji: new(bool)}},
	}}
	if len(n.facts) > 0 {
		m.Blocks = append(m.Blocks, section(cut(strings.Join(n.marked(), "\n"), maxSection)))
	}
	for _, part := range split(mrkdwn(n.body), maxSection, maxSections, escaper.Replace(lang.Text(n.tag, "notice.more"))) {
		m.Blocks = append(m.Blocks, section(part))
	}
	if footer := n.footer(); footer != "" {
		m.Blocks = append(m.Blocks, block{Type: "context", Elements: []textObject{mark(footer)}})
	}
	return m
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
	body     string // Markdown
	next     string
	page     string
	url      string
	open     string // the words of the link
}

func newNotice(text notify.Text) notice {
	c := text.Content
	tag := text.Language
	if tag == "" {
		tag = c.Language
	}
	n := notice{
		tag: tag, headline: oneLine(notify.Label(tag, c) + ": " + c.Title), body: strings.ReplaceAll(c.Body, "\r\n", "\n"),
		page: cut(oneLine(c.PageName), maxPage), url: c.URL, open: lang.Text(tag, "notice.all"),
	}
	if text.Form == notify.FormShort {
		n.body, _, _ = strings.Cut(strings.TrimSpace(n.body), "\n\n")
	}
	n.facts = facts(tag, c)
	if due := c.NextUpdateDueAt; !due.IsZero() {
		n.next = lang.Text(tag, "incident.next_by", lang.Since(tag, due.In(c.Location()), c.PostedAt))
	}
	return n
}

// facts are the state, what is affected and the times.
func facts(tag string, c notify.Content) []notify.Fact {
	all := []notify.Fact{}
	if state, ok := notify.StateFact(tag, c); ok {
		all = append(all, state)
	}
	if len(c.Affected) > 0 {
		parts := make([]string, len(c.Affected))
		for i, a := range c.Affected {
			parts[i] = oneLine(a.Name) + " (" + lang.Text(tag, "component."+string(a.Status)) + ")"
		}
		all = append(all, notify.Fact{Name: lang.Text(tag, "incident.affects"), Value: strings.Join(parts, ", ")})
	}
	all = append(all, notify.TimeFacts(tag, c)...)
	if do, ok := notify.DoFact(tag, c); ok {
		all = append(all, do)
	}
	return all
}

// marked are the facts with Slack's marks, a line each.
func (n notice) marked() []string {
	lines := make([]string, len(n.facts))
	for i, f := range n.facts {
		lines[i] = "*" + escaper.Replace(f.Name) + ":* " + escaper.Replace(f.Value)
	}
	return lines
}

func (n notice) footer() string {
	parts := []string{}
	if n.page != "" {
		parts = append(parts, escaper.Replace(n.page))
	}
	if n.next != "" {
		parts = append(parts, "*"+escaper.Replace(n.next)+"*")
	}
	if n.url != "" && len(n.url) <= maxLink && !strings.ContainsAny(n.url, "<>| \n") {
		parts = append(parts, "<"+strings.ReplaceAll(n.url, "&", "&amp;")+"|"+escaper.Replace(strings.ReplaceAll(n.open, "|", "/"))+">")
	}
	return strings.Join(parts, " · ")
}

// everybody finds the words by which a plain text can still call everybody in
// services that read no blocks.
var everybody = regexp.MustCompile(`(?i)@(channel|here|everyone|all)\b`)

// fallback is the whole message without marks.
func (n notice) fallback() string {
	parts := []string{n.headline}
	for _, f := range n.facts {
		parts = append(parts, f.Name+": "+f.Value)
	}
	if body := markup.Text(n.body); body != "" {
		parts = append(parts, "", body, "")
	}
	for _, part := range []string{n.next, n.url} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	text := everybody.ReplaceAllString(strings.Join(parts, "\n"), "@\u200b$1")
	return cut(escaper.Replace(text), maxFallback)
}

// oneLine removes what would break a line or hide in it.
func oneLine(text string) string { return strings.Join(strings.Fields(markup.StripXML(text)), " ") }

// cut shortens a text to a number of characters, never inside an escape.
func cut(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	text = string([]rune(text)[:limit-1])
	if at := strings.LastIndexByte(text, '&'); at >= 0 && len(text)-at < len("&amp;") && !strings.Contains(text[at:], ";") {
		text = text[:at]
	}
	return strings.TrimRight(text, " ") + "…"
}
