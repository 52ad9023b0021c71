package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

func TestUnusableDataDirectoryIsNamed(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	closed := filepath.Join(folder, "closed")
	if err := os.Mkdir(closed, 0o500); err != nil {
		t.Fatal(err)
	}
	places := []string{filepath.Join(file, "sub")}
	if os.Getuid() != 0 && runtime.GOOS != "windows" {
		places = append(places, closed)
	}
	for _, place := range places {
		_, err := store.Open(t.Context(), store.Config{URL: "sqlite://" + filepath.Join(place, "allclear.db"), Key: storetest.Key(t)})
		if err == nil || !strings.Contains(err.Error(), place) || !strings.Contains(err.Error(), "--data-dir") {
			t.Errorf("got %v", err)
		}
	}
}

func TestCheckingMakesNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "allclear.db")
	_, err := store.Open(t.Context(), store.Config{URL: "sqlite://" + path, Key: storetest.Key(t), CheckOnly: true})
	if err == nil || !strings.Contains(err.Error(), `run "allclear migrate"`) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was made: %v", err)
	}
}

func TestUnknownURLIsRefusedWithASentence(t *testing.T) {
	for _, url := range []string{"", "mysql://x", "sqlite://", "allclear.db"} {
		_, err := store.Open(t.Context(), store.Config{URL: url, Key: storetest.Key(t)})
		if err == nil || !strings.Contains(err.Error(), "sqlite://") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// A database that is full or away is said to be so: who posts is told to try
// again, and not that something is wrong.
func TestDatabaseThatCannotBeUsedIsNamed(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url, nil)
		trouble := []string{`SELECT pg_terminate_backend(pg_backend_pid())`}
		if s.Dialect() == "sqlite" {
			trouble = []string{`PRAGMA max_page_count = 1`, `CREATE TABLE more AS SELECT hex(zeroblob(1000000)) AS room`} // as on a full disk
		}
		err := s.InTx(t.Context(), func(tx *store.Tx) error {
			for _, statement := range trouble {
				if err := tx.Do(t.Context(), statement); err != nil {
					return err
				}
			}
			return nil
		})
		if !errors.Is(err, status.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
	})
}

// Nor is one that others keep busy a fault of ours.
func TestDatabaseThatGaveUpIsSaidToBeBusy(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := storetest.Open(t, url, nil)
		do := func(statements ...string) error {
			return s.InTx(t.Context(), func(tx *store.Tx) error {
				for _, statement := range statements {
					if err := tx.Do(t.Context(), statement); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if s.Dialect() == "sqlite" {
			if err := do("PRAGMA busy_timeout = 0"); err != nil {
				t.Fatal(err)
			}
			other := storetest.Open(t, url, nil)
			if err := other.InTx(t.Context(), func(*store.Tx) error { return do() }); !errors.Is(err, status.ErrBusy) {
				t.Errorf("locked: %v", err)
			}
			return
		}
		if err := do("SET LOCAL statement_timeout = 1", "SELECT pg_sleep(30)"); !errors.Is(err, status.ErrBusy) {
			t.Errorf("a statement's timeout: %v", err)
		}
		for code, want := range map[string]error{"40001": status.ErrBusy, "40P01": status.ErrBusy, "55P03": status.ErrBusy, "53300": status.ErrBusy,
			"53100": status.ErrUnavailable, "57P01": status.ErrUnavailable, "58030": status.ErrUnavailable, "25006": status.ErrUnavailable} {
			if err := do("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '" + code + "'; END $$"); !errors.Is(err, want) || errors.Is(err, status.ErrBusy) && errors.Is(err, status.ErrUnavailable) {
				t.Errorf("%s: %v", code, err)
			}
		}
	})
}

func TestRoomIsLookedFor(t *testing.T) {
	url := storetest.SQLite(t)
	s := storetest.Open(t, url, nil)
	folder := filepath.Dir(strings.TrimPrefix(url, "sqlite://"))
	before, _ := os.ReadDir(folder)
	if err := s.Room(); err != nil {
		t.Errorf("there is room: %v", err)
	}
	if after, _ := os.ReadDir(folder); len(after) != len(before) {
		t.Errorf("something was left: %v", after)
	}
	if err := store.LookForRoom(filepath.Join(folder, "gone")); !errors.Is(err, status.ErrUnavailable) {
		t.Errorf("where nothing can be written: %v", err)
	}
}
