package web

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
	"github.com/gofiber/fiber/v2"
)

const (
	// monthsAPage is how many months one page of the history shows.
	monthsAPage = 3
	// historyPages bounds what can be asked for: twenty years.
	historyPages = 80
	// recordHolds is how many of the newest incidents the record is sure to
	// hold (status.Record).
	recordHolds = 50
)

// month is a month where the page is, and what began in it, newest first.
type month struct {
	start     time.Time
	incidents []status.Incident
}

func (m month) end() time.Time { return m.start.AddDate(0, 1, 0) }

// historyPage is three months of the past.
type historyPage struct {
	number int
	months []month // newest first; none before the page's first
	older  bool    // there is more
}

// historyView is the page of the history.
type historyView struct {
	frame
	Months       []monthView
	Newer, Older string // addresses; may be empty
}

type monthView struct {
	Title     string
	Incidents []incidentCard
}

// history serves /history, and /history.json for the programs that read
// Statuspage's.
func (s *Site) history(c *fiber.Ctx) error {
	sn := s.current.Load()
	if sn == nil {
		return errStarting
	}
	number, ok := pageNumber(c.Context().QueryArgs().Peek("page"))
	if !ok {
		return fiber.ErrNotFound
	}
	build := s.historyAnswer
	if c.Path() == "/history.json" {
		build = s.historyJSON
	}
	answer, err := sn.history.get(fmt.Sprint(c.Path(), number), func() (*answer, error) {
		page, err := s.historyOf(sn, number)
		if err != nil {
			return nil, err
		}
		return build(sn, page)
	})
	if err != nil {
		return err
	}
	answer.write(c.Context())
	return nil
}

// pageNumber reads the number of a page, from 1; one that was never linked to
// is refused.
func pageNumber(text []byte) (int, bool) {
	if len(text) == 0 {
		return 1, true
	}
	number, err := strconv.Atoi(string(text))
	return number, err == nil && number >= 1 && number <= historyPages && strconv.Itoa(number) == string(text)
}

// historyOf gathers the months of a page, from the record where it is whole and
// from the database beyond.
func (s *Site) historyOf(sn *Snapshot, number int) (historyPage, error) {
	now, r := sn.localNow(), sn.record
	newest := time.Date(now.Year(), now.Month()-time.Month((number-1)*monthsAPage), 1, 0, 0, 0, 0, now.Location())
	from, to := newest.AddDate(0, 1-monthsAPage, 0), newest.AddDate(0, 1, 0)
	incidents := began(r.Incidents, from, to)
	if from.Before(wholeSince(r)) && s.options.LoadMonths != nil {
		old, err := s.loadMonths(from, to)
		if err != nil {
			return historyPage{}, err
		}
		incidents = merged(incidents, began(published(old), from, to))
	}
	first := firstMonth(r, incidents)
	page := historyPage{number: number, older: number < historyPages && first.Before(from)}
	for start := newest; !start.Before(from) && !start.Before(first); start = start.AddDate(0, -1, 0) {
		m := month{start: start}
		m.incidents = began(incidents, start, m.end())
		page.months = append(page.months, m)
	}
	return page, nil
}

// wholeSince is the time from which the record holds every incident; zero when
// it holds all that there are.
func wholeSince(r status.Record) time.Time {
	if len(r.Incidents) < recordHolds {
		return time.Time{}
	}
	return r.Incidents[recordHolds-1].CreatedAt
}

// firstMonth is when the history begins: with the page, or with an incident
// that was put on the record for a time before it.
func firstMonth(r status.Record, old []status.Incident) time.Time {
	first := r.Page.CreatedAt
	for _, i := range slices.Concat(r.Incidents, old) {
		if first.IsZero() || i.StartedAt.Before(first) {
			first = i.StartedAt
		}
	}
	first = first.In(r.Page.Location())
	return time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, first.Location())
}

// began lists what began in a span of time, newest first. A maintenance that is
// only announced has not begun.
func began(incidents []status.Incident, from, to time.Time) []status.Incident {
	list := []status.Incident{}
	for _, i := range incidents {
		if !i.StartedAt.Before(from) && i.StartedAt.Before(to) && i.Status != status.MaintenanceScheduled {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(a, b status.Incident) int { return b.StartedAt.Compare(a.StartedAt) })
	return list
}

// merged adds old incidents to those of the record, which are as new.
func merged(record, old []status.Incident) []status.Incident {
	for _, i := range old {
		if !slices.ContainsFunc(record, func(known status.Incident) bool { return known.ID == i.ID }) {
			record = append(record, i)
		}
	}
	return record
}

// loadMonths reads old incidents from the database, few at once.
func (s *Site) loadMonths(from, to time.Time) (incidents []status.Incident, err error) {
	err = s.fromTail(func(ctx context.Context) (err error) {
		incidents, err = s.options.LoadMonths(ctx, from, to)
		return err
	})
	if err != nil && !errors.Is(err, errAway) {
		s.options.Log.Error("old months could not be read", "from", from, "to", to, "error", err)
		err = errAway
	}
	return incidents, err
}

// historyAnswer makes a page of the history. One on which there would be
// nothing is not there, unless it is the first.
func (s *Site) historyAnswer(sn *Snapshot, page historyPage) (*answer, error) {
	if len(page.months) == 0 && page.number > 1 {
		return nil, status.ErrNotFound
	}
	tag := sn.language
	name := sn.record.Page.Name
	view := historyView{frame: s.newFrame(sn, tag)}
	view.Title, view.Description = lang.Text(tag, "history.page_title", name), lang.Text(tag, "history.description", name)
	view.Canonical, view.Script = sn.record.Page.URL+historyPath(page.number), s.assets.Script
	if page.number > 1 {
		view.Newer = historyPath(page.number - 1)
	}
	if page.older {
		view.Older = historyPath(page.number + 1)
	}
	for _, m := range page.months {
		shown := monthView{Title: lang.Month(tag, m.start)}
		for _, i := range m.incidents {
			shown.Incidents = append(shown.Incidents, sn.pastCard(i, tag))
		}
		view.Months = append(view.Months, shown)
	}
	body, err := render(s.views.history, view)
	if err != nil {
		return nil, err
	}
	return s.press.answer(fiber.StatusOK, body, pageHeaders(cachePage)...)
}

// pastCard is an incident as the history lists it: with the day it began.
func (s *Snapshot) pastCard(i status.Incident, tag string) incidentCard {
	card, loc := s.card(i, tag), s.record.Page.Location()
	card.Started = whole(tag, i.StartedAt.In(loc))
	if card.Ended != nil {
		ended := short(tag, i.ResolvedAt.In(loc), i.StartedAt.In(loc))
		card.Ended = &ended
	}
	return card
}

func historyPath(number int) string {
	if number == 1 {
		return "/history"
	}
	return fmt.Sprint("/history?page=", number)
}

// historyJSON makes a page of /history.json; months that are not there end
// what programs read.
func (s *Site) historyJSON(sn *Snapshot, page historyPage) (*answer, error) {
	document := statuspage.History{Months: []statuspage.HistoryMonth{}}
	loc := sn.record.Page.Location()
	for _, m := range page.months {
		shown := statuspage.NewHistoryMonth(m.start)
		for _, i := range m.incidents {
			until := time.Time{}
			if !i.ResolvedAt.IsZero() {
				until = i.ResolvedAt.In(loc)
			}
			message := ""
			if latest, ok := i.Latest(); ok {
				message = lines(latest.Body)
			}
			shown.Incidents = append(shown.Incidents, statuspage.HistoryIncident{
				Code: i.ID, Name: markup.StripXML(i.Name), Message: message, Impact: statuspage.ImpactOf(i),
				Timestamp: stampSpan(i.StartedAt.In(loc), until, "%d"),
			})
		}
		document.Months = append(document.Months, shown)
	}
	return s.jsonAnswer(document)
}
