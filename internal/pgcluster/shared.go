package pgcluster

import (
	"errors"
	"os"
	"sync"
	"testing"
)

var sharedOnce = sync.OnceValues(func() (*Cluster, error) {
	return Start(Options{NoFsync: true})
})

// Shared is the one cluster of this test process, started without fsync at the
// first call. Nobody stops it: it ends with the process. Where PostgreSQL is
// not installed the test fails in CI and is skipped on a laptop.
func Shared(t testing.TB) *Cluster {
	t.Helper()
	cluster, err := sharedOnce()
	RequireInstalled(t, err)
	return cluster
}

// RequireInstalled ends the test where err, from Start, is not nil: skipped
// when PostgreSQL is not installed and this is not CI, failed otherwise.
func RequireInstalled(t testing.TB, err error) {
	t.Helper()
	switch {
	case err == nil:
	case errors.Is(err, ErrNotInstalled) && os.Getenv("CI") != "true":
		t.Skip(err)
	default:
		t.Fatal(err)
	}
}
