package api

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// extra is what we say of an incident beyond Statuspage.
type extra struct {
	Number          string        `json:"number"`
	NextUpdateDueAt *string       `json:"next_update_due_at"`
	ImpactNow       status.Impact `json:"impact_now"`
}

func readExtra(p status.Page, i status.Incident) extra {
	return extra{i.Reference(), statuspage.OptionalTime(i.NextUpdateDueAt, p.Location()), i.Impact}
}

// publishedExtra is what we say of an incident to the one who posted.
type publishedExtra struct {
	extra
	Findings    []plainlanguage.Finding `json:"findings"`
	Audience    audience                `json:"audience"`
	Warnings    []string                `json:"warnings"`
	PublishedMS int64                   `json:"published_ms"`
}

// audience is who will be told, in counts.
type audience struct {
	Told    []count   `json:"told"`
	Waiting []waiting `json:"waiting"`
}

type count struct {
	Quadrant string `json:"quadrant"`
	Channel  string `json:"channel"`
	Count    int64  `json:"count"`
}

// waiting is a count that is held until a time.
type waiting struct {
	count
	DueAt *string `json:"due_at"`
}

// sendPublished answers a post with the incident and what the post did.
func sendPublished(c *fiber.Ctx, code int, done publish.Published) error {
	record := status.Record{Page: done.Page, Groups: done.Groups, Components: done.Components}
	return send(c, code, statuspage.ManageIncident(record, done.Incident, publishedExtra{
		extra: readExtra(done.Page, done.Incident), Findings: listed(done.Findings), Audience: countAudience(done),
		Warnings: listed(done.Warnings), PublishedMS: done.Took.Round(time.Millisecond).Milliseconds(),
	}))
}

func countAudience(done publish.Published) audience {
	a := audience{Told: []count{}, Waiting: []waiting{}}
	for _, n := range done.Audience.Told {
		a.Told = append(a.Told, count{string(n.Quadrant), string(n.Channel), n.N})
	}
	for _, n := range done.Audience.Waiting {
		a.Waiting = append(a.Waiting, waiting{count{string(n.Quadrant), string(n.Channel), n.N}, statuspage.OptionalTime(n.DueAt, done.Page.Location())})
	}
	return a
}

// listed is a list that is never null.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
