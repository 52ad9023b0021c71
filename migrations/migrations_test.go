package migrations_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/lib/pq"
	_ "modernc.org/sqlite"

	"github.com/allclear-status/allclear/internal/pgcluster"
	"github.com/allclear-status/allclear/migrations"
)

// In a process started by the test below, this variable names a database to
// migrate: "sqlite PATH" or "postgres DSN".
const migrateVariable = "MIGRATIONS_TEST_DATABASE"

func TestMain(m *testing.M) {
	if target := os.Getenv(migrateVariable); target != "" {
		kind, address, _ := strings.Cut(target, " ")
		if err := migrate(context.Background(), kind, address, false); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func open(kind, address string) (*sql.DB, error) {
	if kind == "sqlite" {
		return sql.Open("sqlite", "file:"+address+"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)")
	}
	return sql.Open("postgres", address)
}

func migrate(ctx context.Context, kind, address string, check bool) error {
	db, err := open(kind, address)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	if kind == "sqlite" {
		db.SetMaxOpenConns(1)
		return migrations.SQLite(ctx, db, address+".migrate.lock", check)
	}
	return migrations.Postgres(ctx, db, check)
}

// each runs a test with an empty database of each kind.
func each(t *testing.T, test func(t *testing.T, kind, address string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite", filepath.Join(t.TempDir(), "allclear.db")) })
	t.Run("postgres", func(t *testing.T) {
		cluster := pgcluster.Shared(t)
		name := fmt.Sprintf("m_%d", time.Now().UnixNano())
		if err := cluster.CreateDatabase(name); err != nil {
			t.Fatal(err)
		}
		test(t, "postgres", cluster.DSN(name))
	})
}

func TestManyProcessesMigrateOneDatabaseAtOnce(t *testing.T) {
	each(t, func(t *testing.T, kind, address string) {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() { // another process
				c := exec.CommandContext(t.Context(), self)
				c.Env = append(os.Environ(), migrateVariable+"="+kind+" "+address)
				if out, err := c.CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, out)
				}
			})
			all.Go(func() { // the same process, another connection
				if err := migrate(t.Context(), kind, address, false); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if err := migrate(t.Context(), kind, address, true); err != nil {
			t.Errorf("after all that: %v", err)
		}
	})
}

func TestOldSchemaIsRefusedUntouchedWhereAsked(t *testing.T) {
	each(t, func(t *testing.T, kind, address string) {
		var pending *migrations.PendingError
		if err := migrate(t.Context(), kind, address, true); !errors.As(err, &pending) || !strings.Contains(err.Error(), "allclear migrate") {
			t.Fatalf("an empty database: %v", err)
		}
		if found := columns(t, kind, address); len(found) > 0 {
			t.Errorf("a check made %v", found)
		}
	})
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	each(t, func(t *testing.T, kind, address string) {
		if err := migrate(t.Context(), kind, address, false); err != nil {
			t.Fatal(err)
		}
		db, err := open(kind, address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)`); err != nil {
			t.Fatal(err)
		}
		_ = db.Close()
		var newer *migrations.NewerError
		if err := migrate(t.Context(), kind, address, false); !errors.As(err, &newer) || newer.Database != 9999 || !strings.Contains(err.Error(), "newer program") {
			t.Errorf("a newer database: %v", err)
		}
	})
}

func TestBothFoldersHoldTheSameMigrations(t *testing.T) {
	names := func(folder string) []string {
		found, err := filepath.Glob(filepath.Join(folder, "*.sql"))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v %v", folder, found, err)
		}
		for i := range found {
			found[i] = filepath.Base(found[i])
		}
		return found
	}
	if pg, lite := names("postgres"), names("sqlite"); !slices.Equal(pg, lite) {
		t.Errorf("postgres has %v, sqlite %v", pg, lite)
	}
}

func TestBothDatabasesHaveTheSameTablesAndColumns(t *testing.T) {
	found := map[string][]string{}
	each(t, func(t *testing.T, kind, address string) {
		if err := migrate(t.Context(), kind, address, false); err != nil {
			t.Fatal(err)
		}
		found[kind] = columns(t, kind, address)
	})
	pg, lite := found["postgres"], found["sqlite"]
	if len(pg) == 0 {
		t.Skip("PostgreSQL is not installed") // in CI, each has failed already
	}
	for _, c := range pg {
		if !slices.Contains(lite, c) {
			t.Errorf("only PostgreSQL has %s", c)
		}
	}
	for _, c := range lite {
		if !slices.Contains(pg, c) {
			t.Errorf("only SQLite has %s", c)
		}
	}
}

// columns lists "table.column kind" of every table that is ours; integers of
// all sizes are one kind.
func columns(t *testing.T, kind, address string) []string {
	t.Helper()
	db, err := open(kind, address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	query := `SELECT m.name, p.name, p.type FROM sqlite_master m JOIN pragma_table_xinfo(m.name) p WHERE m.type = 'table'`
	if kind == "postgres" {
		query = `SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
			JOIN information_schema.tables t ON t.table_name = c.table_name AND t.table_schema = c.table_schema
			WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'`
	}
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var list []string
	for rows.Next() {
		var table, column, class string
		if err := rows.Scan(&table, &column, &class); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(table, "goose_") || strings.HasPrefix(table, "sqlite_") {
			continue
		}
		if class = strings.ToLower(class); class == "bigint" {
			class = "integer"
		}
		list = append(list, table+"."+column+" "+class)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}
