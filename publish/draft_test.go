package publish_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

func TestDraftIsPublishedInItsOwnWords(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		yes, no := true, false
		const words = "Card payments fail for all customers since 10:42 UTC."
		draft, err := w.publisher.OpenIncident(t.Context(), manager, status.Post{Name: "Card payments fail", Body: words, Draft: &yes,
			Components: []status.ComponentState{{ComponentID: w.payments.ID, Status: status.MajorOutage}}})
		if err != nil {
			t.Fatal(err)
		}
		public := w.update(draft.Incident.ID, status.Post{Draft: &no})
		if latest, _ := public.Incident.Latest(); latest.Body != words || len(public.Incident.Updates) != 1 {
			t.Errorf("published as %+v", public.Incident.Updates)
		}
	})
}

func TestIncidentTakenBackIntoDraftsIsSaidToBeWithdrawn(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		opened := w.open(status.PartialOutage)
		w.step()
		yes := true
		w.update(opened.Incident.ID, status.Post{Draft: &yes})
		notices, err := s.Notices(t.Context(), opened.Incident.ID)
		if err != nil || len(notices) != 2 {
			t.Fatalf("%d notices, %v", len(notices), err)
		}
		last := notices[1].Content
		if last.Event != stakeholders.Withdrawn || last.Body != "This was withdrawn; there is nothing you need to do." {
			t.Errorf("told is %s: %q", last.Event, last.Body)
		}
	})
}

func TestPreviewDoesNotPromiseWhoHasLeft(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		if err := s.InTx(t.Context(), func(tx *store.Tx) error {
			return tx.Suppress(t.Context(), stakeholders.Email, "developers@acme.example", "left")
		}); err != nil {
			t.Fatal(err)
		}
		looked, err := w.publisher.PreviewPost(t.Context(), manager, "", status.Post{Name: "Card payments fail", Body: "Card payments fail.", Notify: true,
			Components: []status.ComponentState{{ComponentID: w.payments.ID, Status: status.MajorOutage}}})
		if err != nil {
			t.Fatal(err)
		}
		mails := slices.ContainsFunc(looked.People, func(p publish.PersonOutcome) bool { return p.Name == "Developers" && p.Channel == stakeholders.Email })
		named := slices.ContainsFunc(looked.NotTold, func(n publish.NotTold) bool { return n.Who == "Developers" && n.Rule == stakeholders.RuleConsent })
		if mails || !named {
			t.Errorf("told %+v\nnot told %+v", looked.People, looked.NotTold)
		}
	})
}

func TestRefusalNamesWhatStoppedTheText(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		robot := auth.Actor{Kind: "token", Name: "robot", Scope: auth.ScopePost, Gate: auth.GateWarn}
		_, err := w.publisher.OpenIncident(t.Context(), robot, status.Post{Name: "Search fails", Body: "db-prod-03 is down, TODO."})
		var refused *publish.Refused
		if !errors.As(err, &refused) || len(refused.Stopping) != 1 || refused.Stopping[0].Rule != plainlanguage.RulePlaceholder || len(refused.Findings) < 2 {
			t.Errorf("refused %+v, %v", refused, err)
		}
	})
}
