package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
	"time"
)

type simulateCommand struct {
	remote     `embed:""`
	Impact     string   `name:"impact" required:"" help:"How bad it is: minor, major or critical."`
	Components []string `name:"component" short:"c" help:"Component that it touches, by name or id; may stand several times."`
	At         string   `name:"at" required:"" help:"When it begins: \"Sunday 03:00\", \"03:00\", \"2026-01-31 03:00\" (in the page's zone) or a time with its zone."`
	Updates    []string `name:"update" short:"u" help:"An update after a time, with a new state or impact: 30m, 45m:identified, 1h:monitoring, 90m:major. Without any: whenever the policy promises one."`
	Hours      int      `name:"hours" default:"4" help:"How long to look at."`
	Policy     string   `name:"policy" type:"existingfile" help:"A policy file to try out instead of the one in force."`
	JSON       bool     `name:"json" help:"Print the server's answer as it is."`
}

// simulated is the server's answer.
type simulated struct {
	Policy struct {
		Name    string `json:"name"`
		Version *int64 `json:"version"`
	} `json:"policy"`
	Posts []struct {
		At     time.Time `json:"at"`
		Event  string    `json:"event"`
		Status string    `json:"status"`
		Impact string    `json:"impact"`
	} `json:"posts"`
	Messages []struct {
		At       time.Time `json:"at"`
		Who      string    `json:"who"`
		N        int64     `json:"n"`
		Quadrant string    `json:"quadrant"`
		Channel  string    `json:"channel"`
		Event    string    `json:"event"`
		Rule     string    `json:"rule"`
		Cell     string    `json:"cell"`
		Reason   string    `json:"reason"`
	} `json:"messages"`
	NotTold []struct {
		Who    string `json:"who"`
		Rule   string `json:"rule"`
		Reason string `json:"reason"`
	} `json:"not_told"`
	Warnings []string `json:"warnings"`
}

// Run asks who would be told what in an incident that has not happened.
func (c *simulateCommand) Run(ctx context.Context, s *streams) error {
	server, err := c.connect(ctx)
	if err != nil {
		return err
	}
	zone, err := server.zone(ctx)
	if err != nil {
		return err
	}
	scenario, err := c.scenario(zone, time.Now())
	if err != nil {
		return misuse{err}
	}
	var raw json.RawMessage
	if err := server.call(ctx, http.MethodPost, server.path("simulations"), map[string]any{"simulation": scenario}, &raw); err != nil {
		return err
	}
	if c.JSON {
		_, err := fmt.Fprintf(s.out, "%s\n", raw)
		return err
	}
	var answer simulated
	if err := json.Unmarshal(raw, &answer); err != nil {
		return err
	}
	return answer.print(s, zone)
}

// zone is the page's.
func (c *client) zone(ctx context.Context) (*time.Location, error) {
	var page struct {
		TimeZone string `json:"time_zone"`
	}
	if err := c.call(ctx, http.MethodGet, c.path(), nil, &page); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(page.TimeZone)
	if err != nil {
		return time.UTC, nil
	}
	return zone, nil
}

// scenario reads the flags.
func (c *simulateCommand) scenario(zone *time.Location, now time.Time) (map[string]any, error) {
	at, err := when(c.At, zone, now)
	if err != nil {
		return nil, err
	}
	scenario := map[string]any{"impact": c.Impact, "start": at.Format(time.RFC3339), "hours": c.Hours, "components": append([]string{}, c.Components...)}
	var updates []map[string]any
	for _, text := range c.Updates {
		update, err := scenarioUpdate(text)
		if err != nil {
			return nil, err
		}
		updates = append(updates, update)
	}
	if updates != nil {
		scenario["updates"] = updates
	}
	if c.Policy != "" {
		document, err := os.ReadFile(c.Policy)
		if err != nil {
			return nil, err
		}
		scenario["policy"] = string(document)
	}
	return scenario, nil
}

// scenarioUpdate reads "45m", "45m:identified" or "45m:major".
func scenarioUpdate(text string) (map[string]any, error) {
	after, what, _ := strings.Cut(text, ":")
	length, err := time.ParseDuration(after)
	if err != nil || length < time.Minute || length%time.Minute != 0 {
		return nil, fmt.Errorf("--update %s: it must begin with whole minutes, such as 45m or 1h30m", text)
	}
	update := map[string]any{"after_minutes": int(length / time.Minute)}
	for _, word := range strings.FieldsFunc(what, func(r rune) bool { return r == ',' || r == ':' }) {
		switch word {
		case "none", "minor", "major", "critical":
			update["impact"] = word
		default:
			update["status"] = word
		}
	}
	return update, nil
}

// when reads a time as people say it: the next such moment, in a zone.
func when(text string, zone *time.Location, now time.Time) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	if at, err := time.ParseInLocation("2006-01-02 15:04", text, zone); err == nil {
		return at, nil
	}
	word, clock, ok := strings.Cut(text, " ")
	if !ok {
		word, clock = "", text
	}
	hour, err := time.Parse("15:04", clock)
	if err != nil {
		return time.Time{}, fmt.Errorf("--at %q must be a time such as \"Sunday 03:00\", \"03:00\", \"2026-01-31 03:00\" or 2026-01-31T03:00:00Z", text)
	}
	local := now.In(zone)
	for day := range 8 {
		at := time.Date(local.Year(), local.Month(), local.Day()+day, hour.Hour(), hour.Minute(), 0, 0, zone)
		name := strings.ToLower(at.Weekday().String())
		if at.After(now) && (word == "" || len(word) >= 3 && strings.HasPrefix(name, strings.ToLower(word))) {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("--at %q: %q is not a day of the week", text, word)
}

// print writes the table.
func (a simulated) print(s *streams, zone *time.Location) error {
	version := "tried out, not in force"
	if a.Policy.Version != nil {
		version = fmt.Sprintf("version %d", *a.Policy.Version)
	}
	table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(table, format+"\n", args...) }
	line("Policy: %s (%s). If nothing goes wrong, and with the register as it is:", a.Policy.Name, version)
	line("")
	line("posted\twhat\tstate\timpact")
	for _, p := range a.Posts {
		line("%s\t%s\t%s\t%s", p.At.In(zone).Format("Mon 15:04 MST"), p.Event, p.Status, p.Impact)
	}
	line("")
	line("told\twho\tpeople\tquadrant\tby\tof\tbecause")
	for _, m := range a.Messages {
		because := m.Cell
		if because == "" || m.Rule != "table" {
			because = m.Rule
		}
		line("%s\t%s\t%d\t%s\t%s\t%s\t%s", m.At.In(zone).Format("Mon 15:04 MST"), m.Who, m.N, m.Quadrant, m.Channel, m.Event, because)
	}
	if len(a.NotTold) > 0 {
		line("")
		line("not told\tbecause")
	}
	for _, n := range a.NotTold {
		line("%s\t%s (%s)", n.Who, n.Reason, n.Rule)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, warning := range a.Warnings {
		if _, err := fmt.Fprintf(s.err, "Warning: %s\n", warning); err != nil {
			return err
		}
	}
	return nil
}
