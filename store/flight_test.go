package store_test

import (
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// A claim of a crowd writes the lease of its chunk and not a single delivery:
// that they are being sent is seen from the lease, by who lists them too.
func TestTheLeaseOfAChunkSaysThatItIsBeingSent(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.many(40, `{"every_update":true}`)
		w.clock.Advance(time.Second)
		opened := w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		b := w.claim()
		if b.Size() != 40 || all(b)[0].Attempt != 1 {
			t.Fatalf("%d were claimed, attempt %d", b.Size(), all(b)[0].Attempt)
		}
		if n := w.count(`SELECT COUNT(*) FROM deliveries WHERE state <> 'pending' OR attempts > 0`); n != 0 {
			t.Errorf("%d deliveries were written", n)
		}
		listed := func(state notify.State) int {
			list, err := w.store.Deliveries(t.Context(), store.LedgerFilter{NoticeID: opened, State: state, Limit: 100})
			w.must(err)
			return len(list)
		}
		if a, b := listed(notify.Sending), listed(notify.Pending); a != 40 || b != 0 {
			t.Errorf("%d are listed as being sent and %d as waiting", a, b)
		}
		w.recordSome(b, all(b)[:15], notify.Delivered)
		w.recordSome(b, all(b)[15:20], notify.Transient)
		if a, b := listed(notify.Sending), listed(notify.Sent); a != 20 || b != 15 {
			t.Errorf("then %d are listed as being sent and %d as sent", a, b)
		}
		w.must(w.store.Release(t.Context(), b, all(b)[20:]))
		if a, b := listed(notify.Sending), listed(notify.Pending); a != 0 || b != 25 {
			t.Errorf("then %d are listed as being sent and %d as waiting", a, b)
		}
		if n := w.count(`SELECT COUNT(*) FROM deliveries WHERE attempts <> CASE WHEN state = 'sent' OR due_at > 0 THEN 1 ELSE 0 END`); n != 0 {
			t.Errorf("%d deliveries have a wrong number of attempts", n)
		}
		w.whole()
	})
}

// What a newer notice finds in a leased chunk is written down as being sent, and
// the newer waits; nobody's message is replaced that may have left.
func TestANewerNoticeFindsWhatALeasedChunkIsSending(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.many(20, `{"every_update":true}`)
		w.clock.Advance(time.Second)
		opened := w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		b := w.claim()
		w.post(stakeholders.Updated, status.ImpactCritical)
		w.expand()
		w.whole()
		if n := w.count(`SELECT COUNT(*) FROM deliveries WHERE notice_id = $1 AND state = 'sending' AND attempts = 1`, opened); n != 20 {
			t.Errorf("%d are written down as being sent", n)
		}
		if newer := w.claim(); newer.Size() != 0 {
			t.Errorf("%q was claimed while the older is still in flight", words(newer))
		}
		w.record(b, notify.Delivered)
		w.clock.Advance(2 * time.Second)
		if said := w.deliver(); len(said) != 20 {
			t.Errorf("then came %q", said)
		}
		w.idle()
	})
}

// Only what was handed out and has no result is in doubt when a chunk comes to
// somebody else: through a lease that ran out, or one that was given back by who
// could not write everything down.
func TestWhatALeaseLeavesBehindIsInDoubt(t *testing.T) {
	for _, released := range []bool{false, true} {
		eachWorld(t, func(t *testing.T, w *world) {
			w.many(30, `{}`)
			w.clock.Advance(time.Second)
			w.post(stakeholders.Opened, status.ImpactCritical)
			w.expand()
			b := w.claim()
			w.recordSome(b, all(b)[:10], notify.Delivered)
			doubt := 20
			if released {
				w.must(w.store.Release(t.Context(), b, all(b)[16:])) // six results were lost
				doubt = 6
			} else {
				w.clock.Advance(leaseTime + time.Second)
			}
			again := w.claim()
			if again.Size() != 20 {
				t.Errorf("%d were claimed again", again.Size())
			}
			for _, o := range all(again) {
				if o.Attempt == 2 {
					doubt--
				}
			}
			if doubt != 0 {
				t.Errorf("%d too few second attempts", doubt)
			}
			w.whole()
			w.record(again, notify.Delivered)
			if n, want := w.count(`SELECT COUNT(*) FROM deliveries WHERE uncertain`), map[bool]int{false: 20, true: 6}[released]; n != want {
				t.Errorf("%d are uncertain, want %d", n, want)
			}
			w.idle()
		})
	}
}
