package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

type whyCommand struct {
	remote   `embed:""`
	Incident string `name:"incident" short:"i" required:"" help:"Incident, such as INC-2."`
	Person   string `name:"person" short:"p" required:"" help:"A name in the register, an email address, the part before its @, or the host of a webhook."`
}

// Run says for each notice about an incident whether a person was told, and by
// which rule.
func (c *whyCommand) Run(ctx context.Context, s *streams) error {
	server, err := c.connect(ctx)
	if err != nil {
		return err
	}
	var lines []struct {
		Event   string    `json:"event"`
		At      time.Time `json:"at"`
		Who     string    `json:"who"`
		Channel string    `json:"channel"`
		Policy  int64     `json:"policy_version"`
		Words   string    `json:"words"`
	}
	path := server.path("incidents", c.Incident, "why") + "?" + url.Values{"person": {c.Person}}.Encode()
	if err := server.call(ctx, http.MethodGet, path, nil, &lines); err != nil {
		return err
	}
	for _, l := range lines {
		if _, err := fmt.Fprintf(s.out, "%s  %-10s  %s by %s: %s (policy %d)\n", l.At.UTC().Format("2 Jan 15:04 UTC"), l.Event, l.Who, l.Channel, l.Words, l.Policy); err != nil {
			return err
		}
	}
	return nil
}
