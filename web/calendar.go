package web

import (
	"github.com/allclear-status/allclear/internal/calendar"
	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
	"github.com/gofiber/fiber/v2"
)

// calendarAnswer makes /calendar.ics: the maintenances of the record, for
// calendars that people subscribe to. One called off stays in it as cancelled,
// or it would stay in theirs.
func (s *Site) calendarAnswer(sn *Snapshot, tag string) (*answer, error) {
	r := sn.record
	document := calendar.Calendar{Name: lang.Text(tag, "page.title", r.Page.Name)}
	host := feed{page: r.Page}.host()
	for _, i := range r.Maintenances(status.MaintenanceScheduled, status.MaintenanceInProgress, status.MaintenanceVerifying, status.MaintenanceCompleted) {
		document.Events = append(document.Events, maintenanceEvent(r.Page, i, host))
	}
	return s.press.answer(fiber.StatusOK, document.Encode(), openHeaders(typeCalendar, cacheShort)...)
}

func maintenanceEvent(p status.Page, i status.Incident, host string) calendar.Event {
	from, until := statuspage.Window(i)
	e := calendar.Event{
		UID: i.ID + "@" + host, Summary: p.Name + ": " + i.Name, URL: statuspage.IncidentURL(p, i.ID),
		Start: from, End: until, Created: i.CreatedAt, Changed: i.UpdatedAt,
		Sequence:  int(i.UpdatedAt.Sub(i.CreatedAt).Seconds()),
		Cancelled: !i.Open() && i.ResolvedAt.Before(from),
	}
	if latest, ok := i.Latest(); ok {
		e.Description = markup.Text(latest.Body)
	}
	return e
}
