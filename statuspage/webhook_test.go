package statuspage

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/allclear-status/allclear/status"
)

// maintenance is planned work that is under way.
func maintenance() status.Incident {
	return status.Incident{
		ID: "m4n5p6q7r8s9", Number: 3, Name: "Search moves to larger machines", Status: status.MaintenanceInProgress, ExpectedImpact: status.ImpactMinor,
		CreatedAt: moment(9, 0), StartedAt: moment(9, 0), UpdatedAt: moment(10, 30), ScheduledFor: moment(10, 30), ScheduledUntil: moment(12, 0), Backfilled: true,
		Affected: []status.Affected{{ComponentID: "c0wbsht00001"}},
		Updates: []status.Update{
			{ID: "u1u1u1u1u1u1", IncidentID: "m4n5p6q7r8s9", Status: status.MaintenanceScheduled, Body: "Search pauses for ten minutes.", CreatedAt: moment(9, 0), UpdatedAt: moment(9, 0), DisplayAt: moment(9, 0), Notify: true},
			{ID: "u2u2u2u2u2u2", IncidentID: "m4n5p6q7r8s9", Status: status.MaintenanceInProgress, Body: "It has begun.", CreatedAt: moment(10, 30), UpdatedAt: moment(10, 30), DisplayAt: moment(10, 30), Notify: true},
		},
	}
}

func cardPayments() ComponentChange {
	return ComponentChange{ID: "x1x2x3x4x5x6", At: moment(10, 42), ComponentChange: status.ComponentChange{
		ComponentID: "c7x2m9tq4kvz", Name: "Payments - Card payments", Old: status.Operational, New: status.MajorOutage}}
}

// sent is what a subscriber receives.
func sent(t *testing.T, w Webhook) []byte {
	t.Helper()
	payload, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	text, err := ParseWebhook(payload)
	if err != nil {
		t.Fatal(err)
	}
	payload, err = text.For("https://status.kestrel.example/unsubscribe/a<b")
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

func webhooks() map[string]Webhook {
	r := record()
	return map[string]Webhook{
		"webhook_incident":    IncidentWebhook(r, open(), moment(10, 45)),
		"webhook_maintenance": IncidentWebhook(r, maintenance(), moment(10, 45)),
		"webhook_withdrawn":   IncidentWebhook(r, Withdrawn(open(), "This was withdrawn.", moment(10, 50)), moment(10, 50)),
		"webhook_component":   ComponentWebhook(r, r.Components[0], cardPayments(), moment(10, 45)),
	}
}

func TestWebhookIsStatuspages(t *testing.T) {
	for name, w := range webhooks() {
		golden(t, name, json.RawMessage(sent(t, w)))
	}
}

// The keys of real captures, each of which some receiver reads.
func TestWebhookHasEveryKeyOfTheCaptures(t *testing.T) {
	incident := strings.Fields(`name status created_at updated_at monitoring_at resolved_at impact impact_override shortlink postmortem_ignored
		postmortem_body postmortem_body_last_updated_at postmortem_published_at postmortem_notified_subscribers postmortem_notified_twitter
		backfilled scheduled_for scheduled_until scheduled_remind_prior scheduled_reminded_at scheduled_auto_in_progress
		scheduled_auto_completed id page_id incident_updates components organization_id scheduled_auto_transition`)
	update := strings.Fields(`status body created_at wants_twitter_update twitter_updated_at updated_at display_at affected_components custom_tweet deliver_notifications id incident_id`)
	component := strings.Fields(`status name created_at updated_at position description showcase id page_id group_id`)
	change := strings.Fields(`old_status new_status created_at component_type id component_id`)
	meta, page := []string{"unsubscribe", "documentation", "generated_at"}, []string{"id", "status_indicator", "status_description"}
	for name, w := range webhooks() {
		var got map[string]any
		if err := json.Unmarshal(sent(t, w), &got); err != nil {
			t.Fatal(err)
		}
		has(t, name, got["meta"], meta)
		has(t, name, got["page"], page)
		if w.Component != nil {
			has(t, name, got["component"], component)
			has(t, name, got["component_update"], change)
			continue
		}
		has(t, name, got["incident"], incident)
		for _, u := range got["incident"].(map[string]any)["incident_updates"].([]any) {
			has(t, name, u, update)
		}
		for _, c := range got["incident"].(map[string]any)["components"].([]any) {
			has(t, name, c, component)
		}
	}
}

func has(t *testing.T, name string, object any, keys []string) {
	t.Helper()
	for _, key := range keys {
		if _, ok := object.(map[string]any)[key]; !ok {
			t.Errorf("%s: no %s in %v", name, key, object)
		}
	}
}

// view is what Zulip's receiver makes of a payload: anything but a string where
// it reads one is an error, and so is a list without a first element.
func view(payload []byte) (topic, body string, err error) {
	var w map[string]any
	if err := json.Unmarshal(payload, &w); err != nil {
		return "", "", err
	}
	read := func(path ...any) string {
		at := any(w)
		for _, step := range path {
			switch key := step.(type) {
			case string:
				at = at.(map[string]any)[key]
			case int:
				at = at.([]any)[key]
			}
		}
		text, ok := at.(string)
		if !ok {
			err = fmt.Errorf("%v is %T and no string", path, at)
		}
		return text
	}
	if _, ok := w["incident"]; ok {
		return read("incident", "name") + ": " + read("page", "status_description"),
			fmt.Sprintf("**%s**:\n* State: **%s**\n* Description: %s", read("incident", "name"), read("incident", "status"), read("incident", "incident_updates", 0, "body")), err
	}
	return read("component", "name") + ": " + read("page", "status_description"),
		fmt.Sprintf("**%s** has changed status from **%s** to **%s**.", read("component", "name"), read("component_update", "old_status"), read("component_update", "new_status")), err
}

func TestWebhookIsReadByZulip(t *testing.T) {
	all := webhooks()
	all["bare"] = IncidentWebhook(status.Record{}, status.Incident{ID: "b", Name: "Nothing known yet", Status: status.Investigating}, moment(10, 45))
	for name, want := range map[string][2]string{
		"webhook_incident":    {"Card payments fail: Partial System Outage", "**Card payments fail**:\n* State: **identified**\n* Description: We know why."},
		"webhook_maintenance": {"Search moves to larger machines: Partial System Outage", "**Search moves to larger machines**:\n* State: **in_progress**\n* Description: It has begun."},
		"webhook_withdrawn":   {"Card payments fail: Partial System Outage", "**Card payments fail**:\n* State: **resolved**\n* Description: This was withdrawn."},
		"webhook_component":   {"Card payments: Partial System Outage", "**Card payments** has changed status from **operational** to **major_outage**."},
		"bare":                {"Nothing known yet: All Systems Operational", "**Nothing known yet**:\n* State: **investigating**\n* Description: Nothing known yet"},
	} {
		topic, body, err := view(sent(t, all[name]))
		if err != nil || topic != want[0] || body != want[1] {
			t.Errorf("%s: %q, %q, %v", name, topic, body, err)
		}
	}
}

// Every time in a webhook, found by its look.
func TestWebhookTimesHaveThreeDigitsInThePagesZone(t *testing.T) {
	times, right := regexp.MustCompile(`"\d{4}-\d\d-\d\dT[^"]*"`), regexp.MustCompile(`^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}-08:00"$`)
	for name, w := range webhooks() {
		found := times.FindAllString(string(sent(t, w)), -1)
		for _, one := range found {
			if !right.MatchString(one) {
				t.Errorf("%s: %s", name, one)
			}
		}
		if len(found) < 4 {
			t.Errorf("%s has %d times", name, len(found))
		}
	}
}

func TestWebhookIsEachSubscribersOwn(t *testing.T) {
	payload, err := json.Marshal(IncidentWebhook(record(), open(), moment(10, 45)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := ParseWebhook(payload)
	if err != nil {
		t.Fatal(err)
	}
	for link, want := range map[string]string{"https://a.example/1": "https://a.example/1", "https://a.example/2": "https://a.example/2", "": "https://status.kestrel.example/"} {
		mine, err := text.For(link)
		if err != nil {
			t.Fatal(err)
		}
		var got, common Webhook
		if json.Unmarshal(mine, &got) != nil || json.Unmarshal(payload, &common) != nil || got.Meta.Unsubscribe != want {
			t.Fatalf("%q: %s", link, mine)
		}
		got.Meta.Unsubscribe, common.Meta.Unsubscribe = "", ""
		if diff := cmp.Diff(common, got); diff != "" {
			t.Errorf("more than the link differs:\n%s", diff)
		}
	}
	if _, err := ParseWebhook([]byte("{")); err == nil {
		t.Error("broken JSON was read")
	}
}

func TestWithdrawnWebhookSaysNothingOfWhatWasWithdrawn(t *testing.T) {
	w := Withdrawn(open(), "This was withdrawn.", moment(10, 50))
	payload := string(sent(t, IncidentWebhook(record(), w, moment(10, 50))))
	for _, gone := range []string{"We know why", "for all", "major_outage", "/incidents/"} {
		if strings.Contains(payload, gone) {
			t.Errorf("%s is in %s", gone, payload)
		}
	}
	if planned := Withdrawn(maintenance(), "This was withdrawn.", moment(10, 50)); planned.Status != status.MaintenanceCompleted {
		t.Errorf("%+v", planned)
	}
}
