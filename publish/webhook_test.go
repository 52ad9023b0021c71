package publish_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

const hooks = "https://hooks.customer.example/topsecret/"

// webhook subscribes the webhook at a path.
func (w *world) webhook(path string, confirmed bool, components ...string) stakeholders.Subscriber {
	w.t.Helper()
	s, err := w.publisher.AddSubscriber(w.t.Context(), manager, publish.Subscription{Channel: stakeholders.Webhook, Address: " " + hooks + path,
		Email: " Ops@Customer.example", Components: components, Confirmed: confirmed})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// hooked keeps what went to webhooks, without the host.
func hooked(got []string) []string {
	kept := []string{}
	for _, line := range got {
		if strings.Contains(line, hooks) {
			kept = append(kept, strings.Replace(strings.Replace(line, hooks, "", 1), " chat:", ":", 1))
		}
	}
	return kept
}

func (w *world) paint(c status.Component, state status.ComponentStatus) {
	w.t.Helper()
	if _, err := w.publisher.SaveComponent(w.t.Context(), manager, c.ID, publish.ComponentPatch{Status: &state}); err != nil {
		w.t.Fatal(err)
	}
}

func TestWebhookHearsEverythingAtOnce(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.webhook("all", true)
		w.webhook("search", true, w.search.ID)
		w.webhook("waits", false)
		c.Advance(time.Minute)
		equal(t, "the letter, and nothing else", w.step(), "10:46 ops@customer.example: subscription_confirm")

		opened := w.open(status.MajorOutage)
		got := w.step()
		equal(t, "opened", hooked(got), "10:46 all: opened", "10:46 all: component_changed")
		if mails := slices.DeleteFunc(got, func(l string) bool { return strings.Contains(l, ": opened") || strings.Contains(l, hooks) }); len(mails) > 0 {
			t.Errorf("people were told of the component: %v", mails)
		}
		w.update(opened.Incident.ID, status.Post{Body: "Still looking."})
		equal(t, "update", hooked(w.step()), "10:46 all: update")
		w.update(opened.Incident.ID, status.Post{Status: status.Resolved, Body: "It works again.",
			Components: []status.ComponentState{{ComponentID: w.payments.ID, Status: status.Operational}}})
		equal(t, "resolved", hooked(w.step()), "10:46 all: resolved", "10:46 all: component_changed")
		if _, err := w.publisher.DeleteIncident(t.Context(), manager, opened.Incident.ID); err != nil {
			t.Fatal(err)
		}
		equal(t, "withdrawn", hooked(w.step()), "10:46 all: withdrawn")

		if _, err := w.publisher.OpenIncident(t.Context(), manager, status.Post{Name: "A notice", Body: "We look at something.", Notify: true}); err != nil {
			t.Fatal(err)
		}
		equal(t, "no impact", hooked(w.step()), "10:46 all: opened")
		if _, err := w.publisher.OpenIncident(t.Context(), manager, status.Post{Name: "Quiet", Body: "Nobody is told.",
			Components: []status.ComponentState{{ComponentID: w.search.ID, Status: status.PartialOutage}}}); err != nil {
			t.Fatal(err)
		}
		equal(t, "no notifications", w.step())
	})
}

func TestWebhookHearsOfComponentsByHand(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.webhook("all", true)
		w.webhook("search", true, w.search.ID)
		c.Advance(time.Minute)
		w.paint(w.payments, status.MajorOutage)
		w.paint(w.search, status.PartialOutage)
		got := w.step()
		equal(t, "both", hooked(got), "10:46 all: component_changed", "10:46 all: component_changed", "10:46 search: component_changed")
		if len(got) != 3 {
			t.Errorf("people were told: %v", got)
		}
		w.paint(w.search, status.Operational)
		equal(t, "back", hooked(w.step()), "10:46 all: component_changed", "10:46 search: component_changed")
		ledger, err := s.Deliveries(t.Context(), store.LedgerFilter{Channel: stakeholders.Webhook, Limit: 100})
		if err != nil || len(ledger) != 5 {
			t.Fatalf("%d rows, %v", len(ledger), err)
		}
		changes := map[string]bool{}
		for _, d := range ledger {
			n, err := s.Notice(t.Context(), d.NoticeID)
			if err != nil || n.Content.Change == nil || n.Content.Change.ComponentID != n.ComponentID || d.IncidentID != "" {
				t.Errorf("%+v, %+v, %v", d, n, err)
				continue
			}
			changes[n.Content.Change.ID] = true
		}
		if len(changes) != 3 {
			t.Errorf("the ids of the changes are %v", changes)
		}
	})
}

func TestWebhookIsConfirmedByItsOwner(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		made := w.webhook("one", false)
		if made.Contact.Label != "hooks.customer.example" || made.Email != "ops@customer.example" || made.Contact.Endpoint != "" {
			t.Errorf("made %+v", made)
		}
		token := lastPart(w.publisher.ConfirmLink(made.ID, c.Now()))
		if shown, err := w.publisher.ConfirmInfo(t.Context(), token); err != nil || shown != "hooks.customer.example" {
			t.Errorf("the link shows %q, %v", shown, err)
		}
		w.confirm(token)
		w.classesAgree()
		c.Advance(time.Minute)
		w.step()
		w.paint(w.search, status.MajorOutage)
		equal(t, "after confirming", hooked(w.step()), "10:46 one: component_changed")
		if err := w.publisher.Leave(t.Context(), lastPart(w.publisher.LeaveLink(stakeholders.Webhook, made.Contact.Address)), false); err != nil {
			t.Fatal(err)
		}
		w.paint(w.search, status.Operational)
		equal(t, "after leaving", hooked(w.step()))
		_, err := w.publisher.AddSubscriber(t.Context(), manager, publish.Subscription{Channel: stakeholders.Webhook, Address: hooks + "one", Email: "ops@customer.example", Confirmed: true})
		if !errors.Is(err, status.ErrConflict) || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("brought back: %v", err)
		}
	})
}
