package api

import (
	"bytes"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// stakeholder is an entry of the register.
type stakeholder struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Kind       string    `json:"kind"`
	Power      string    `json:"power"`
	Interest   string    `json:"interest"`
	Quadrant   string    `json:"quadrant"`
	Contacts   []contact `json:"contacts"`
	Components []string  `json:"components"` // ids; none: all
	Language   *string   `json:"language"`
	TimeZone   *string   `json:"time_zone"`
	QuietHours *string   `json:"quiet_hours"`
	Owner      *string   `json:"owner"`
	Notes      *string   `json:"notes"`
	CreatedAt  string    `json:"created_at"`
	UpdatedAt  string    `json:"updated_at"`
}

// contact is one way of reaching a stakeholder. A secret address is never
// shown; its label is.
type contact struct {
	Channel string  `json:"channel"`
	Address string  `json:"address"`
	Label   *string `json:"label"`
	Private bool    `json:"private"`
	OptedIn bool    `json:"opted_in"`
}

// listStakeholders handles GET /stakeholders, in the order of the register.
func (a *api) listStakeholders(c *fiber.Ctx) error {
	register, err := a.store.Register(c.UserContext())
	if err != nil {
		return err
	}
	all := make([]stakeholder, len(register))
	for i, s := range register {
		all[i] = showStakeholder(page(c), s)
	}
	list, err := cutList(c, all)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, list)
}

func showStakeholder(p status.Page, s stakeholders.Stakeholder) stakeholder {
	contacts := make([]contact, len(s.Contacts))
	for i, one := range s.Contacts {
		contacts[i] = contact{string(one.Channel), one.Shown(), optional(one.Label), one.Private, one.OptedIn}
	}
	return stakeholder{
		ID: s.ID, Name: s.Name, Kind: string(s.Kind), Power: string(s.Power), Interest: string(s.Interest),
		Quadrant: string(s.Quadrant()), Contacts: contacts, Components: listed(s.Components), Language: optional(s.Language),
		TimeZone: optional(s.TimeZone), QuietHours: optional(s.QuietHours), Owner: optional(s.Owner), Notes: optional(s.Notes),
		CreatedAt: statuspage.FormatTime(s.CreatedAt, p.Location()), UpdatedAt: statuspage.FormatTime(s.UpdatedAt, p.Location()),
	}
}

// optional is a text, or null when it is empty.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// plan is what an import changes, or would change.
type plan struct {
	DryRun  bool     `json:"dry_run"`
	Changes []change `json:"changes"`
}

type change struct {
	Action  string   `json:"action"`
	Name    string   `json:"name"`
	Details []string `json:"details"`
}

// importStakeholders handles POST /stakeholders/import; the body is the
// register file itself.
func (a *api) importStakeholders(c *fiber.Ctx) error {
	dryRun, err := queryTruth(c, "dry_run")
	if err != nil {
		return err
	}
	planned, err := a.publish.ImportRegister(c.UserContext(), actor(c), bytes.Clone(c.BodyRaw()), dryRun)
	if err != nil {
		return err
	}
	answer := plan{DryRun: dryRun, Changes: make([]change, len(planned.Changes))}
	for i, one := range planned.Changes {
		answer.Changes[i] = change{one.Action, one.Name, listed(one.Details)}
	}
	return send(c, http.StatusOK, answer)
}

// queryTruth reads true or false of the query; false when absent.
func queryTruth(c *fiber.Ctx, name string) (bool, error) {
	switch text := c.Query(name); text {
	case "true", "1", "t":
		return true, nil
	case "", "false", "0", "f":
		return false, nil
	default:
		return false, status.NewInvalid(name, "is %q; it must be true or false", cut(text, 50))
	}
}
