package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// stakeholder is an entry of the register.
type stakeholder struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Kind        string    `json:"kind"`
	Power       string    `json:"power"`
	Interest    string    `json:"interest"`
	Quadrant    string    `json:"quadrant"`
	Contacts    []contact `json:"contacts"`
	Components  []string  `json:"components"` // ids; none: all
	Language    *string   `json:"language"`
	TimeZone    *string   `json:"time_zone"`
	QuietHours  *string   `json:"quiet_hours"`
	Owner       *string   `json:"owner"`
	Notes       *string   `json:"notes"`
	ReviewAfter *string   `json:"review_after"`
	ReviewedAt  *string   `json:"reviewed_at"`
	ReviewDueAt *string   `json:"review_due_at"`
	CreatedAt   string    `json:"created_at"`
	UpdatedAt   string    `json:"updated_at"`
	// Warnings stand in the answer to a change alone.
	Warnings []string `json:"warnings,omitempty"`
}

// contact is one way of reaching a stakeholder. A secret address is never
// shown; its label is.
type contact struct {
	Channel     string       `json:"channel"`
	Address     string       `json:"address"`
	Label       *string      `json:"label"`
	Private     bool         `json:"private"`
	OptedIn     bool         `json:"opted_in"`
	Contractual *contractual `json:"contractual"`
}

// contractual is why a contact must be told.
type contractual struct {
	Basis string `json:"basis"`
}

// listStakeholders handles GET /stakeholders, in the order of the register.
func (a *api) listStakeholders(c *fiber.Ctx) error {
	onlyDue, err := queryTruth(c, "review_due")
	if err != nil {
		return err
	}
	register, err := a.store.Register(c.UserContext())
	if err != nil {
		return err
	}
	all := []stakeholder{}
	for _, s := range register {
		if !onlyDue || s.ReviewDue(a.store.Now()) {
			all = append(all, showStakeholder(page(c), s))
		}
	}
	list, err := cutList(c, all)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, list)
}

// getStakeholder handles GET /stakeholders/:id.
func (a *api) getStakeholder(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	register, err := a.store.Register(c.UserContext())
	if err != nil {
		return err
	}
	at := slices.IndexFunc(register, func(s stakeholders.Stakeholder) bool { return s.ID == id })
	if at < 0 {
		return status.ErrNotFound
	}
	return send(c, http.StatusOK, showStakeholder(page(c), register[at]))
}

// addStakeholder handles POST /stakeholders.
func (a *api) addStakeholder(c *fiber.Ctx) error {
	patch, err := readStakeholder(c)
	if err != nil {
		return err
	}
	s, warnings, err := a.publish.AddStakeholder(c.UserContext(), actor(c), patch)
	return answerStakeholder(c, http.StatusCreated, s, warnings, err)
}

// changeStakeholder handles PATCH /stakeholders/:id.
func (a *api) changeStakeholder(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	patch, err := readStakeholder(c)
	if err != nil {
		return err
	}
	s, warnings, err := a.publish.SaveStakeholder(c.UserContext(), actor(c), id, patch)
	return answerStakeholder(c, http.StatusOK, s, warnings, err)
}

// deleteStakeholder handles DELETE /stakeholders/:id.
func (a *api) deleteStakeholder(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	if err := a.publish.RemoveStakeholder(c.UserContext(), actor(c), id, strings.Clone(c.Query("reason"))); err != nil {
		return err
	}
	return c.SendStatus(http.StatusNoContent)
}

// reviewStakeholder handles POST /stakeholders/:id/review.
func (a *api) reviewStakeholder(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	s, err := a.publish.ReviewStakeholder(c.UserContext(), actor(c), id)
	return answerStakeholder(c, http.StatusOK, s, nil, err)
}

func answerStakeholder(c *fiber.Ctx, code int, s stakeholders.Stakeholder, warnings []string, err error) error {
	if err != nil {
		return err
	}
	answer := showStakeholder(page(c), s)
	answer.Warnings = warnings
	return send(c, code, answer)
}

func showStakeholder(p status.Page, s stakeholders.Stakeholder) stakeholder {
	contacts := make([]contact, len(s.Contacts))
	for i, one := range s.Contacts {
		contacts[i] = contact{string(one.Channel), one.Shown(), optional(one.Label), one.Private, one.OptedIn, nil}
		if one.Contractual != "" {
			contacts[i].Contractual = &contractual{one.Contractual}
		}
	}
	return stakeholder{
		ID: s.ID, Name: s.Name, Kind: string(s.Kind), Power: string(s.Power), Interest: string(s.Interest),
		Quadrant: string(s.Quadrant()), Contacts: contacts, Components: listed(s.Components), Language: optional(s.Language),
		TimeZone: optional(s.TimeZone), QuietHours: optional(s.QuietHours), Owner: optional(s.Owner), Notes: optional(s.Notes),
		ReviewAfter: optional(s.ReviewAfter), ReviewedAt: statuspage.OptionalTime(s.ReviewedAt, p.Location()),
		ReviewDueAt: statuspage.OptionalTime(s.ReviewDueAt(), p.Location()),
		CreatedAt:   statuspage.FormatTime(s.CreatedAt, p.Location()), UpdatedAt: statuspage.FormatTime(s.UpdatedAt, p.Location()),
	}
}

// optional is a text, or null when it is empty.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// The fields of an entry, and those that only answers have.
var (
	stakeholderFields   = []string{"name", "kind", "power", "interest", "contacts", "components", "language", "time_zone", "quiet_hours", "owner", "notes", "review_after"}
	stakeholderAnswered = []string{"id", "quadrant", "reviewed_at", "review_due_at", "created_at", "updated_at", "warnings"}
)

// readStakeholder reads what is to change; null empties a field.
func readStakeholder(c *fiber.Ctx) (publish.StakeholderPatch, error) {
	body, err := readBody(c)
	if err != nil {
		return publish.StakeholderPatch{}, err
	}
	in := body.envelope("stakeholder", `{"name": "Ana", "power": "high", "interest": "high", "contacts": [{"email": "ana@example.com"}]}`)
	in.only(stakeholderFields, stakeholderAnswered)
	text := func(name string) *string {
		if in.isNull(name) {
			return new(string)
		}
		return in.text(name)
	}
	patch := publish.StakeholderPatch{Name: text("name"), Kind: text("kind"), Power: text("power"), Interest: text("interest"),
		Language: text("language"), TimeZone: text("time_zone"), QuietHours: text("quiet_hours"), Owner: text("owner"), Notes: text("notes"),
		ReviewAfter: text("review_after"), Reason: body.words("reason")}
	if names := in.texts("components", "component ids or names"); names != nil || in.isNull("components") {
		patch.Components = &names
	}
	if contacts, given := readContacts(in); given {
		patch.Contacts = &contacts
	}
	return patch, body.bad.Err()
}

// readContacts reads the list of contacts; false when there is none.
func readContacts(in *object) ([]stakeholders.DraftContact, bool) {
	raw, ok := in.given("contacts")
	if !ok {
		return nil, in.isNull("contacts")
	}
	var items []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &items) != nil {
		in.wrong("contacts", raw, "a list of contacts")
		return nil, false
	}
	contacts := make([]stakeholders.DraftContact, 0, len(items))
	for i, item := range items {
		one := &object{path: fmt.Sprintf("%s[%d]", in.at("contacts"), i), form: in.form, bad: in.bad}
		if item[0] != '{' || one.fill(item) != nil {
			in.wrong(fmt.Sprintf("contacts[%d]", i), item, `an object such as {"email": "ana@example.com"}`)
			continue
		}
		contacts = append(contacts, readContact(one))
	}
	return contacts, true
}

// readContact reads a contact as the register file writes it, or as answers
// show it.
func readContact(in *object) stakeholders.DraftContact {
	fields := []string{"channel", "address", "label", "private", "opted_in", "contractual"}
	for _, channel := range stakeholders.ContactChannels() {
		fields = append(fields, string(channel))
	}
	in.only(fields, nil)
	d := stakeholders.DraftContact{Label: in.words("label")}
	for _, mark := range []struct {
		name string
		to   *bool
	}{{"private", &d.Private}, {"opted_in", &d.OptedIn}} {
		if truth := in.truth(mark.name); truth != nil {
			*mark.to = *truth
		}
	}
	named := 0
	for _, channel := range stakeholders.ContactChannels() {
		if address := in.words(string(channel)); address != "" {
			d.Channel, d.Address = channel, address
			named++
		}
	}
	if channel := in.words("channel"); channel != "" && named == 0 {
		d.Channel, d.Address, d.Field = stakeholders.Channel(channel), in.words("address"), "address"
	} else if named > 1 {
		d.Channel = ""
	}
	if contract := in.object("contractual", `an object such as {"basis": "Contract of 2026-03-01"}`); contract != nil {
		contract.only([]string{"basis"}, nil)
		basis := contract.words("basis")
		d.Contract = &basis
	}
	return d
}

// plan is what an import changes, or would change.
type plan struct {
	DryRun   bool     `json:"dry_run"`
	Changes  []change `json:"changes"`
	Warnings []string `json:"warnings"`
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
	planned, err := a.publish.ImportRegister(c.UserContext(), actor(c), publish.RegisterImport{
		Document: bytes.Clone(c.BodyRaw()), Format: importFormat(c), Reason: strings.Clone(c.Query("reason")), DryRun: dryRun})
	if err != nil {
		return err
	}
	answer := plan{DryRun: dryRun, Changes: make([]change, len(planned.Changes)), Warnings: planned.Warnings}
	for i, one := range planned.Changes {
		answer.Changes[i] = change{one.Action, one.Name, listed(one.Details)}
	}
	return send(c, http.StatusOK, answer)
}

// importFormat is the format that the query names, else the one that the
// Content-Type does, else YAML.
func importFormat(c *fiber.Ctx) stakeholders.Format {
	if format := strings.Clone(c.Query("format")); format != "" {
		return stakeholders.Format(format)
	}
	if strings.HasPrefix(strings.ToLower(c.Get(fiber.HeaderContentType)), "text/csv") {
		return stakeholders.CSV
	}
	return stakeholders.YAML
}

// exportStakeholders handles GET /stakeholders/export. What an import takes
// holds secrets, so it needs the scope admin; the document for people does not.
func (a *api) exportStakeholders(c *fiber.Ctx) error {
	format := stakeholders.Format(strings.Clone(c.Query("format", string(stakeholders.Markdown))))
	kind, known := map[stakeholders.Format]string{stakeholders.YAML: "application/yaml; charset=utf-8", stakeholders.CSV: "text/csv; charset=utf-8",
		stakeholders.Markdown: "text/markdown; charset=utf-8"}[format]
	if !known {
		return status.NewInvalid("format", "is %q; it must be md, yaml or csv", cut(string(format), 50))
	}
	if format != stakeholders.Markdown {
		if err := require(c, auth.ScopeAdmin); err != nil {
			return err
		}
	}
	document, err := a.publish.ExportRegister(c.UserContext(), format)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, kind)
	c.Set(fiber.HeaderContentDisposition, fmt.Sprintf("attachment; filename=stakeholders.%s", format))
	return c.Send(document)
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
