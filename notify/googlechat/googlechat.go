// Package googlechat sends notices to the webhooks of Google Chat, as cards. The
// messages about one incident share a thread.
package googlechat

import (
	"net/url"
	"strings"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/chat"
)

// maxBytes is how large a message may be: Google Chat takes 32,000 bytes.
const maxBytes = 31_000

const (
	maxValue = 1000
	room     = 8000
	fallback = 1500
)

// New is a channel to Google Chat.
func New(cfg chat.Config) *chat.Channel { return chat.New(service, cfg) }

var service = chat.Service{Render: render, Room: room, Most: maxBytes, Target: target}

// target asks that a message joins its thread where there is one.
func target(address url.URL) *url.URL {
	query := address.Query()
	query.Set("messageReplyOption", "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD")
	address.RawQuery = query.Encode()
	return &address
}

type message struct {
	CardsV2  []cardWithID `json:"cardsV2"`
	Fallback string       `json:"fallbackText"`
	Thread   *thread      `json:"thread,omitempty"`
}

type thread struct {
	Key string `json:"threadKey"`
}

type cardWithID struct {
	ID   string `json:"cardId"`
	Card card   `json:"card"`
}

type card struct {
	Header   header    `json:"header"`
	Sections []section `json:"sections,omitempty"`
}

type header struct {
	Title    string `json:"title"`
	Subtitle string `json:"subtitle,omitempty"`
}

type section struct {
	Header  string   `json:"header,omitempty"`
	Widgets []widget `json:"widgets"`
}

// widget is one of its fields.
type widget struct {
	Paragraph *paragraph `json:"textParagraph,omitempty"`
	Decorated *decorated `json:"decoratedText,omitempty"`
	Buttons   *buttons   `json:"buttonList,omitempty"`
}

type paragraph struct {
	Text string `json:"text"`
}

type decorated struct {
	TopLabel string `json:"topLabel"`
	Text     string `json:"text"`
	Wrap     bool   `json:"wrapText"`
}

type buttons struct {
	Buttons []button `json:"buttons"`
}

type button struct {
	Text    string  `json:"text"`
	OnClick onClick `json:"onClick"`
}

type onClick struct {
	OpenLink openLink `json:"openLink"`
}

type openLink struct {
	URL string `json:"url"`
}

func render(n chat.Notice, room int) any {
	d := chat.HTML
	c := card{Header: header{chat.Excerpt(n.Headline, chat.MaxTitle), n.Page}}
	var facts []widget
	for _, f := range n.Facts {
		facts = append(facts, fact(f))
	}
	c.add("", facts)
	switch {
	case len(n.Entries) > 0:
		c.add("", texts(d.Digest(n, room)))
	case n.Words != "" || n.Lead != "":
		c.add("", texts(d.Letter(n, room)))
	default:
		c.add("", texts(d.Text(n.Body, room, d.To(n.URL, n.CutWords()))))
	}
	if n.Do != nil {
		c.add("", []widget{fact(*n.Do)})
	}
	if n.Part != nil {
		c.add(d.Escape(n.Part.Heading), texts(d.Text(n.Part.Body, room/2, d.Escape(n.PartCutWords()))))
	}
	var end []widget
	if n.Next != "" {
		end = texts(d.Strong(n.Next))
	}
	if n.URL != "" && n.Open != "" {
		end = append(end, widget{Buttons: &buttons{[]button{{n.Open, onClick{openLink{n.URL}}}}}})
	}
	c.add("", append(end, texts(d.Small(n, maxValue))...))
	m := message{CardsV2: []cardWithID{{"notice", c}}, Fallback: n.Plain(min(room, fallback))}
	if n.Thread != "" {
		m.Thread = &thread{n.Thread}
	}
	return m
}

func (c *card) add(heading string, widgets []widget) {
	if len(widgets) > 0 {
		c.Sections = append(c.Sections, section{heading, widgets})
	}
}

func fact(f notify.Fact) widget {
	return widget{Decorated: &decorated{chat.HTML.Escape(f.Name), chat.HTML.Short(f.Value, maxValue), true}}
}

func texts(marked string) []widget {
	if strings.TrimSpace(marked) == "" {
		return nil
	}
	return []widget{{Paragraph: &paragraph{marked}}}
}
