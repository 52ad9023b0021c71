package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// delivery is one row of the ledger: who was told what, why and how it went.
type delivery struct {
	NoticeID   int64   `json:"notice_id"`
	Incident   *string `json:"incident"`
	Number     *string `json:"incident_number"`
	Event      string  `json:"event"`
	Policy     int64   `json:"policy_version"`
	Person     string  `json:"person"`
	Name       *string `json:"name"`
	Address    string  `json:"address"`
	Channel    string  `json:"channel"`
	Quadrant   string  `json:"quadrant"`
	Rule       string  `json:"rule"`
	Cell       string  `json:"cell"`
	Reason     string  `json:"reason"`
	Form       string  `json:"form"`
	State      string  `json:"state"`
	OnlyIfOpen bool    `json:"only_if_open"`
	DueAt      *string `json:"due_at"`
	Attempts   int     `json:"attempts"`
	Tries      []try   `json:"tries"`
	Uncertain  bool    `json:"uncertain"`
	Answer     *string `json:"answer"`
	CreatedAt  string  `json:"created_at"`
	SentAt     *string `json:"sent_at"`
	SaidID     *int64  `json:"said_notice_id"`
	Merged     *merged `json:"merged_into"`
	Message    *said   `json:"message,omitempty"`
	Cursor     string  `json:"cursor"`
}

// try is an attempt that did not deliver.
type try struct {
	Number  int    `json:"number"`
	At      string `json:"at"`
	Outcome string `json:"outcome"`
	Answer  string `json:"answer"`
}

// merged is how the message fared that a delivery became part of.
type merged struct {
	NoticeID int64   `json:"notice_id"`
	State    string  `json:"state"`
	SentAt   *string `json:"sent_at"`
	Answer   *string `json:"answer"`
}

// said is a message as its reader got it, without what is personal.
type said struct {
	Subject *string `json:"subject"`
	Text    string  `json:"text"`
}

// listDeliveries handles GET /deliveries, the newest notice first.
func (a *api) listDeliveries(c *fiber.Ctx) error {
	if c.Accepts(fiber.MIMEApplicationJSON, mimeCSV) == mimeCSV {
		return a.exportDeliveries(c)
	}
	query, err := a.readLedgerQuery(c)
	if err != nil {
		return err
	}
	entries, err := a.publish.Ledger(c.UserContext(), query)
	if err != nil {
		return err
	}
	list := make([]delivery, len(entries))
	for i, e := range entries {
		list[i] = showDelivery(page(c), e)
	}
	return send(c, http.StatusOK, list)
}

// getDelivery handles GET /deliveries/:notice/:channel/:person: one delivery,
// with the text that was said.
func (a *api) getDelivery(c *fiber.Ctx) error {
	notice, err := strconv.ParseInt(c.Params("notice"), 10, 64)
	person, escaped := url.PathUnescape(c.Params("person"))
	if err != nil || escaped != nil || !utf8.ValidString(person) || strings.ContainsRune(person, 0) {
		return status.ErrNotFound
	}
	entry, err := a.publish.LedgerEntry(c.UserContext(), notice, stakeholders.Channel(strings.Clone(c.Params("channel"))), person)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, showDelivery(page(c), entry))
}

func showDelivery(p status.Page, e publish.LedgerEntry) delivery {
	loc, d := p.Location(), e.Delivery
	shown := delivery{
		NoticeID: d.NoticeID, Incident: optional(d.IncidentID), Number: optional(d.Reference), Event: string(d.Event), Policy: d.PolicyVersion, Person: d.Person, Name: optional(d.PersonName),
		Address: d.Shown, Channel: string(d.Channel), Quadrant: string(d.Quadrant), Rule: string(d.Rule), Cell: d.Cell, Reason: d.Reason, Form: string(d.Form),
		State: string(d.State), OnlyIfOpen: d.OnlyIfOpen, DueAt: statuspage.OptionalTime(d.DueAt, loc), Attempts: d.Attempts, Tries: make([]try, len(e.Tries)),
		Uncertain: d.Uncertain, Answer: optional(d.Answer), CreatedAt: statuspage.FormatTime(d.CreatedAt, loc), SentAt: statuspage.OptionalTime(d.SentAt, loc),
		Cursor: cursorOf(d.Key),
	}
	for i, t := range e.Tries {
		shown.Tries[i] = try{t.Number, statuspage.FormatTime(t.At, loc), string(t.Outcome), t.Answer}
	}
	if d.SaidID != 0 {
		shown.SaidID = &d.SaidID
	}
	if m := e.Merged; m != nil {
		shown.Merged = &merged{m.NoticeID, string(m.State), statuspage.OptionalTime(m.SentAt, loc), optional(m.Answer)}
	}
	if m := e.Message; m != nil {
		shown.Message = &said{optional(m.Subject), m.Text}
	}
	return shown
}

// cursorOf names a delivery for who reads on behind it.
func cursorOf(k notify.Key) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s %s", k.NoticeID, k.Channel, k.Address))
}

// readCursor reads what cursorOf made.
func readCursor(bad *status.Invalid, text string) (k notify.Key) {
	if text == "" {
		return k
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	parts := strings.SplitN(string(raw), " ", 3)
	if err == nil && len(parts) == 3 && utf8.Valid(raw) && !bytes.ContainsRune(raw, 0) {
		k.NoticeID, err = strconv.ParseInt(parts[0], 10, 64)
		k.Channel, k.Address = stakeholders.Channel(parts[1]), parts[2]
	}
	if err != nil || k.NoticeID <= 0 {
		bad.Add("after", "is %q; it must be the cursor of a delivery", cut(text, 50))
	}
	return k
}

// readLedgerQuery reads which deliveries are asked for.
func (a *api) readLedgerQuery(c *fiber.Ctx) (q publish.LedgerQuery, err error) {
	w, err := readWindow(c, 1)
	if err != nil {
		return q, err
	}
	q.State, q.Channel = notify.State(strings.Clone(c.Query("state"))), stakeholders.Channel(strings.Clone(c.Query("channel")))
	q.Limit, q.Offset = w.limit, w.offset
	bad := &status.Invalid{}
	q.After = readCursor(bad, c.Query("after"))
	if q.After.NoticeID != 0 && q.Offset > 0 {
		bad.Add("page", "cannot be given together with after; leave one of them out")
	}
	switch q.State {
	case "", notify.Held, notify.Pending, notify.Sending, notify.Sent, notify.Uncertain, notify.Failed,
		notify.Suppressed, notify.Superseded, notify.Merged, notify.Dropped:
	default:
		bad.Add("state", "is %q; it must be one of held, pending, sending, sent, uncertain, failed, suppressed, superseded, merged, dropped", cut(string(q.State), 50))
	}
	if q.Channel != "" && q.Channel.Class() == 0 {
		bad.Add("channel", "is %q; it must be %s", cut(string(q.Channel), 50), stakeholders.List(stakeholders.Channels()))
	}
	q.Person = strings.Clone(queryText(bad, c, "person"))
	q.From = queryDay(bad, c, "from", page(c).Location(), time.Time{})
	q.Until = queryDay(bad, c, "to", page(c).Location(), time.Time{})
	if c.Query("notice") != "" {
		q.NoticeID = int64(queryNumber(bad, c, "notice", 1))
	}
	if text := c.Query("text"); text != "" {
		if q.Text, err = strconv.ParseBool(text); err != nil {
			bad.Add("text", "is %q; it must be true or false", cut(text, 50))
		}
	}
	if q.IncidentID, err = a.incidentID(c.UserContext(), bad, c.Query("incident")); err != nil {
		return q, err
	}
	return q, bad.Err()
}

// incidentID is the id of an incident named by its id or number.
func (a *api) incidentID(ctx context.Context, bad *status.Invalid, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	err := status.ErrNotFound
	var id string
	if namesIncident(name) {
		id, err = a.store.IncidentID(ctx, name)
	}
	if errors.Is(err, status.ErrNotFound) {
		bad.Add("incident", "is %q, which is not an incident of this page; give its id or its number, such as INC-2", cut(name, 50))
		return "", nil
	}
	return id, err
}
