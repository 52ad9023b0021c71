package api

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/publish"
)

// shownFindings bounds how many findings the detail names; all are listed.
const shownFindings = 5

// refusal says why a text was not published, and what its sender can do.
func refusal(c *fiber.Ctx, refused *publish.Refused) string {
	count := len(refused.Stopping)
	var named []string
	for _, f := range refused.Stopping[:min(count, shownFindings)] {
		named = append(named, fmt.Sprintf("%s in %s (%q)", f.Rule, f.Field, cut(f.Text, 40)))
	}
	if count > shownFindings {
		named = append(named, fmt.Sprintf("and %d more", count-shownFindings))
	}
	plural := "s"
	if count == 1 {
		plural = ""
	}
	return fmt.Sprintf("Not published, nothing was stored. The text has %d error%s: %s. %s", count, plural, strings.Join(named, ", "), wayOut(c, refused))
}

// wayOut says what the sender of a refused text can do.
func wayOut(c *fiber.Ctx, refused *publish.Refused) string {
	scope := actor(c).Scope
	kept := slices.IndexFunc(refused.Stopping, func(f plainlanguage.Finding) bool { return !publish.MayOverride(scope, f.Rule) })
	switch {
	case kept < 0:
		return "Change it, or publish it all the same with allclear.override.reason; it is written to the audit log."
	case publish.MayOverride(auth.ScopeAdmin, refused.Stopping[kept].Rule):
		return fmt.Sprintf("Change it; only a token with the scope admin may override %s.", refused.Stopping[kept].Rule)
	default:
		return fmt.Sprintf("Change it; nobody may override %s.", refused.Stopping[kept].Rule)
	}
}
