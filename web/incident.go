package web

import (
	"context"
	"errors"
	"html/template"
	"strings"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
	"github.com/gofiber/fiber/v2"
)

// incidentCard is an incident as the status page lists it.
type incidentCard struct {
	Address   string
	Reference string
	Name      string
	Open      bool
	State     string
	Impact    toned
	Affected  []componentView
	Started   moment
	Ended     *moment // nil: not over
	Next      *promiseView
	Latest    *updateView // nil: nothing was said yet
	Updates   int
}

// promiseView is the time by which we promised to speak again.
type promiseView struct {
	Due     moment
	Overdue bool
}

// updateView is one dated message.
type updateView struct {
	ID      string
	State   string
	At      moment
	Body    template.HTML
	Changes []componentView // the state that each component was given
}

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

// card is an incident as the page lists it.
func (s *Snapshot) card(i status.Incident, tag string) incidentCard {
	loc, now := s.record.Page.Location(), s.localNow()
	c := incidentCard{
		Address: "/incidents/" + i.ID, Reference: i.Reference(), Name: i.Name, Open: i.Open(),
		State: incidentState(tag, i.Status), Impact: impactOf(tag, i), Affected: affectedViews(s.record, i, tag),
		Started: short(tag, i.StartedAt.In(loc), now), Updates: len(i.Updates), Next: s.promise(i, tag),
	}
	if !i.ResolvedAt.IsZero() {
		ended := short(tag, i.ResolvedAt.In(loc), i.StartedAt.In(loc))
		c.Ended, c.Started = &ended, clock(tag, i.StartedAt.In(loc))
	}
	if latest, ok := i.Latest(); ok {
		view := s.update(latest, tag)
		c.Latest = &view
	}
	return c
}

// promise is nil when nothing is promised.
func (s *Snapshot) promise(i status.Incident, tag string) *promiseView {
	if i.NextUpdateDueAt.IsZero() || !i.Open() {
		return nil
	}
	due := i.NextUpdateDueAt.In(s.record.Page.Location())
	return &promiseView{Due: short(tag, due, s.localNow()), Overdue: !due.After(s.builtAt)}
}

func (s *Snapshot) update(u status.Update, tag string) updateView {
	view := updateView{
		ID: u.ID, State: incidentState(tag, u.Status), Body: markup.HTML(u.Body),
		At: short(tag, u.DisplayAt.In(s.record.Page.Location()), s.localNow()),
	}
	for _, c := range u.Changes {
		view.Changes = append(view.Changes, componentView{Name: statuspage.ChangedName(s.record, c), State: componentState(tag, c.New)})
	}
	return view
}

// affectedViews lists what an incident touches, in its present state.
func affectedViews(r status.Record, i status.Incident, tag string) []componentView {
	list := []componentView{}
	for _, id := range i.ComponentIDs() {
		if c, ok := r.Component(id); ok {
			list = append(list, componentView{Name: statuspage.FullName(r, c), State: componentState(tag, c.Status)})
		}
	}
	return list
}

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
	return s.press.answer(fiber.StatusOK, body, pageHeaders(cacheShort)...)
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

// tailReads is how many old incidents are read at once, and tailTimeout how
// long a visitor waits for one: a crowd on old pages must not take the
// database from those who post.
const (
	tailReads   = 4
	tailTimeout = 3 * time.Second
)

// findIncident takes an incident from the record, or from the database when it
// is too old to be in it.
func (s *Site) findIncident(sn *Snapshot, id string) (status.Incident, error) {
	if i, ok := sn.record.Incident(id); ok {
		return i, nil
	}
	if s.options.LoadIncident == nil {
		return status.Incident{}, status.ErrNotFound
	}
	ctx, cancel := context.WithTimeout(context.Background(), tailTimeout)
	defer cancel()
	select {
	case s.tail <- struct{}{}:
		defer func() { <-s.tail }()
	case <-ctx.Done():
		return status.Incident{}, errAway
	}
	i, err := s.options.LoadIncident(ctx, id)
	if err != nil && !errors.Is(err, status.ErrNotFound) {
		s.options.Log.Error("an old incident could not be read", "incident_id", id, "error", err)
		return status.Incident{}, errAway
	}
	return i, err
}
