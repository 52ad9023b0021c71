package publish_test

import (
	"fmt"
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

// ledgerCounts is what was really decided about a notice, as counts() shows a
// forecast. It is read before anything held falls due.
func (w *world) ledgerCounts(notice int64) []string {
	w.t.Helper()
	ledger, err := w.store.Deliveries(w.t.Context(), store.LedgerFilter{NoticeID: notice, Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	n := map[string]int{}
	for _, d := range ledger {
		switch d.State {
		case notify.Sent, notify.Pending:
			n[fmt.Sprintf("told %s %s", d.Quadrant, d.Channel)]++
		case notify.Held:
			n[fmt.Sprintf("waiting %s %s", d.Quadrant, d.Channel)]++
		}
	}
	var words []string
	for key, count := range n {
		words = append(words, fmt.Sprintf("%s %d", key, count))
	}
	slices.Sort(words)
	return words
}

// agrees sends what is due and compares what was promised to the person who
// posted with the ledger.
func (w *world) agrees(what string, done publish.Published) {
	w.t.Helper()
	w.step()
	got := w.ledgerCounts(done.NoticeID)
	if forecast := counts(done.Audience); !slices.Equal(forecast, got) {
		w.t.Errorf("%s: forecast\n  %s\nledger\n  %s", what, strings.Join(forecast, "\n  "), strings.Join(got, "\n  "))
	}
}

func TestForecastIsWhatIsSent(t *testing.T) {
	type post struct {
		after  time.Duration
		status status.IncidentStatus
	}
	for name, c := range map[string]struct {
		state status.ComponentStatus
		posts []post
	}{
		"critical": {status.MajorOutage, []post{{5 * time.Minute, ""}, {20 * time.Minute, ""}, {2 * time.Hour, status.Identified}, {time.Minute, status.Monitoring},
			{14 * time.Minute, ""}, {10 * time.Minute, status.Resolved}}},
		"major":                                {status.PartialOutage, []post{{16 * time.Minute, ""}, {10 * time.Minute, status.Monitoring}, {20 * time.Minute, status.Investigating}, {time.Minute, status.Resolved}}},
		"minor, over before the hold ends":     {status.DegradedPerformance, []post{{20 * time.Minute, status.Resolved}}},
		"minor, told after the hold":           {status.DegradedPerformance, []post{{40 * time.Minute, ""}, {time.Minute, status.Resolved}}},
		"minor, monitoring when the hold ends": {status.DegradedPerformance, []post{{20 * time.Minute, status.Monitoring}, {40 * time.Minute, status.Resolved}}},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachClock(t, func(t *testing.T, s *store.Store, clock *clock.Manual) {
				w := newWorld(t, s, clock)
				opened := w.open(c.state)
				w.agrees("opened", opened)
				for i, p := range c.posts {
					clock.Advance(p.after)
					w.step() // what was held and fell due meanwhile
					post := status.Post{Status: p.status, Body: "Still looking at it, no estimate yet."}
					w.agrees(fmt.Sprintf("post %d, %s", i+1, p.status), w.update(opened.Incident.ID, post))
				}
			})
		})
	}
}

func TestForecastKnowsWhoLeftAndThePolicyOfItsTime(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, clock *clock.Manual) {
		w := newWorld(t, s, clock)
		opened := w.open(status.MajorOutage)
		w.agrees("opened", opened)
		silent := strings.Replace(string(stakeholders.DefaultPolicyDocument()), "    keep_satisfied: P / P / P >30\n", "    keep_satisfied: \"–\"\n", 1)
		if err := s.InTx(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.AddPolicy(t.Context(), []byte(silent), "test", ""); err != nil {
				return err
			}
			return tx.Suppress(t.Context(), stakeholders.Email, "support@acme.example", "unsubscribed")
		}); err != nil {
			t.Fatal(err)
		}
		clock.Advance(2 * time.Hour)
		w.agrees("an update", w.update(opened.Incident.ID, status.Post{Body: "Still looking at it, no estimate yet."}))
		clock.Advance(2 * time.Hour)
		w.agrees("resolved", w.update(opened.Incident.ID, status.Post{Status: status.Resolved, Body: "Card payments work again."}))
	})
}

// Who was removed from the register, whose address changed, and who chose anew
// since: the end is promised to whom it goes.
func TestForecastKnowsWhoWasRemovedAndWhoChoseAnew(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, clock *clock.Manual) {
		w := newWorld(t, s, clock)
		opened := w.open(status.MajorOutage)
		w.agrees("opened", opened)
		clock.Advance(time.Hour)
		w.step()
		remove := func(name string) {
			t.Helper()
			if err := w.publisher.RemoveStakeholder(t.Context(), manager, w.entry(name).ID, ""); err != nil {
				t.Fatal(err)
			}
		}
		remove("Product team")
		w.subscribe("product@acme.example", true) // and is a subscriber from now on
		moved := []stakeholders.DraftContact{{Channel: stakeholders.Email, Address: "help@acme.example"}}
		if _, _, err := w.publisher.SaveStakeholder(t.Context(), manager, w.entry("Support analysts").ID, publish.StakeholderPatch{Contacts: &moved}); err != nil {
			t.Fatal(err)
		}
		change := func(address string, patch publish.SubscriberPatch) {
			t.Helper()
			one, err := s.SubscriberAt(t.Context(), stakeholders.Email, address)
			if err == nil {
				_, err = w.publisher.ChangeSubscriber(t.Context(), manager, one.ID, patch)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		search := []string{w.search.ID}
		change("ana@customer.example", publish.SubscriberPatch{Components: &search})       // narrowed: owed the end
		change("priya@customer.example", publish.SubscriberPatch{Components: &[]string{}}) // widened: was told nothing
		w.step()                                                                           // who came in late has caught up
		clock.Advance(time.Hour)
		w.agrees("an update", w.update(opened.Incident.ID, status.Post{Body: "Still looking at it, no estimate yet."}))
		clock.Advance(2 * time.Hour)
		remove("Management")
		if err := s.InTx(t.Context(), func(tx *store.Tx) error {
			return tx.Suppress(t.Context(), stakeholders.Email, "management@acme.example", "unsubscribed")
		}); err != nil {
			t.Fatal(err)
		}
		w.agrees("resolved", w.update(opened.Incident.ID, status.Post{Status: status.Resolved, Body: "Card payments work again."}))
	})
}
