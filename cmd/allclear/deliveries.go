package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"text/tabwriter"
	"time"
)

type deliveriesCommand struct {
	remote   `embed:""`
	State    string `name:"state" help:"Only those in this state, such as sent, held, failed or uncertain."`
	Channel  string `name:"channel" help:"Only those by this channel: email or slack."`
	JSON     bool   `name:"json" help:"Print the rows as JSON."`
	Incident string `arg:"" optional:"" help:"Incident, such as INC-2; left out, all."`
}

// deliveriesPage is how many rows one request asks for.
const deliveriesPage = 100

// deliveryLine is a row of the ledger as the command shows it.
type deliveryLine struct {
	NoticeID  int64      `json:"notice_id"`
	Incident  string     `json:"incident"`
	Name      string     `json:"name"`
	Address   string     `json:"address"`
	Channel   string     `json:"channel"`
	Quadrant  string     `json:"quadrant"`
	Policy    int64      `json:"policy_version"`
	Rule      string     `json:"rule"`
	State     string     `json:"state"`
	DueAt     *time.Time `json:"due_at"`
	SentAt    *time.Time `json:"sent_at"`
	Attempts  int        `json:"attempts"`
	Uncertain bool       `json:"uncertain"`
	Answer    string     `json:"answer"`
}

// Run prints who was told what, and what their server said.
func (c *deliveriesCommand) Run(ctx context.Context, s *streams) error {
	server, err := c.connect(ctx)
	if err != nil {
		return err
	}
	rows := []json.RawMessage{}
	for page := 1; ; page++ {
		query := url.Values{"limit": {strconv.Itoa(deliveriesPage)}, "page": {strconv.Itoa(page)}}
		for name, value := range map[string]string{"incident": c.Incident, "state": c.State, "channel": c.Channel} {
			if value != "" {
				query.Set(name, value)
			}
		}
		var some []json.RawMessage
		if err := server.call(ctx, http.MethodGet, server.path("deliveries")+"?"+query.Encode(), nil, &some); err != nil {
			return err
		}
		rows = append(rows, some...)
		if len(some) < deliveriesPage {
			break
		}
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(rows)
	}
	return printDeliveries(s.out, rows)
}

func printDeliveries(out io.Writer, rows []json.RawMessage) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "NOTICE\tINCIDENT\tSTATE\tWHEN\tCHANNEL\tADDRESS\tQUADRANT\tPOLICY\tRULE\tTRIES\tANSWER") // Flush reports what failed
	for _, row := range rows {
		var d deliveryLine
		if err := json.Unmarshal(row, &d); err != nil {
			return err
		}
		state, when := d.State, "-"
		if d.Uncertain {
			state += " (uncertain)"
		}
		switch {
		case d.SentAt != nil:
			when = d.SentAt.UTC().Format("15:04:05 UTC")
		case d.DueAt != nil:
			when = "due " + d.DueAt.UTC().Format("15:04 UTC")
		}
		_, _ = fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%d\t%s\n", d.NoticeID, d.Incident, state, when, d.Channel, d.Address, d.Quadrant, d.Policy, d.Rule, d.Attempts, d.Answer)
	}
	return w.Flush()
}
