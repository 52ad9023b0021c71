package web

import (
	"strings"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/gofiber/fiber/v2"
)

// pastDays is how many days of past incidents the page lists, today included.
const pastDays = 14

// pageView is the status page.
type pageView struct {
	frame
	Headline toned
	Note     string // how many components are affected; may be empty
	Open     []incidentCard
	Planned  []incidentCard // maintenances that have not begun
	Groups   []groupView
	Days     []dayView
	Grades   []gradeView    // none: the page does not say
	Form     *subscribeForm // nil: nobody can subscribe by email
	Base     string         // the page's address, for those who copy one
}

// groupView is a group and its components; without a name, those in no group.
type groupView struct {
	Name       string
	State      toned
	Components []componentView
}

type componentView struct {
	Name        string
	Description string
	State       toned
}

// gradeView says what an impact means.
type gradeView struct {
	Name   string // empty where it is the impact's own
	Impact toned
	Means  string
}

// dayView is one day of the past.
type dayView struct {
	Title     moment
	Incidents []incidentCard
}

// pageAnswer makes the status page.
func (s *Site) pageAnswer(sn *Snapshot, tag string) (*answer, error) {
	body, err := render(s.views.page, s.newPageView(sn, tag))
	if err != nil {
		return nil, err
	}
	return s.press.answer(fiber.StatusOK, body, pageHeaders(cachePage)...)
}

func (s *Site) newPageView(sn *Snapshot, tag string) pageView {
	r, now := sn.record, sn.localNow()
	headline := headlineOf(r, tag)
	view := pageView{
		frame: s.newFrame(sn, tag), Headline: headline, Note: affectedNote(r, tag),
		Groups: groupViews(r, tag), Days: dayViews(sn, tag), Base: r.Page.URL,
	}
	if s.options.Subscriptions != nil && s.options.Subscribing {
		view.Form = &subscribeForm{formView: newFormView(sn, tag, publish.Wishes{}, nil)}
		view.FormScript = s.assets.FormScript
	}
	view.Title = lang.Text(tag, "page.title", r.Page.Name)
	view.Description = lang.Text(tag, "page.description", r.Page.Name, headline.Word)
	view.Canonical, view.Script, view.Tone = r.Page.URL+"/", s.assets.Script, headline.Tone
	view.Changed = short(tag, r.Page.UpdatedAt.In(now.Location()), now)
	for _, g := range r.Grades {
		one := gradeView{Name: g.Name, Impact: impactState(tag, g.Impact), Means: g.Means}
		if strings.EqualFold(g.Name, string(g.Impact)) {
			one.Name = ""
		}
		view.Grades = append(view.Grades, one)
	}
	for _, i := range openNow(r) {
		if i.Status == status.MaintenanceScheduled {
			view.Planned = append(view.Planned, sn.card(i, tag))
		} else {
			view.Open = append(view.Open, sn.card(i, tag))
		}
	}
	return view
}

// localNow is the time the snapshot was made at, in the page's zone.
func (s *Snapshot) localNow() time.Time { return s.builtAt.In(s.record.Page.Location()) }

// openNow lists what is not over, maintenances included.
func openNow(r status.Record) []status.Incident {
	open := []status.Incident{}
	for _, i := range r.Incidents {
		if i.Open() {
			open = append(open, i)
		}
	}
	return open
}

func headlineOf(r status.Record, tag string) toned {
	h := status.HeadlineOf(r.Components, openNow(r))
	tone := string(h.Indicator)
	if h.Indicator == status.IndicatorNone {
		tone = "ok"
	}
	return toned{lang.Text(tag, "headline."+h.Key), tone}
}

// affectedNote counts the components that are not operational.
func affectedNote(r status.Record, tag string) string {
	affected := 0
	for _, c := range r.Components {
		if c.Status != status.Operational {
			affected++
		}
	}
	if affected == 0 {
		return ""
	}
	return lang.Text(tag, "headline.affected", affected, len(r.Components))
}

// groupViews lists the groups by position, and where they stand among them the
// components in no group, gathered.
func groupViews(r status.Record, tag string) []groupView {
	list := []groupView{}
	for _, g := range r.Groups {
		members := r.InGroup(g.ID)
		if view := newGroupView(g.Name, members, tag); len(view.Components) > 0 {
			list = append(list, view)
		}
	}
	if loose := newGroupView("", r.InGroup(""), tag); len(loose.Components) > 0 {
		if len(list) > 0 {
			loose.Name = lang.Text(tag, "page.others")
		}
		list = append(list, loose)
	}
	return list
}

// newGroupView leaves out what is shown only while it is degraded.
func newGroupView(name string, members []status.Component, tag string) groupView {
	view := groupView{Name: name, State: componentState(tag, status.WorstStatus(members))}
	for _, c := range members {
		if c.OnlyShowIfDegraded && c.Status == status.Operational {
			continue
		}
		view.Components = append(view.Components, componentView{c.Name, c.Description, componentState(tag, c.Status)})
	}
	return view
}

// dayViews lists the last days, newest first, each with the incidents that
// began in it.
func dayViews(sn *Snapshot, tag string) []dayView {
	now, days := sn.localNow(), []dayView{}
	for back := range pastDays {
		day := time.Date(now.Year(), now.Month(), now.Day()-back, 0, 0, 0, 0, now.Location())
		next := time.Date(now.Year(), now.Month(), now.Day()-back+1, 0, 0, 0, 0, now.Location())
		view := dayView{Title: moment{day.Format(time.DateOnly), lang.Day(tag, day)}}
		for _, i := range began(sn.record.Incidents, day, next) {
			view.Incidents = append(view.Incidents, sn.card(i, tag))
		}
		days = append(days, view)
	}
	return days
}
