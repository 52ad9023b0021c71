package store_test

import (
	"fmt"
	"testing"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// counted is what a whole reading of the ledger says of one notice.
func counted(w *world, notice int64) (all int64, states map[notify.State]int64) {
	states = map[notify.State]int64{}
	for _, d := range w.ledger(notice) {
		all++
		states[d.State]++
	}
	return all, states
}

// TestProgressIsWhatAWholeReadingCounts compares them at every step of a
// fan-out that meets everything: retries, failures, a newer message.
func TestProgressIsWhatAWholeReadingCounts(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.stakeholder("board", stakeholders.High, stakeholders.High, nil, "board@acme.example")
		w.many(1200, `{"every_update":true}`)
		check := func(what string) {
			t.Helper()
			list, err := w.store.Progress(t.Context(), w.incident.ID)
			w.must(err)
			for _, p := range list {
				all, states := counted(w, p.NoticeID)
				if p.Written != all || p.Sent != states[notify.Sent] || p.Waiting+p.Retrying != states[notify.Pending]+states[notify.Sending] {
					t.Errorf("%s: notice %d: %+v; the ledger has %d: %v", what, p.NoticeID, p, all, states)
				}
				for _, state := range []notify.State{notify.Held, notify.Uncertain, notify.Failed, notify.Suppressed, notify.Superseded, notify.Merged, notify.Dropped} {
					if p.States[state] != states[state] {
						t.Errorf("%s: notice %d has %d %s, the ledger %d", what, p.NoticeID, p.States[state], state, states[state])
					}
				}
			}
		}
		first := w.post(stakeholders.Opened, status.ImpactCritical)
		check("posted")
		w.expand()
		check("expanded")
		for step, outcome := range []notify.Outcome{notify.Delivered, notify.Transient, notify.Permanent} {
			b := w.claim()
			check(fmt.Sprintf("claimed %d", step))
			w.record(b, outcome)
			check(fmt.Sprintf("recorded %d", step))
		}
		b := w.claim()
		w.post(stakeholders.Updated, status.ImpactCritical)
		w.expand()
		check("a newer message waits")
		if b.Size() > 0 {
			w.record(b, notify.Delivered)
		}
		w.deliver()
		check("delivered")
		if list, err := w.store.Progress(t.Context(), w.incident.ID); err != nil || len(list) != 2 || list[0].NoticeID != first || list[1].Waiting != 0 {
			t.Errorf("at the end: %+v, %v", list, err)
		}
		if list, err := w.store.Progress(t.Context(), "nothing"); err != nil || len(list) != 0 {
			t.Errorf("of nothing: %+v, %v", list, err)
		}
	})
}
