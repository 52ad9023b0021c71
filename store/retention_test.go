package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// count counts rows.
func (w *world) count(query string, args ...any) (n int) {
	w.f.Helper()
	w.must(w.store.Raw().Get(&n, query, args...))
	return n
}

// letter puts a letter to one person into the outbox.
func (w *world) letter(address string) (id int64) {
	w.f.Helper()
	w.do(func(tx *store.Tx) (err error) {
		policy, err := tx.Policy(w.t.Context())
		if err != nil {
			return err
		}
		id, err = tx.EnqueueTo(w.t.Context(), notify.Notice{Occasion: stakeholders.Occasion{Event: stakeholders.SubscriptionConfirm}, PolicyVersion: policy.Version},
			store.Addressee{Contact: stakeholders.Contact{Channel: stakeholders.Email, Address: address}, Person: "subscriber:x", Quadrant: stakeholders.Monitor, Reason: "asked"})
		return err
	})
	return id
}

// forget removes what is older than an age, a few rows at a time.
func (w *world) forget(age time.Duration, limit int) {
	w.f.Helper()
	for more, tries := true, 0; more; tries++ {
		before := w.count(`SELECT (SELECT COUNT(*) FROM deliveries) + (SELECT COUNT(*) FROM attempts) + (SELECT COUNT(*) FROM threads)`)
		w.do(func(tx *store.Tx) (err error) {
			more, err = tx.ForgetDeliveries(w.t.Context(), tx.Now().Add(-age), limit)
			return err
		})
		after := w.count(`SELECT (SELECT COUNT(*) FROM deliveries) + (SELECT COUNT(*) FROM attempts) + (SELECT COUNT(*) FROM threads)`)
		if before-after > limit+1 { // the thread of a letter comes on top
			w.f.Fatalf("one step removed %d rows, %d were allowed", before-after, limit)
		}
		if tries > 200 {
			w.f.Fatalf("it finds no end")
		}
	}
}

func TestOldDeliveriesAreForgottenAndNothingOfAnOpenIncident(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		const age = 400 * 24 * time.Hour
		for i := range 12 {
			w.subscribe(fmt.Sprintf("p%02d@customer.example", i), everyUpdate)
		}
		over := w.postWith(stakeholders.Opened, status.ImpactMajor, stakeholders.Occasion{Hand: stakeholders.Hand{
			Also: []stakeholders.OneOff{{Name: "guest@elsewhere.example", Channel: stakeholders.Email, Address: "guest@elsewhere.example"}}}})
		w.expand()
		b := w.claim()
		w.recordSome(b, all(b)[:2], notify.Permanent)
		w.recordSome(b, all(b)[2:], notify.Delivered)
		end := w.post(stakeholders.Resolved, status.ImpactMajor)
		w.deliver()
		resolved := w.incident
		open := w.post(stakeholders.Opened, status.ImpactMajor)
		w.deliver()
		told := len(w.ledger(open))
		old := w.letter("somebody@elsewhere.example")
		again := w.letter("twice@elsewhere.example")
		w.deliver()
		waiting := w.letter("waiting@elsewhere.example") // and nobody sends it

		w.clock.Advance(age / 2)
		w.forget(age, 5)
		if n := len(w.ledger(over)); n != 13 {
			t.Fatalf("%d of 13 deliveries are left before their time", n)
		}
		w.letter("twice@elsewhere.example")
		w.claim() // and the one who sends it dies
		w.clock.Advance(age/2 + time.Hour)
		w.forget(age, 5)

		for what, n := range map[string]int{
			"deliveries of what is over":      len(w.ledger(over)) + len(w.ledger(end)),
			"decisions of what is over":       w.count(`SELECT COUNT(*) FROM decisions WHERE notice_id IN ($1, $2)`, over, end),
			"attempts":                        w.count(`SELECT COUNT(*) FROM attempts`),
			"threads of what is over":         w.count(`SELECT COUNT(*) FROM threads WHERE incident_id = $1`, resolved.ID),
			"guests":                          w.count(`SELECT COUNT(*) FROM notices WHERE occasion LIKE '%guest@%'`),
			"old letters":                     w.count(`SELECT COUNT(*) FROM notices WHERE id IN ($1, $2)`, old, again),
			"addresses with no letter to say": w.count(`SELECT COUNT(*) FROM threads WHERE incident_id = '' AND address = 'somebody@elsewhere.example'`),
		} {
			if n != 0 {
				t.Errorf("%d %s are left", n, what)
			}
		}
		if n := len(w.ledger(open)); n != told {
			t.Errorf("%d of %d deliveries of an open incident are left", n, told)
		}
		if n := len(w.ledger(waiting)); n != 1 {
			t.Error("a letter that waits is gone")
		}
		list, err := w.store.Progress(t.Context(), resolved.ID)
		w.must(err)
		if len(list) != 2 || list[0].Sent != 10 || list[0].Written != 10 || list[1].Sent != 13 {
			t.Errorf("how many were told is not known any more: %+v", list)
		}
		notices, err := w.store.Notices(t.Context(), resolved.ID)
		w.must(err)
		if len(notices) != 2 || notices[0].ForgottenAt.IsZero() {
			t.Errorf("the notices do not say that they are forgotten: %+v", notices)
		}

		w.clock.Advance(leaseTime + time.Hour)
		heard := w.deliver()
		letters := 0
		for _, line := range heard {
			if line == "waiting@elsewhere.example: " || line == "twice@elsewhere.example: " {
				letters++
			}
		}
		if letters != 2 {
			t.Errorf("letters that waited were not sent: %q", heard)
		}
		w.post(stakeholders.Resolved, status.ImpactMajor)
		if n := len(w.deliver()); n != told {
			t.Errorf("%d heard the end, %d the start", n, told)
		}
		w.idle()
	})
}
