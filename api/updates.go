package api

import (
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/publish"
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
	id, err := pathUpdate(c)
	if err != nil {
		return err
	}
	body, err := readBody(c)
	if err != nil {
		return err
	}
	in := body.envelope("incident_update", `{"body": "Card payments work again."}`)
	ours := in.allclear()
	edit, reason := publish.Edit{Body: in.text("body")}, readReason(ours)
	edit.InternalNote, edit.CustomerAnswer = readOptional(ours, "internal_note"), readOptional(ours, "customer_answer")
	if err := body.bad.Err(); err != nil {
		return err
	}
	edited, err := a.publisher(reason).EditUpdate(c.UserContext(), actor(c), name, id, edit)
	if err != nil {
		return err
	}
	record, err := a.record(c)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, editedUpdate{statuspage.ManageUpdate(record, edited.Incident, edited.Update),
		updatePart{edited.Parts.InternalNote, edited.Parts.CustomerAnswer}})
}

// editedUpdate is one update as who may post sees it.
type editedUpdate struct {
	statuspage.ManagedUpdate
	Allclear updatePart `json:"allclear"`
}

// undoPush handles POST /incidents/:id/incident_updates/:update_id/undo: nobody
// is told of the update, which the page keeps.
func (a *api) undoPush(c *fiber.Ctx) error {
	name, err := pathIncident(c)
	if err != nil {
		return err
	}
	id, err := pathUpdate(c)
	if err != nil {
		return err
	}
	body, err := readBody(c)
	if err != nil {
		return err
	}
	reason := ""
	if in := body.object("undo", `an object such as {"reason": "the wrong incident"}`); in != nil {
		reason = in.words("reason")
	}
	if err := body.bad.Err(); err != nil {
		return err
	}
	done, err := a.publish.Undo(c.UserContext(), actor(c), name, id, reason)
	if err != nil {
		return err
	}
	return sendPublished(c, http.StatusOK, done)
}

// pathUpdate is the update's id in the request's path.
func pathUpdate(c *fiber.Ctx) (string, error) {
	id := strings.Clone(c.Params("update_id"))
	if !status.ValidID(id) {
		return "", status.ErrNotFound
	}
	return id, nil
}
