package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

type eraseCommand struct {
	database `embed:""`
	DryRun   bool     `name:"dry-run" help:"Only print what would change."`
	Name     []string `name:"name" help:"Another name by which texts know the person; may be given several times."`
	Reason   string   `name:"reason" help:"Why; it is written to the audit log, without the person's name."`
	Person   string   `arg:"" help:"Email address, or a person's name in the register."`
}

// How long a message may be on its way before the command gives up.
const (
	eraseTries = 24
	erasePause = 5 * time.Second
)

// Run erases a person and prints what changed. While a message is on its way to
// them it waits.
func (c *eraseCommand) Run(ctx context.Context, s *streams) error {
	return c.withStore(ctx, false, func(_ *store.Store, p *publish.Publisher) error {
		for try := 1; ; try++ {
			done, err := p.Erase(ctx, operator, publish.EraseRequest{Person: c.Person, Names: c.Name, Reason: c.Reason, DryRun: c.DryRun})
			if err == nil {
				return c.print(s.out, done)
			}
			if !errors.Is(err, status.ErrConflict) || try == eraseTries {
				return err
			}
			if _, err := fmt.Fprintln(s.err, "a message to this person is on its way; waiting"); err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(erasePause):
			}
		}
	})
}

func (c *eraseCommand) print(out io.Writer, done publish.Erasure) error {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if c.DryRun {
		line("Nothing was changed. This is what would be:")
	}
	line("%-14s %s, now %s", "addresses", strings.Join(done.Addresses, ", "), done.Pseudonym)
	line("%-14s %d deliveries, %d attempts; %d that waited are not sent", "ledger", done.Deliveries, done.Attempts, done.Waiting)
	line("%-14s %d deleted", "subscriptions", done.Subscriptions)
	for _, part := range []struct {
		name  string
		words []string
	}{{"register", done.People}, {"no longer in", done.Teams}, {"by contract in", done.Contracts}, {"no owner now", done.Owned}, {"roles ended", done.Roles}} {
		if len(part.words) > 0 {
			line("%-14s %s", part.name, strings.Join(part.words, ", "))
		}
	}
	var texts []string
	for _, table := range slices.Sorted(maps.Keys(done.Texts)) {
		texts = append(texts, fmt.Sprintf("%d in %s", done.Texts[table], table))
	}
	if len(texts) > 0 {
		line("%-14s %s", "texts reworded", strings.Join(texts, ", "))
	}
	if len(done.Mentions) > 0 {
		line("%-14s %s; edit these yourself", "public texts", strings.Join(done.Mentions, ", "))
	}
	_, err := io.WriteString(out, b.String())
	return err
}
