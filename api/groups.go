package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// listGroups handles GET /component-groups.
func (a *api) listGroups(c *fiber.Ctx) error {
	record, err := a.record(c)
	if err != nil {
		return err
	}
	all := make([]statuspage.Group, len(record.Groups))
	for i, g := range record.Groups {
		all[i] = statuspage.ManageGroup(record.Page, g, record.InGroup(g.ID))
	}
	list, err := cutList(c, all)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, list)
}

// getGroup handles GET /component-groups/:id.
func (a *api) getGroup(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	record, err := a.record(c)
	if err != nil {
		return err
	}
	for _, g := range record.Groups {
		if g.ID == id {
			return send(c, http.StatusOK, statuspage.ManageGroup(record.Page, g, record.InGroup(id)))
		}
	}
	return status.ErrNotFound
}

// addGroup handles POST /component-groups.
func (a *api) addGroup(c *fiber.Ctx) error {
	patch, err := readGroup(c)
	if err != nil {
		return err
	}
	g, err := a.publish.AddGroup(c.UserContext(), actor(c), patch)
	if err != nil {
		return err
	}
	return a.sendGroup(c, http.StatusCreated, g)
}

// changeGroup handles PATCH /component-groups/:id.
func (a *api) changeGroup(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	patch, err := readGroup(c)
	if err != nil {
		return err
	}
	g, err := a.publish.SaveGroup(c.UserContext(), actor(c), id, patch)
	if err != nil {
		return err
	}
	return a.sendGroup(c, http.StatusOK, g)
}

// deleteGroup handles DELETE /component-groups/:id; the answer is the group as
// it was.
func (a *api) deleteGroup(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	record, err := a.record(c)
	if err != nil {
		return err
	}
	g, err := a.publish.DeleteGroup(c.UserContext(), actor(c), id)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, statuspage.ManageGroup(record.Page, g, record.InGroup(id)))
}

func (a *api) sendGroup(c *fiber.Ctx, code int, g status.Group) error {
	record, err := a.record(c)
	if err != nil {
		return err
	}
	return send(c, code, statuspage.ManageGroup(record.Page, g, record.InGroup(g.ID)))
}

// readGroup reads a group. Statuspage's document has the description beside
// the object, its clients write it inside.
func readGroup(c *fiber.Ctx) (publish.GroupPatch, error) {
	body, err := readBody(c)
	if err != nil {
		return publish.GroupPatch{}, err
	}
	in := body.envelope("component_group", `{"name": "Payments", "components": ["ID"]}`)
	patch := publish.GroupPatch{Name: in.text("name"), Description: in.text("description")}
	if beside := body.text("description"); patch.Description == nil {
		patch.Description = beside
	}
	if ids := in.texts("components", "component ids"); ids != nil {
		patch.Components = &ids
	}
	return patch, body.bad.Err()
}
