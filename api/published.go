package api

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// extra is what we say of an incident beyond Statuspage.
type extra struct {
	Number          string         `json:"number"`
	NextUpdateDueAt *string        `json:"next_update_due_at"`
	LongIncident    bool           `json:"long_incident"`
	EstimatedEndAt  *string        `json:"estimated_end_at"`
	ImpactNow       status.Impact  `json:"impact_now"`
	ExpectedImpact  *status.Impact `json:"expected_impact"` // of a maintenance alone
	Draft           bool           `json:"draft"`
	Backfilled      bool           `json:"backfilled"`
	WhatToDo        *string        `json:"what_to_do"`
	Parts           *[]namedPart   `json:"parts,omitempty"` // only for who may post
}

func readExtra(p status.Page, i status.Incident) extra {
	e := extra{
		Number: i.Reference(), NextUpdateDueAt: statuspage.OptionalTime(i.NextUpdateDueAt, p.Location()),
		EstimatedEndAt: statuspage.OptionalTime(i.EstimatedEndAt, p.Location()), ImpactNow: i.Impact, Draft: i.Draft, LongIncident: i.LongEvery > 0, Backfilled: i.Backfilled,
		WhatToDo: optional(i.WhatToDo),
	}
	if i.IsMaintenance() {
		e.ExpectedImpact = &i.ExpectedImpact
	}
	return e
}

// publishedExtra is what we say of an incident to the one who posted.
type publishedExtra struct {
	extra
	Findings    []plainlanguage.Finding `json:"findings"`
	Suggested   *string                 `json:"suggested"` // the body with the replacements in it
	Missing     []plainlanguage.Part    `json:"missing"`
	Audience    audience                `json:"audience"`
	Warnings    []string                `json:"warnings"`
	UndoUntil   *string                 `json:"undo_until"`             // null: people are told already
	PublishedMS *int64                  `json:"published_ms,omitempty"` // not of a preview
	Preview     *preview                `json:"preview,omitempty"`      // of a preview alone
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
	took := done.Took.Round(time.Millisecond).Milliseconds()
	ours := postedExtra(done)
	ours.PublishedMS = &took
	return sendPosted(c, code, done, ours)
}

// sendPreview answers a dry run with the incident as it would be.
func sendPreview(c *fiber.Ctx, looked publish.Preview) error {
	ours := postedExtra(looked.Published)
	ours.Preview = showPreview(looked)
	return sendPosted(c, http.StatusOK, looked.Published, ours)
}

func sendPosted(c *fiber.Ctx, code int, done publish.Published, ours publishedExtra) error {
	record := status.Record{Page: done.Page, Groups: done.Groups, Components: done.Components}
	return send(c, code, statuspage.ManageIncident(record, done.Incident, ours))
}

func postedExtra(done publish.Published) publishedExtra {
	whole, parts := readExtra(done.Page, done.Incident), showParts(done.Parts)
	whole.Parts = &parts
	return publishedExtra{
		extra: whole, Findings: listed(done.Findings), Suggested: done.Words.Suggested,
		Missing: listed(plainlanguage.Missing(done.Words.Essentials)), Audience: countAudience(done),
		Warnings: listed(done.Warnings), UndoUntil: statuspage.OptionalTime(done.UndoUntil, done.Page.Location()),
	}
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
