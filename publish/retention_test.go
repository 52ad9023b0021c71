package publish_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

// TestOldDeliveriesAreForgottenByThemselves lets a server run for two years.
func TestOldDeliveriesAreForgottenByThemselves(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		for _, days := range []int{0, 30} {
			w.publisher = publish.New(s, publish.Config{PublicURL: "https://status.acme.example", Key: storetest.Key(t), Log: slog.New(slog.DiscardHandler),
				KeepDeliveries: time.Duration(days) * 24 * time.Hour})
			if err := w.publisher.StartRetention(t.Context()); err != nil {
				t.Fatal(err)
			}
			keeper := w.publisher.Timekeeper()
			opened := w.open(status.MajorOutage)
			w.step()
			w.update(opened.Incident.ID, status.Post{Status: status.Resolved, Body: "Card payments work again.", Notify: true})
			w.step()
			ledger := func() int {
				t.Helper()
				rows, err := s.Deliveries(t.Context(), store.LedgerFilter{IncidentID: opened.Incident.ID, Limit: 100})
				if err != nil {
					t.Fatal(err)
				}
				return len(rows)
			}
			told := ledger()
			if told == 0 {
				t.Fatal("nobody was told")
			}
			for day := range 40 {
				c.Advance(24 * time.Hour)
				for range 5 {
					runOut(t, keeper)
					c.Advance(2 * time.Second)
				}
				if left := ledger(); (left == told) != (days == 0 || day < 29) || left != told && left != 0 {
					t.Fatalf("kept for %d days, day %d: %d of %d are left", days, day+1, left, told)
				}
			}
			if days == 0 {
				continue
			}
			why, err := w.publisher.Why(t.Context(), opened.Incident.Reference(), "ana@customer.example")
			if err != nil || len(why) == 0 || why[0].Words != "Not known any more: who was told of this was removed for its age." {
				t.Errorf("why: %+v, %v", why, err)
			}
		}
	})
}
