package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "github.com/lib/pq"
	_ "modernc.org/sqlite"

	"github.com/allclear-status/allclear/bench"
	"github.com/allclear-status/allclear/internal/pgcluster"
)

// ledger is a database with subscribers, and what became of their mail.
type ledger struct {
	name      string
	setup     bench.Setup
	token     string
	component string
	db        *sql.DB
	cluster   *pgcluster.Cluster // nil for SQLite
}

// openLedger makes a database, lets the server make its tables, and fills it.
func openLedger(ctx context.Context, p plan, name string) (l *ledger, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	l = &ledger{name: name, setup: bench.Setup{Binary: p.allclear, DataDir: filepath.Join(p.folder, name)}}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close())
		}
	}()
	if err := os.Mkdir(l.setup.DataDir, 0o700); err != nil {
		return nil, err
	}
	if err := l.connect(); err != nil {
		return nil, err
	}
	template, err := l.begin(ctx)
	if err != nil {
		return nil, err
	}
	return l, l.fill(ctx, template, p.n)
}

func (l *ledger) connect() (err error) {
	switch l.name {
	case "sqlite":
		l.db, err = sql.Open("sqlite", "file:"+filepath.Join(l.setup.DataDir, "allclear.db")+"?_pragma=busy_timeout(10000)")
		return err
	case "postgres":
		// As it comes, and durable: its speed is part of the answer.
		if l.cluster, err = pgcluster.Start(pgcluster.Options{}); err != nil {
			return err
		}
		if err := l.cluster.CreateDatabase("bench"); err != nil {
			return err
		}
		l.setup.DatabaseURL = l.cluster.DSN("bench")
		l.db, err = sql.Open("postgres", l.setup.DatabaseURL)
		return err
	default:
		return errors.New("it is neither sqlite nor postgres")
	}
}

func (l *ledger) close() error {
	var errs []error
	if l.db != nil {
		errs = append(errs, l.db.Close())
	}
	if l.cluster != nil {
		errs = append(errs, l.cluster.Stop())
	}
	return errors.Join(errs...)
}

// begin makes a page with one component and one subscriber, through the API.
func (l *ledger) begin(ctx context.Context) (subscriber string, err error) {
	server, err := bench.Serve(ctx, l.setup, "")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	l.token = server.Token()
	var component, subscribed struct {
		ID string `json:"id"`
	}
	if err := server.Manage(ctx, http.MethodPost, "/components", object{"component": object{"name": "Card payments"}}, &component); err != nil {
		return "", err
	}
	l.component = component.ID
	err = server.Manage(ctx, http.MethodPost, "/subscribers",
		object{"subscriber": object{"email": "reader0@example.com", "skip_confirmation_notification": true}}, &subscribed)
	return subscribed.ID, err
}

// fill copies the one subscriber until there are n, whatever columns the
// tables have.
func (l *ledger) fill(ctx context.Context, subscriber string, n int) error {
	rows, err := l.db.QueryContext(ctx, `SELECT * FROM subscribers WHERE id = $1`, subscriber)
	if err != nil {
		return err
	}
	columns, err := rows.Columns()
	if err := errors.Join(err, rows.Close()); err != nil {
		return err
	}
	values := slices.Clone(columns)
	for i, column := range columns {
		switch column {
		case "id":
			values[i] = "'sb' || CAST(1000000000 + seq.i AS TEXT)"
		case "address":
			values[i] = "'reader' || CAST(10000000 + seq.i AS TEXT) || '@example.com'"
		default:
			values[i] = "s." + column
		}
	}
	copies := fmt.Sprintf(`
		WITH RECURSIVE seq(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM seq WHERE i < $1)
		INSERT INTO subscribers (%s)
		SELECT %s
		FROM subscribers s, seq
		WHERE s.id = $2`, strings.Join(columns, ", "), strings.Join(values, ", "))
	count := `UPDATE subscriber_classes SET confirmed = confirmed + $1 WHERE id = (SELECT class_id FROM subscribers WHERE id = $2)`
	if n > 1 {
		for _, statement := range []string{copies, count} {
			if _, err := l.db.ExecContext(ctx, statement, n-1, subscriber); err != nil {
				return err
			}
		}
	}
	if _, err := l.db.ExecContext(ctx, `ANALYZE`); err != nil {
		return err
	}
	return l.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM subscribers WHERE confirmed_at > 0`).Scan(&n)
}

// lastNotice is the newest notice, 0 when there is none.
func (l *ledger) lastNotice(ctx context.Context) (id int64, err error) {
	err = l.db.QueryRowContext(ctx, `SELECT COALESCE(MAX(id), 0) FROM notices`).Scan(&id)
	return id, err
}

// sent waits until no delivery of a notice is under way, and counts those that
// were sent and those that were not.
func (l *ledger) sent(ctx context.Context, notice int64) (sent, others int, err error) {
	for {
		var waiting sql.NullInt64
		var total int
		var done sql.NullInt64
		if err := l.db.QueryRowContext(ctx, `
			SELECT COUNT(*), SUM(CASE WHEN state = 'sent' THEN 1 ELSE 0 END), SUM(CASE WHEN state IN ('pending', 'sending') THEN 1 ELSE 0 END)
			FROM deliveries
			WHERE notice_id = $1`, notice).Scan(&total, &done, &waiting); err != nil {
			return 0, 0, err
		}
		if waiting.Int64 == 0 {
			return int(done.Int64), total - int(done.Int64), nil
		}
		select {
		case <-ctx.Done():
			return 0, 0, fmt.Errorf("%d deliveries are still under way: %w", waiting.Int64, context.Cause(ctx))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

type object map[string]any
