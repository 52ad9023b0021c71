package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
	"github.com/allclear-status/allclear/store"
)

// delivery is one row of the ledger: who was told what, why and how it went.
type delivery struct {
	NoticeID  int64   `json:"notice_id"`
	Incident  *string `json:"incident"`
	Policy    int64   `json:"policy_version"`
	Person    string  `json:"person"`
	Name      *string `json:"name"`
	Address   string  `json:"address"`
	Channel   string  `json:"channel"`
	Quadrant  string  `json:"quadrant"`
	Rule      string  `json:"rule"`
	Cell      string  `json:"cell"`
	Reason    string  `json:"reason"`
	State     string  `json:"state"`
	DueAt     *string `json:"due_at"`
	Attempts  int     `json:"attempts"`
	Uncertain bool    `json:"uncertain"`
	Answer    *string `json:"answer"`
	CreatedAt string  `json:"created_at"`
	SentAt    *string `json:"sent_at"`
}

// listDeliveries handles GET /deliveries, the newest notice first.
func (a *api) listDeliveries(c *fiber.Ctx) error {
	filter, err := a.readLedgerFilter(c)
	if err != nil {
		return err
	}
	deliveries, err := a.store.Deliveries(c.UserContext(), filter)
	if err != nil {
		return err
	}
	list := make([]delivery, len(deliveries))
	for i, d := range deliveries {
		list[i] = showDelivery(page(c), d)
	}
	return send(c, http.StatusOK, list)
}

func showDelivery(p status.Page, d notify.Delivery) delivery {
	loc := p.Location()
	return delivery{
		NoticeID: d.NoticeID, Incident: optional(d.IncidentID), Policy: d.PolicyVersion, Person: d.Person, Name: optional(d.PersonName), Address: d.Shown,
		Channel: string(d.Channel), Quadrant: string(d.Quadrant), Rule: string(d.Rule), Cell: d.Cell, Reason: d.Reason,
		State: string(d.State), DueAt: statuspage.OptionalTime(d.DueAt, loc), Attempts: d.Attempts, Uncertain: d.Uncertain,
		Answer: optional(d.Answer), CreatedAt: statuspage.FormatTime(d.CreatedAt, loc), SentAt: statuspage.OptionalTime(d.SentAt, loc),
	}
}

// readLedgerFilter reads which deliveries are asked for.
func (a *api) readLedgerFilter(c *fiber.Ctx) (store.LedgerFilter, error) {
	w, err := readWindow(c, 1)
	if err != nil {
		return store.LedgerFilter{}, err
	}
	f := store.LedgerFilter{State: notify.State(c.Query("state")), Channel: stakeholders.Channel(c.Query("channel")), Limit: w.limit, Offset: w.offset}
	bad := &status.Invalid{}
	switch f.State {
	case "", notify.Held, notify.Pending, notify.Sending, notify.Sent, notify.Uncertain, notify.Failed,
		notify.Suppressed, notify.Superseded, notify.Merged, notify.Dropped:
	default:
		bad.Add("state", "is %q; it must be one of held, pending, sending, sent, uncertain, failed, suppressed, superseded, merged, dropped", cut(string(f.State), 50))
	}
	if f.Channel != "" && f.Channel.Class() == 0 {
		bad.Add("channel", "is %q; it must be one of email, slack, sms, webhook", cut(string(f.Channel), 50))
	}
	if f.IncidentID, err = a.incidentID(c.UserContext(), bad, c.Query("incident")); err != nil {
		return f, err
	}
	return f, bad.Err()
}

// incidentID is the id of an incident named by its id or number.
func (a *api) incidentID(ctx context.Context, bad *status.Invalid, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	err := status.ErrNotFound
	var incident status.Incident
	if namesIncident(name) {
		incident, err = a.store.FindIncident(ctx, name)
	}
	if errors.Is(err, status.ErrNotFound) {
		bad.Add("incident", "is %q, which is not an incident of this page; give its id or its number, such as INC-2", cut(name, 50))
		return "", nil
	}
	return incident.ID, err
}
