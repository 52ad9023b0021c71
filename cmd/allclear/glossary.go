package main

import (
	"context"
	"fmt"
	"io"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/store"
)

type glossaryCommand struct {
	Show   glossaryShowCommand   `cmd:"" help:"Print the glossary as it was written."`
	Import glossaryImportCommand `cmd:"" help:"Put a glossary into force."`
}

type glossaryShowCommand struct {
	database `embed:""`
}

// Run prints the glossary.
func (c *glossaryShowCommand) Run(ctx context.Context, s *streams) error {
	return c.withStore(ctx, true, func(_ *store.Store, p *publish.Publisher) error {
		document, _, err := p.Glossary(ctx)
		if err != nil {
			return err
		}
		_, err = io.WriteString(s.out, document)
		return err
	})
}

type glossaryImportCommand struct {
	database `embed:""`
	File     string `arg:"" help:"The glossary, or - for standard input."`
}

// Run replaces the glossary for every text checked from then on.
func (c *glossaryImportCommand) Run(ctx context.Context, s *streams) error {
	document, err := readInput(c.File, s.in)
	if err != nil {
		return err
	}
	return c.withStore(ctx, false, func(_ *store.Store, p *publish.Publisher) error {
		g, err := p.SaveGlossary(ctx, operator, string(document))
		if err != nil {
			return faults(err)
		}
		_, err = fmt.Fprintf(s.err, "%d internal names, %d allowed words, %d public addresses\n", len(g.Internal), len(g.Allowed), len(g.Public))
		return err
	})
}
