package api

import (
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// editUpdate handles PATCH /incidents/:id/incident_updates/:update_id. It changes
// words that are public already; nobody is told.
func (a *api) editUpdate(c *fiber.Ctx) error {
	name, err := pathIncident(c)
	if err != nil {
		return err
	}
	id := strings.Clone(c.Params("update_id"))
	if !status.ValidID(id) {
		return status.ErrNotFound
	}
	body, err := readBody(c)
	if err != nil {
		return err
	}
	in := body.envelope("incident_update", `{"body": "Card payments work again."}`)
	words, reason := in.words("body"), readReason(in.allclear())
	if err := body.bad.Err(); err != nil {
		return err
	}
	edited, err := a.publisher(reason).EditUpdate(c.UserContext(), actor(c), name, id, words)
	if err != nil {
		return err
	}
	record, err := a.record(c)
	if err != nil {
		return err
	}
	for _, u := range edited.Updates {
		if u.ID == id {
			return send(c, http.StatusOK, statuspage.ManageUpdate(record, edited, u))
		}
	}
	return status.ErrNotFound
}
