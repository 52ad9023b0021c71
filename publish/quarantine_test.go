package publish_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

// failing answers for webhooks whose path begins with "dead".
func failing(answer notify.Result) func(string) notify.Result {
	return func(address string) notify.Result {
		if strings.Contains(address, "/dead") {
			return answer
		}
		return notify.Result{Outcome: notify.Delivered, Answer: "204"}
	}
}

// unavailable is what a webhook answers that is down.
var unavailable = notify.Result{Outcome: notify.Transient, Answer: "503 Service Unavailable"}

// wearOut lets time go by until a webhook is left alone, at most for so long. It
// returns what was sent.
func (w *world) wearOut(id string, most time.Duration) (got []string, quarantined bool) {
	w.t.Helper()
	keeper := w.publisher.Timekeeper()
	for began := w.clock.Now(); w.clock.Now().Sub(began) <= most; {
		got = append(got, w.step()...)
		runOut(w.t, keeper)
		if !w.subscription(id).QuarantinedAt.IsZero() {
			return append(got, w.step()...), true
		}
		waiting, err := w.store.Deliveries(w.t.Context(), store.LedgerFilter{Person: "subscriber:" + id, State: notify.Pending, Limit: 1})
		if err != nil {
			w.t.Fatal(err)
		}
		if len(waiting) == 0 {
			break
		}
		w.clock.Advance(max(time.Second, waiting[0].DueAt.Sub(w.clock.Now())))
	}
	return got, false
}

// subscription reads a subscriber.
func (w *world) subscription(id string) stakeholders.Subscriber {
	w.t.Helper()
	s, err := w.store.Subscriber(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// flip changes a component's state, of which webhooks are told.
func (w *world) flip() {
	w.t.Helper()
	c, err := w.store.Component(w.t.Context(), w.search.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	if c.Status == status.Operational {
		w.paint(w.search, status.MajorOutage)
	} else {
		w.paint(w.search, status.Operational)
	}
}

func TestWebhookThatTakesNothingForAnHourIsLeftAlone(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		dead := w.webhook("dead", true)
		w.webhook("well", true)
		c.Advance(time.Minute)
		w.sink.answer = failing(unavailable)
		began := c.Now()
		w.flip()
		got, quarantined := w.wearOut(dead.ID, 2*time.Hour)
		took := c.Now().Sub(began)
		if !quarantined || took < stakeholders.FailingFor || took > 75*time.Minute {
			t.Fatalf("quarantined %t after %v: %v", quarantined, took, got)
		}
		tries, letters := 0, 0
		for _, line := range got {
			if strings.Contains(line, "/dead") {
				tries++
			}
			if strings.HasSuffix(line, "ops@customer.example: subscription_quarantined") {
				letters++
			}
		}
		if tries != stakeholders.MostFailures || letters != 1 {
			t.Errorf("%d tries, %d letters: %v", tries, letters, got)
		}
		w.classesAgree()
		known := w.subscription(dead.ID)
		if !known.PurgeAt().Equal(known.QuarantinedAt.Add(90*24*time.Hour)) || known.Told() {
			t.Errorf("%+v", known)
		}
		opened := w.open(status.MajorOutage)
		equal(t, "the other alone is told", hooked(w.step()), c.Now().Format("15:04")+" well: opened", c.Now().Format("15:04")+" well: component_changed")
		why, err := w.publisher.Why(t.Context(), opened.Incident.Reference(), "hooks.customer.example")
		words := []string{}
		for _, one := range why {
			words = append(words, one.Words)
		}
		slices.Sort(words)
		if err != nil || len(words) != 2 || !strings.HasPrefix(words[0], "Not told: rule 1 (consent). It took no message for about an hour") || !strings.HasPrefix(words[1], "Told at ") {
			t.Errorf("why: %q, %v", words, err)
		}
		ledger, err := s.Deliveries(t.Context(), store.LedgerFilter{Person: "subscriber:" + dead.ID, Channel: stakeholders.Webhook, Limit: 10})
		if err != nil || len(ledger) != 1 || ledger[0].State != notify.Suppressed && ledger[0].State != notify.Pending {
			t.Errorf("ledger %+v, %v", ledger, err)
		}
		c.Advance(20 * time.Minute)
		equal(t, "what waited is not sent", hooked(w.step()))
		if ledger, err = s.Deliveries(t.Context(), store.LedgerFilter{Person: "subscriber:" + dead.ID, Channel: stakeholders.Webhook, Limit: 10}); err != nil || ledger[0].State != notify.Suppressed || ledger[0].Answer != store.Quarantined {
			t.Errorf("ledger %+v, %v", ledger, err)
		}
	})
}

func TestWebhookThatWasLeftAloneComesBack(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		made := w.webhook("dead", true)
		for name, back := range map[string]func(at time.Time) error{
			"by the link in the letter": func(at time.Time) error {
				token := lastPart(w.publisher.ReactivateLink(made.ID, at))
				c.Advance(89 * 24 * time.Hour)
				if shown, err := w.publisher.ConfirmInfo(t.Context(), token); err != nil || shown != "hooks.customer.example" {
					t.Errorf("the link shows %q, %v", shown, err)
				}
				return w.publisher.Confirm(t.Context(), token)
			},
			"by adding it again": func(time.Time) error {
				if again := w.webhook("dead", false); again.ID != made.ID || !again.Told() {
					t.Errorf("added again: %+v", again)
				}
				return nil
			},
			"by who manages": func(time.Time) error {
				_, err := w.publisher.Reactivate(t.Context(), manager, made.ID)
				return err
			},
		} {
			c.Advance(time.Minute)
			w.sink.answer = failing(unavailable)
			w.flip()
			if got, quarantined := w.wearOut(made.ID, 2*time.Hour); !quarantined {
				t.Fatalf("%s: not quarantined: %v", name, got)
			}
			c.Advance(20 * time.Minute)
			equal(t, name+": what waited", hooked(w.step()))
			w.sink.answer = nil
			if err := back(w.subscription(made.ID).QuarantinedAt); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			w.classesAgree()
			c.Advance(time.Minute)
			w.flip()
			if got := hooked(w.step()); len(got) != 1 {
				t.Errorf("%s: got %v", name, got)
			}
			if known := w.subscription(made.ID); !known.Told() || known.Failures != 0 {
				t.Errorf("%s: %+v", name, known)
			}
			c.Advance(publish.UnconfirmedFor + stakeholders.PurgeAfter)
			runOut(t, w.publisher.Timekeeper())
			if !w.subscription(made.ID).Told() {
				t.Errorf("%s: purged all the same", name)
			}
		}
	})
}

func TestWebhookThatNobodyMendsIsForgotten(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		made := w.webhook("dead", true)
		c.Advance(time.Minute)
		w.sink.answer = failing(unavailable)
		w.flip()
		w.wearOut(made.ID, 2*time.Hour)
		keeper := w.publisher.Timekeeper()
		link := lastPart(w.publisher.ReactivateLink(made.ID, w.subscription(made.ID).QuarantinedAt))
		c.Advance(w.subscription(made.ID).PurgeAt().Sub(c.Now()) - time.Second)
		runOut(t, keeper)
		w.subscription(made.ID)
		c.Advance(time.Second)
		runOut(t, keeper)
		if _, err := s.Subscriber(t.Context(), made.ID); !errors.Is(err, status.ErrNotFound) {
			t.Errorf("still there: %v", err)
		}
		if err := w.publisher.Confirm(t.Context(), link); !errors.Is(err, publish.ErrExpired) {
			t.Errorf("its link: %v", err)
		}
		w.classesAgree()
		if reason, err := s.Suppressed(t.Context(), stakeholders.Webhook, made.Contact.Address); err != nil || reason != "" {
			t.Errorf("suppressed as %q, %v", reason, err)
		}
		if anew := w.webhook("dead", false); anew.ID == made.ID || anew.Told() {
			t.Errorf("anew %+v", anew)
		}
	})
}

func TestWebhookThatAnswersNowAndThenIsNotLeftAlone(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		made := w.webhook("dead", true)
		c.Advance(time.Minute)
		w.sink.answer = failing(notify.Result{Outcome: notify.RateLimited, Answer: "429", Neutral: true})
		w.flip()
		if got, quarantined := w.wearOut(made.ID, 90*time.Minute); quarantined || w.subscription(made.ID).Failures != 0 {
			t.Errorf("asking for patience is no failure: %v", got)
		}
		w.sink.answer = failing(notify.Result{Outcome: notify.Permanent, Answer: "410 Gone"})
		for range 12 {
			w.flip()
			w.step()
		}
		runOut(t, w.publisher.Timekeeper())
		known := w.subscription(made.ID)
		if !known.QuarantinedAt.IsZero() || known.Failures < stakeholders.MostFailures || !known.FailingSince.Equal(c.Now()) {
			t.Errorf("many failures at once are one fault: %+v", known)
		}
		w.sink.answer = nil
		w.flip()
		w.step()
		if known := w.subscription(made.ID); known.Failures != 0 || !known.FailingSince.IsZero() {
			t.Errorf("after an answer: %+v", known)
		}
	})
}
