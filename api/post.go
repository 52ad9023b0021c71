package api

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
)

// maxMetadata is how many characters an incident's metadata may have.
const maxMetadata = 50_000

// post is what is said about an incident, and how it is to be posted.
type post struct {
	status.Post
	by     *publish.Publisher
	dryRun bool
	// ignored says which fields of ours nobody reads: mistyped, a note that was
	// to be sent would be missing, and nothing would say so.
	ignored []string
}

// The fields of ours in a post, and those that only answers have: who sends an
// answer back means nothing by them.
var (
	ourFields = []string{"next_update_due_at", "estimated_end_at", "expected_impact", "draft", "what_to_do", "internal_note", "customer_answer",
		"override", "audience", "long_incident", "roles"}
	answered = []string{"number", "impact_now", "backfilled", "parts", "findings", "suggested", "missing", "warnings", "undo_until", "published_ms", "preview"}
)

// unread says which fields nobody reads.
func unread(ours *object) (warnings []string) {
	for _, name := range ours.names {
		if !slices.Contains(ourFields, name) && !slices.Contains(answered, name) {
			warnings = append(warnings, ours.at(cut(name, 100))+" is not known and was left out; the fields are "+strings.Join(ourFields, ", ")+".")
		}
	}
	return warnings
}

// readPost reads what is said about an incident; POST and PATCH take the same.
func (a *api) readPost(c *fiber.Ctx) (post, error) {
	dryRun, err := queryTruth(c, "dry_run")
	if err != nil {
		return post{}, err
	}
	body, err := readBody(c)
	if err != nil {
		return post{}, err
	}
	in := body.envelope("incident", `{"name": "Card payments fail"}`)
	said := readIncident(in, page(c).Location())
	ours := in.allclear()
	said.NextUpdateDueAt, said.EstimatedEndAt = ours.moment("next_update_due_at"), readEstimate(ours)
	said.ExpectedImpact, said.Draft = readExpected(ours), ours.truth("draft")
	said.WhatToDo, said.InternalNote, said.CustomerAnswer = readOptional(ours, "what_to_do"), readOptional(ours, "internal_note"), readOptional(ours, "customer_answer")
	by := a.publisher(readReason(ours))
	if hand := readHand(ours); hand != nil {
		by = by.Addressing(*hand)
	}
	said.LongIncident = ours.truth("long_incident")
	if roles := readRoles(ours, "roles"); roles != nil {
		by = by.HandingOver(roles)
	}
	return post{said, by, dryRun, unread(ours)}, body.bad.Err()
}

// readIncident reads the fields that are Statuspage's.
func readIncident(in *object, zone *time.Location) status.Post {
	said := status.Post{
		Status: status.IncidentStatus(in.words("status")), Name: in.words("name"), Body: in.words("body"),
		ImpactOverride: readOverride(in), Components: readStates(in), ComponentIDs: in.texts("component_ids", "component ids"),
		ScheduledFor: in.optionalMoment("scheduled_for"), ScheduledUntil: in.optionalMoment("scheduled_until"),
		BackfillAt: readBackfill(in, zone), Notify: true, Metadata: readMetadata(in),
	}
	if message := in.words("message"); said.Body == "" {
		said.Body = message
	}
	if deliver := in.truth("deliver_notifications"); deliver != nil {
		said.Notify = *deliver
	}
	refuseAutomation(in)
	return said
}

// publisher performs acts; with a reason, in spite of findings that may be
// overridden.
func (a *api) publisher(reason string) *publish.Publisher {
	if reason == "" {
		return a.publish
	}
	return a.publish.Overriding(reason)
}

// readReason reads why a text is to be published in spite of findings.
func readReason(ours *object) string {
	override := ours.object("override", `an object such as {"reason": "customers know the product by this name"}`)
	if override == nil {
		return ""
	}
	override.only([]string{"reason"}, nil)
	reason := override.text("reason")
	switch _, given := override.given("reason"); {
	case !given, reason != nil && strings.TrimSpace(*reason) == "":
		override.bad.Add(override.at("reason"), "is missing; say why the text is published as it is, for the audit log")
	case reason != nil:
		status.CheckText(override.bad, override.at("reason"), *reason, status.MaxDescriptionLength, false)
		return *reason
	}
	return ""
}

// readEstimate reads when the end is expected; null and "" take the estimate
// back.
func readEstimate(ours *object) *time.Time {
	if _, there := ours.fields["estimated_end_at"]; there && ours.empty("estimated_end_at") {
		return new(time.Time)
	}
	return ours.optionalMoment("estimated_end_at")
}

// readOptional reads a text that can be taken back; null and "" do so.
func readOptional(ours *object, name string) *string {
	if ours.isNull(name) {
		return new(string)
	}
	return ours.text(name)
}

// readExpected reads the impact that a maintenance is expected to have.
func readExpected(ours *object) *status.Impact {
	if ours.empty("expected_impact") {
		return nil
	}
	return (*status.Impact)(ours.text("expected_impact"))
}

// readBackfill reads when an incident of the past happened; zero for one that
// is going on.
func readBackfill(in *object, zone *time.Location) time.Time {
	asked, at := in.truth("backfilled"), in.day("backfill_date", zone)
	switch backfilled := asked != nil && *asked; {
	case backfilled && in.empty("backfill_date"):
		in.bad.Add(in.at("backfill_date"), "is missing; give the day on which the incident happened, such as 2026-01-31")
	case !backfilled && !at.IsZero():
		in.bad.Add(in.at("backfill_date"), "is given for an incident that is not backfilled; set backfilled to true, or leave it out")
	}
	return at
}

// automatic is what a maintenance would do by itself.
var automatic = []string{"scheduled_remind_prior", "scheduled_auto_in_progress", "scheduled_auto_completed", "scheduled_auto_transition"}

// refuseAutomation refuses to promise what would not happen.
func refuseAutomation(in *object) {
	for _, name := range automatic {
		if wanted := in.truth(name); wanted != nil && *wanted {
			in.bad.Add(in.at(name), "is true, but a maintenance is announced, begun and ended by hand for now; leave it out, and post each step yourself")
		}
	}
}

// readOverride reads the impact that overrides the one worked out; null and ""
// remove it.
func readOverride(in *object) *status.Impact {
	if in.isNull("impact_override") {
		return new(status.Impact)
	}
	return (*status.Impact)(in.text("impact_override"))
}

// readStates reads the states that components are given.
func readStates(in *object) []status.ComponentState {
	states := in.object("components", "an object of component id to status")
	if states == nil {
		return nil
	}
	var list []status.ComponentState
	for _, id := range states.names {
		if states.isNull(id) {
			states.wrong(id, nil, "the status of a component")
		}
		if state := states.text(id); state != nil {
			list = append(list, status.ComponentState{ComponentID: id, Status: status.ComponentStatus(*state)})
		}
	}
	return list
}

// readMetadata reads the client's own object, which is kept as it comes.
func readMetadata(in *object) string {
	if in.object("metadata", "an object") == nil {
		return ""
	}
	text := string(in.fields["metadata"])
	if n := utf8.RuneCountInString(text); n > maxMetadata {
		in.bad.Add(in.at("metadata"), "has %d characters; at most %d are allowed", n, maxMetadata)
	}
	return text
}
