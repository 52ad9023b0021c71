package main

import (
	"cmp"
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"Make a token and print it, once."`
	List   tokenListCommand   `cmd:"" help:"List the tokens."`
	Revoke tokenRevokeCommand `cmd:"" help:"End a token for good."`
}

type tokenCreateCommand struct {
	database `embed:""`
	Name     string `name:"name" required:"" help:"Who or what will use it."`
	Scope    string `name:"scope" required:"" enum:"read,post,manage,admin" help:"What it may do: ${enum}."`
	Gate     string `name:"gate" enum:"block,warn" default:"block" help:"What becomes of texts with errors: ${enum}; warn is for programs, whose posts must not fail."`
}

// Run prints the new token alone on standard output.
func (c *tokenCreateCommand) Run(ctx context.Context, io *streams) error {
	bad := &status.Invalid{}
	if status.CheckText(bad, "--name", c.Name, status.MaxNameLength, true); c.Name == "" {
		bad.Add("--name", "is empty; say who or what will use the token")
	}
	if err := bad.Err(); err != nil {
		return misuse{err}
	}
	return c.withStore(ctx, false, func(s *store.Store, _ *publish.Publisher) error {
		secret, err := keepToken(ctx, s, auth.Token{Name: c.Name, Scope: auth.Scope(c.Scope), Gate: auth.Gate(c.Gate)})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(io.out, secret)
		return err
	})
}

// addToken makes a token for people and returns its secret.
func addToken(ctx context.Context, s *store.Store, name string, scope auth.Scope) (string, error) {
	return keepToken(ctx, s, auth.Token{Name: name, Scope: scope, Gate: auth.GateBlock})
}

// keepToken gives a token its id and its secret, which it returns.
func keepToken(ctx context.Context, s *store.Store, token auth.Token) (string, error) {
	secret := auth.NewTokenSecret()
	token.ID, token.Hash = store.NewID(), auth.HashToken(secret)
	return secret, s.InTx(ctx, func(tx *store.Tx) error {
		if err := tx.AddToken(ctx, token); err != nil {
			return err
		}
		return tx.Audit(ctx, operator, "create token", "token:"+token.ID, map[string]any{"name": token.Name, "scope": token.Scope, "gate": token.Gate}, 0)
	})
}

type tokenListCommand struct {
	database `embed:""`
}

// Run lists the tokens, without their secrets.
func (c *tokenListCommand) Run(ctx context.Context, io *streams) error {
	return c.withStore(ctx, true, func(s *store.Store, _ *publish.Publisher) error {
		tokens, err := s.Tokens(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "ID\tNAME\tSCOPE\tGATE\tCREATED\tLAST USED\tREVOKED") // Flush reports what failed
		for _, t := range tokens {
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Name, t.Scope, cmp.Or(t.Gate, auth.GateBlock), moment(t.CreatedAt), moment(t.LastUsedAt), moment(t.RevokedAt))
		}
		return w.Flush()
	})
}

// moment is a time for people; "-" for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

type tokenRevokeCommand struct {
	database `embed:""`
	ID       string `arg:"" help:"Id of the token, as the list shows it."`
}

// Run ends the token.
func (c *tokenRevokeCommand) Run(ctx context.Context) error {
	return c.withStore(ctx, true, func(s *store.Store, _ *publish.Publisher) error {
		return s.InTx(ctx, func(tx *store.Tx) error {
			if err := tx.RevokeToken(ctx, c.ID); err != nil {
				return fmt.Errorf("token %s: %w", c.ID, err)
			}
			return tx.Audit(ctx, operator, "revoke token", "token:"+c.ID, map[string]any{}, 0)
		})
	})
}
