package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/allclear-status/allclear/migrations"
)

var postgresDialect = dialect{
	name:       "postgres",
	crowd:      mostCrowd,
	run:        "(ROW_NUMBER() OVER () - 1) / $8",
	shared:     true,
	skipLocked: " FOR UPDATE SKIP LOCKED",
	lock:       " FOR UPDATE OF t",
	lockFree:   " FOR UPDATE OF t SKIP LOCKED",
	share:      " FOR SHARE OF t",
	first:      "MATERIALIZED",
	byKey:      "SET LOCAL enable_seqscan = off",
	elements:   "jsonb_array_elements(CAST($1 AS JSONB))",
	retryable: func(err error) bool {
		var e *pq.Error
		return errors.As(err, &e) && (e.Code == "40P01" || e.Code == "40001")
	},
	unavailable: func(err error) bool {
		var e *pq.Error
		if errors.As(err, &e) {
			// Of the connection, of what the machine has or of its files, the server is
			// ended or starts, or follows another and takes nothing.
			return slices.Contains([]pqerror.Class{"08", "53", "57", "58"}, e.Code.Class()) || e.Code == "25006" || e.Code == "25P03"
		}
		var wire net.Error
		return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &wire)
	},
	busy: func(err error) bool {
		var e *pq.Error
		// Rolled back for others (40001, 40P01), waited too long for a lock (55P03) or
		// with all that was to be done (57014), too many connections (53300).
		return errors.As(err, &e) && slices.Contains([]pqerror.Code{"40001", "40P01", "55P03", "57014", "53300"}, e.Code)
	},
	viewOptions: &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
	uniqueViolation: func(err error) bool {
		var e *pq.Error
		return errors.As(err, &e) && e.Code == "23505"
	},
}

// postgresConnections bounds the pool of one server.
const postgresConnections = 16

func openPostgres(ctx context.Context, raw string, checkOnly bool) (*Store, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("database URL: not a URL such as postgres://user:password@host:5432/database")
	}
	settings := u.Query()
	// Statements are many and short: compiling one (jit) takes longer than it runs,
	// a hundred times as long where it is planned by keys.
	for name, value := range map[string]string{
		"jit": "off", "binary_parameters": "yes", "sslmode": "require", "connect_timeout": "5", "statement_timeout": "30000",
		"idle_in_transaction_session_timeout": "10000", // of a server that hung with locks in hand
		"timezone":                            "UTC", "application_name": "allclear",
	} {
		if !settings.Has(name) {
			settings.Set(name, value)
		}
	}
	u.RawQuery = settings.Encode()
	db, err := sqlx.Open("postgres", u.String())
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	db.SetMaxOpenConns(postgresConnections)
	db.SetMaxIdleConns(postgresConnections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	if err := migrations.Postgres(ctx, db.DB, checkOnly); err != nil {
		return nil, errors.Join(fmt.Errorf("open PostgreSQL at %s: %w", u.Host, err), db.Close())
	}
	return &Store{queries: queries{db: db, dialect: &postgresDialect}, writer: db, reader: db}, nil
}
