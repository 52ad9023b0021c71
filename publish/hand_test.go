package publish_test

import (
	"encoding/json"
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

func TestManagerNarrowsOneUpdateAndAddsSomebody(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		if err := s.InTx(t.Context(), func(tx *store.Tx) error {
			return tx.Suppress(t.Context(), stakeholders.Email, "gone@partner.example", store.Unsubscribed)
		}); err != nil {
			t.Fatal(err)
		}
		usual := w.publisher
		w.publisher = usual.Addressing(publish.Hand{Only: []stakeholders.Quadrant{stakeholders.ManageClosely}, Reason: "the partner asked to hear first",
			Also: []publish.Also{{Email: " Ana@Partner.example"}, {Email: "gone@partner.example"}, {Stakeholder: "everyone ELSE"}}})
		post := status.Post{Name: "Card payments fail", Body: "Card payments fail.", Notify: true,
			Components: []status.ComponentState{{ComponentID: w.payments.ID, Status: status.MajorOutage}}}
		looked, err := w.publisher.PreviewPost(t.Context(), manager, "", post)
		if err != nil || !slices.ContainsFunc(looked.People, func(p publish.PersonOutcome) bool {
			return p.Name == "ana@partner.example" && p.Outcome.Rule == stakeholders.RuleManager && p.Outcome.Action == stakeholders.Send
		}) {
			t.Errorf("the preview names %+v, %v", looked.People, err)
		}
		opened := w.open(status.MajorOutage)
		equal(t, "counts", counts(opened.Audience), "told manage_closely email 2", "told manage_closely slack 2", "told monitor email 2")
		if !slices.ContainsFunc(opened.Warnings, func(words string) bool { return strings.HasPrefix(words, "gone@partner.example is not told by email") }) {
			t.Errorf("warnings %q", opened.Warnings)
		}
		equal(t, "opened", w.step(), "10:45 management@acme.example: opened", "10:45 product@acme.example: opened", "10:45 management chat: opened",
			"10:45 product chat: opened", "10:45 everyone@acme.example: opened", "10:45 ana@partner.example: opened")
		var detail struct {
			Audience struct{ Reason string }
		}
		log, err := s.AuditLog(t.Context(), 1)
		if err != nil || json.Unmarshal(log[0].Detail, &detail) != nil || detail.Audience.Reason != "the partner asked to hear first" || log[0].Actor.Name != "manager" {
			t.Errorf("the audit log says %s, %v", log[0].Detail, err)
		}
		for person, want := range map[string]string{"ana@partner.example": "rule 10 (manager): added", "Developers": "rule 10 (manager). Left out"} {
			answers, err := usual.Why(t.Context(), "INC-1", person)
			if err != nil || len(answers) == 0 || !strings.Contains(answers[0].Words, want) {
				t.Errorf("why %s: %+v, %v", person, answers, err)
			}
		}

		c.Advance(time.Hour)
		w.publisher = usual
		if got := w.said(opened.Incident.ID, status.Post{Body: "Still looking."}); slices.ContainsFunc(got, func(l string) bool { return strings.Contains(l, "partner") }) {
			t.Errorf("one update was meant: %v", got)
		}
		c.Advance(time.Hour)
		w.publisher = usual.Addressing(publish.Hand{Without: stakeholders.Quadrants(), Reason: "all know it"})
		done := w.update(opened.Incident.ID, status.Post{Status: status.Resolved, Body: "Card payments work again."})
		got := w.step()
		if promised := counts(done.Audience); !slices.Equal(promised, w.ledgerCounts(done.NoticeID)) || !slices.Contains(promised, "told monitor email 2") {
			t.Errorf("the end is promised to %q and sent to %q", promised, w.ledgerCounts(done.NoticeID))
		}
		for _, who := range []string{"ana@partner.example", "management@acme.example", "everyone@acme.example", "ana@customer.example"} {
			if !slices.ContainsFunc(got, func(l string) bool { return strings.HasSuffix(l, who+": resolved") }) {
				t.Errorf("%s was told, and not of the end: %v", who, got)
			}
		}
	})
}

// said is an update and what is sent of it.
func (w *world) said(id string, post status.Post) []string {
	w.t.Helper()
	w.update(id, post)
	return w.step()
}

func TestHandThatCannotBeIsRefused(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t), clock.NewManual(storetest.Start)), clock.NewManual(storetest.Start))
	yes := true
	post := status.Post{Name: "Card payments fail", Body: "Card payments fail.", Notify: true, ImpactOverride: new(status.Impact)}
	draft, silent := post, post
	draft.Draft, silent.Notify = &yes, false
	for _, c := range []struct {
		hand  publish.Hand
		post  status.Post
		field string
	}{
		{publish.Hand{Only: stakeholders.Quadrants()}, post, ".reason"},
		{publish.Hand{Reason: "why"}, post, ""},
		{publish.Hand{Reason: "why", Only: []stakeholders.Quadrant{"everybody"}}, post, ".only"},
		{publish.Hand{Reason: "why", Without: []stakeholders.Quadrant{"nobody"}}, post, ".without"},
		{publish.Hand{Reason: "why", Also: []publish.Also{{}}}, post, ".also[0]"},
		{publish.Hand{Reason: "why", Also: []publish.Also{{Email: "ana"}}}, post, ".also[0].email"},
		{publish.Hand{Reason: "why", Also: []publish.Also{{Email: "a@x.example"}, {Stakeholder: "Nobody"}}}, post, ".also[1].stakeholder"},
		{publish.Hand{Reason: "why", Also: []publish.Also{{Stakeholder: "Customers"}}}, post, ".also[0].stakeholder"},
		{publish.Hand{Reason: "why", Also: []publish.Also{{Quadrant: "x"}}}, post, ".also[0].quadrant"},
		{publish.Hand{Reason: "why", Also: make([]publish.Also, 21)}, post, ".also"},
		{publish.Hand{Reason: "why", Only: stakeholders.Quadrants()}, draft, ""},
		{publish.Hand{Reason: "why", Only: stakeholders.Quadrants()}, silent, ""},
	} {
		_, err := w.publisher.Addressing(c.hand).OpenIncident(t.Context(), manager, c.post)
		var invalid *status.Invalid
		if !errors.As(err, &invalid) || invalid.Fields[0].Field != "incident.allclear.audience"+c.field {
			t.Errorf("%+v: %v", c.hand, err)
		}
	}
}
