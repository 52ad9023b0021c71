package api

import (
	"net/http"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/store"
)

// duty is who has a role.
type duty struct {
	Name          string        `json:"name"`
	StakeholderID *string       `json:"stakeholder_id"` // null for who is not in the register
	Contacts      []dutyContact `json:"contacts"`
	From          string        `json:"from"` // whose setting it is: incident, component or page
}

// dutyContact is one way of reminding somebody; a secret address is never shown.
type dutyContact struct {
	Channel string  `json:"channel"`
	Address string  `json:"address"`
	Label   *string `json:"label"`
}

// roster is who has which role; null where nobody has one.
type roster map[string]*duty

func showRoster(r stakeholders.Roster) roster {
	shown := roster{}
	for _, role := range stakeholders.Roles() {
		shown[string(role)] = nil
		if d, held := r[role]; held {
			contacts := make([]dutyContact, len(d.Contacts))
			for i, c := range d.Contacts {
				contacts[i] = dutyContact{string(c.Channel), c.Shown(), optional(c.Label)}
			}
			shown[string(role)] = &duty{d.Name, optional(d.StakeholderID), contacts, d.From}
		}
	}
	return shown
}

// incidentRoles is the answer about one incident.
type incidentRoles struct {
	Roles roster `json:"roles"`
}

// defaultRoles is the answer about the page.
type defaultRoles struct {
	Roles      roster            `json:"roles"`
	Components map[string]roster `json:"components"` // by id; only those that have a role of their own
}

// getIncidentRoles handles GET /incidents/:id/roles.
func (a *api) getIncidentRoles(c *fiber.Ctx) error {
	name, err := pathIncident(c)
	if err != nil {
		return err
	}
	roles, err := a.publish.IncidentRoles(c.UserContext(), name)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, incidentRoles{showRoster(roles)})
}

// changeIncidentRoles handles PATCH /incidents/:id/roles.
func (a *api) changeIncidentRoles(c *fiber.Ctx) error {
	name, err := pathIncident(c)
	if err != nil {
		return err
	}
	body, err := readBody(c)
	if err != nil {
		return err
	}
	changes := readRoles(body, "roles")
	if changes == nil {
		body.envelope("roles", rolesExample)
	}
	if err := body.bad.Err(); err != nil {
		return err
	}
	roles, err := a.publish.HandOver(c.UserContext(), actor(c), name, changes)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, incidentRoles{showRoster(roles)})
}

// getDefaultRoles handles GET /roles.
func (a *api) getDefaultRoles(c *fiber.Ctx) error {
	rosters, err := a.store.DefaultRoles(c.UserContext())
	if err != nil {
		return err
	}
	answer := defaultRoles{showRoster(rosters[store.PageRoles()]), map[string]roster{}}
	for subject, r := range rosters {
		if id, ok := subject.Component(); ok {
			answer.Components[id] = showRoster(r)
		}
	}
	return send(c, http.StatusOK, answer)
}

// changeDefaultRoles handles PATCH /roles.
func (a *api) changeDefaultRoles(c *fiber.Ctx) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	roles, components := readRoles(body, "roles"), map[string]publish.RoleChanges{}
	if given := body.object("components", "an object of component id to roles"); given != nil {
		for _, id := range given.names {
			components[id] = readRoles(given, id)
		}
	}
	if roles == nil && len(components) == 0 {
		body.envelope("roles", rolesExample)
	}
	if err := body.bad.Err(); err != nil {
		return err
	}
	if err := a.publish.SaveDefaultRoles(c.UserContext(), actor(c), roles, components); err != nil {
		return err
	}
	return a.getDefaultRoles(c)
}

const rolesExample = `{"communication_lead": "Ana Lima"}`

// readRoles reads who is given which role: a name or an id of the register, an
// object with name and email or slack, or null for nobody. Nil when absent.
func readRoles(in *object, name string) publish.RoleChanges {
	given := in.object(name, "an object such as "+rolesExample)
	if given == nil {
		return nil
	}
	changes := publish.RoleChanges{}
	for _, one := range given.names {
		role := stakeholders.Role(one)
		if !role.Valid() {
			given.bad.Add(given.at(one), "is not a role; use %s", rolesListed())
			continue
		}
		changes[role] = readHolder(given, one)
	}
	return changes
}

func readHolder(in *object, role string) *publish.RoleGiven {
	raw, there := in.given(role)
	if !there || string(raw) == `""` {
		return nil
	}
	given := &publish.RoleGiven{Field: in.at(role)}
	if raw[0] != '{' {
		given.Person = in.words(role)
		return given
	}
	who := in.object(role, `a name, or an object such as {"name": "Ana", "email": "ana@example.com"}`)
	if who == nil {
		return given
	}
	who.only([]string{"person", "name", "email", "slack", "slack_label"}, []string{"stakeholder_id", "contacts", "from"})
	given.Person, given.Name, given.Email = who.words("person"), who.words("name"), who.words("email")
	given.Slack, given.SlackLabel = who.words("slack"), who.words("slack_label")
	return given
}

func rolesListed() string {
	all := stakeholders.Roles()
	names := make([]string, len(all))
	for i, role := range all {
		names[i] = string(role)
	}
	slices.Sort(names)
	return names[0] + ", " + names[1] + ", " + names[2] + " or " + names[3]
}
