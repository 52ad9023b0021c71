package chat

import (
	"fmt"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/status"
)

// Tone is how bad the news is; the worse, the greater.
type Tone int

// The tones.
const (
	Plain Tone = iota // a letter, or impact none
	Over
	Planned
	Minor
	Major
	Critical
)

// colours are those of the page and the badge.
var colours = [...]int{Plain: 0x95a5a6, Over: 0x2ecc71, Planned: 0x3498db, Minor: 0xf1c40f, Major: 0xe67e22, Critical: 0xe74c3c}

// Colour is the tone as a number 0xRRGGBB.
func (t Tone) Colour() int { return colours[t] }

// Hex is the tone as #rrggbb.
func (t Tone) Hex() string { return fmt.Sprintf("#%06x", colours[t]) }

func toneOf(c notify.Content) Tone {
	switch {
	case c.Status.Over():
		return Over
	case c.Status.ForMaintenance():
		return Planned
	case c.Impact == status.ImpactCritical:
		return Critical
	case c.Impact == status.ImpactMajor:
		return Major
	case c.Impact == status.ImpactMinor:
		return Minor
	default:
		return Plain
	}
}
