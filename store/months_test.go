package store_test

import (
	"testing"
	"time"

	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

func TestMonthsHoldWhatIsPublicAndBeganInThem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		march := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		april := march.AddDate(0, 1, 0)
		add := func(name string, at time.Time, change func(i *status.Incident)) {
			t.Helper()
			err := s.InTx(t.Context(), func(tx *store.Tx) error {
				number, err := tx.NextIncidentNumber(t.Context())
				i := status.Incident{ID: store.NewID(), Number: number, Name: name, Status: status.Resolved, Impact: status.ImpactNone,
					HighestImpact: status.ImpactNone, Metadata: "{}", CreatedAt: at, UpdatedAt: at, StartedAt: at, ResolvedAt: at}
				if change != nil {
					change(&i)
				}
				if err != nil {
					return err
				}
				return tx.SaveIncident(t.Context(), i)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		add("last of February", march.Add(-time.Microsecond), nil)
		add("first of March", march, nil)
		add("last of March", april.Add(-time.Microsecond), nil)
		add("first of April", april, nil)
		add("draft", march, func(i *status.Incident) { i.Draft = true })
		add("withdrawn", march, func(i *status.Incident) { i.WithdrawnAt = april })
		found, err := s.PublicIncidentsBetween(t.Context(), march, april)
		if err != nil || len(found) != 2 || found[0].Name != "last of March" || found[1].Name != "first of March" {
			t.Errorf("March holds %v, %v", found, err)
		}
	})
}
