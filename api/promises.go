package api

import (
	"math"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// promise is one time by which we said that we would speak again.
type promise struct {
	Number      int     `json:"number"`
	MadeAt      string  `json:"made_at"`
	DueAt       string  `json:"due_at"`
	EndedAt     *string `json:"ended_at"` // null while it stands
	State       string  `json:"state"`
	LateSeconds int64   `json:"late_seconds"`
}

// promiseRecord is what became of many.
type promiseRecord struct {
	Kept              int      `json:"kept"`
	Late              int      `json:"late"`
	Moved             int      `json:"moved"`
	Open              int      `json:"open"`
	KeptShare         *float64 `json:"kept_share"` // null when none fell due
	MedianLateSeconds int64    `json:"median_late_seconds"`
	WorstLateSeconds  int64    `json:"worst_late_seconds"`
}

type promiseMonth struct {
	Month string `json:"month"` // 2026-11, where the page is
	promiseRecord
}

// promiseReport is the record over a span of time.
type promiseReport struct {
	From string `json:"from"`
	To   string `json:"to"`
	promiseRecord
	Months []promiseMonth `json:"months"` // those in which something fell due, oldest first
}

// listPromises handles GET /incidents/:id/promises, in the order in which they
// were made.
func (a *api) listPromises(c *fiber.Ctx) error {
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
	promises, err := a.store.Promises(c.UserContext(), incident.ID)
	if err != nil {
		return err
	}
	zone, now := page(c).Location(), a.store.Now()
	list := make([]promise, len(promises))
	for i, p := range promises {
		list[i] = promise{p.Number, statuspage.FormatTime(p.MadeAt, zone), statuspage.FormatTime(p.DueAt, zone),
			statuspage.OptionalTime(p.EndedAt, zone), string(p.State(now)), wholeSeconds(p.LateBy(now))}
	}
	return send(c, http.StatusOK, list)
}

// reportPromises handles GET /promises: the record of public incidents over a
// span of time, the last 90 days when none is given.
func (a *api) reportPromises(c *fiber.Ctx) error {
	zone, now := page(c).Location(), a.store.Now()
	bad := &status.Invalid{}
	to := queryDay(bad, c, "to", zone, now)
	from := queryDay(bad, c, "from", zone, to.Add(-status.PromiseSpan))
	if len(bad.Fields) == 0 && !from.Before(to) {
		bad.Add("from", "must be before to")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	promises, err := a.store.PublicPromises(c.UserContext(), from, to)
	if err != nil {
		return err
	}
	report := promiseReport{From: statuspage.FormatTime(from, zone), To: statuspage.FormatTime(to, zone),
		promiseRecord: showPromises(promises, now), Months: []promiseMonth{}}
	for len(promises) > 0 {
		month, n := promises[0].DueAt.In(zone).Format("2006-01"), 0
		for n < len(promises) && promises[n].DueAt.In(zone).Format("2006-01") == month {
			n++
		}
		report.Months = append(report.Months, promiseMonth{month, showPromises(promises[:n], now)})
		promises = promises[n:]
	}
	return send(c, http.StatusOK, report)
}

func showPromises(promises []status.Promise, now time.Time) promiseRecord {
	r := status.CountPromises(promises, now)
	shown := promiseRecord{Kept: r.Kept, Late: r.Late, Moved: r.Moved, Open: r.Open,
		MedianLateSeconds: wholeSeconds(r.Median), WorstLateSeconds: wholeSeconds(r.Worst)}
	if share, ok := r.KeptShare(); ok {
		share = math.Round(share*10_000) / 10_000
		shown.KeptShare = &share
	}
	return shown
}

// wholeSeconds rounds up: what is late by less than a second is late.
func wholeSeconds(d time.Duration) int64 { return int64(math.Ceil(d.Seconds())) }

// queryDay reads a time or a date of the query.
func queryDay(bad *status.Invalid, c *fiber.Ctx, name string, zone *time.Location, otherwise time.Time) time.Time {
	text := c.Query(name)
	if text == "" {
		return otherwise
	}
	at, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		at, err = time.Parse(time.RFC3339, text)
	}
	if err != nil {
		bad.Add(name, "is %q; it must be a date such as 2026-01-31, or a time with its zone, such as 2026-01-31T10:59:00Z", cut(text, 100))
	}
	return at
}
