package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// simulation is who would be told what, and when.
type simulation struct {
	Policy   simulatedPolicy    `json:"policy"`
	Start    string             `json:"start"`
	Until    string             `json:"until"`
	Posts    []simulatedPost    `json:"posts"`
	Messages []simulatedMessage `json:"messages"`
	NotTold  []notTold          `json:"not_told"`
	Warnings []string           `json:"warnings"`
}

type simulatedPolicy struct {
	Name    string `json:"name"`
	Version *int64 `json:"version"` // null: only tried out
}

type simulatedPost struct {
	At     string `json:"at"`
	Event  string `json:"event"`
	Status string `json:"status"`
	Impact string `json:"impact"`
}

type simulatedMessage struct {
	At       string  `json:"at"`
	Who      string  `json:"who"`
	N        int64   `json:"n"`
	Quadrant string  `json:"quadrant"`
	Channel  string  `json:"channel"`
	Event    string  `json:"event"`
	Gather   *string `json:"gather"`
	Rule     string  `json:"rule"`
	Cell     string  `json:"cell"`
	Reason   string  `json:"reason"`
}

// simulate handles POST /simulations: nothing happens, and nobody is told.
func (a *api) simulate(c *fiber.Ctx) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	in := body.envelope("simulation", `{"impact": "critical", "start": "2026-01-31T03:00:00Z"}`)
	scenario := publish.Scenario{
		Start: in.moment("start"), Impact: status.Impact(in.words("impact")), Components: in.texts("components", "component ids or names"),
		Posts: readScenarioPosts(in), Policy: []byte(in.words("policy")),
	}
	if hours := in.number("hours"); hours != nil {
		scenario.For = time.Duration(*hours) * time.Hour
		if *hours <= 0 {
			body.bad.Add(in.at("hours"), "is %d; it must be a number from 1", *hours)
		}
	}
	if err := body.bad.Err(); err != nil {
		return err
	}
	done, err := a.publish.Simulate(c.UserContext(), scenario)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, showSimulation(done))
}

// readScenarioPosts reads the updates of a scenario.
func readScenarioPosts(in *object) []publish.ScenarioPost {
	raw, ok := in.given("updates")
	if !ok {
		return nil
	}
	const right = `an object such as {"after_minutes": 30, "status": "identified"}`
	var items []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &items) != nil {
		in.wrong("updates", raw, "a list, each "+right)
		return nil
	}
	posts := make([]publish.ScenarioPost, 0, len(items))
	for i, item := range items {
		name := fmt.Sprintf("updates[%d]", i)
		if item[0] != '{' {
			in.wrong(name, item, right)
			continue
		}
		one := (&object{path: in.path, fields: map[string]json.RawMessage{name: item}, bad: in.bad}).object(name, right)
		post := publish.ScenarioPost{Status: status.IncidentStatus(one.words("status")), Impact: status.Impact(one.words("impact"))}
		if minutes := one.number("after_minutes"); minutes != nil {
			post.After = time.Duration(*minutes) * time.Minute
		}
		posts = append(posts, post)
	}
	return posts
}

func showSimulation(s publish.Simulation) simulation {
	zone := s.Page.Location()
	shown := simulation{Policy: simulatedPolicy{Name: s.Policy}, Start: statuspage.FormatTime(s.Start, zone), Until: statuspage.FormatTime(s.Until, zone),
		Posts: []simulatedPost{}, Messages: []simulatedMessage{}, NotTold: []notTold{}, Warnings: s.Warnings}
	if s.Version != 0 {
		shown.Policy.Version = &s.Version
	}
	for _, p := range s.Posts {
		shown.Posts = append(shown.Posts, simulatedPost{statuspage.FormatTime(p.At, zone), string(p.Event), string(p.Status), string(p.Impact)})
	}
	for _, m := range s.Messages {
		shown.Messages = append(shown.Messages, simulatedMessage{At: statuspage.FormatTime(m.At, zone), Who: m.Who, N: m.N, Quadrant: string(m.Quadrant),
			Channel: string(m.Channel), Event: string(m.Event), Gather: optional(string(m.Gather)), Rule: string(m.Rule), Cell: m.Cell, Reason: m.Reason})
	}
	for _, n := range s.Silent {
		shown.NotTold = append(shown.NotTold, notTold{n.Who, string(n.Rule), n.Reason})
	}
	return shown
}
