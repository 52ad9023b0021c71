package web

import (
	"strings"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
	"github.com/gofiber/fiber/v2"
)

// incidentView is an incident's own page.
type incidentView struct {
	frame
	Card    incidentCard
	Updates []updateView // newest first
	Steps   []stepView
}

// stepView is one of the states on the way to the end.
type stepView struct {
	Word    string
	Done    bool
	Current bool
}

// newIncidentView is the story of one incident, newest update first.
func (s *Site) newIncidentView(sn *Snapshot, tag string, i status.Incident) incidentView {
	loc := sn.record.Page.Location()
	view := incidentView{frame: s.newFrame(sn, tag), Card: sn.card(i, tag), Steps: steps(i.Status, tag)}
	view.Card.Started = whole(tag, i.StartedAt.In(loc))
	if view.Card.Ended != nil {
		ended := whole(tag, i.ResolvedAt.In(loc))
		view.Card.Ended = &ended
	}
	for n := len(i.Updates) - 1; n >= 0; n-- {
		u := sn.update(i.Updates[n], tag)
		u.At = whole(tag, i.Updates[n].DisplayAt.In(loc))
		view.Updates = append(view.Updates, u)
	}
	view.Title = lang.Text(tag, "incident.title", i.Reference(), i.Name)
	view.Description = lang.Text(tag, "incident.description", i.Name, view.Card.State, view.Card.Impact.Word)
	view.Canonical, view.Script, view.Tone = statuspage.IncidentURL(sn.record.Page, i.ID), s.assets.Script, view.Card.Impact.Tone
	if !i.Open() {
		view.Tone = "ok"
	}
	return view
}

func steps(at status.IncidentStatus, tag string) []stepView {
	all := status.IncidentStatuses()
	if at.ForMaintenance() {
		all = []status.IncidentStatus{status.MaintenanceScheduled, status.MaintenanceInProgress, status.MaintenanceVerifying, status.MaintenanceCompleted}
	}
	list := make([]stepView, len(all))
	for n, state := range all {
		list[n] = stepView{incidentState(tag, state), n < at.Step(), n == at.Step()}
	}
	return list
}

// incidentAnswer makes an incident's page.
func (s *Site) incidentAnswer(sn *Snapshot, tag string, i status.Incident) (*answer, error) {
	body, err := render(s.views.incident, s.newIncidentView(sn, tag, i))
	if err != nil {
		return nil, err
	}
	return s.press.answer(fiber.StatusOK, body, pageHeaders(cachePage)...)
}

// incident serves an incident's page, or its JSON under ".json".
func (s *Site) incident(c *fiber.Ctx) error {
	sn := s.current.Load()
	if sn == nil {
		return errStarting
	}
	path := c.Path()
	if hot := sn.answer(path); hot != nil {
		hot.write(c.Context())
		return nil
	}
	id, isJSON := strings.CutSuffix(c.Params("id"), ".json")
	if !status.ValidID(id) {
		return fiber.ErrNotFound
	}
	answer, err := sn.incidents.get(path, func() (*answer, error) {
		i, err := s.findIncident(sn, id)
		if err != nil {
			return nil, err
		}
		if isJSON {
			return s.jsonAnswer(statuspage.IncidentJSON(sn.record, i))
		}
		return s.incidentAnswer(sn, sn.language, i)
	})
	if err != nil {
		return err
	}
	answer.write(c.Context())
	return nil
}
