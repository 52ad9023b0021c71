package web

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
	"github.com/gofiber/fiber/v2"
)

// widgetNotices is how many notices the widget's frame holds: it shows one, and
// the next when that one was closed.
const widgetNotices = 5

// widgetView is the widget's frame on other people's pages.
type widgetView struct {
	frame
	Headline toned
	Notices  []widgetNotice // worst first
	Close    string
}

// widgetNotice is one open incident or one maintenance under way.
type widgetNotice struct {
	ID       string
	Address  string
	Name     string
	State    toned
	Progress string
	When     template.HTML // the next update, or how long
}

// widgetAnswer makes /embed/frame.
func (s *Site) widgetAnswer(sn *Snapshot, tag string) (*answer, error) {
	view := widgetView{frame: s.newFrame(sn, tag), Headline: headlineOf(sn.record, tag), Close: lang.Text(tag, "widget.close")}
	view.Title = lang.Text(tag, "page.title", view.Name)
	view.Style, view.Script = s.assets.FrameStyle, s.assets.FrameScript
	for _, i := range happening(sn.record) {
		view.Notices = append(view.Notices, s.notice(sn, view.frame, i))
	}
	var out bytes.Buffer
	if err := s.views.widget.ExecuteTemplate(&out, "frame", view); err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	return s.press.answer(fiber.StatusOK, out.Bytes(), frameHeaders()...)
}

func (s *Site) notice(sn *Snapshot, f frame, i status.Incident) widgetNotice {
	loc := sn.record.Page.Location()
	n := widgetNotice{
		ID: i.ID, Address: "/incidents/" + i.ID, Name: i.Name, State: noticeState(f.Tag, i), Progress: incidentState(f.Tag, i.Status),
		When: f.Timed("widget.since", short(f.Tag, i.StartedAt.In(loc), sn.localNow())),
	}
	_, until := statuspage.Window(i)
	switch next := sn.promise(i, f.Tag); {
	case next != nil && next.Overdue:
		n.When = f.Timed("incident.next_overdue", next.Due)
	case next != nil:
		n.When = f.Timed("incident.next_by", next.Due)
	case i.IsMaintenance() && until.After(sn.builtAt):
		n.When = f.Timed("widget.until", short(f.Tag, until.In(loc), sn.localNow()))
	}
	return n
}

// noticeState says in the headline's words how bad one incident is.
func noticeState(tag string, i status.Incident) toned {
	h := status.HeadlineOf(nil, []status.Incident{i})
	return toned{lang.Text(tag, "headline."+h.Key), string(h.Indicator)}
}

// happening lists what the widget has to show, worst first: open incidents, and
// maintenances that have begun.
func happening(r status.Record) []status.Incident {
	list := append(r.OpenIncidents(), r.Maintenances(status.MaintenanceInProgress, status.MaintenanceVerifying)...)
	slices.SortStableFunc(list, func(a, b status.Incident) int {
		return cmp.Or(cmp.Compare(badness(b), badness(a)), b.StartedAt.Compare(a.StartedAt))
	})
	return list[:min(len(list), widgetNotices)]
}

// badness orders what is happening: any trouble before planned work.
func badness(i status.Incident) int {
	if i.IsMaintenance() {
		return -1
	}
	return i.Impact.Level()
}

// embedAnswer makes /embed/script.js, which knows its page's name and, where
// the browser does not tell it, its address.
func (s *Site) embedAnswer(sn *Snapshot, tag string) (*answer, error) {
	title, err := json.Marshal(markup.StripXML(lang.Text(tag, "page.title", sn.record.Page.Name)))
	if err != nil {
		return nil, fmt.Errorf("encode the title: %w", err)
	}
	home, err := json.Marshal(sn.record.Page.URL)
	if err != nil {
		return nil, fmt.Errorf("encode the address: %w", err)
	}
	// Both at once: what the name holds is not looked through again.
	before, after, _ := bytes.Cut(s.assets.embed, []byte(`"{title}"`))
	between, after, _ := bytes.Cut(after, []byte(`"{home}"`))
	body := bytes.Join([][]byte{before, title, between, home, after}, nil)
	return s.press.answer(fiber.StatusOK, body, append(openHeaders(typeScript, cacheEmbed), anyOrigin)...)
}
