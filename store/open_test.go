package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

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
