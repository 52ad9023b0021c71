package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "github.com/lib/pq"
	_ "modernc.org/sqlite"

	"github.com/allclear-status/allclear/internal/pgcluster"
)

// Database is a database of one server, of one of the two kinds.
type Database struct {
	*sql.DB
	Name    string // sqlite or postgres
	URL     string // for the server; empty: SQLite in its data directory
	cluster *pgcluster.Cluster
}

// OpenDatabase connects to the SQLite database of a data directory, or starts
// a PostgreSQL as it comes, and durable: its speed is part of the answer.
func OpenDatabase(name, dataDir string) (d *Database, err error) {
	d = &Database{Name: name}
	defer func() {
		if err != nil {
			d, err = nil, errors.Join(err, d.Close())
		}
	}()
	switch name {
	case "sqlite":
		d.DB, err = sql.Open("sqlite", "file:"+filepath.Join(dataDir, "allclear.db")+"?_pragma=busy_timeout(10000)")
		return d, err
	case "postgres":
		if d.cluster, err = pgcluster.Start(pgcluster.Options{}); err != nil {
			return d, err
		}
		if err := d.cluster.CreateDatabase("bench"); err != nil {
			return d, err
		}
		d.URL = d.cluster.DSN("bench")
		d.DB, err = sql.Open("postgres", d.URL)
		return d, err
	default:
		return d, errors.New("it is neither sqlite nor postgres")
	}
}

// CPU is what the database's own processes have used so far; nothing where it
// has none. Those that ended meanwhile are missing.
func (d *Database) CPU(ctx context.Context) (time.Duration, error) {
	if d.cluster == nil {
		return 0, nil
	}
	var pid int
	if err := d.QueryRowContext(ctx, `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
		return 0, err
	}
	all, err := processes()
	if err != nil {
		return 0, err
	}
	return familyCPU(all, all[pid].parent), nil
}

// Close ends the connections, and the PostgreSQL that was started.
func (d *Database) Close() error {
	var errs []error
	if d.DB != nil {
		errs = append(errs, d.DB.Close())
	}
	if d.cluster != nil {
		errs = append(errs, d.cluster.Stop())
	}
	return errors.Join(errs...)
}

// CopySubscriber adds n subscribers like the given one, with addresses of their
// own, whatever columns the tables have, and counts them in its class.
func (d *Database) CopySubscriber(ctx context.Context, subscriber string, n int) error {
	if n < 1 {
		return nil
	}
	rows, err := d.QueryContext(ctx, `SELECT * FROM subscribers WHERE id = $1`, subscriber)
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
			values[i] = "'sb' || CAST(1000000000 + seq.i AS TEXT) || s.id"
		case "address":
			values[i] = "'reader' || CAST(10000000 + seq.i AS TEXT) || s.id || '@example.com'"
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
	for _, statement := range []string{copies, count} {
		if _, err := d.ExecContext(ctx, statement, n, subscriber); err != nil {
			return err
		}
	}
	return nil
}
