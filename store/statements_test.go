package store_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

// What the writer runs again and again is prepared once, and does the same as
// before, whoever runs it, also after a transaction that failed.
func TestWhatIsRunOftenIsPrepared(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t), nil)
	before := s.Prepared()
	broken := errors.New("broken")
	if _, err := s.Raw().Exec(`INSERT INTO settings (name, value) VALUES ('counted', '')`); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var value string
	for range 4 {
		all.Go(func() {
			for i := range 10 {
				err := s.InTx(t.Context(), func(tx *store.Tx) error {
					if err := tx.Do(t.Context(), `UPDATE settings SET value = value || '.' WHERE name = 'counted'`); err != nil {
						return err
					}
					if i == 5 {
						return broken
					}
					return nil
				})
				if err != nil && !errors.Is(err, broken) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := s.Prepared() - before; n != 1 {
		t.Errorf("%d statements are prepared", n)
	}
	if err := s.Raw().Get(&value, `SELECT value FROM settings WHERE name = 'counted'`); err != nil || value != strings.Repeat(".", 4*9) { // one of ten is taken back
		t.Errorf("at once it counted %q, %v", value, err)
	}
	for range 15 {
		if err := s.InTx(t.Context(), func(tx *store.Tx) error {
			return tx.Do(t.Context(), `UPDATE settings SET value = '' WHERE name = 'counted'`)
		}); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		if err := s.InTx(t.Context(), func(tx *store.Tx) error {
			return tx.Do(t.Context(), `UPDATE settings SET value = value || '.' WHERE name = 'counted'`)
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Raw().Get(&value, `SELECT value FROM settings WHERE name = 'counted'`); err != nil || value != strings.Repeat(".", 20) {
		t.Errorf("it counted %q, %v", value, err)
	}
	for i := range 300 { // each another one: nothing is kept of these
		if err := s.InTx(t.Context(), func(tx *store.Tx) error {
			return tx.Do(t.Context(), fmt.Sprintf(`UPDATE settings SET value = '%d' WHERE FALSE`, i))
		}); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Prepared() - before; n != 2 {
		t.Errorf("then %d statements are prepared", n)
	}
}
