// Package storetest runs tests on both databases.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/internal/pgcluster"
	"github.com/allclear-status/allclear/store"
)

// Secret is the secret key of the databases that tests make.
const Secret = "a secret key for tests only"

// Start is where the manual clock of a test stands: Sunday, 22 November 2026.
var Start = time.Date(2026, 11, 22, 10, 44, 2, 0, time.UTC)

var (
	databases atomic.Int64
	template  sync.Once
)

// Each runs a test on SQLite and on PostgreSQL, each on a new database. Without
// PostgreSQL's binaries that half fails where CI is set and is skipped
// elsewhere.
func Each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) { test(t, Open(t, url, nil)) })
}

// EachClock is Each with a clock that the test moves; it stands at Start.
func EachClock(t *testing.T, test func(t *testing.T, s *store.Store, c *clock.Manual)) {
	t.Helper()
	EachURL(t, func(t *testing.T, url string) {
		c := clock.NewManual(Start)
		test(t, Open(t, url, c), c)
	})
}

// EachURL runs a test with the URL of a new, empty database of each kind.
func EachURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite is the URL of a new SQLite database.
func SQLite(t testing.TB) string {
	return "sqlite://" + filepath.Join(t.TempDir(), "allclear.db")
}

// Postgres is the URL of a new PostgreSQL database, already migrated.
func Postgres(t testing.TB) string {
	t.Helper()
	cluster := pgcluster.Shared(t)
	template.Do(func() {
		if err := cluster.CreateDatabase("template_allclear"); err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(t.Context(), store.Config{URL: cluster.DSN("template_allclear"), Key: Key(t)})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
	name := fmt.Sprintf("test_%d", databases.Add(1))
	if err := cluster.CreateFromTemplate(name, "template_allclear"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cluster.DropDatabase(name) }) // the cluster goes with the process anyway
	return cluster.DSN(name)
}

// Open opens a database for a test; a nil clock is the system's. One that is not
// there yet is a copy of one that was migrated before, as on PostgreSQL.
func Open(t testing.TB, url string, c clock.Clock) *store.Store {
	t.Helper()
	if path, ok := strings.CutPrefix(url, "sqlite://"); ok {
		copyModel(t, path)
	}
	s, err := store.Open(t.Context(), store.Config{URL: url, Key: Key(t), Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return s
}

// copyModel puts a migrated database where there is none.
func copyModel(t testing.TB, path string) {
	t.Helper()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	content, err := model()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// model is the file of an SQLite database that was migrated.
var model = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "allclear-model-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }() // a leftover in the temporary folder is no failure
	key, err := auth.NewKey(Secret)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(folder, "allclear.db")
	s, err := store.Open(context.Background(), store.Config{URL: "sqlite://" + path, Key: key})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// Key is the key of the databases that tests make.
func Key(t testing.TB) *auth.Key {
	t.Helper()
	key, err := auth.NewKey(Secret)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
