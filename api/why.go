package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// why is whether somebody was told of one notice on one channel, and the
// reason.
type why struct {
	NoticeID int64   `json:"notice_id"`
	Event    string  `json:"event"`
	At       string  `json:"at"`
	Who      string  `json:"who"`
	Channel  string  `json:"channel"`
	State    *string `json:"state"` // of the delivery; null when there is none
	Rule     string  `json:"rule"`
	Cell     string  `json:"cell"`
	Policy   int64   `json:"policy_version"`
	Words    string  `json:"words"`
}

// explain handles GET /incidents/:id/why.
func (a *api) explain(c *fiber.Ctx) error {
	name, err := pathIncident(c)
	if err != nil {
		return err
	}
	bad := &status.Invalid{}
	person := queryText(bad, c, "person")
	if err := bad.Err(); err != nil {
		return err
	}
	answers, err := a.publish.Why(c.UserContext(), name, person)
	if err != nil {
		return err
	}
	list := make([]why, len(answers))
	for i, answer := range answers {
		list[i] = showWhy(page(c), answer)
	}
	return send(c, http.StatusOK, list)
}

func showWhy(p status.Page, w publish.Why) why {
	return why{
		NoticeID: w.NoticeID, Event: string(w.Event), At: statuspage.FormatTime(w.At, p.Location()), Who: w.Who,
		Channel: string(w.Channel), State: optional(string(w.State)), Rule: string(w.Rule), Cell: w.Cell, Policy: w.PolicyVersion, Words: w.Words,
	}
}
