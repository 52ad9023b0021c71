package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/store"
)

// operator is who acts on the command line.
var operator = auth.Actor{Kind: "command", Name: "command line", Scope: auth.ScopeAdmin}

// withStore opens the database for one command, beside a server or without
// one.
func (d database) withStore(ctx context.Context, checkOnly bool, do func(s *store.Store, p *publish.Publisher) error) error {
	key, err := d.key()
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Config{URL: d.url(), Key: key, CheckOnly: checkOnly})
	if err != nil {
		return err
	}
	p := publish.New(s, publish.Config{Key: key, Log: slog.New(slog.DiscardHandler)})
	return errors.Join(do(s, p), s.Close())
}

type migrateCommand struct {
	database `embed:""`
}

// Run brings the schema up to date.
func (c *migrateCommand) Run(ctx context.Context) error {
	return c.withStore(ctx, false, func(*store.Store, *publish.Publisher) error { return nil })
}
