package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/allclear-status/allclear/migrations"
)

var sqliteDialect = dialect{
	name:     "sqlite",
	crowd:    crowdChunk,
	run:      "0 / $8", // to number rows would cost a fifth of writing them
	flush:    "PRAGMA wal_checkpoint(TRUNCATE)",
	elements: "json_each($1)",
	retryable: func(err error) bool {
		var e *sqlite.Error
		return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
	},
	viewOptions: &sql.TxOptions{ReadOnly: true},
	unavailable: func(err error) bool {
		var e *sqlite.Error
		if !errors.As(err, &e) {
			return false
		}
		switch e.Code() & 0xff { // without what says where
		case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
			return true
		}
		return false
	},
	busy: func(err error) bool {
		var e *sqlite.Error
		if !errors.As(err, &e) {
			return false
		}
		code := e.Code() & 0xff
		return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED || code == sqlite3.SQLITE_PROTOCOL
	},
	uniqueViolation: func(err error) bool {
		var e *sqlite.Error
		return errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
	},
}

// sqliteReaders bounds the pool of reading connections.
const sqliteReaders = 8

// sqliteSettings hold for every connection, so they stand in the address.
// A write transaction takes its lock at once (_txlock=immediate): one that
// reads first and then writes would fail with "database is locked" under load.
// What is deleted or replaced is overwritten at once (secure_delete): else who
// is erased later would live on in the space that older rows left.
const sqliteSettings = "_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=secure_delete(1)&_dqs=0"

func openSQLite(ctx context.Context, path string, checkOnly bool) (*Store, error) {
	if path == "" {
		return nil, errors.New("database URL: sqlite:// needs a path behind it, such as sqlite://./data/allclear.db")
	}
	if _, err := os.Stat(path); checkOnly && errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no database at %s; run \"allclear migrate\", or start without --no-migrate", path)
	}
	if err := writableFolder(filepath.Dir(path)); err != nil {
		return nil, err
	}
	writer, err := sqlx.Open("sqlite", sqliteAddress(path))
	if err != nil {
		return nil, fmt.Errorf("open SQLite: %w", err)
	}
	writer.SetMaxOpenConns(1)
	if err := migrations.SQLite(ctx, writer.DB, path+".migrate.lock", checkOnly); err != nil {
		return nil, errors.Join(fmt.Errorf("open SQLite at %s: %w", path, err), writer.Close())
	}
	reader, err := sqlx.Open("sqlite", sqliteAddress(path)+"&_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open SQLite: %w", err), writer.Close())
	}
	reader.SetMaxOpenConns(sqliteReaders)
	reader.SetMaxIdleConns(sqliteReaders)
	return &Store{queries: queries{db: reader, dialect: &sqliteDialect}, writer: writer, reader: reader, prepared: newStatements(writer), room: &room{folder: filepath.Dir(path)}}, nil
}

// sqliteAddress escapes the path: ? and # would end it.
func sqliteAddress(path string) string {
	escaped := (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()
	return "file:" + strings.ReplaceAll(escaped, "?", "%3f") + "?" + sqliteSettings
}

// writableFolder makes the folder and proves that files can be made in it.
func writableFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("the data directory %s cannot be made: %w; choose another with --data-dir", folder, err)
	}
	probe, err := os.CreateTemp(folder, ".writable-*")
	if err != nil {
		return fmt.Errorf("the data directory %s cannot be written to: %w; give this user the right to, or choose another with --data-dir", folder, err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}
