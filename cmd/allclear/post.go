package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/allclear-status/allclear/plainlanguage"
)

// words are what every post may say.
type postWords struct {
	Body       string        `name:"body" short:"m" help:"What people read; - reads it from standard input."`
	Component  []string      `name:"component" short:"c" sep:"none" help:"A component and its state, such as \"Card payments=major_outage\"; may be repeated."`
	NextUpdate string        `name:"next-update" help:"When the next update comes: in 20m, or at a time such as 2026-01-31T14:30:00Z."`
	WhatToDo   string        `name:"what-to-do" help:"What readers can do now, in a sentence; the page shows it until it is changed."`
	Note       string        `name:"internal-note" help:"For those managed closely, on their private contacts, and nobody else."`
	Answer     string        `name:"customer-answer" help:"What support may answer customers; for those kept informed, and nobody else."`
	Role       []string      `name:"role" sep:"none" help:"Give a role on the incident, such as \"communication_lead=Ana Lima\"; may be repeated."`
	Long       bool          `name:"long" help:"Declare a long incident: updates come at longer intervals, and every message says so."`
	Silent     bool          `name:"silent" help:"Tell nobody by email or chat."`
	Audience   audienceFlags `embed:""`
	Override   string        `name:"override" help:"Publish although the check refuses the text, for this reason; it is written to the audit log."`
	DryRun     bool          `name:"dry-run" help:"Show what would happen; nothing is stored and nobody is told."`
}

type postCommand struct {
	remote    `embed:""`
	postWords `embed:""`
	Incident  string `name:"incident" short:"i" help:"Incident to post about, such as INC-2; left out, a new one is opened."`
	Name      string `name:"name" help:"Title of the incident."`
	Status    string `name:"status" short:"s" help:"investigating, identified, monitoring or resolved."`
	Impact    string `name:"impact" help:"none, minor, major or critical, instead of what follows from the components."`
}

// Run opens an incident or posts an update to one. Its reference is printed on
// standard output, who is told on standard error.
func (c *postCommand) Run(ctx context.Context, s *streams) error {
	if c.Incident == "" && c.Name == "" {
		return misuse{errors.New("--name is missing; give the new incident a title, or --incident to post about one")}
	}
	server, err := c.connect(ctx)
	if err != nil {
		return err
	}
	fields, err := c.fields(ctx, server, s.in)
	if err != nil {
		return err
	}
	for name, value := range map[string]string{"name": c.Name, "status": c.Status, "impact_override": c.Impact} {
		if value != "" {
			fields[name] = value
		}
	}
	return c.send(ctx, server, s, c.Incident, fields)
}

// fields are the request's fields that every post may have.
func (c postWords) fields(ctx context.Context, server *client, in io.Reader) (map[string]any, error) {
	fields := map[string]any{"deliver_notifications": !c.Silent}
	body := c.Body
	if body == "-" {
		text, err := io.ReadAll(in)
		if err != nil {
			return nil, err
		}
		body = strings.TrimSpace(string(text))
	}
	if body != "" {
		fields["body"] = body
	}
	if len(c.Component) > 0 {
		states, err := readStates(ctx, server, c.Component)
		if err != nil {
			return nil, err
		}
		fields["components"] = states
	}
	ours := map[string]any{}
	if c.NextUpdate != "" {
		due, err := readMoment(c.NextUpdate, time.Now())
		if err != nil {
			return nil, misuse{fmt.Errorf("--next-update: %w", err)}
		}
		ours["next_update_due_at"] = due.UTC().Format(time.RFC3339)
	}
	for name, text := range map[string]string{"what_to_do": c.WhatToDo, "internal_note": c.Note, "customer_answer": c.Answer} {
		if text != "" {
			ours[name] = text
		}
	}
	if len(c.Role) > 0 {
		given, err := readGiven(c.Role)
		if err != nil {
			return nil, err
		}
		ours["roles"] = given
	}
	if c.Long {
		ours["long_incident"] = true
	}
	audience, err := c.Audience.field()
	if err != nil {
		return nil, misuse{err}
	}
	if audience != nil {
		ours["audience"] = audience
	}
	if c.Override != "" {
		ours["override"] = map[string]string{"reason": c.Override}
	}
	if len(ours) > 0 {
		fields["allclear"] = ours
	}
	return fields, nil
}

// readStates reads "Card payments=major_outage".
func readStates(ctx context.Context, server *client, given []string) (map[string]string, error) {
	all, err := server.components(ctx)
	if err != nil {
		return nil, err
	}
	states := map[string]string{}
	for _, one := range given {
		at := strings.LastIndexByte(one, '=')
		if at < 0 {
			return nil, misuse{fmt.Errorf("--component: %q is not a name and a state such as \"Card payments=major_outage\"", one)}
		}
		component, err := findComponent(all, strings.TrimSpace(one[:at]))
		if err != nil {
			return nil, err
		}
		states[component.ID] = strings.TrimSpace(one[at+1:])
	}
	return states, nil
}

// readMoment reads a time, or how long until it.
func readMoment(text string, now time.Time) (time.Time, error) {
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return now.Add(d), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is neither a span such as 20m nor a time such as 2026-01-31T14:30:00Z", text)
	}
	return t, nil
}

// send posts and prints what the post did, or would do.
func (c postWords) send(ctx context.Context, server *client, s *streams, incident string, fields map[string]any) error {
	method, path := http.MethodPost, server.path("incidents")
	if incident != "" {
		method, path = http.MethodPatch, server.path("incidents", incident)
	}
	if c.DryRun {
		path += "?dry_run=true"
	}
	var done postAnswer
	if err := server.call(ctx, method, path, map[string]any{"incident": fields}, &done); err != nil {
		var r *refusal
		if errors.As(err, &r) && len(r.Findings) > 0 {
			r.Detail = strings.Replace(r.Detail, "allclear.override.reason", "--override", 1) // as one says it here
			return errors.Join(printFindings(s.err, fieldTexts(fields), r.Findings), err)
		}
		return err
	}
	if c.DryRun {
		return done.printPreview(s.out, fieldTexts(fields))
	}
	if err := done.print(s.err, fieldTexts(fields)); err != nil {
		return err
	}
	_, err := fmt.Fprintln(s.out, done.Allclear.Number)
	return err
}

// fieldTexts are the texts of a post, by the names that findings use.
func fieldTexts(fields map[string]any) map[string]string {
	texts := map[string]string{}
	for _, name := range []string{"name", "body"} {
		if text, ok := fields[name].(string); ok {
			texts[name] = text
		}
	}
	ours, _ := fields["allclear"].(map[string]any)
	for _, name := range []string{"what_to_do", "internal_note", "customer_answer"} {
		if text, ok := ours[name].(string); ok {
			texts[name] = text
		}
	}
	return texts
}

// postAnswer is the answer to a post, as far as the commands show it.
type postAnswer struct {
	Name      string `json:"name"`
	Status    string `json:"status"`
	Impact    string `json:"impact"`
	Shortlink string `json:"shortlink"`
	Allclear  struct {
		Number          string                  `json:"number"`
		NextUpdateDueAt *time.Time              `json:"next_update_due_at"`
		Findings        []plainlanguage.Finding `json:"findings"`
		Warnings        []string                `json:"warnings"`
		UndoUntil       *time.Time              `json:"undo_until"`
		PublishedMS     int64                   `json:"published_ms"`
		Audience        struct {
			Told    []answerCount `json:"told"`
			Waiting []answerCount `json:"waiting"`
		} `json:"audience"`
		Preview *answerPreview `json:"preview"`
	} `json:"allclear"`
}

type answerCount struct {
	Quadrant string     `json:"quadrant"`
	Channel  string     `json:"channel"`
	Count    int64      `json:"count"`
	DueAt    *time.Time `json:"due_at"`
}

type answerPreview struct {
	Refused bool `json:"refused"`
	People  []struct {
		Name     string     `json:"name"`
		Quadrant string     `json:"quadrant"`
		Channel  string     `json:"channel"`
		Action   string     `json:"action"`
		DueAt    *time.Time `json:"due_at"`
		Rule     string     `json:"rule"`
		Reason   string     `json:"reason"`
	} `json:"people"`
	NotTold []struct {
		Who    string `json:"who"`
		Rule   string `json:"rule"`
		Reason string `json:"reason"`
	} `json:"not_told"`
	Messages []struct {
		Channel   string   `json:"channel"`
		Form      string   `json:"form"`
		Quadrants []string `json:"quadrants"`
		Subject   string   `json:"subject"`
		Text      string   `json:"text"`
	} `json:"messages"`
}

// print says for people what a post did.
func (a *postAnswer) print(w io.Writer, texts map[string]string) error {
	lines := []string{fmt.Sprintf("%s public after %d ms: %s", a.Allclear.Number, max(1, a.Allclear.PublishedMS), a.Shortlink)}
	lines = append(lines, a.audienceLines()...)
	if due := a.Allclear.NextUpdateDueAt; due != nil {
		lines = append(lines, "  promised  next update by "+due.UTC().Format("15:04 UTC"))
	}
	if until := a.Allclear.UndoUntil; until != nil {
		lines = append(lines, fmt.Sprintf("  push      at %s; \"allclear undo %s\" takes it back until then", until.UTC().Format("15:04:05 UTC"), a.Allclear.Number))
	}
	for _, warning := range a.Allclear.Warnings {
		lines = append(lines, "  warning   "+warning)
	}
	if _, err := fmt.Fprintln(w, strings.Join(lines, "\n")); err != nil {
		return err
	}
	return printFindings(w, texts, a.Allclear.Findings)
}

func (a *postAnswer) audienceLines() []string {
	var lines []string
	for _, part := range []struct {
		label  string
		counts []answerCount
	}{{"  told      ", a.Allclear.Audience.Told}, {"  waiting   ", a.Allclear.Audience.Waiting}} {
		var words []string
		for _, c := range part.counts {
			one := fmt.Sprintf("%s %d %s", c.Quadrant, c.Count, c.Channel)
			if c.DueAt != nil {
				one += " at " + c.DueAt.UTC().Format("15:04 UTC")
			}
			words = append(words, one)
		}
		if len(words) > 0 {
			lines = append(lines, part.label+strings.Join(words, " · "))
		}
	}
	return lines
}

// printPreview says what a post would do.
func (a *postAnswer) printPreview(w io.Writer, texts map[string]string) error {
	lines := []string{"Nothing was stored, and nobody was told."}
	if a.Allclear.Preview != nil && a.Allclear.Preview.Refused {
		lines = append(lines, "It would be refused:")
	}
	if _, err := fmt.Fprintln(w, strings.Join(lines, "\n")); err != nil {
		return err
	}
	if err := printFindings(w, texts, a.Allclear.Findings); err != nil {
		return err
	}
	lines = append([]string{fmt.Sprintf("%s, impact %s, %s", a.Name, a.Impact, a.Status)}, a.audienceLines()...)
	for _, warning := range a.Allclear.Warnings {
		lines = append(lines, "  warning   "+warning)
	}
	if p := a.Allclear.Preview; p != nil {
		lines = append(lines, p.lines()...)
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

func (p *answerPreview) lines() []string {
	var lines []string
	for _, one := range p.People {
		words := one.Action
		if one.DueAt != nil {
			words += " until " + one.DueAt.UTC().Format("15:04 UTC")
		}
		if one.Action == "skip" {
			words += ": " + one.Reason
		}
		lines = append(lines, fmt.Sprintf("  %-14s %-20s %-6s %s", one.Quadrant, one.Name, one.Channel, words))
	}
	for _, one := range p.NotTold {
		lines = append(lines, fmt.Sprintf("  not told       %-20s rule %s: %s", one.Who, one.Rule, one.Reason))
	}
	for _, m := range p.Messages {
		lines = append(lines, "", fmt.Sprintf("--- %s to %s, %s form", m.Channel, strings.Join(m.Quadrants, ", "), m.Form))
		if m.Subject != "" {
			lines = append(lines, "Subject: "+m.Subject, "")
		}
		lines = append(lines, m.Text)
	}
	return lines
}

type resolveCommand struct {
	remote         `embed:""`
	postWords      `embed:""`
	KeepComponents bool   `name:"keep-components" help:"Leave the components as they are instead of making them operational."`
	Incident       string `arg:"" help:"Incident to resolve, such as INC-2."`
}

// Run resolves an incident, and makes the components it touches operational.
func (c *resolveCommand) Run(ctx context.Context, s *streams) error {
	server, err := c.connect(ctx)
	if err != nil {
		return err
	}
	fields, err := c.fields(ctx, server, s.in)
	if err != nil {
		return err
	}
	fields["status"] = "resolved"
	if !c.KeepComponents {
		var incident struct{ Components []listComponent }
		if err := server.call(ctx, http.MethodGet, server.path("incidents", c.Incident), nil, &incident); err != nil {
			return fmt.Errorf("%s: %w", c.Incident, err)
		}
		states := map[string]string{}
		for _, component := range incident.Components {
			states[component.ID] = "operational"
		}
		given, _ := fields["components"].(map[string]string)
		for id, state := range given {
			states[id] = state
		}
		fields["components"] = states
	}
	return c.send(ctx, server, s, c.Incident, fields)
}
