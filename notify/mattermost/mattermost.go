// Package mattermost sends notices to the incoming webhooks of Mattermost, as
// message attachments.
package mattermost

import (
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/chat"
)

// maxText is how many characters a post of Mattermost holds.
const maxText = 16383

const (
	maxValue = 1000
	fallback = 1500
	// room leaves place for what stands around the text.
	room = maxText - 5000
)

// New is a channel to Mattermost.
func New(cfg chat.Config) *chat.Channel { return chat.New(service, cfg) }

var service = chat.Service{Render: render, Room: room, Most: 64 << 10}

type message struct {
	Attachments []attachment `json:"attachments"`
}

type attachment struct {
	Fallback  string  `json:"fallback"`
	Color     string  `json:"color"`
	Title     string  `json:"title"`
	TitleLink string  `json:"title_link,omitempty"`
	Text      string  `json:"text,omitempty"`
	Fields    []field `json:"fields,omitempty"`
	Footer    string  `json:"footer,omitempty"`
}

type field struct {
	Short bool   `json:"short"`
	Title string `json:"title"`
	Value string `json:"value"`
}

// maxShort is how long a value may be that stands beside others.
const maxShort = 40

func render(n chat.Notice, room int) any {
	d := chat.Markdown
	a := attachment{Fallback: n.Plain(fallback), Color: n.Tone.Hex(), Title: chat.Calm(chat.Excerpt(n.Headline, chat.MaxTitle)), TitleLink: n.URL, Footer: chat.Calm(n.Page)}
	add := func(f notify.Fact) {
		value := d.Short(f.Value, maxValue)
		a.Fields = append(a.Fields, field{chat.Size(value) <= maxShort, d.Escape(f.Name), value})
	}
	for _, f := range n.Facts {
		add(f)
	}
	if n.Do != nil {
		add(*n.Do)
	}
	if n.Part != nil {
		room = room * 2 / 3
	}
	switch {
	case len(n.Entries) > 0:
		a.Text = d.Digest(n, room)
	case n.Words != "" || n.Lead != "":
		a.Text = d.Letter(n, room)
	default:
		a.Text = d.Text(n.Body, room, d.To(n.URL, n.CutWords()))
	}
	if n.Next != "" {
		a.Text = chat.Join(a.Text, d.Strong(n.Next))
	}
	if n.URL != "" && len(n.Entries) == 0 {
		a.Text = chat.Join(a.Text, d.To(n.URL, n.Open))
	}
	a.Text = chat.Join(a.Text, d.Small(n, maxValue))
	m := message{[]attachment{a}}
	if n.Part != nil {
		m.Attachments = append(m.Attachments, attachment{Fallback: chat.Calm(n.Part.Heading), Color: n.Tone.Hex(), Title: chat.Calm(n.Part.Heading),
			Text: d.Text(n.Part.Body, room/2, d.Escape(n.PartCutWords()))})
	}
	return m
}
