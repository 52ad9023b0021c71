package store_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

// at moves the clock to a moment in UTC, such as "2027-03-28 05:00".
func (w *world) at(text string) {
	w.f.Helper()
	moment, err := time.Parse("2006-01-02 15:04", text)
	w.must(err)
	w.clock.Advance(moment.Sub(w.clock.Now()))
}

// person adds a person to the register who sleeps from ten to seven.
func (w *world) person(id, zone string, power, interest stakeholders.Level) {
	w.f.Helper()
	w.do(func(tx *store.Tx) error {
		return tx.SaveStakeholder(w.t.Context(), stakeholders.Stakeholder{ID: id, Name: id, Kind: stakeholders.Person, Power: power, Interest: interest,
			TimeZone: zone, QuietHours: "22:00-07:00", Contacts: []stakeholders.Contact{{Channel: stakeholders.Email, Address: id + "@acme.example"}}}, 1)
	})
}

// asleep is a subscriber's night in UTC.
var asleep = stakeholders.Preferences{QuietHours: "22:00-07:00", TimeZone: "UTC"}

// say posts about an incident, and keeps it for the next time.
func (w *world) say(i *status.Incident, event stakeholders.Event, impact status.Impact) int64 {
	w.f.Helper()
	w.incident = *i
	id := w.postWith(event, impact, stakeholders.Occasion{Highest: impact, TimeZone: "UTC"})
	*i = w.incident
	return id
}

// sent delivers what is due, and says what went to whom.
func (w *world) sent(what string, want ...string) {
	w.f.Helper()
	w.same(what, w.deliver(), want...)
	w.whole()
}

// states are the deliveries to an address by notice, in order.
func (w *world) states(address string) string {
	w.f.Helper()
	var rows []struct {
		NoticeID int64  `db:"notice_id"`
		Event    string `db:"event"`
		State    string `db:"state"`
	}
	w.must(w.store.Raw().Select(&rows, `SELECT d.notice_id, n.event, d.state FROM deliveries d JOIN notices n ON n.id = d.notice_id WHERE d.address = $1 ORDER BY d.notice_id`, address))
	words := make([]string, len(rows))
	for i, r := range rows {
		words[i] = r.Event + " " + r.State
	}
	return strings.Join(words, ", ")
}

func (w *world) history(address, want string) {
	w.f.Helper()
	if got := w.states(address); got != want {
		w.f.Fatalf("%s:\n got  %s\n want %s", address, got, want)
	}
}

func TestADayOfACompanyOverTheChangeOfTheClocks(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.at("2027-03-27 19:00")
		w.person("boss", "Europe/Madrid", high, high)
		w.person("dev", "America/New_York", low, high)
		w.stakeholder("ops", low, high, nil, "ops@acme.example")
		w.subscribe("dana@customer.example", stakeholders.Preferences{DailyDigest: true, TimeZone: "Asia/Kolkata"})
		w.subscribe("dora@customer.example", stakeholders.Preferences{DailyDigest: true, TimeZone: "Asia/Kolkata"})
		w.subscribe("sam@customer.example", stakeholders.Preferences{QuietHours: "22:00-07:00", TimeZone: "Europe/Madrid"})
		var a, b status.Incident
		major := status.ImpactMajor

		w.at("2027-03-27 20:00")
		w.say(&a, stakeholders.Opened, major)
		w.sent("evening", "boss@acme.example: opened", "dev@acme.example: opened", "ops@acme.example: opened", "sam@customer.example: opened")
		w.at("2027-03-27 21:30") // half past ten in Madrid
		w.say(&b, stakeholders.Opened, major)
		w.sent("night", "dev@acme.example: opened", "ops@acme.example: opened")
		w.at("2027-03-27 23:00")
		w.say(&b, stakeholders.Updated, major)
		w.sent("an update", "dev@acme.example: update", "ops@acme.example: update")
		w.at("2027-03-28 03:29")
		w.sent("a minute before nine in Kolkata")
		w.at("2027-03-28 03:30")
		w.sent("nine in Kolkata", "dana@customer.example: daily_digest", "dora@customer.example: daily_digest")
		w.at("2027-03-28 04:00") // midnight in New York
		w.say(&a, stakeholders.Resolved, major)
		w.sent("over", "ops@acme.example: resolved")
		w.at("2027-03-28 04:59")
		w.sent("a minute before seven, the night was short")
		w.at("2027-03-28 05:00")
		w.sent("seven in Madrid", "boss@acme.example: quiet_summary", "sam@customer.example: quiet_summary")
		w.at("2027-03-28 11:00")
		w.sent("seven in New York", "dev@acme.example: resolved")
		w.at("2027-03-28 12:00")
		w.say(&b, stakeholders.Resolved, major)
		w.sent("all over", "boss@acme.example: resolved", "dev@acme.example: resolved", "ops@acme.example: resolved", "sam@customer.example: resolved")
		w.at("2027-03-29 03:30")
		w.sent("the next digest", "dana@customer.example: daily_digest", "dora@customer.example: daily_digest")
		w.at("2027-04-02 12:00")
		w.sent("nothing is left")
		w.idle()

		w.history("sam@customer.example", "opened sent, opened superseded, update merged, resolved merged, quiet_summary sent, resolved sent")
		w.history("dana@customer.example", "opened merged, opened merged, update merged, daily_digest sent, resolved merged, resolved merged, daily_digest sent")
		name := map[string]string{a.ID: "a", b.ID: "b"}
		for event, want := range map[string][]string{
			"daily_digest":  {"a investigating [opened], b investigating [opened update]", "a resolved [resolved], b resolved [resolved]"},
			"quiet_summary": {"b investigating [update], a resolved [resolved]"},
		} {
			var ids []int64
			w.must(w.store.Raw().Select(&ids, `SELECT id FROM notices WHERE event = $1 ORDER BY id`, event))
			var texts []string
			for _, id := range ids {
				n, err := w.store.Notice(t.Context(), id)
				w.must(err)
				var items []string
				for _, i := range n.Content.Items {
					items = append(items, fmt.Sprint(name[i.IncidentID], " ", i.Status, " ", i.Events))
				}
				texts = append(texts, strings.Join(items, ", "))
			}
			if !slices.Equal(texts, want) { // those who are told the same share one text
				t.Errorf("%s: %q, want %q", event, texts, want)
			}
		}
		for _, d := range w.ledger(0) {
			if d.Rule == "" || d.Reason == "" {
				t.Errorf("%s: notice %d without rule or reason", d.Address, d.NoticeID)
			}
		}
	})
}

// summary brings a world to the moment when one summary of two incidents is
// due to one sleeper.
func (w *world) summary() (a, b status.Incident) {
	w.f.Helper()
	w.subscribe("sam@customer.example", asleep)
	w.at("2026-11-23 01:00")
	w.say(&a, stakeholders.Opened, status.ImpactMajor)
	w.say(&b, stakeholders.Opened, status.ImpactMajor)
	w.sent("at night")
	w.at("2026-11-23 07:00")
	w.expand()
	return a, b
}

func TestASummaryThatFailsKeepsEverybodyInOrder(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		a, _ := w.summary()
		batch := w.claim()
		w.same("the summary", words(batch), "sam@customer.example: quiet_summary")
		w.clock.Advance(time.Second)
		w.say(&a, stakeholders.Resolved, status.ImpactMajor)
		w.expand()
		w.same("what is newer waits", words(w.claim()))
		w.record(batch, notify.Transient)
		w.clock.Advance(2 * time.Second)
		w.sent("and waits no longer once the summary is to be tried again", "sam@customer.example: resolved")
		w.clock.Advance(time.Minute)
		w.sent("when it is taken apart") // and put together anew
		w.sent("which then says only what is not known", "sam@customer.example: opened")
		w.clock.Advance(time.Minute)
		w.sent("and nothing twice")
		w.history("sam@customer.example", "opened superseded, opened sent, quiet_summary superseded, resolved sent")
		w.idle()
	})
}

func TestWhoseSummaryFailedForGoodIsToldTheNext(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		a, _ := w.summary()
		w.record(w.claim(), notify.Permanent)
		w.clock.Advance(time.Minute)
		w.say(&a, stakeholders.Updated, status.ImpactMajor)
		w.sent("nobody was told, and nothing limits", "sam@customer.example: update")
		w.history("sam@customer.example", "opened merged, opened merged, quiet_summary failed, update sent")
		w.idle()
	})
}

func TestADoubtfulSummaryIsOwedItsEnds(t *testing.T) {
	for name, doubt := range map[string]func(w *world, b notify.Batch){
		"the server did not say": func(w *world, b notify.Batch) { w.record(b, notify.UncertainSent) },
		"the sender was killed":  func(w *world, b notify.Batch) {},
		"the sender came back in": func(w *world, b notify.Batch) {
			w.clock.Advance(2 * leaseTime)
			w.claim()
			w.record(b, notify.Delivered)
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world) {
				a, _ := w.summary()
				doubt(w, w.claim())
				w.clock.Advance(20 * time.Minute)
				again := w.deliver()
				if len(again) != 1 {
					t.Fatalf("the summary is repeated as %q", again)
				}
				w.say(&a, stakeholders.Updated, status.ImpactMajor) // keeps its distance to the summary
				w.sent("held by the limit")
				w.do(func(tx *store.Tx) error {
					return tx.SaveStakeholder(t.Context(), stakeholders.Stakeholder{ID: "c", Name: stakeholders.DefaultSegment, Kind: stakeholders.Segment, Power: low, Interest: low}, 1)
				})
				w.say(&a, stakeholders.Resolved, status.ImpactMinor) // in monitor only those told are
				w.sent("the end is owed", "sam@customer.example: resolved")
				w.idle()
			})
		})
	}
}

func TestWhoLeftBetweenHoldAndSummaryIsNotWrittenTo(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		a, _ := w.summary()
		w.do(func(tx *store.Tx) error {
			return tx.Suppress(t.Context(), stakeholders.Email, "sam@customer.example", store.Unsubscribed)
		})
		w.sent("he left")
		w.history("sam@customer.example", "opened merged, opened merged, quiet_summary suppressed")
		w.say(&a, stakeholders.Resolved, status.ImpactMajor)
		w.sent("nor is the end owed")
		w.idle()
	})
}

// What a digest lets go by itself stands in the thread like any other message,
// so that whoever hears it after a retry hears the end.
func TestADigestOfOneIsFollowedByTheEnd(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("dana@customer.example", stakeholders.Preferences{DailyDigest: true, TimeZone: "UTC"})
		w.clock.Advance(time.Second)
		var a status.Incident
		w.say(&a, stakeholders.Opened, status.ImpactMajor)
		w.sent("it waits for the digest")
		w.at("2026-11-23 09:00")
		w.expand()
		w.record(w.claim(), notify.Transient)
		w.do(func(tx *store.Tx) error {
			return tx.SaveStakeholder(t.Context(), stakeholders.Stakeholder{ID: "c", Name: stakeholders.DefaultSegment, Kind: stakeholders.Segment, Power: low, Interest: low}, 1)
		})
		w.say(&a, stakeholders.Resolved, status.ImpactMajor)
		w.clock.Advance(time.Hour)
		w.deliver()
		w.at("2026-11-24 09:00")
		w.deliver()
		states := w.states("dana@customer.example")
		if !strings.Contains(states, "opened superseded") && !strings.Contains(states, "resolved sent") {
			t.Errorf("dana heard of the start, and not of the end: %s", states)
		}
		w.idle()
	})
}

// What waited for the digest is let go by itself while the newer message, which
// it would carry, is on its way: once that has arrived there is nothing to add.
func TestADigestOfOneDoesNotRepeatWhatIsOnItsWay(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("dana@customer.example", stakeholders.Preferences{DailyDigest: true, TimeZone: "UTC"})
		w.clock.Advance(time.Second)
		var a status.Incident
		w.say(&a, stakeholders.Opened, status.ImpactMajor)
		w.sent("it waits for the digest")
		w.do(func(tx *store.Tx) error {
			dana, err := tx.HoldSubscriberAt(t.Context(), stakeholders.Email, "dana@customer.example")
			if err != nil {
				return err
			}
			dana.Preferences = everyUpdate
			return tx.SaveSubscriber(t.Context(), dana)
		})
		w.at("2026-11-23 08:59")
		w.clock.Advance(50 * time.Second)
		updated := w.say(&a, stakeholders.Updated, status.ImpactMajor)
		w.expand()
		// The table of a company may tell an update only if it is still open later.
		_, err := w.store.Raw().Exec(`UPDATE deliveries SET only_if_open = $1 WHERE notice_id = $2`, true, updated)
		w.must(err)
		slow := w.claim()
		if slow.Size() != 1 {
			t.Fatalf("claimed %q", words(slow))
		}
		w.at("2026-11-23 09:00")
		w.sent("the digest waits for the message")
		w.record(slow, notify.Delivered)
		w.clock.Advance(2 * time.Second)
		w.sent("and has nothing to add")
		w.history("dana@customer.example", "opened superseded, update sent")
		w.idle()
	})
}

func TestTheClockMayJump(t *testing.T) {
	for name, jump := range map[string]func(w *world){
		"forward before the hour": func(w *world) { w.at("2026-11-23 06:30"); w.deliver(); w.clock.Advance(time.Hour) },
		"back before the hour": func(w *world) {
			w.at("2026-11-23 06:59")
			w.deliver()
			w.clock.Advance(-time.Hour)
			w.deliver()
			w.at("2026-11-23 07:00")
		},
		"back when it was put together": func(w *world) {
			w.at("2026-11-23 07:00")
			w.expand()
			w.clock.Advance(-time.Hour)
			w.heard = append(w.heard, w.deliver()...)
			w.at("2026-11-23 07:00")
		},
		"back when it was sent": func(w *world) {
			w.at("2026-11-23 07:00")
			w.heard = append(w.heard, w.deliver()...)
			w.clock.Advance(-time.Hour)
			w.heard = append(w.heard, w.deliver()...)
			w.at("2026-11-23 07:00")
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world) {
				w.subscribe("sam@customer.example", asleep)
				w.subscribe("dana@customer.example", stakeholders.Preferences{DailyDigest: true, TimeZone: "UTC"})
				var a, b status.Incident
				w.at("2026-11-23 01:00")
				w.say(&a, stakeholders.Opened, status.ImpactMajor)
				w.say(&b, stakeholders.Opened, status.ImpactMajor)
				w.deliver()
				jump(w)
				w.heard = append(w.heard, w.deliver()...)
				w.at("2026-11-23 10:00")
				w.heard = append(w.heard, w.deliver()...)
				w.same("each once", w.heard, "sam@customer.example: quiet_summary", "dana@customer.example: daily_digest")
				w.idle()
			})
		})
	}
}

// Thousands who are told the same share one text, made in a few transactions.
func TestThousandsOfDigestsAreOneText(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		n := 3000
		if underRace {
			n = 600
		}
		w.many(n, `{"daily_digest":true,"time_zone":"UTC"}`)
		w.clock.Advance(time.Second)
		var a, b status.Incident
		w.say(&a, stakeholders.Opened, status.ImpactMajor)
		w.say(&b, stakeholders.Opened, status.ImpactMajor)
		w.sent("they wait for the digest")
		w.at("2026-11-23 09:00")
		tally := &store.Tally{}
		transactions := 0
		for {
			more, err := w.store.Expand(tally.Count(t.Context()))
			w.must(err)
			if !more {
				break
			}
			transactions++
		}
		if most := int64(40 * (transactions + 1)); transactions > n/200+1 || tally.Statements.Load() > most {
			t.Errorf("%d addresses took %d transactions of %d statements", n, transactions, tally.Statements.Load())
		}
		said := w.deliver()
		if len(said) != n || slices.ContainsFunc(said, func(s string) bool { return !strings.HasSuffix(s, ": daily_digest") }) {
			t.Errorf("%d are told, want %d", len(said), n)
		}
		var texts int
		w.must(w.store.Raw().Get(&texts, `SELECT COUNT(*) FROM notices WHERE event = 'daily_digest'`))
		if texts != 1 {
			t.Errorf("%d texts", texts)
		}
		w.idle()
	})
}

func TestTwoReplicasPutEveryDigestTogetherOnce(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		c := clock.NewManual(storetest.Start)
		w := newWorld(t, t, storetest.Open(t, url, c), c)
		const n = 900
		w.many(n, `{"daily_digest":true,"time_zone":"UTC"}`)
		c.Advance(time.Second)
		var a, b status.Incident
		w.say(&a, stakeholders.Opened, status.ImpactMajor)
		w.say(&b, stakeholders.Opened, status.ImpactMajor)
		w.sent("they wait for the digest")
		w.at("2026-11-23 09:00")
		var both sync.WaitGroup
		faults := make(chan error, 2)
		deadline := time.Now().Add(5 * time.Minute)
		for _, s := range []*store.Store{storetest.Open(t, url, c), storetest.Open(t, url, c)} { // open before one keeps the other out
			both.Go(func() {
				for {
					more, err := s.Expand(t.Context())
					if err != nil && strings.Contains(err.Error(), "database is locked") && time.Now().Before(deadline) {
						continue // SQLite is no database for two servers; the worker tries again, too
					}
					if err != nil {
						faults <- err
					}
					if err != nil || !more {
						return
					}
				}
			})
		}
		both.Wait()
		select {
		case err := <-faults:
			t.Fatal(err)
		default:
		}
		times := map[string]int{}
		for _, one := range w.deliver() {
			times[one]++
		}
		for i := range n {
			if who := fmt.Sprintf("p%07d@customer.example: daily_digest", i); times[who] != 1 {
				t.Errorf("%s: %d times", who, times[who])
			}
		}
		w.idle()
	})
}
