package api

import (
	"bytes"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
)

// review is what the check says of a text.
type review struct {
	plainlanguage.Report
	Missing []plainlanguage.Part `json:"missing"`
	Refused bool                 `json:"refused"` // would be, without an override
}

// reviewWords handles POST /words: nothing is stored.
func (a *api) reviewWords(c *fiber.Ctx) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	in := body.envelope("words", `{"body": "Card payments fail since 10:42 UTC.", "status": "investigating"}`)
	text, field := in.words("body"), "body"
	if text == "" {
		text, field = in.words("name"), "name"
	}
	known := plainlanguage.Context{
		Profile: plainlanguage.Profile(in.words("readers")), Status: status.IncidentStatus(in.words("status")), Impact: status.Impact(in.words("impact")),
		Components: in.texts("components", "names of affected components"), Language: in.words("language"),
		NextUpdateDueAt: in.moment("next_update_due_at"), StartedAt: in.moment("started_at"), Previous: in.words("previous"), WhatToDo: in.words("what_to_do"), Now: time.Now(),
	}
	checkKnown(in, known)
	status.CheckText(body.bad, in.at(field), text, status.MaxBodyLength, false)
	if err := body.bad.Err(); err != nil {
		return err
	}
	report, err := a.publish.ReviewWords(c.UserContext(), field, text, known)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, review{report, listed(plainlanguage.Missing(report.Essentials)), plainlanguage.Blocking(report.Findings)})
}

// checkKnown notes what is not a state, a grade or a kind of readers.
func checkKnown(in *object, known plainlanguage.Context) {
	switch known.Profile {
	case "", plainlanguage.ProfilePublic, plainlanguage.ProfileDeveloper, plainlanguage.ProfileInternal:
	default:
		in.bad.Add(in.at("readers"), "is %q; it must be public, developer or internal", cut(string(known.Profile), 50))
	}
	if s := known.Status; s != "" && !s.ForIncident() && !s.ForMaintenance() {
		in.bad.Add(in.at("status"), "is %q; it must be a state such as investigating, identified, monitoring or resolved", cut(string(s), 50))
	}
	if i := known.Impact; i != "" && !i.ValidGrade() {
		in.bad.Add(in.at("impact"), "is %q; it must be none, minor, major or critical", cut(string(i), 50))
	}
}

// glossary is the company's own words.
type glossary struct {
	Document   string                           `json:"document"`
	Readers    plainlanguage.Profile            `json:"readers"`
	Internal   map[string]string                `json:"internal"`
	Allowed    []string                         `json:"allowed"`
	Public     []string                         `json:"public"`
	Components map[string]plainlanguage.Profile `json:"components"`
	Quadrants  map[string]plainlanguage.Profile `json:"quadrants"`
}

func showGlossary(document string, g plainlanguage.Glossary) glossary {
	readers := g.Profile
	if readers == "" {
		readers = plainlanguage.ProfilePublic
	}
	return glossary{document, readers, g.Internal, listed(g.Allowed), listed(g.Public), g.Components, g.Quadrants}
}

// getGlossary handles GET /glossary.
func (a *api) getGlossary(c *fiber.Ctx) error {
	document, g, err := a.publish.Glossary(c.UserContext())
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, showGlossary(document, g))
}

// saveGlossary handles PUT /glossary; the body is the document itself.
func (a *api) saveGlossary(c *fiber.Ctx) error {
	document := string(bytes.Clone(c.BodyRaw()))
	g, err := a.publish.SaveGlossary(c.UserContext(), actor(c), document)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, showGlossary(document, g))
}

// wordsMonth is what was found in the updates of one month.
type wordsMonth struct {
	Month     string                      `json:"month"`
	Posts     int                         `json:"posts"`
	Clean     int                         `json:"clean"`
	PerPost   float64                     `json:"findings_per_post"`
	ByLevel   map[plainlanguage.Level]int `json:"by_level"`
	ByRule    map[plainlanguage.Rule]int  `json:"by_rule"`
	Overrides []wordsOverride             `json:"overrides"`
}

type wordsOverride struct {
	By    string             `json:"by"`
	Rule  plainlanguage.Rule `json:"rule"`
	Count int                `json:"count"`
}

// countWords handles GET /words.
func (a *api) countWords(c *fiber.Ctx) error {
	page, err := a.publish.Page(c.UserContext())
	if err != nil {
		return err
	}
	month := time.Now().In(page.Location())
	if text := c.Query("month"); text != "" {
		if month, err = time.ParseInLocation("2006-01", text, page.Location()); err != nil {
			return status.NewInvalid("month", "is %q; it must be a month such as 2026-01", cut(text, 50))
		}
	}
	counted, err := a.publish.WordsMonth(c.UserContext(), month)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, showWordsMonth(month, counted))
}

func showWordsMonth(month time.Time, m publish.WordsMonth) wordsMonth {
	shown := wordsMonth{Month: month.Format("2006-01"), Posts: m.Posts, Clean: m.Clean, ByLevel: m.ByLevel, ByRule: m.ByRule, Overrides: []wordsOverride{}}
	findings := 0
	for _, n := range m.ByLevel {
		findings += n
	}
	if m.Posts > 0 {
		shown.PerPost = float64(findings) / float64(m.Posts)
	}
	for _, o := range m.Overrides {
		shown.Overrides = append(shown.Overrides, wordsOverride{o.By, o.Rule, o.N})
	}
	return shown
}
