package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

func TestWritersAndReadersDoNotLockEachOtherOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var all sync.WaitGroup
		for n := range 16 {
			all.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					err := s.InTx(t.Context(), func(tx *store.Tx) error {
						if _, err := tx.Tokens(t.Context()); err != nil { // reads first, as most acts do
							return err
						}
						return tx.AddToken(t.Context(), auth.Token{ID: store.NewID(), Name: fmt.Sprintf("%d-%d", n, i), Scope: auth.ScopeRead, Hash: store.NewID()})
					})
					if err != nil {
						t.Errorf("write: %v", err)
						return
					}
				}
			})
			all.Go(func() {
				for ctx.Err() == nil {
					if _, err := s.Page(t.Context()); err != nil {
						t.Errorf("read: %v", err)
						return
					}
				}
			})
		}
		all.Wait()
	})
}

func TestTimesAndTextComeBackAsTheyWere(t *testing.T) {
	zone := time.Local
	time.Local = time.FixedZone("UTC+3", 3*60*60)
	defer func() { time.Local = zone }()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		began := time.Date(2026, 1, 31, 23, 59, 59, 123456000, time.Local)
		i := status.Incident{ID: store.NewID(), Number: 1, Name: "2026-01-01", Status: status.Investigating, Impact: status.ImpactNone,
			HighestImpact: status.ImpactNone, Metadata: "{}", CreatedAt: began, UpdatedAt: began, StartedAt: began,
			Updates: []status.Update{{ID: store.NewID(), Status: status.Investigating, Body: "2026-01-01 10:00:00", CreatedAt: began, UpdatedAt: began, DisplayAt: began}}}
		i.Updates[0].IncidentID = i.ID
		if err := s.InTx(t.Context(), func(tx *store.Tx) error { return tx.SaveIncident(t.Context(), i) }); err != nil {
			t.Fatal(err)
		}
		got, err := s.Incident(t.Context(), i.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !got.StartedAt.Equal(began) || got.StartedAt.Location() != time.UTC || !got.ResolvedAt.IsZero() {
			t.Errorf("began %s, came back %s; resolved %s", began, got.StartedAt, got.ResolvedAt)
		}
		if got.Name != "2026-01-01" || got.Updates[0].Body != "2026-01-01 10:00:00" {
			t.Errorf("text came back as %q, %q", got.Name, got.Updates[0].Body)
		}
	})
}

func TestQueryThatTheContextEndedSaysSo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for name, end := range map[string]struct {
			how  func(ctx context.Context) (context.Context, context.CancelFunc)
			want error
		}{
			"deadline": {func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 20*time.Millisecond)
			}, context.DeadlineExceeded},
			"cancel": {func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				time.AfterFunc(20*time.Millisecond, cancel)
				return ctx, cancel
			}, context.Canceled},
		} {
			ctx, cancel := end.how(t.Context())
			err := store.Linger(ctx, s)
			cancel()
			if !errors.Is(err, end.want) {
				t.Errorf("%s: %v, want it to be %v", name, err, end.want)
			}
		}
	})
}

func TestPathsOfAllKindsOpen(t *testing.T) {
	for _, name := range []string{"with space", "question?mark", "hash#mark", "per%cent", "ümlaut"} {
		path := filepath.Join(t.TempDir(), name, "allclear.db")
		first, err := store.Open(t.Context(), store.Config{URL: "sqlite://" + path, Key: storetest.Key(t)}) // the file is not there yet
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = first.Close() })
		page, err := first.Page(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if found, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.db")); err != nil || len(found) != 1 || found[0] != path {
			t.Errorf("%s: the file is at %v, %v", name, found, err)
		}
		second := storetest.Open(t, "sqlite://"+path, nil)
		if again, err := second.Page(t.Context()); err != nil || again.ID != page.ID {
			t.Errorf("%s: opened again: %v %v", name, again, err)
		}
	}
}

func TestAnotherKeyIsRefused(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		storetest.Open(t, url, nil)
		other, err := auth.NewKey("quite another secret key")
		if err != nil {
			t.Fatal(err)
		}
		if s, err := store.Open(t.Context(), store.Config{URL: url, Key: other}); !errors.Is(err, store.ErrWrongKey) {
			t.Errorf("another key: %v", err)
			if err == nil {
				_ = s.Close()
			}
		}
	})
}

func TestSecretAddressIsSealedAtRest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const secret = "https://hooks.example/services/T000/B000/verysecret"
		address, err := stakeholders.NormalizeAddress(stakeholders.Slack, secret)
		if err != nil {
			t.Fatal(err)
		}
		entry := stakeholders.Stakeholder{ID: store.NewID(), Name: "Support", Kind: stakeholders.Team, Power: stakeholders.Low, Interest: stakeholders.High,
			Contacts: []stakeholders.Contact{{Channel: stakeholders.Slack, Address: address, Endpoint: secret, Label: "#support"}}}
		if err := s.InTx(t.Context(), func(tx *store.Tx) error { return tx.SaveStakeholder(t.Context(), entry, 1) }); err != nil {
			t.Fatal(err)
		}
		for _, query := range []string{`SELECT address || sealed FROM endpoints`, `SELECT address || label FROM contacts`} {
			var rows []string
			if err := s.Raw().Select(&rows, query); err != nil || len(rows) != 1 {
				t.Fatalf("%s: %v %v", query, rows, err)
			}
			if strings.Contains(rows[0], "verysecret") {
				t.Errorf("%s holds the address in clear", query)
			}
		}
		if back, err := s.Endpoint(t.Context(), stakeholders.Slack, address); err != nil || back != secret {
			t.Errorf("the address came back as %q, %v", back, err)
		}
	})
}
