package api

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

const mimeCSV = "text/csv"

const (
	exportTime = 30 * time.Minute // how long a whole export may take
	exportStep = 1000             // deliveries read at once
)

// brokenOff is the last line of an export that is not whole: its code says
// nothing, for it was sent before.
const brokenOff = "INCOMPLETE: the list broke off here; ask again"

var deliveryColumns = []string{"notice_id", "incident", "incident_number", "event", "policy_version", "person", "name", "address", "channel", "quadrant", "rule",
	"cell", "reason", "form", "state", "due_at", "attempts", "uncertain", "answer", "created_at", "sent_at", "said_notice_id", "merged_into"}

// exportDeliveries handles GET /deliveries.csv, and GET /deliveries where that is
// asked for: all that the filters leave, written as it is read.
func (a *api) exportDeliveries(c *fiber.Ctx) error {
	query, err := a.readLedgerQuery(c)
	if err != nil {
		return err
	}
	query.Limit, query.Offset, query.Text = exportStep, 0, false
	first, err := a.publish.Ledger(c.UserContext(), query) // while a fault can still be answered
	if err != nil {
		return err
	}
	page, ctx := page(c), context.WithoutCancel(c.UserContext())
	c.Set(fiber.HeaderContentType, mimeCSV+"; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="deliveries.csv"`)
	c.Vary(fiber.HeaderAccept)
	c.Context().SetBodyStreamWriter(func(out *bufio.Writer) {
		ctx, cancel := context.WithTimeout(ctx, exportTime)
		defer cancel()
		if err := a.writeDeliveries(ctx, out, page, query, first); err != nil {
			a.log.Error("export deliveries", "error", err)
			_, _ = fmt.Fprintf(out, "%s\r\n", brokenOff) // nobody is left to tell when this fails
		}
	})
	return nil
}

// writeDeliveries writes rows, and reads on as long as somebody takes them.
func (a *api) writeDeliveries(ctx context.Context, out *bufio.Writer, page status.Page, query publish.LedgerQuery, some []publish.LedgerEntry) error {
	w := csv.NewWriter(out)
	w.UseCRLF = true
	_ = w.Write(deliveryColumns) // Error reports what failed
	for {
		for _, e := range some {
			_ = w.Write(deliveryCells(showDelivery(page, e), e.Delivery))
		}
		w.Flush()
		if err := w.Error(); err != nil {
			return err
		}
		if err := out.Flush(); err != nil || len(some) < query.Limit {
			return err
		}
		query.After = some[len(some)-1].Key
		var err error
		if some, err = a.publish.Ledger(ctx, query); err != nil {
			return err
		}
	}
}

// deliveryCells are a delivery's cells, none of which a spreadsheet runs.
func deliveryCells(d delivery, of notify.Delivery) []string {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	number := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	cells := []string{number(d.NoticeID), text(d.Incident), text(d.Number), d.Event, number(d.Policy), d.Person, text(d.Name), d.Address, d.Channel, d.Quadrant, d.Rule,
		d.Cell, d.Reason, d.Form, d.State, text(d.DueAt), strconv.Itoa(d.Attempts), strconv.FormatBool(d.Uncertain), text(d.Answer), d.CreatedAt,
		text(d.SentAt), number(of.SaidID), number(of.MergedInto)}
	for i := range cells {
		cells[i] = stakeholders.SpreadsheetCell(cells[i])
	}
	return cells
}
