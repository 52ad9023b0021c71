package api

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
	"github.com/allclear-status/allclear/store"
)

// listIncidents handles GET /incidents, newest first. The drafts are shown
// only to who may publish them.
func (a *api) listIncidents(c *fiber.Ctx) error {
	bad := &status.Invalid{}
	query := queryText(bad, c, "q")
	if err := bad.Err(); err != nil {
		return err
	}
	drafts, err := queryTruth(c, "drafts")
	if err != nil {
		return err
	}
	if drafts {
		if err := require(c, auth.ScopePost); err != nil {
			return err
		}
	}
	return a.sendIncidents(c, store.IncidentFilter{Query: query, Drafts: drafts})
}

// listStates handles the lists of incidents that are in one of some states.
func (a *api) listStates(states ...status.IncidentStatus) fiber.Handler {
	return func(c *fiber.Ctx) error { return a.sendIncidents(c, store.IncidentFilter{States: states}) }
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
	extras, err := a.readExtras(c, record.Page, incidents...)
	if err != nil {
		return err
	}
	list := make([]statuspage.ManagedIncident, len(incidents))
	for i, incident := range incidents {
		list[i] = statuspage.ManageIncident(record, incident, extras[incident.ID])
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
	if incident.Draft {
		if err := require(c, auth.ScopePost); err != nil {
			return err
		}
	}
	record, err := a.record(c)
	if err != nil {
		return err
	}
	extras, err := a.readExtras(c, record.Page, incident)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, statuspage.ManageIncident(record, incident, extras[incident.ID]))
}

// openIncident handles POST /incidents.
func (a *api) openIncident(c *fiber.Ctx) error {
	post, err := a.readPost(c)
	if err != nil {
		return err
	}
	if post.dryRun {
		return a.previewPost(c, "", post)
	}
	done, err := post.by.OpenIncident(c.UserContext(), actor(c), post.Post)
	if err != nil {
		return err
	}
	done.Warnings = append(done.Warnings, post.ignored...)
	return sendPublished(c, http.StatusCreated, done)
}

// postUpdate handles PATCH /incidents/:id.
func (a *api) postUpdate(c *fiber.Ctx) error {
	name, err := pathIncident(c)
	if err != nil {
		return err
	}
	post, err := a.readPost(c)
	if err != nil {
		return err
	}
	if post.dryRun {
		return a.previewPost(c, name, post)
	}
	done, err := post.by.PostUpdate(c.UserContext(), actor(c), name, post.Post)
	if err != nil {
		return err
	}
	done.Warnings = append(done.Warnings, post.ignored...)
	return sendPublished(c, http.StatusOK, done)
}

// previewPost answers a dry run: what the post would do.
func (a *api) previewPost(c *fiber.Ctx, incident string, post post) error {
	looked, err := post.by.PreviewPost(c.UserContext(), actor(c), incident, post.Post)
	if err != nil {
		return err
	}
	looked.Warnings = append(looked.Warnings, post.ignored...)
	return sendPreview(c, looked)
}

// deleteIncident handles DELETE /incidents/:id; the answer is the incident as
// it was, and who hears that it was withdrawn.
func (a *api) deleteIncident(c *fiber.Ctx) error {
	name, err := pathIncident(c)
	if err != nil {
		return err
	}
	done, err := a.publish.DeleteIncident(c.UserContext(), actor(c), name)
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
