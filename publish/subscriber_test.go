package publish_test

import (
	"errors"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

func (w *world) suppressed(address, want string) {
	w.t.Helper()
	if reason, err := w.store.Suppressed(w.t.Context(), stakeholders.Email, address); err != nil || reason != want {
		w.t.Errorf("%s is suppressed as %q, want %q; %v", address, reason, want, err)
	}
}

func (w *world) remove(address string) {
	w.t.Helper()
	for range 2 { // twice is no error
		if s, err := w.publisher.RemoveSubscriber(w.t.Context(), manager, w.subscriber(address).ID); err != nil || s.UnsubscribedAt.IsZero() {
			w.t.Errorf("remove: %+v %v", s, err)
		}
	}
	w.classesAgree()
}

func TestWhoIsTakenOffMayBeAddedAgainAndWhoLeftNot(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		const eva = "eva@customer.example"
		add := func() error {
			_, err := w.publisher.AddSubscriber(t.Context(), manager, publish.Subscription{Channel: stakeholders.Email, Address: eva, Confirmed: true})
			return err
		}
		w.subscribe(eva, true)
		w.open(status.MajorOutage)
		w.remove(eva) // what is queued for her is stopped
		w.suppressed(eva, store.Removed)
		if got := w.step(); told(got, eva) {
			t.Errorf("told after she was taken off: %v", got)
		}
		if _, err := w.publisher.ChangeSubscriber(t.Context(), manager, w.subscriber(eva).ID, publish.SubscriberPatch{}); !errors.Is(err, status.ErrConflict) {
			t.Errorf("changed who was taken off: %v", err)
		}
		if err := add(); err != nil || !w.subscriber(eva).UnsubscribedAt.IsZero() {
			t.Fatalf("added again: %v", err)
		}
		w.suppressed(eva, "")
		w.classesAgree()
		w.step()
		c.Advance(time.Minute)
		w.open(status.MajorOutage)
		if got := w.step(); !told(got, eva) {
			t.Errorf("not told after she was added again: %v", got)
		}
		w.remove(eva)
		if err := w.publisher.Leave(t.Context(), w.leaveToken(eva), true); err != nil {
			t.Fatal(err)
		}
		w.suppressed(eva, store.Unsubscribed)
		if err := add(); !errors.Is(err, status.ErrConflict) {
			t.Errorf("who left was added again: %v", err)
		}
		w.remove("ana@customer.example")
		w.ask("ana@customer.example", publish.Wishes{})
		if got := w.step(); !told(got, "ana@customer.example") {
			t.Errorf("who was taken off and asks is sent no letter: %v", got)
		}
		w.confirm(w.confirmToken("ana@customer.example"))
		w.suppressed("ana@customer.example", "")
	})
}

func TestTheRegisterOutweighsBeingTakenOff(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		const ceo = "ceo@acme.example"
		entry := sampleRegister + `
  - name: Chief executive
    power: high
    interest: high
    contacts:
      - email: ` + ceo
		w.subscribe(ceo, true)
		w.remove(ceo)
		w.suppressed(ceo, store.Removed)
		w.importRegister(entry)
		w.suppressed(ceo, "")
		w.subscribe(ceo, true)
		w.remove(ceo)
		w.suppressed(ceo, "")
		w.open(status.MajorOutage)
		if got := w.step(); !told(got, ceo) {
			t.Errorf("a stakeholder is not told: %v", got)
		}
	})
}

func TestAManagersWideningIsCaughtUp(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.importRegister(sampleRegister)
		w.subscribe("search@customer.example", true, w.search.ID)
		w.open(status.MajorOutage)
		w.step()
		all, es := []string{}, "es"
		changed, err := w.publisher.ChangeSubscriber(t.Context(), manager, w.subscriber("search@customer.example").ID, publish.SubscriberPatch{Components: &all, Language: &es})
		if err != nil || changed.Preferences.Language != "es" || len(changed.Preferences.Components) != 0 {
			t.Fatalf("%+v %v", changed, err)
		}
		w.classesAgree()
		equal(t, "who is widened", w.step(), "10:45 search@customer.example: catch_up")
	})
}

func TestWhoNeverConfirmsIsForgotten(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		keeper := w.publisher.Timekeeper()
		there := func(address string) bool {
			_, err := s.SubscriberAt(t.Context(), stakeholders.Email, address)
			if err != nil && !errors.Is(err, status.ErrNotFound) {
				t.Fatal(err)
			}
			return err == nil
		}
		const silent, again, quick, manual = "silent@customer.example", "again@customer.example", "quick@customer.example", "manual@customer.example"
		for _, address := range []string{silent, again, quick} {
			w.ask(address, publish.Wishes{})
		}
		w.subscribe(manual, false)
		token := w.confirmToken(silent)
		w.confirm(w.confirmToken(quick))
		c.Advance(20 * 24 * time.Hour)
		w.ask(again, publish.Wishes{})
		if _, err := w.publisher.AskAgain(t.Context(), manager, w.subscriber(manual).ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.publisher.AskAgain(t.Context(), manager, w.subscriber(quick).ID); !errors.Is(err, status.ErrConflict) {
			t.Errorf("who confirmed is asked again: %v", err)
		}
		c.Advance(publish.UnconfirmedFor - 20*24*time.Hour - time.Second)
		runOut(t, keeper)
		if !there(silent) {
			t.Error("forgotten too early")
		}
		c.Advance(time.Second)
		runOut(t, keeper)
		if there(silent) || !there(again) || !there(quick) || !there(manual) {
			t.Errorf("after 30 days: silent %t, again %t, quick %t, manual %t", there(silent), there(again), there(quick), there(manual))
		}
		if _, err := w.publisher.ConfirmInfo(t.Context(), token); !errors.Is(err, publish.ErrExpired) {
			t.Errorf("a link of who is forgotten: %v", err)
		}
		if err := w.publisher.Confirm(t.Context(), token); !errors.Is(err, publish.ErrExpired) {
			t.Errorf("confirming what is forgotten: %v", err)
		}
		c.Advance(20 * 24 * time.Hour)
		runOut(t, keeper)
		if there(again) || there(manual) || !there(quick) {
			t.Errorf("after 50 days: again %t, manual %t, quick %t", there(again), there(manual), there(quick))
		}
		w.classesAgree()
	})
}
