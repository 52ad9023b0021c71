package main

import (
	"context"
	"fmt"
	"net/http"
	"text/tabwriter"
)

type componentCommand struct {
	remote `embed:""`
	Name   string `arg:"" optional:"" help:"Component, by name or id; left out, all are listed."`
	Status string `arg:"" optional:"" help:"Its new state: operational, degraded_performance, partial_outage, major_outage or under_maintenance."`
}

// Run lists the components, or gives one a state.
func (c *componentCommand) Run(ctx context.Context, s *streams) error {
	server, err := c.connect(ctx)
	if err != nil {
		return err
	}
	all, err := server.components(ctx)
	if err != nil {
		return err
	}
	if c.Name != "" {
		one, err := findComponent(all, c.Name)
		if err != nil {
			return err
		}
		if c.Status != "" {
			body := map[string]any{"component": map[string]string{"status": c.Status}}
			if err := server.call(ctx, http.MethodPatch, server.path("components", one.ID), body, &one); err != nil {
				return err
			}
		}
		all = []listComponent{one}
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, one := range all {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", one.ID, one.Status, one.Name) // Flush reports what failed
	}
	return w.Flush()
}
