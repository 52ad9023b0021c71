package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// listComponents handles GET /components: groups are rows among them.
func (a *api) listComponents(c *fiber.Ctx) error {
	record, err := a.record(c)
	if err != nil {
		return err
	}
	list, err := cutList(c, statuspage.ManageComponents(record))
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, list)
}

// record is the page with its components and groups, without its incidents.
func (a *api) record(c *fiber.Ctx) (record status.Record, err error) {
	record.Page = page(c)
	if record.Groups, err = a.store.Groups(c.UserContext()); err != nil {
		return record, err
	}
	record.Components, err = a.store.Components(c.UserContext())
	return record, err
}

// getComponent handles GET /components/:id.
func (a *api) getComponent(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	component, err := a.store.Component(c.UserContext(), id)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, statuspage.ManageComponent(page(c), component))
}

// addComponent handles POST /components.
func (a *api) addComponent(c *fiber.Ctx) error {
	patch, err := readComponent(c)
	if err != nil {
		return err
	}
	component, err := a.publish.AddComponent(c.UserContext(), actor(c), patch)
	if err != nil {
		return err
	}
	return send(c, http.StatusCreated, statuspage.ManageComponent(page(c), component))
}

// changeComponent handles PATCH /components/:id.
func (a *api) changeComponent(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	patch, err := readComponent(c)
	if err != nil {
		return err
	}
	if !patch.OnlyStatus() {
		if err := require(c, auth.ScopeManage); err != nil {
			return err
		}
	}
	component, err := a.publish.SaveComponent(c.UserContext(), actor(c), id, patch)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, statuspage.ManageComponent(page(c), component))
}

// deleteComponent handles DELETE /components/:id.
func (a *api) deleteComponent(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if _, err := a.publish.DeleteComponent(c.UserContext(), actor(c), id); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}

func readComponent(c *fiber.Ctx) (publish.ComponentPatch, error) {
	body, err := readBody(c)
	if err != nil {
		return publish.ComponentPatch{}, err
	}
	in := body.envelope("component", `{"name": "Card payments"}`)
	patch := publish.ComponentPatch{
		Name: in.text("name"), Description: in.text("description"), GroupID: in.text("group_id"), Position: in.number("position"),
		Showcase: in.truth("showcase"), OnlyShowIfDegraded: in.truth("only_show_if_degraded"), StartDate: in.text("start_date"),
		NotCore: in.allclear().truth("not_core"),
	}
	if in.isNull("group_id") || patch.GroupID != nil && *patch.GroupID == "null" {
		patch.GroupID = new(string)
	}
	if state := in.words("status"); state != "" {
		patch.Status = (*status.ComponentStatus)(&state)
	}
	return patch, body.bad.Err()
}
