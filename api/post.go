package api

import (
	"encoding/json"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/status"
)

// maxMetadata is how many characters an incident's metadata may have.
const maxMetadata = 50_000

// readPost reads what is said about an incident; POST and PATCH take the same.
func readPost(c *fiber.Ctx) (status.Post, error) {
	body, err := readBody(c)
	if err != nil {
		return status.Post{}, err
	}
	in := body.envelope("incident", `{"name": "Card payments fail"}`)
	post := status.Post{
		Status: readState(in), Name: in.words("name"), Body: in.words("body"),
		ImpactOverride: readOverride(in), Components: readStates(in), ComponentIDs: in.texts("component_ids", "component ids"),
		Notify: true, NextUpdateDueAt: in.allclear().moment("next_update_due_at"), Metadata: readMetadata(in),
	}
	if message := in.words("message"); post.Body == "" {
		post.Body = message
	}
	if deliver := in.truth("deliver_notifications"); deliver != nil {
		post.Notify = *deliver
	}
	refuseMaintenance(in)
	return post, body.bad.Err()
}

// readState reads the incident's new state.
func readState(in *object) status.IncidentStatus {
	state := status.IncidentStatus(in.words("status"))
	if state.ForMaintenance() {
		in.bad.Add(in.at("status"), "is %s; scheduled maintenance is not offered yet, it must be one of investigating, identified, monitoring, resolved", state)
	}
	return state
}

// notOffered is what belongs to maintenances and to incidents of the past.
var notOffered = []string{
	"scheduled_for", "scheduled_until", "scheduled_remind_prior", "scheduled_auto_in_progress",
	"scheduled_auto_completed", "scheduled_auto_transition", "backfilled", "backfill_date",
}

// refuseMaintenance refuses what would otherwise be silently published as an
// incident that is going on now.
func refuseMaintenance(in *object) {
	for _, name := range notOffered {
		raw, given := in.given(name)
		if !given || saysNo(raw, in.form) {
			continue
		}
		what := "scheduled maintenance is"
		if name[0] == 'b' {
			what = "incidents of the past are"
		}
		in.bad.Add(in.at(name), "is given; %s not offered yet, leave it out", what)
	}
}

// saysNo says whether a value asks for nothing.
func saysNo(raw json.RawMessage, form bool) bool {
	switch string(raw) {
	case "false", `""`:
		return true
	case `"f"`, `"false"`, `"0"`:
		return form
	default:
		return false
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
