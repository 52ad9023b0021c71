// Package migrations holds the schema of both databases and brings a database
// to it. Migrations go forward only, stand under the same names in both
// folders, run in one transaction each and are never edited after a release.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/allclear-status/allclear/internal/filelock"
)

//go:embed postgres/*.sql sqlite/*.sql
var files embed.FS

// NewerError is a database whose schema is newer than this program knows.
type NewerError struct{ Database, Program int64 }

// Error says which program would fit.
func (e *NewerError) Error() string {
	return fmt.Sprintf("the database has schema version %d, but this program knows versions up to %d; run the newer program that wrote it, or restore a backup", e.Database, e.Program)
}

// PendingError is a database whose schema is older than this program needs.
type PendingError struct{ Database, Program int64 }

// Error says what to run.
func (e *PendingError) Error() string {
	return fmt.Sprintf("the database has schema version %d, but this program needs %d; run \"allclear migrate\", or start without --no-migrate", e.Database, e.Program)
}

// How often, in seconds, and how many times a process looks whether another one
// has finished migrating.
const (
	lockInterval = 1
	lockTries    = 300
)

// Postgres brings a PostgreSQL database to the present schema. Several
// processes may do so at once: a session lock lets one work at a time. With
// check set it changes nothing and returns *PendingError when it would.
func Postgres(ctx context.Context, db *sql.DB, check bool) error {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(lockInterval, lockTries))
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return run(ctx, db, goose.DialectPostgres, "postgres", check, goose.WithSessionLocker(locker))
}

// SQLite brings an SQLite database to the present schema. SQLite has no lock
// that outlives a transaction, so a lock on the file lockPath keeps processes
// apart; empty means that nobody else can see the database.
func SQLite(ctx context.Context, db *sql.DB, lockPath string, check bool) error {
	var options []goose.ProviderOption
	if lockPath != "" {
		options = append(options, goose.WithLocker(&fileLocker{path: lockPath}))
	}
	return run(ctx, db, goose.DialectSQLite3, "sqlite", check, options...)
}

func run(ctx context.Context, db *sql.DB, dialect goose.Dialect, folder string, check bool, options ...goose.ProviderOption) error {
	folderFS, err := fs.Sub(files, folder)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	options = append(options, goose.WithDisableGlobalRegistry(true))
	provider, err := goose.NewProvider(dialect, db, folderFS, options...)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	sources := provider.ListSources()
	latest := sources[len(sources)-1].Version
	present, err := currentVersion(ctx, db)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	switch {
	case present > latest:
		return &NewerError{Database: present, Program: latest}
	case present == latest:
		return nil
	case check:
		return &PendingError{Database: present, Program: latest}
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// currentVersion reads the schema version without writing anything; 0 when the
// database has never been migrated.
func currentVersion(ctx context.Context, db *sql.DB) (int64, error) {
	var version int64
	if err := db.PingContext(ctx); err != nil {
		return 0, err
	}
	if missing, err := tableMissing(ctx, db); err != nil || missing {
		return 0, err
	}
	err := db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version`).Scan(&version)
	return version, err
}

// tableMissing says whether goose's own table does not exist yet. Both
// databases answer a query on a missing table with an error of their own kind;
// asking each catalogue is what tells it from other errors.
func tableMissing(ctx context.Context, db *sql.DB) (bool, error) {
	var n int
	for _, query := range []string{
		`SELECT COUNT(*) FROM sqlite_master WHERE name = 'goose_db_version'`,
		`SELECT COUNT(*) FROM pg_catalog.pg_class c WHERE c.relname = 'goose_db_version' AND pg_catalog.pg_table_is_visible(c.oid)`,
	} {
		if err := db.QueryRowContext(ctx, query).Scan(&n); err == nil {
			return n == 0, nil
		}
	}
	return false, fmt.Errorf("cannot read the database's catalogue")
}

// fileLocker is a goose.Locker over a lock file.
type fileLocker struct {
	path string
	held *filelock.Lock
}

// Lock waits for the file lock.
func (l *fileLocker) Lock(ctx context.Context, _ *sql.DB) (err error) {
	l.held, err = filelock.Wait(ctx, l.path)
	return err
}

// Unlock gives it back.
func (l *fileLocker) Unlock(context.Context, *sql.DB) error { return l.held.Release() }
