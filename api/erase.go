package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/publish"
)

// erasure is what an erasure changed, or would change.
type erasure struct {
	DryRun        bool           `json:"dry_run"`
	Pseudonym     string         `json:"pseudonym"`
	Addresses     []string       `json:"addresses"`
	People        []string       `json:"people"`
	Teams         []string       `json:"teams"`
	Deliveries    int64          `json:"deliveries"`
	Waiting       int64          `json:"waiting"`
	Attempts      int64          `json:"attempts"`
	Subscriptions int64          `json:"subscriptions"`
	Contacts      int64          `json:"contacts"`
	Contracts     []string       `json:"contracts"`
	Roles         []string       `json:"roles"`
	Owned         []string       `json:"owned"`
	Texts         map[string]int `json:"texts"`
	Mentions      []string       `json:"mentions"`
}

// erasePerson handles POST /erasures.
func (a *api) erasePerson(c *fiber.Ctx) error {
	dryRun, err := queryTruth(c, "dry_run")
	if err != nil {
		return err
	}
	body, err := readBody(c)
	if err != nil {
		return err
	}
	in := publish.EraseRequest{Person: body.words("person"), Names: body.texts("names", "names"), Reason: body.words("reason"), DryRun: dryRun}
	if err := body.bad.Err(); err != nil {
		return err
	}
	e, err := a.publish.Erase(c.UserContext(), actor(c), in)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, erasure{DryRun: dryRun, Pseudonym: e.Pseudonym, Addresses: listed(e.Addresses), People: listed(e.People), Teams: listed(e.Teams),
		Deliveries: e.Deliveries, Waiting: e.Waiting, Attempts: e.Attempts, Subscriptions: e.Subscriptions, Contacts: e.Contacts,
		Contracts: listed(e.Contracts), Roles: listed(e.Roles), Owned: listed(e.Owned), Texts: e.Texts, Mentions: listed(e.Mentions)})
}
