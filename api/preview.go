package api

import (
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/statuspage"
)

// preview is what a post would do, for who looks before posting.
type preview struct {
	Refused  bool             `json:"refused"` // the findings say why
	People   []previewPerson  `json:"people"`  // the register's, one by one
	NotTold  []notTold        `json:"not_told"`
	Messages []previewMessage `json:"messages"`
}

type previewPerson struct {
	Name     string  `json:"name"`
	Quadrant string  `json:"quadrant"`
	Channel  string  `json:"channel"`
	Action   string  `json:"action"`
	DueAt    *string `json:"due_at"`
	Rule     string  `json:"rule"`
	Cell     string  `json:"cell"`
	Reason   string  `json:"reason"`
}

// notTold is somebody whom nothing reaches.
type notTold struct {
	Who    string `json:"who"`
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
}

// previewMessage is a text as it would be read. A channel without a subject or
// without HTML has null there.
type previewMessage struct {
	Channel   string   `json:"channel"`
	Form      string   `json:"form"`
	Language  string   `json:"language"`
	Quadrants []string `json:"quadrants"`
	N         int64    `json:"n"`
	Subject   *string  `json:"subject"`
	Text      string   `json:"text"`
	HTML      *string  `json:"html"`
}

func showPreview(looked publish.Preview) *preview {
	shown := &preview{Refused: looked.Refused, People: []previewPerson{}, NotTold: []notTold{}, Messages: []previewMessage{}}
	for _, p := range looked.People {
		shown.People = append(shown.People, previewPerson{
			Name: p.Name, Quadrant: string(p.Quadrant), Channel: string(p.Channel), Action: string(p.Outcome.Action),
			DueAt: statuspage.OptionalTime(p.Outcome.DueAt, looked.Page.Location()),
			Rule:  string(p.Outcome.Rule), Cell: p.Outcome.Cell, Reason: p.Outcome.Reason,
		})
	}
	for _, n := range looked.NotTold {
		shown.NotTold = append(shown.NotTold, notTold{n.Who, string(n.Rule), n.Reason})
	}
	for _, m := range looked.Messages {
		one := previewMessage{Channel: string(m.Channel), Form: string(m.Form), Language: m.Language, Quadrants: []string{}, N: m.N,
			Subject: optional(m.Subject), Text: m.Text, HTML: optional(m.HTML)}
		for _, q := range m.Quadrants {
			one.Quadrants = append(one.Quadrants, string(q))
		}
		shown.Messages = append(shown.Messages, one)
	}
	return shown
}
