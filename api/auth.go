package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/status"
)

// needs lets only requests pass whose token has a scope.
func (a *api) needs(scope auth.Scope) fiber.Handler {
	return func(c *fiber.Ctx) error {
		token, err := a.authenticate(c.UserContext(), credential(c))
		if err != nil {
			return err
		}
		c.Locals(tokenKey, token)
		if err := a.store.TouchToken(c.UserContext(), token); err != nil {
			// When a token was last used is no reason to refuse it now.
			a.log.Warn("note the use of a token", "request_id", requestID(c), "token_id", token.ID, "error", err)
		}
		if err := require(c, scope); err != nil {
			return err
		}
		return c.Next()
	}
}

// require refuses what the request's token may not do.
func require(c *fiber.Ctx, scope auth.Scope) error {
	token := c.Locals(tokenKey).(auth.Token)
	if token.Scope.Includes(scope) {
		return nil
	}
	return fmt.Errorf("the token %q has the scope %s; this needs the scope %s: %w", token.Name, token.Scope, scope, status.ErrForbidden)
}

// actor is who asks, for the audit log and for the gate that texts pass.
func actor(c *fiber.Ctx) auth.Actor {
	token := c.Locals(tokenKey).(auth.Token)
	return auth.Actor{Kind: "token", ID: token.ID, Name: token.Name, Scope: token.Scope, Gate: token.Gate, From: c.IP()}
}

// credential is the token that a request brings: after a scheme, which is
// OAuth for Statuspage's clients, without one, or as api_key in the address.
func credential(c *fiber.Ctx) string {
	words := strings.Fields(c.Get(fiber.HeaderAuthorization))
	switch {
	case len(words) == 2 && (strings.EqualFold(words[0], "bearer") || strings.EqualFold(words[0], "oauth")):
		return words[1]
	case len(words) == 1 && !strings.EqualFold(words[0], "bearer") && !strings.EqualFold(words[0], "oauth"):
		return words[0]
	case len(words) > 1:
		return strings.Join(words, " ") // never a token: told so
	default:
		return c.Query("api_key")
	}
}

// authenticate finds the token that a secret belongs to.
func (a *api) authenticate(ctx context.Context, secret string) (auth.Token, error) {
	if secret == "" {
		return auth.Token{}, unauthenticated("There is no token; send it as Authorization: Bearer TOKEN.")
	}
	if !auth.WellFormedToken(secret) {
		return auth.Token{}, unauthenticated("This is not a token of this server: it was perhaps cut short or mistyped. A whole one begins with " + auth.TokenPrefix + ".")
	}
	hash := auth.HashToken(secret)
	token, err := a.store.TokenByHash(ctx, hash)
	if !errors.Is(err, status.ErrNotFound) {
		return token, err
	}
	all, err := a.store.Tokens(ctx)
	if err != nil {
		return auth.Token{}, err
	}
	if slices.ContainsFunc(all, func(t auth.Token) bool { return t.Hash == hash }) {
		return auth.Token{}, unauthenticated("This token was revoked; make a new one.")
	}
	return auth.Token{}, unauthenticated("This is not a token of this server; it may belong to another one.")
}
