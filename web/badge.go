package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"unicode/utf8"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/status"
	"github.com/gofiber/fiber/v2"
)

// badgeChoice is what a visitor may choose about the badge.
type badgeChoice struct {
	Component string // or a group, by id; empty: the whole page
	Label     string // empty: the component's name, or "status" in the page's language
	Flat      bool   // flat-square: no round corners, no shine
}

// maxBadgeLabel bounds the label, so that the number of bytes kept is bounded.
const maxBadgeLabel = 40

// badge serves the badge. The plain one is a hot answer; others are kept in a
// bounded number.
func (s *Site) badge(c *fiber.Ctx) error {
	sn := s.current.Load()
	if sn == nil {
		return errStarting
	}
	query := c.Context().QueryArgs()
	choice := badgeChoice{
		Component: string(query.Peek("component")),
		Label:     cleanLabel(string(query.Peek("label"))),
		Flat:      string(query.Peek("style")) == "flat-square",
	}
	if choice == (badgeChoice{}) {
		sn.answer("/badge.svg").write(c.Context())
		return nil
	}
	if _, _, known := stateOf(sn.record, choice.Component, sn.language); !known {
		// Where an image is expected, a page would be a broken one.
		badgeAnswer(sn, sn.language, choice).write(c.Context())
		return nil
	}
	answer, err := sn.badges.get(fmt.Sprint(choice.Flat, choice.Component, "/", choice.Label), func() (*answer, error) {
		return badgeAnswer(sn, sn.language, choice), nil
	})
	if err != nil {
		return err
	}
	answer.write(c.Context())
	return nil
}

// badgeShield serves /badge.json, from which shields.io draws a badge.
func (s *Site) badgeShield(c *fiber.Ctx) error {
	sn := s.current.Load()
	if sn == nil {
		return errStarting
	}
	component := string(c.Context().QueryArgs().Peek("component"))
	if component == "" {
		sn.answer("/badge.json").write(c.Context())
		return nil
	}
	answer, err := s.badgeJSON(sn, sn.language, component)
	if err != nil {
		return err
	}
	answer.write(c.Context())
	return nil
}

// stateOf is the name and the state of a component or a group, or those of the
// whole page; false when there is no such component.
func stateOf(r status.Record, component, tag string) (name string, state toned, known bool) {
	if component == "" {
		return lang.Text(tag, "badge.label"), headlineOf(r, tag), true
	}
	if c, ok := r.Component(component); ok {
		return cleanLabel(c.Name), componentState(tag, c.Status), true
	}
	for _, g := range r.Groups {
		if g.ID == component {
			return cleanLabel(g.Name), componentState(tag, status.WorstStatus(r.InGroup(g.ID))), true
		}
	}
	return lang.Text(tag, "badge.label"), toned{lang.Text(tag, "badge.unknown"), "none"}, false
}

// shield is what shields.io reads.
type shield struct {
	SchemaVersion int    `json:"schemaVersion"`
	Label         string `json:"label"`
	Message       string `json:"message"`
	Color         string `json:"color"`
	IsError       bool   `json:"isError,omitempty"`
	CacheSeconds  int    `json:"cacheSeconds"`
}

// badgeJSON makes /badge.json. An unknown component is told in the badge:
// shields.io would hide a 404 behind words of its own.
func (s *Site) badgeJSON(sn *Snapshot, tag, component string) (*answer, error) {
	name, state, known := stateOf(sn.record, component, tag)
	body, err := json.Marshal(shield{
		SchemaVersion: 1, Label: name, Message: state.Word, Color: shieldColour(state.Tone), IsError: !known, CacheSeconds: 60,
	})
	if err != nil {
		return nil, fmt.Errorf("encode the badge: %w", err)
	}
	return uncompressed(fiber.StatusOK, body, openHeaders(typeJSON, cacheShort)...), nil
}

// shieldColour is shields.io's word for a tone.
func shieldColour(tone string) string {
	colours := map[string]string{"ok": "brightgreen", "minor": "yellow", "major": "orange", "critical": "red", "maintenance": "blue"}
	return cmp.Or(colours[tone], "lightgrey")
}

// cleanLabel makes a visitor's label fit for one line of an image.
func cleanLabel(label string) string {
	label = strings.Join(strings.Fields(markup.StripXML(label)), " ")
	if utf8.RuneCountInString(label) > maxBadgeLabel {
		label = string([]rune(label)[:maxBadgeLabel-1]) + "…"
	}
	return label
}

func badgeAnswer(sn *Snapshot, tag string, choice badgeChoice) *answer {
	name, state, known := stateOf(sn.record, choice.Component, tag)
	code := fiber.StatusOK
	if !known {
		code = fiber.StatusNotFound
	}
	choice.Label = cmp.Or(choice.Label, name)
	return uncompressed(code, badgeSVG(choice, state), openHeaders(typeSVG, cacheShort)...)
}

// badgeColour is dark enough for white letters in every state.
func badgeColour(tone string) string {
	switch tone {
	case "ok":
		return "#1a7f4b"
	case "minor":
		return "#8f6400"
	case "major":
		return "#b8500a"
	case "critical":
		return "#c02b37"
	case "maintenance":
		return "#2568b8"
	default:
		return "#5a5a5a"
	}
}

// badgeSVG draws the badge: two words side by side, each in its box. Both are
// told to programs that read aloud as one sentence.
func badgeSVG(choice badgeChoice, state toned) []byte {
	left, right := textWidth(choice.Label)+12, textWidth(state.Word)+12
	label, word := html.EscapeString(choice.Label), html.EscapeString(state.Word)
	radius, shine := 3, `<linearGradient id="s" x2="0" y2="100%"><stop offset="0" stop-color="#fff" stop-opacity=".12"/><stop offset="1" stop-opacity=".1"/></linearGradient>`
	gloss := fmt.Sprintf(`<path fill="url(#s)" d="M0 0h%dv20H0z"/>`, left+right)
	if choice.Flat {
		radius, shine, gloss = 0, "", ""
	}
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="20" role="img" aria-label="%[2]s: %[3]s">`+
		`<title>%[2]s: %[3]s</title>%[4]s<clipPath id="r"><rect width="%[1]d" height="20" rx="%[5]d"/></clipPath>`+
		`<g clip-path="url(#r)"><path fill="#444c56" d="M0 0h%[6]dv20H0z"/><path fill="%[7]s" d="M%[6]d 0h%[8]dv20H%[6]dz"/>%[9]s</g>`+
		`<g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">`+
		`<text x="%[10]d" y="14" textLength="%[11]d" lengthAdjust="spacingAndGlyphs">%[2]s</text>`+
		`<text x="%[12]d" y="14" textLength="%[13]d" lengthAdjust="spacingAndGlyphs">%[3]s</text></g></svg>`,
		left+right, label, word, shine, radius, left, badgeColour(state.Tone), right, gloss,
		left/2, left-12, left+right/2, right-12)
}

// textWidth is about how wide a text is in 11 px Verdana; the drawing fits the
// letters to it.
func textWidth(s string) int {
	tenths := 0
	for _, r := range s {
		switch {
		case strings.ContainsRune("iljI.,:;'|!", r):
			tenths += 38
		case strings.ContainsRune("frt()-/ ", r):
			tenths += 45
		case strings.ContainsRune("mwMW%@", r):
			tenths += 104
		case r >= 'A' && r <= 'Z':
			tenths += 76
		case r > 0x2e80: // scripts of wide letters
			tenths += 110
		default:
			tenths += 66
		}
	}
	return (tenths + 9) / 10
}
