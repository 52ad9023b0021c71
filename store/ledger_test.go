package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// places are the notice and address of each row, in order.
func places(t *testing.T, w *world, f store.LedgerFilter) (list []string) {
	t.Helper()
	rows, err := w.store.Deliveries(t.Context(), f)
	w.must(err)
	for _, d := range rows {
		list = append(list, fmt.Sprintf("%d %s", d.NoticeID, d.Address))
	}
	return list
}

func TestLedgerIsReadPartByPartWithoutGapsOrRepeats(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.stakeholder("board", stakeholders.High, stakeholders.High, nil, "board@acme.example")
		for i := range 7 {
			w.subscribe(fmt.Sprintf("p%d@customer.example", i), everyUpdate)
		}
		first := w.post(stakeholders.Opened, status.ImpactMajor)
		w.expand()
		w.deliver()
		w.post(stakeholders.Updated, status.ImpactMajor)
		w.expand()
		for _, f := range []store.LedgerFilter{
			{}, {IncidentID: w.incident.ID}, {State: notify.Sent}, {State: notify.Pending}, {Channel: stakeholders.Email}, {NoticeID: first},
			{Whose: &store.Whose{Persons: []string{"stakeholder:board"}, Places: []store.Place{{Channel: stakeholders.Email, Address: "p3@customer.example"}, {Channel: stakeholders.Email, Address: "p4@customer.example"}}}},
		} {
			f.Limit = 1000
			whole := places(t, w, f)
			if len(whole) < 6 {
				t.Errorf("%+v lists only %q", f, whole)
			}
			for _, size := range []int{1, 3, len(whole)} {
				var parts []string
				part := f
				part.Limit = size
				for range 100 {
					rows, err := w.store.Deliveries(t.Context(), part)
					w.must(err)
					for _, d := range rows {
						parts = append(parts, fmt.Sprintf("%d %s", d.NoticeID, d.Address))
					}
					if len(rows) < size {
						break
					}
					part.After = rows[size-1].Key
				}
				if !slices.Equal(parts, whole) {
					t.Errorf("%+v in parts of %d:\n%q\nwhole:\n%q", f, size, parts, whole)
				}
			}
			f.Offset, f.Limit = 2, 3
			if got := places(t, w, f); !slices.Equal(got, whole[2:5]) {
				t.Errorf("%+v lists %q of %q", f, got, whole)
			}
		}
		now := w.clock.Now()
		if got := places(t, w, store.LedgerFilter{From: now.Add(time.Hour), Limit: 10}); len(got) != 0 {
			t.Errorf("from later on there is %q", got)
		}
		if got := places(t, w, store.LedgerFilter{Until: now.Add(-time.Hour), Limit: 10}); len(got) != 0 {
			t.Errorf("until before there is %q", got)
		}
	})
}
