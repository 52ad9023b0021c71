package store_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// Subscribers are written by the class; whoever stands otherwise is decided
// one by one. Either way everybody gets what the rules say of them alone.
func TestACrowdGetsWhatEachWouldGetAlone(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		preferences := []stakeholders.Preferences{
			{}, {EveryUpdate: true}, {DailyDigest: true, TimeZone: "Europe/Madrid"}, {StartAndEndOnly: true}, {LeastImpact: "critical"},
			{QuietHours: "22:00-07:00", TimeZone: "Asia/Tokyo"}, {QuietHours: "00:00-23:59"},
		}
		wishes := map[string]stakeholders.Preferences{}
		join := func(round int) {
			for i, p := range preferences {
				for n := range 8 {
					address := fmt.Sprintf("s%d-%d-%d@customer.example", n, i, round)
					wishes[address] = p
					w.subscribe(address, p)
				}
			}
		}
		join(0)
		w.clock.Advance(time.Minute)
		w.post(stakeholders.Opened, status.ImpactMajor)
		w.expand()
		b := w.claim()
		w.recordSome(b, all(b)[:12], notify.Delivered)
		w.recordSome(b, all(b)[12:20], notify.Transient) // the rest flies on
		w.clock.Advance(10 * time.Minute)
		join(1)
		w.clock.Advance(time.Minute)
		for _, event := range []stakeholders.Event{stakeholders.Updated, stakeholders.Monitoring, stakeholders.Resolved} {
			var contacts []stakeholders.Contact
			for address := range wishes {
				contacts = append(contacts, stakeholders.Contact{Channel: stakeholders.Email, Address: address})
			}
			want := map[string]string{}
			w.do(func(tx *store.Tx) error {
				threads, err := tx.ThreadFacts(t.Context(), w.incident.ID, contacts)
				if err != nil {
					return err
				}
				policy, err := tx.Policy(t.Context())
				if err != nil {
					return err
				}
				o := stakeholders.Occasion{Event: event, Impact: status.ImpactMajor, ImpactBefore: status.ImpactMajor}
				for _, c := range contacts {
					v := stakeholders.Decide(policy, o, stakeholders.SubscriberRecipient("", c, stakeholders.KeepSatisfied, wishes[c.Address]))[0]
					if out := v.Settle(o, threads(c), w.clock.Now()); out.Action != stakeholders.Skip {
						want[c.Address] = fmt.Sprint(out.Action, " ", out.Gather, " ", out.Rule, " ", out.Reason, " ", out.DueAt.UnixMicro(), " ", v.Form)
					}
				}
				return nil
			})
			id := w.post(event, status.ImpactMajor)
			w.expand()
			got := map[string]string{}
			for address, d := range w.ledger(id) {
				action := map[notify.State]string{notify.Pending: "send", notify.Held: "hold", notify.Dropped: "drop"}[d.State]
				form := w.formOf(id, address)
				got[address] = fmt.Sprint(action, " ", d.Gather, " ", d.Rule, " ", d.Reason, " ", dueOf(d), " ", form)
			}
			a, _ := json.MarshalIndent(got, "", " ")
			b, _ := json.MarshalIndent(want, "", " ")
			if string(a) != string(b) {
				t.Fatalf("%s: the ledger says\n%s\nthe rules\n%s", event, a, b)
			}
			w.clock.Advance(20 * time.Minute)
		}
	})
}

func dueOf(d notify.Delivery) int64 {
	if d.DueAt.IsZero() {
		return time.Time{}.UnixMicro()
	}
	return d.DueAt.UnixMicro()
}

func (w *world) formOf(notice int64, address string) (form string) {
	w.f.Helper()
	w.must(w.store.Raw().Get(&form, `
		SELECT w.form FROM deliveries d JOIN decisions w ON w.notice_id = d.notice_id AND w.number = d.decision
		WHERE d.notice_id = $1 AND d.address = $2`, notice, address))
	return form
}

// However many there are, an audience takes the same number of statements for
// each stretch, and one row for each recipient.
func TestAnAudienceIsWrittenInStretches(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		const n = 12_000
		w.many(n, `{}`)
		w.clock.Advance(time.Minute)
		id := w.post(stakeholders.Opened, status.ImpactCritical)
		stretches := 0
		for more := true; more; stretches++ {
			var err error
			more, err = w.store.Expand(t.Context())
			w.must(err)
		}
		if stretches > 7 {
			t.Errorf("%d transactions for %d subscribers", stretches, n)
		}
		var rows, people, covered, largest int
		w.must(w.store.Raw().Get(&rows, `SELECT COUNT(*) FROM deliveries WHERE notice_id = $1`, id))
		w.must(w.store.Raw().Get(&people, `SELECT COUNT(DISTINCT address) FROM deliveries WHERE notice_id = $1`, id))
		w.must(w.store.Raw().Get(&covered, `
			SELECT COUNT(*) FROM deliveries d JOIN chunks c ON c.notice_id = d.notice_id AND c.number = d.chunk AND c.channel = d.channel
			WHERE d.address BETWEEN c.first_address AND c.last_address`))
		w.must(w.store.Raw().Get(&largest, `SELECT MAX(n) FROM (SELECT COUNT(*) AS n FROM deliveries GROUP BY chunk) AS sizes`))
		if rows != n || people != n || covered != n || largest > 500 {
			t.Errorf("%d rows for %d people, %d of them in chunks of at most %d", rows, people, covered, largest)
		}
		w.whole()
	})
}

// A word that nobody of them hears costs no look at a large crowd: whoever posts
// next does not wait for it.
func TestACrowdThatHearsNothingIsPassed(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.many(5000, `{}`)
		w.many(10, `{"every_update":true}`)
		w.clock.Advance(time.Minute)
		w.post(stakeholders.Opened, status.ImpactMinor)
		w.expand()
		w.do(func(tx *store.Tx) error {
			return tx.SaveSubscriber(t.Context(), stakeholders.Subscriber{ID: "hook", Segment: stakeholders.DefaultSegment, CreatedAt: tx.Now(), ConfirmedAt: tx.Now(),
				Contact: stakeholders.Contact{Channel: stakeholders.Webhook, Address: "hook", Endpoint: "https://hooks.example/1"}})
		})
		w.clock.Advance(time.Minute)
		stretches := func() (n int) {
			for more := true; more; n++ {
				var err error
				more, err = w.store.Expand(t.Context())
				w.must(err)
			}
			return n
		}
		run := func(query string) {
			t.Helper()
			_, err := w.store.Raw().Exec(query)
			w.must(err)
		}
		heard := w.post(stakeholders.Updated, status.ImpactMinor) // by who asked for everything
		if n := stretches(); n < 3 || len(w.ledger(heard)) != 11 {
			t.Errorf("%d stretches, %d hear it", n, len(w.ledger(heard)))
		}
		run(`UPDATE subscriber_classes SET confirmed = 0 WHERE preferences = '{"every_update":true}'`)
		run(`UPDATE subscribers SET unsubscribed_at = 1 WHERE class_id IN (SELECT id FROM subscriber_classes WHERE confirmed = 0)`)
		only := w.post(stakeholders.Updated, status.ImpactMinor) // by the webhook
		if n := stretches(); n > 4 || len(w.ledger(only)) != 1 {
			t.Errorf("%d stretches, %d hear it", n, len(w.ledger(only)))
		}
		w.whole()
	})
}

// An end that only those hear who heard of the start costs no look at those who
// did not, and misses nobody who did.
func TestAnEndPassesOverWhoHeardNothing(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.many(9000, `{"least_impact":"critical"}`)
		w.stakeholder("close", stakeholders.High, stakeholders.High, nil, "p0000005@customer.example", "close@acme.example")
		heard := map[int]bool{0: true, 4444: true, 4445: true, 8999: true}
		for i := range heard {
			w.do(func(tx *store.Tx) error {
				s, err := tx.SubscriberAt(t.Context(), stakeholders.Email, fmt.Sprintf("p%07d@customer.example", i))
				if err != nil {
					return err
				}
				s.Preferences = stakeholders.Preferences{EveryUpdate: true}
				return tx.SaveSubscriber(t.Context(), s)
			})
		}
		w.clock.Advance(time.Minute)
		w.post(stakeholders.Opened, status.ImpactMinor)
		if n := len(w.deliver()); n < len(heard) {
			t.Fatalf("%d heard of the start", n)
		}
		w.clock.Advance(time.Hour)
		id := w.post(stakeholders.Withdrawn, status.ImpactMinor)
		stretches := 0
		for more := true; more; stretches++ {
			var err error
			more, err = w.store.Expand(t.Context())
			w.must(err)
		}
		ledger := w.ledger(id)
		for i := range 9000 {
			if _, told := ledger[fmt.Sprintf("p%07d@customer.example", i)]; told != (heard[i] || i == 5) {
				t.Errorf("subscriber %d is told of the end: %v", i, told)
			}
		}
		if stretches > 7 {
			t.Errorf("%d stretches", stretches)
		}
		w.whole()
	})
}
