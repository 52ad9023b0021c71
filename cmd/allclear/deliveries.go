package main

import (
	"cmp"
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
	On       string `name:"incident" short:"i" help:"Incident, such as INC-2, or its id; the same as naming it without a flag."`
	Notice   int64  `name:"notice" help:"Only those of one notice."`
	Person   string `name:"person" short:"p" help:"Only of one person: a name in the register, an email address, or the part before its @."`
	State    string `name:"state" help:"Only those in this state, such as sent, held, failed or uncertain."`
	Channel  string `name:"channel" help:"Only those by this channel, such as email, slack or teams."`
	From     string `name:"from" help:"Only what was said from this day or time on, such as 2026-01-31."`
	To       string `name:"to" help:"Only what was said before this day or time."`
	Text     bool   `name:"text" help:"Print each with its attempts and the text that was said."`
	JSON     bool   `name:"json" xor:"form" help:"Print the rows as JSON."`
	CSV      bool   `name:"csv" xor:"form" help:"Print the rows as CSV, for a spreadsheet."`
	Follow   bool   `name:"follow" xor:"form" help:"Show how telling everybody gets on, until it is done."`
	Incident string `arg:"" optional:"" help:"Incident, such as INC-2, or its id; left out, all."`
}

// deliveriesPage is how many rows one request asks for.
const deliveriesPage = 100

// deliveryLine is a row of the ledger as the command shows it.
type deliveryLine struct {
	NoticeID  int64      `json:"notice_id"`
	Incident  string     `json:"incident_number"`
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
	c.Incident = cmp.Or(c.Incident, c.On)
	server, err := c.connect(ctx)
	if err != nil {
		return err
	}
	if c.Follow {
		return c.follow(ctx, server, s.out)
	}
	if c.CSV {
		return server.copyDeliveries(ctx, s.out, c.query())
	}
	rows, err := c.read(ctx, server)
	switch {
	case err != nil:
		return err
	case c.JSON:
		return json.NewEncoder(s.out).Encode(rows)
	case c.Text:
		return printAccounts(s.out, rows)
	default:
		return printDeliveries(s.out, rows)
	}
}

// query is what is asked for.
func (c *deliveriesCommand) query() url.Values {
	query := url.Values{}
	for name, value := range map[string]string{"incident": c.Incident, "state": c.State, "channel": c.Channel, "person": c.Person, "from": c.From, "to": c.To} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if c.Notice != 0 {
		query.Set("notice", strconv.FormatInt(c.Notice, 10))
	}
	return query
}

// read reads all rows, part by part, each behind the last of the one before.
func (c *deliveriesCommand) read(ctx context.Context, server *client) ([]json.RawMessage, error) {
	query := c.query()
	query.Set("limit", strconv.Itoa(deliveriesPage))
	query.Set("text", strconv.FormatBool(c.Text))
	rows := []json.RawMessage{}
	for {
		var some []json.RawMessage
		if err := server.call(ctx, http.MethodGet, server.path("deliveries")+"?"+query.Encode(), nil, &some); err != nil {
			return nil, err
		}
		rows = append(rows, some...)
		if len(some) < deliveriesPage {
			return rows, nil
		}
		var last struct{ Cursor string }
		if err := json.Unmarshal(some[len(some)-1], &last); err != nil {
			return nil, err
		}
		query.Set("after", last.Cursor)
	}
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
		incident := cmp.Or(d.Incident, "-")
		if d.Uncertain {
			state += " (uncertain)"
		}
		switch {
		case d.SentAt != nil:
			when = d.SentAt.UTC().Format("2 Jan 15:04:05 UTC")
		case d.DueAt != nil:
			when = "due " + d.DueAt.UTC().Format("2 Jan 15:04 UTC")
		}
		_, _ = fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%d\t%s\n", d.NoticeID, incident, state, when, d.Channel, d.Address, d.Quadrant, d.Policy, d.Rule, d.Attempts, d.Answer)
	}
	return w.Flush()
}
