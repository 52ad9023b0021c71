package api

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
	"github.com/allclear-status/allclear/store"
)

// listIncidents handles GET /incidents, newest first.
func (a *api) listIncidents(c *fiber.Ctx) error {
	bad := &status.Invalid{}
	query := queryText(bad, c, "q")
	if err := bad.Err(); err != nil {
		return err
	}
	return a.sendIncidents(c, store.IncidentFilter{Query: query})
}

// listUnresolved handles GET /incidents/unresolved.
func (a *api) listUnresolved(c *fiber.Ctx) error {
	return a.sendIncidents(c, store.IncidentFilter{OpenOnly: true})
}

func (a *api) sendIncidents(c *fiber.Ctx, filter store.IncidentFilter) error {
	w, err := readWindow(c, 1)
	if err != nil {
		return err
	}
	filter.Limit, filter.Offset = w.limit, w.offset
	incidents, err := a.store.Incidents(c.UserContext(), filter)
	if err != nil {
		return err
	}
	record, err := a.record(c)
	if err != nil {
		return err
	}
	list := make([]statuspage.ManagedIncident, len(incidents))
	for i, incident := range incidents {
		list[i] = statuspage.ManageIncident(record, incident, readExtra(record.Page, incident))
	}
	return send(c, http.StatusOK, list)
}

// getIncident handles GET /incidents/:id.
func (a *api) getIncident(c *fiber.Ctx) error {
	name, err := pathIncident(c)
	if err != nil {
		return err
	}
	incident, err := a.store.FindIncident(c.UserContext(), name)
	if err != nil {
		return err
	}
	record, err := a.record(c)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, statuspage.ManageIncident(record, incident, readExtra(record.Page, incident)))
}

// openIncident handles POST /incidents.
func (a *api) openIncident(c *fiber.Ctx) error {
	post, err := readPost(c)
	if err != nil {
		return err
	}
	done, err := a.publish.OpenIncident(c.UserContext(), actor(c), post)
	if err != nil {
		return err
	}
	return sendPublished(c, http.StatusCreated, done)
}

// postUpdate handles PATCH /incidents/:id.
func (a *api) postUpdate(c *fiber.Ctx) error {
	name, err := pathIncident(c)
	if err != nil {
		return err
	}
	post, err := readPost(c)
	if err != nil {
		return err
	}
	done, err := a.publish.PostUpdate(c.UserContext(), actor(c), name, post)
	if err != nil {
		return err
	}
	return sendPublished(c, http.StatusOK, done)
}

var incidentReference = regexp.MustCompile(`^(?i:inc)-[1-9][0-9]{0,17}$`)

// namesIncident says whether a text has the shape of an incident's id or of
// its number.
func namesIncident(name string) bool {
	return status.ValidID(name) || incidentReference.MatchString(name)
}

// pathIncident is the incident's id or number in the request's path.
func pathIncident(c *fiber.Ctx) (string, error) {
	name := strings.Clone(c.Params("id"))
	if !namesIncident(name) {
		return "", status.ErrNotFound
	}
	return name, nil
}
