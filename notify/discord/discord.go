// Package discord sends notices to Discord's webhooks, as embeds.
package discord

import (
	"net/url"
	"time"

	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/chat"
)

// Discord's limits, in characters.
const (
	maxTitle  = 256
	maxText   = 4096 // of one embed
	maxTotal  = 6000 // of all embeds of a message
	maxName   = 256  // of a field
	maxValue  = 1024
	maxFields = 25
)

// New is a channel to Discord.
func New(cfg chat.Config) *chat.Channel { return chat.New(service, cfg) }

var service = chat.Service{Render: render, Room: maxText, Target: target}

// target asks Discord to answer when it has the message, not before.
func target(address url.URL) *url.URL {
	query := address.Query()
	query.Set("wait", "true")
	address.RawQuery = query.Encode()
	return &address
}

type message struct {
	Embeds []embed `json:"embeds"`
	// AllowedMentions is empty: no text can call anybody.
	AllowedMentions mentions `json:"allowed_mentions"`
}

type mentions struct {
	Parse []string `json:"parse"`
}

type embed struct {
	Title       string  `json:"title,omitempty"`
	URL         string  `json:"url,omitempty"`
	Description string  `json:"description,omitempty"`
	Color       int     `json:"color"`
	Fields      []field `json:"fields,omitempty"`
	Footer      *footer `json:"footer,omitempty"`
	Timestamp   string  `json:"timestamp,omitempty"`
}

type field struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Inline bool   `json:"inline"`
}

type footer struct {
	Text string `json:"text"`
}

// maxInline is how long a value may be that stands beside others.
const maxInline = 40

// render puts the facts before the words, as people read: an embed of Discord
// has its fields below.
func render(n chat.Notice, room int) any {
	d := chat.Markdown
	e := embed{Title: d.Short(markup.Excerpt(n.Headline, maxTitle), maxTitle), URL: n.URL, Color: n.Tone.Colour()}
	add := func(f notify.Fact) {
		value := d.Short(f.Value, maxValue)
		if name := d.Short(f.Name, maxName); name != "" && value != "" && len(e.Fields) < maxFields {
			e.Fields = append(e.Fields, field{name, value, chat.Size(value) <= maxInline})
		}
	}
	for _, f := range n.Facts {
		add(f)
	}
	if n.Do != nil {
		add(*n.Do)
	}
	foot := ""
	if n.Page != "" {
		foot = n.Page
		e.Footer = &footer{foot}
	}
	if !n.PostedAt.IsZero() {
		e.Timestamp = n.PostedAt.UTC().Format(time.RFC3339)
	}
	last := ""
	if n.Next != "" {
		last = d.Strong(chat.Excerpt(n.Next, maxValue))
	}
	if n.URL != "" && len(n.Entries) == 0 {
		last = chat.Join(last, d.To(n.URL, n.Open))
	}
	last = chat.Join(last, d.Small(n, maxValue))
	room = min(room, maxTotal-e.size()-chat.Size(last)-2)
	var part *embed
	if n.Part != nil {
		part = &embed{Title: d.Short(n.Part.Heading, maxTitle), Color: n.Tone.Colour()}
		room = (room - chat.Size(part.Title)) / 2
		part.Description = d.Text(n.Part.Body, room, d.Escape(n.PartCutWords()))
	}
	room = min(room, maxText-chat.Size(last)-2)
	switch {
	case len(n.Entries) > 0:
		e.Description = chat.Join(d.Digest(n, room), last)
	case n.Words != "" || n.Lead != "":
		e.Description = chat.Join(d.Letter(n, room), last)
	default:
		e.Description = chat.Join(d.Text(n.Body, room, d.To(n.URL, n.CutWords())), last)
	}
	m := message{Embeds: []embed{e}, AllowedMentions: mentions{[]string{}}}
	if part != nil {
		m.Embeds = append(m.Embeds, *part)
	}
	return m
}

// size is what counts towards the limit of all.
func (e embed) size() int {
	n := chat.Size(e.Title) + chat.Size(e.Description)
	for _, f := range e.Fields {
		n += chat.Size(f.Name) + chat.Size(f.Value)
	}
	if e.Footer != nil {
		n += chat.Size(e.Footer.Text)
	}
	return n
}
