package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
)

type serveCommand struct {
	settings `embed:""`
}

// garbageShare is how much garbage the server collects before it clears it away,
// in percent of what it holds. It holds little, and hot pages make none: a third
// of what is usual costs no time worth naming, and a seventh less memory.
const garbageShare = 33

// Run serves until the context ends.
func (c *serveCommand) Run(ctx context.Context, io *streams) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbageShare)
	}
	log := slog.New(slog.NewTextHandler(io.err, nil))
	a, err := newApp(ctx, c.settings, log, options{})
	if err != nil {
		return err
	}
	if c.relays() == "" {
		log.Warn("no mail server is configured; mail is held until --smtp-url is set")
	}
	warnings, err := a.publisher.PolicyWarnings(ctx)
	if err != nil {
		return errors.Join(err, a.close())
	}
	for _, sentence := range warnings {
		log.Warn("policy: " + sentence)
	}
	page, err := a.store.Page(ctx)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(io.err, "Allclear %s serves %s on %s (page id %s).\n", version(), c.PublicURL, a.listener.Addr(), page.ID)
	return a.serve(ctx)
}
