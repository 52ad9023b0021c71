package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// Most of a chunk is taken and recorded at one sweep; whoever is apart is
// decided about alone, and neither disturbs the other.
func TestAChunkIsSweptAroundWhoIsApart(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.many(20, `{"every_update":true}`)
		w.clock.Advance(time.Minute)
		w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		first := w.claim()
		if first.Size() != 20 {
			t.Fatalf("claimed %d, want 20", first.Size())
		}
		w.recordSome(first, all(first)[:18], notify.Delivered)
		const left, flying, unheard = "p0000004@customer.example", "p0000018@customer.example", "p0000019@customer.example"
		if _, err := w.store.Raw().Exec(`INSERT INTO suppressions (channel, address, reason, created_at) VALUES ('email', $1, 'left', 1)`, left); err != nil {
			t.Fatal(err)
		}
		w.recordSome(first, all(first)[19:], notify.Permanent)

		w.clock.Advance(time.Minute)
		update := w.post(stakeholders.Updated, status.ImpactCritical)
		w.expand()
		second := w.claim()
		var told []string
		for _, g := range second.Groups {
			for _, o := range g.To {
				told = append(told, o.Address)
				if o.Attempt != 1 || o.Was != notify.Pending || g.Text.First != (o.Address == unheard) {
					t.Errorf("%s: attempt %d, was %s, first %v", o.Address, o.Attempt, o.Was, g.Text.First)
				}
			}
		}
		if len(told) != 18 {
			t.Errorf("%d are told at once, want all but who left and who is being told: %q", len(told), told)
		}
		w.state(update, left, notify.Suppressed)
		w.state(update, flying, notify.Pending)
		w.whole()

		var results []notify.Recorded
		for i, o := range all(second) {
			at := w.clock.Now().Add(time.Duration(i) * time.Millisecond)
			results = append(results, notify.DefaultRetry().Follow(o, notify.Result{Outcome: notify.Delivered, Answer: fmt.Sprintf("250 queued as \"%d\"", i)}, at))
		}
		w.must(w.store.Record(t.Context(), second, results))
		ledger := w.ledger(update)
		for i, r := range results {
			if d := ledger[r.Address]; d.State != notify.Sent || d.Answer != fmt.Sprintf("250 queued as \"%d\"", i) || !d.SentAt.Equal(r.At) {
				t.Errorf("%s is %s at %s: %q", r.Address, d.State, d.SentAt, d.Answer)
			}
		}
		w.recordSome(first, all(first)[18:19], notify.Delivered)
		w.clock.Advance(2 * time.Second)
		w.deliver()
		w.state(update, flying, notify.Sent)
		w.idle()
	})
}
