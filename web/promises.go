package web

import (
	"encoding/json"
	"fmt"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/status"
	"github.com/gofiber/fiber/v2"
)

// Where the badge of promises changes its colour, in percent.
const (
	promisesGood = 90
	promisesFair = 75
)

// promiseState is how many of the promises to speak again were kept.
func promiseState(sn *Snapshot, tag string) toned {
	percent, ok := status.CountPromises(sn.record.Promises, sn.builtAt).KeptPercent()
	words := toned{lang.Text(tag, "badge.promises_share", percent), "major"}
	switch {
	case !ok:
		return toned{lang.Text(tag, "badge.promises_none"), "none"}
	case percent >= promisesGood:
		words.Tone = "ok"
	case percent >= promisesFair:
		words.Tone = "minor"
	}
	return words
}

// promiseBadge makes /badge/promises.svg.
func (s *Site) promiseBadge(sn *Snapshot, tag string) (*answer, error) {
	choice := badgeChoice{Label: lang.Text(tag, "badge.promises")}
	return uncompressed(fiber.StatusOK, badgeSVG(choice, promiseState(sn, tag)), openHeaders(typeSVG, cacheShort)...), nil
}

// promiseShield makes /badge/promises.json.
func (s *Site) promiseShield(sn *Snapshot, tag string) (*answer, error) {
	state := promiseState(sn, tag)
	body, err := json.Marshal(shield{SchemaVersion: 1, Label: lang.Text(tag, "badge.promises"), Message: state.Word, Color: shieldColour(state.Tone), CacheSeconds: 60})
	if err != nil {
		return nil, fmt.Errorf("encode the badge: %w", err)
	}
	return uncompressed(fiber.StatusOK, body, openHeaders(typeJSON, cacheShort)...), nil
}
