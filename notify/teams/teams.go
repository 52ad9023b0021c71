// Package teams sends notices to Microsoft Teams, to webhooks of its Workflows,
// as Adaptive Cards.
package teams

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/allclear-status/allclear/internal/safehttp"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/chat"
)

// maxBytes is how large a message may be: Teams takes 28 KB.
const maxBytes = 27 << 10

const (
	maxValue = 1000
	room     = 8000
	fallback = 1500
)

// New is a channel to Teams.
func New(cfg chat.Config) *chat.Channel { return chat.New(service, cfg) }

var service = chat.Service{Render: render, Room: room, Most: maxBytes, Outcome: outcome}

// outcome reads the answers of the older connectors, which say 200 and that it
// went wrong.
func outcome(a safehttp.Answer) (notify.Outcome, bool) {
	if a.Code != http.StatusOK {
		return "", false
	}
	switch {
	case bytes.Contains(a.Body, []byte("HTTP error 429")):
		return notify.RateLimited, true
	case bytes.Contains(a.Body, []byte("delivery failed")):
		return notify.Transient, true
	default:
		return "", false
	}
}

// dialect is what a TextBlock reads: no code, no quotations, and lists only
// where a list is all there is.
var dialect = func() chat.Dialect {
	d := chat.Markdown
	d.Italic, d.Code, d.Bullet, d.Quote = [2]string{"_", "_"}, [2]string{}, "• ", "│ "
	d.Literal = d.Escape
	link := d.Link
	d.Bare = func(address string) string { return link(address, d.Escape(address)) }
	return d
}()

type message struct {
	Type        string       `json:"type"`
	Summary     string       `json:"summary"`
	Attachments []attachment `json:"attachments"`
}

type attachment struct {
	ContentType string `json:"contentType"`
	Content     card   `json:"content"`
}

type card struct {
	Schema       string    `json:"$schema"`
	Type         string    `json:"type"`
	Version      string    `json:"version"`
	FallbackText string    `json:"fallbackText"`
	MSTeams      width     `json:"msteams"`
	Body         []element `json:"body"`
	Actions      []action  `json:"actions,omitempty"`
}

type width struct {
	Width string `json:"width"`
}

// element is a TextBlock, a FactSet or a Container.
type element struct {
	Type      string    `json:"type"`
	Text      string    `json:"text,omitempty"`
	Wrap      bool      `json:"wrap,omitempty"`
	Size      string    `json:"size,omitempty"`
	Weight    string    `json:"weight,omitempty"`
	Subtle    bool      `json:"isSubtle,omitempty"`
	Spacing   string    `json:"spacing,omitempty"`
	Separator bool      `json:"separator,omitempty"`
	Style     string    `json:"style,omitempty"`
	Bleed     bool      `json:"bleed,omitempty"`
	Facts     []fact    `json:"facts,omitempty"`
	Items     []element `json:"items,omitempty"`
}

type fact struct {
	Title string `json:"title"`
	Value string `json:"value"`
}

type action struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

// styles are the colours that a card has for tones.
var styles = map[chat.Tone]string{chat.Critical: "attention", chat.Major: "attention", chat.Minor: "warning", chat.Planned: "accent", chat.Over: "good", chat.Plain: "emphasis"}

func render(n chat.Notice, room int) any {
	d := dialect
	c := card{Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4", MSTeams: width{"Full"},
		FallbackText: n.Plain(min(room, fallback))}
	title := element{Type: "TextBlock", Text: d.Short(chat.Excerpt(n.Headline, chat.MaxTitle), 2*chat.MaxTitle), Wrap: true, Size: "Large", Weight: "Bolder"}
	c.Body = []element{{Type: "Container", Style: styles[n.Tone], Bleed: true, Items: []element{title}}}
	if facts := facts(n); len(facts) > 0 {
		c.Body = append(c.Body, element{Type: "FactSet", Facts: facts})
	}
	switch {
	case len(n.Entries) > 0:
		c.Body = append(c.Body, paragraphs(d.Digest(n, room))...)
	case n.Words != "" || n.Lead != "":
		c.Body = append(c.Body, paragraphs(d.Letter(n, room))...)
	default:
		c.Body = append(c.Body, paragraphs(d.Text(n.Body, room, d.To(n.URL, n.CutWords())))...)
	}
	if n.Do != nil {
		c.Body = append(c.Body, text(d.Fact(n.Tag, notify.Fact{Name: n.Do.Name, Value: chat.Excerpt(n.Do.Value, maxValue)})))
	}
	if n.Part != nil {
		heading := text(d.Strong(n.Part.Heading))
		heading.Separator = true
		c.Body = append(append(c.Body, heading), paragraphs(d.Text(n.Part.Body, room/2, d.Escape(n.PartCutWords())))...)
	}
	if n.Next != "" {
		next := text(d.Escape(n.Next))
		next.Weight, next.Separator = "Bolder", true
		c.Body = append(c.Body, next)
	}
	for _, small := range []string{d.Small(n, maxValue), d.Short(n.Page, maxValue)} {
		if small != "" {
			t := text(small)
			t.Subtle, t.Size = true, "Small"
			c.Body = append(c.Body, t)
		}
	}
	if n.URL != "" && n.Open != "" {
		c.Actions = []action{{"Action.OpenUrl", n.Open, n.URL}}
	}
	return message{Type: "message", Summary: chat.Excerpt(n.Headline, chat.MaxTitle), Attachments: []attachment{{"application/vnd.microsoft.card.adaptive", c}}}
}

func facts(n chat.Notice) []fact {
	var all []fact
	for _, f := range n.Facts {
		all = append(all, fact{dialect.Escape(f.Name), dialect.Short(f.Value, maxValue)})
	}
	return all
}

func text(words string) element { return element{Type: "TextBlock", Text: words, Wrap: true} }

// maxLines bounds the blocks of one text.
const maxLines = 150

// paragraphs gives every line a block of its own: inside one, Teams joins
// lines. A blank line becomes the space above the next.
func paragraphs(marked string) []element {
	var all []element
	spacing := ""
	for line := range strings.SplitSeq(marked, "\n") {
		line = strings.TrimRight(line, " ")
		switch {
		case line == "":
			spacing = ""
		case len(all) == maxLines:
			all[maxLines-1].Text += " " + line
		default:
			t := text(line)
			t.Spacing = spacing
			all = append(all, t)
			spacing = "None"
		}
	}
	return all
}
