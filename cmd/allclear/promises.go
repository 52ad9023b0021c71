package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"
)

type promisesCommand struct {
	remote   `embed:""`
	Incident string `name:"incident" short:"i" help:"Incident, such as INC-2; left out, all public ones are counted."`
	From     string `name:"from" help:"First day, such as 2026-01-01; left out, 90 days ago."`
	To       string `name:"to" help:"Day after the last; left out, now."`
	JSON     bool   `name:"json" help:"Print the server's answer."`
}

// promiseCounts are what became of promises.
type promiseCounts struct {
	Kept, Late, Moved, Open int
	KeptShare               *float64 `json:"kept_share"`
	MedianLateSeconds       int64    `json:"median_late_seconds"`
	WorstLateSeconds        int64    `json:"worst_late_seconds"`
}

// Run says how the promises to speak again were kept.
func (c *promisesCommand) Run(ctx context.Context, s *streams) error {
	server, err := c.connect(ctx)
	if err != nil {
		return err
	}
	path := server.path("promises")
	if c.Incident != "" {
		path = server.path("incidents", c.Incident, "promises")
	} else {
		query := url.Values{}
		for name, value := range map[string]string{"from": c.From, "to": c.To} {
			if value != "" {
				query.Set(name, value)
			}
		}
		path += "?" + query.Encode()
	}
	var answer json.RawMessage
	if err := server.call(ctx, http.MethodGet, path, nil, &answer); err != nil {
		return err
	}
	switch {
	case c.JSON:
		_, err = fmt.Fprintf(s.out, "%s\n", answer)
		return err
	case c.Incident != "":
		return printPromises(s, answer)
	default:
		return printPromiseReport(s, answer)
	}
}

// printPromises lists those about one incident.
func printPromises(s *streams, answer []byte) error {
	var list []struct {
		DueAt       time.Time `json:"due_at"`
		State       string
		LateSeconds int64 `json:"late_seconds"`
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, p := range list {
		late := ""
		if p.LateSeconds > 0 {
			late = "by " + lateness(p.LateSeconds)
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", p.DueAt.UTC().Format("2006-01-02 15:04 UTC"), p.State, late) // Flush reports what failed
	}
	return w.Flush()
}

// printPromiseReport shows the whole and each month.
func printPromiseReport(s *streams, answer []byte) error {
	var report struct {
		promiseCounts
		Months []struct {
			Month string
			promiseCounts
		}
	}
	if err := json.Unmarshal(answer, &report); err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "month\ton time\tkept\tlate\tmoved\tmedian late\tworst") // Flush reports what failed
	for _, m := range report.Months {
		m.line(w, m.Month)
	}
	report.line(w, "all")
	return w.Flush()
}

func (p promiseCounts) line(w *tabwriter.Writer, name string) {
	share, median, worst := "–", "–", "–"
	if p.KeptShare != nil {
		share = fmt.Sprintf("%.1f %%", *p.KeptShare*100)
	}
	if p.Late > 0 {
		median, worst = lateness(p.MedianLateSeconds), lateness(p.WorstLateSeconds)
	}
	_, _ = fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%s\t%s\n", name, share, p.Kept, p.Late, p.Moved, median, worst)
}

func lateness(seconds int64) string { return (time.Duration(seconds) * time.Second).String() }
