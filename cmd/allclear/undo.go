package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

type undoCommand struct {
	remote   `embed:""`
	Incident string `arg:"" help:"Incident whose newest update is meant, such as INC-2."`
	Reason   string `name:"reason" help:"Why; it is written to the audit log."`
}

// Run takes the push of an incident's newest update back, within the page's
// undo time.
func (c *undoCommand) Run(ctx context.Context, s *streams) error {
	server, err := c.connect(ctx)
	if err != nil {
		return err
	}
	var incident struct {
		IncidentUpdates []struct{ ID string } `json:"incident_updates"`
	}
	if err := server.call(ctx, http.MethodGet, server.path("incidents", c.Incident), nil, &incident); err != nil {
		return fmt.Errorf("%s: %w", c.Incident, err)
	}
	if len(incident.IncidentUpdates) == 0 {
		return fmt.Errorf("%s has no update", c.Incident)
	}
	var done postAnswer
	path := server.path("incidents", c.Incident, "incident_updates", incident.IncidentUpdates[0].ID, "undo")
	if err := server.call(ctx, http.MethodPost, path, map[string]any{"undo": map[string]string{"reason": c.Reason}}, &done); err != nil {
		return err
	}
	lines := []string{"Nobody is told of this update. The page still shows it: " + done.Shortlink}
	for _, warning := range done.Allclear.Warnings {
		lines = append(lines, "  warning   "+warning)
	}
	_, err = fmt.Fprintln(s.err, strings.Join(lines, "\n"))
	return err
}
