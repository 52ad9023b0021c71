package api

import (
	"bufio"
	"context"
	"fmt"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
	"github.com/allclear-status/allclear/store"
)

// suppression is an address to which nothing is sent.
type suppression struct {
	Channel string  `json:"channel"`
	Address string  `json:"address"`
	Reason  string  `json:"reason"`
	Since   *string `json:"since"`
	Bounces int     `json:"bounces"`
}

func showSuppression(p status.Page, s store.Suppression) suppression {
	return suppression{Channel: string(s.Channel), Address: s.Address, Reason: s.Reason, Since: statuspage.OptionalTime(s.Since, p.Location()), Bounces: s.Bounces}
}

// listSuppressions handles GET /suppressions.
func (a *api) listSuppressions(c *fiber.Ctx) error {
	w, err := readWindow(c, 1)
	if err != nil {
		return err
	}
	f, err := readSuppressed(c)
	if err != nil {
		return err
	}
	f.Limit, f.Offset = w.limit, w.offset
	found, err := a.store.Suppressions(c.UserContext(), f)
	if err != nil {
		return err
	}
	list := make([]suppression, len(found))
	for i, s := range found {
		list[i] = showSuppression(page(c), s)
	}
	return send(c, http.StatusOK, list)
}

// exportSuppressions handles GET /suppressions.csv: the whole list, written as
// it is read.
func (a *api) exportSuppressions(c *fiber.Ctx) error {
	f, err := readSuppressed(c)
	if err != nil {
		return err
	}
	ctx := context.WithoutCancel(c.UserContext())
	c.Set(fiber.HeaderContentType, mimeCSV+"; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="suppressions.csv"`)
	c.Context().SetBodyStreamWriter(func(out *bufio.Writer) {
		ctx, cancel := context.WithTimeout(ctx, exportTime)
		defer cancel()
		if err := a.publish.ExportSuppressions(ctx, out, f.Channel); err != nil {
			a.log.Error("export suppressions", "error", err)
			_, _ = fmt.Fprintf(out, "%s\r\n", brokenOff) // nobody is left to tell when this fails
		}
	})
	return nil
}

// readSuppressed reads which addresses are meant.
func readSuppressed(c *fiber.Ctx) (f store.SuppressionFilter, err error) {
	bad := &status.Invalid{}
	f.Channel = stakeholders.Channel(queryText(bad, c, "channel"))
	address := queryText(bad, c, "address")
	if f.Channel != "" && f.Channel.Class() == 0 {
		bad.Add("channel", "is %q; it must be %s", cut(string(f.Channel), 50), stakeholders.List(stakeholders.Channels()))
	}
	if address != "" && len(bad.Fields) == 0 {
		if f.Channel == "" {
			f.Channel = stakeholders.Email
		}
		f.Address = suppressedAddress(f.Channel, address)
	}
	return f, bad.Err()
}

// suppressedAddress is an address as the list has it. One that is a secret may
// be given in clear or as the list shows it.
func suppressedAddress(channel stakeholders.Channel, raw string) string {
	if address, err := stakeholders.NormalizeAddress(channel, raw); err == nil {
		return address
	}
	return raw
}

// liftSuppression handles DELETE /suppressions.
func (a *api) liftSuppression(c *fiber.Ctx) error {
	f, err := readSuppressed(c)
	if err != nil {
		return err
	}
	bad := &status.Invalid{}
	basis := queryText(bad, c, "basis")
	if f.Address == "" {
		bad.Add("address", "is missing; say which address may be sent to again, such as ?address=ana@example.com")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	f.Limit = 1
	found, err := a.store.Suppressions(c.UserContext(), f)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return status.ErrNotFound
	}
	if err := a.publish.LiftSuppression(c.UserContext(), actor(c), found[0].Contact, basis); err != nil {
		return err
	}
	return send(c, http.StatusOK, showSuppression(page(c), found[0]))
}
