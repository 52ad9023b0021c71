package api

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// policy is a policy with its cells taken apart.
type policy struct {
	Version      int64                                 `json:"version"`
	Name         string                                `json:"name"`
	NextUpdate   map[string]int                        `json:"next_update"` // minutes
	FirstPost    map[string]int                        `json:"first_post"`  // minutes
	LongIncident longIncident                          `json:"long_incident"`
	Reminders    reminders                             `json:"reminders"`
	DigestAt     string                                `json:"digest_at"`
	Grades       []grade                               `json:"grades"`
	ShowGrades   bool                                  `json:"show_grades"`
	Channels     map[string]string                     `json:"channels"` // the letter of each
	Table        map[string]map[string]map[string]cell `json:"table"`
	Document     string                                `json:"document"`
}

type longIncident struct {
	After int `json:"after"`
	Every int `json:"every"`
}

type reminders struct {
	Before       int `json:"before"`
	ManagerAfter int `json:"manager_after"`
	DeputyAfter  int `json:"deputy_after"`
}

type grade struct {
	Impact  string `json:"impact"`
	Name    string `json:"name"`
	Display string `json:"display"`
	Means   string `json:"means"`
}

type cell struct {
	Text    string  `json:"text"`
	Entries []entry `json:"entries"`
}

// entry is a list of channels with one timing. Minutes are 0 where that timing
// is not set.
type entry struct {
	Letters   []string `json:"letters"` // none: every channel used before
	Calendar  bool     `json:"calendar"`
	Hold      int      `json:"hold"`
	Limit     int      `json:"limit"`
	StillOpen int      `json:"still_open"`
	Digest    bool     `json:"digest"`
	Told      bool     `json:"told"`
	Delayed   bool     `json:"delayed"`
	Words     string   `json:"words"`
}

// policyPlan is what a policy changes, or would change.
type policyPlan struct {
	DryRun    bool           `json:"dry_run"`
	New       bool           `json:"new"`
	From      int64          `json:"from"`
	To        *int64         `json:"to"` // null while it is not stored
	Changes   []policyChange `json:"changes"`
	Concerned []concerned    `json:"concerned"`
	Warnings  []string       `json:"warnings"`
}

type policyChange struct {
	Event    *string  `json:"event"`
	Quadrant *string  `json:"quadrant"`
	Impacts  []string `json:"impacts"`
	Subject  string   `json:"subject"`
	From     string   `json:"from"`
	To       string   `json:"to"`
	Words    string   `json:"words"`
}

type concerned struct {
	Quadrant    string `json:"quadrant"`
	Entries     int    `json:"entries"`
	Subscribers int64  `json:"subscribers"`
}

type policyEntry struct {
	Version   int64   `json:"version"`
	Name      string  `json:"name"`
	InForce   bool    `json:"in_force"`
	By        string  `json:"by"`
	Reason    *string `json:"reason"`
	CreatedAt string  `json:"created_at"`
}

// getPolicy handles GET /policy and GET /policy/versions/:version.
func (a *api) getPolicy(c *fiber.Ctx) error {
	var version int64
	if name := c.Params("version"); name != "" {
		var err error
		if version, err = strconv.ParseInt(name, 10, 64); err != nil || version < 1 {
			return status.ErrNotFound
		}
	}
	p, err := a.publish.Policy(c.UserContext(), version)
	if err != nil {
		return err
	}
	c.Vary(fiber.HeaderAccept)
	if c.Accepts("application/yaml", "text/yaml", fiber.MIMEApplicationJSON) == fiber.MIMEApplicationJSON {
		return send(c, http.StatusOK, showPolicy(p))
	}
	c.Set(fiber.HeaderContentType, "application/yaml; charset=utf-8")
	return c.Send(p.Document())
}

func showPolicy(p *stakeholders.Policy) policy {
	after, every := p.LongIncident()
	hour, minute := p.DigestAt()
	remind := p.Reminders()
	shown := policy{
		Version: p.Version, Name: p.Name, NextUpdate: inMinutes(p.NextUpdates()), FirstPost: inMinutes(p.FirstPosts()),
		LongIncident: longIncident{minutes(after), minutes(every)},
		Reminders:    reminders{minutes(remind.Before), minutes(remind.ManagerAfter), minutes(remind.DeputyAfter)},
		DigestAt:     fmt.Sprintf("%02d:%02d", hour, minute), Grades: []grade{}, ShowGrades: len(p.ShownGrades()) > 0,
		Channels: map[string]string{}, Table: map[string]map[string]map[string]cell{}, Document: string(p.Document()),
	}
	for _, g := range p.Grades() {
		shown.Grades = append(shown.Grades, grade{string(g.Impact), g.Name, g.Display, g.Means})
	}
	for _, channel := range stakeholders.Channels() {
		if channel != stakeholders.Webhook { // told everything; no cell names it
			shown.Channels[string(channel)] = string(p.Class(channel))
		}
	}
	for _, row := range stakeholders.PolicyRows() {
		shown.Table[string(row)] = showRow(p, row)
	}
	return shown
}

func showRow(p *stakeholders.Policy, row stakeholders.Event) map[string]map[string]cell {
	shown := map[string]map[string]cell{}
	for _, q := range stakeholders.Quadrants() {
		cells := map[string]cell{}
		for _, impact := range []status.Impact{status.ImpactCritical, status.ImpactMajor, status.ImpactMinor} {
			one, _ := p.Cell(row, q, impact)
			cells[string(impact)] = showCell(one)
		}
		shown[string(q)] = cells
	}
	return shown
}

func showCell(c stakeholders.Cell) cell {
	shown := cell{Text: c.String(), Entries: []entry{}}
	for _, e := range c.Entries {
		one := entry{
			Letters: []string{}, Calendar: e.Calendar, Hold: minutes(e.Timing.Hold), Limit: minutes(e.Timing.Limit), StillOpen: minutes(e.Timing.StillOpen),
			Digest: e.Timing.Digest, Told: e.Timing.Told, Delayed: e.Timing.Delayed, Words: e.Timing.Words(),
		}
		for _, class := range e.Classes {
			one.Letters = append(one.Letters, string(class))
		}
		shown.Entries = append(shown.Entries, one)
	}
	return shown
}

func minutes(d time.Duration) int { return int(d / time.Minute) }

func inMinutes(times map[status.Impact]time.Duration) map[string]int {
	shown := map[string]int{}
	for impact, d := range times {
		shown[string(impact)] = minutes(d)
	}
	return shown
}

// importPolicy handles PUT /policy; the body is the document itself.
func (a *api) importPolicy(c *fiber.Ctx) error {
	dryRun, err := queryTruth(c, "dry_run")
	if err != nil {
		return err
	}
	bad := &status.Invalid{}
	reason := queryText(bad, c, "reason")
	if err := bad.Err(); err != nil {
		return err
	}
	planned, err := a.publish.ImportPolicy(c.UserContext(), actor(c), bytes.Clone(c.BodyRaw()), reason, dryRun)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, showPolicyPlan(planned, dryRun))
}

// comparePolicies handles GET /policy/diff.
func (a *api) comparePolicies(c *fiber.Ctx) error {
	bad := &status.Invalid{}
	from, to := queryVersion(bad, c, "from"), queryVersion(bad, c, "to")
	if err := bad.Err(); err != nil {
		return err
	}
	planned, err := a.publish.ComparePolicyVersions(c.UserContext(), from, to)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, showPolicyPlan(planned, true))
}

// queryVersion reads a version of the query; 0 when absent.
func queryVersion(bad *status.Invalid, c *fiber.Ctx, name string) int64 {
	text := c.Query(name)
	if text == "" {
		return 0
	}
	version, err := strconv.ParseInt(text, 10, 64)
	if err != nil || version < 1 {
		bad.Add(name, "is %q; it must be the number of a version", cut(text, 50))
	}
	return version
}

func showPolicyPlan(p publish.PolicyPlan, dryRun bool) policyPlan {
	shown := policyPlan{DryRun: dryRun, New: p.New, From: p.From.Version, Changes: []policyChange{}, Concerned: []concerned{}, Warnings: listed(p.Warnings)}
	if p.To.Version != 0 {
		shown.To = &p.To.Version
	}
	for _, change := range p.Changes {
		one := policyChange{
			Event: optional(string(change.Event)), Quadrant: optional(string(change.Quadrant)), Impacts: []string{},
			Subject: change.Subject, From: change.From, To: change.To, Words: change.String(),
		}
		for _, impact := range change.Impacts {
			one.Impacts = append(one.Impacts, string(impact))
		}
		shown.Changes = append(shown.Changes, one)
	}
	for _, one := range p.Concerned {
		shown.Concerned = append(shown.Concerned, concerned{string(one.Quadrant), one.Entries, one.Subscribers})
	}
	return shown
}

// listPolicies handles GET /policy/versions, the newest first.
func (a *api) listPolicies(c *fiber.Ctx) error {
	versions, err := a.store.PolicyVersions(c.UserContext())
	if err != nil {
		return err
	}
	all := make([]policyEntry, len(versions))
	for i, v := range versions {
		all[i] = policyEntry{v.Version, v.Name, i == 0, v.By, optional(v.Reason), statuspage.FormatTime(v.CreatedAt, page(c).Location())}
	}
	list, err := cutList(c, all)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, list)
}

// describePolicy handles GET /policy.schema, which answers to
// policy.schema.json.
func describePolicy(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
	return c.Send(stakeholders.PolicySchema())
}
