package api

import (
	"math"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// progress is how far one notice has got.
type progress struct {
	NoticeID    int64    `json:"notice_id"`
	Event       string   `json:"event"`
	At          string   `json:"at"`
	StartsAt    *string  `json:"starts_at"`
	Stage       string   `json:"stage"`
	Total       int64    `json:"total"`
	Estimated   bool     `json:"estimated"`
	ToGo        int64    `json:"to_go"`
	Sent        int64    `json:"sent"`
	Retrying    int64    `json:"retrying"`
	Held        int64    `json:"held"`
	Uncertain   int64    `json:"uncertain"`
	Failed      int64    `json:"failed"`
	Suppressed  int64    `json:"suppressed"`
	Superseded  int64    `json:"superseded"`
	Merged      int64    `json:"merged"`
	Dropped     int64    `json:"dropped"`
	PerSecond   float64  `json:"per_second"`
	SecondsLeft *float64 `json:"seconds_left"`
}

// getProgress handles GET /incidents/:id/progress.
func (a *api) getProgress(c *fiber.Ctx) error {
	name, err := pathIncident(c)
	if err != nil {
		return err
	}
	found, err := a.publish.Progress(c.UserContext(), name)
	if err != nil {
		return err
	}
	list := make([]progress, len(found))
	for i, p := range found {
		list[i] = showProgress(page(c), p)
	}
	return send(c, http.StatusOK, list)
}

func showProgress(page status.Page, p publish.Progress) progress {
	zone := page.Location()
	shown := progress{
		NoticeID: p.NoticeID, Event: string(p.Event), At: statuspage.FormatTime(p.CreatedAt, zone), StartsAt: statuspage.OptionalTime(p.StartAt, zone),
		Stage: stageOf(p), Total: p.Total, Estimated: p.Estimated, ToGo: p.ToGo, Sent: p.Sent, Retrying: p.Retrying, Held: p.States[notify.Held],
		Uncertain: p.States[notify.Uncertain], Failed: p.States[notify.Failed], Suppressed: p.States[notify.Suppressed],
		Superseded: p.States[notify.Superseded], Merged: p.States[notify.Merged], Dropped: p.States[notify.Dropped],
		PerSecond: math.Round(p.PerSecond*10) / 10,
	}
	if p.Left > 0 {
		left := math.Ceil(p.Left.Seconds())
		shown.SecondsLeft = &left
	}
	return shown
}

func stageOf(p publish.Progress) string {
	switch {
	case p.TakenBack:
		return "taken_back"
	case p.ExpandedAt.IsZero() && p.Written == 0:
		return "waiting"
	case p.ExpandedAt.IsZero():
		return "expanding"
	case p.ToGo > 0:
		return "sending"
	case p.Open() > 0:
		return "holding"
	default:
		return "done"
	}
}
