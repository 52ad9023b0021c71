package pgcluster

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// asOrphanMaker is set in the environment of the process that
// TestKilledTestLeavesNothingBehind starts and kills.
const asOrphanMaker = "ALLCLEAR_TEST_MAKE_ORPHAN"

func TestMain(m *testing.M) {
	if os.Getenv(asOrphanMaker) != "" {
		makeOrphan()
	}
	os.Exit(m.Run())
}

// makeOrphan starts a cluster, tells where it is, and waits to be killed.
func makeOrphan() {
	c, err := Start(Options{NoFsync: true})
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(c.dir)
	fmt.Println(c.DSN("postgres"))
	select {}
}

func TestAnswersInUTCAndIsDurableByDefault(t *testing.T) {
	c := start(t, Options{})
	db := open(t, c.DSN("postgres"))
	want(t, db, "SHOW fsync", "on")
	want(t, db, "SHOW timezone", "UTC")
	want(t, db, "SHOW server_encoding", "UTF8")
	want(t, db, "SELECT upper('ä')", "Ä")
}

func TestKilledServerComesBackWithWhatWasCommitted(t *testing.T) {
	c := start(t, Options{})
	must(t, c.CreateDatabase("record"))
	db := open(t, c.DSN("record"))
	mustExec(t, db, "CREATE TABLE updates (body text)")
	mustExec(t, db, "INSERT INTO updates VALUES ('We are looking into it.')")

	busy := make(chan error, 1)
	go func() {
		_, err := db.Exec("INSERT INTO updates SELECT 'too late' FROM pg_sleep(60)")
		busy <- err
	}()
	time.Sleep(100 * time.Millisecond)
	must(t, c.Kill())
	if err := db.Ping(); err == nil {
		t.Error("the killed server still answers")
	}
	if err := <-busy; err == nil {
		t.Error("the killed server finished a statement")
	}
	if err := c.CreateDatabase("later"); err == nil {
		t.Fatal("made a database in a killed server")
	}
	must(t, c.Restart())
	want(t, open(t, c.DSN("record")), "SELECT body FROM updates", "We are looking into it.")

	must(t, c.Restart()) // also while it runs
	want(t, open(t, c.DSN("record")), "SELECT count(*)::text FROM updates", "1")
}

func TestStopLeavesNothingBehindAndMayBeRepeated(t *testing.T) {
	c := start(t, Options{NoFsync: true, Settings: map[string]string{"work_mem": "2MB"}})
	db := open(t, c.DSN("postgres"))
	want(t, db, "SHOW fsync", "off")
	want(t, db, "SHOW work_mem", "2MB")
	must(t, c.Stop())
	must(t, c.Stop())
	if !gone(c.dir, c.DSN("postgres")) {
		t.Error("directory or server is still there")
	}
}

func TestDatabaseIsCopiedFromTemplate(t *testing.T) {
	c := Shared(t)
	must(t, c.CreateDatabase("model"))
	db := open(t, c.DSN("model"))
	mustExec(t, db, "CREATE TABLE words (word text)")
	mustExec(t, db, "INSERT INTO words VALUES ('allclear')")
	must(t, db.Close())

	copies := []string{"copy1", "copy2", "copy3", `odd "name"/?`}
	var all sync.WaitGroup
	for _, name := range copies {
		all.Go(func() {
			if err := c.CreateFromTemplate(name, "model"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, name := range copies {
		want(t, open(t, c.DSN(name)), "SELECT word FROM words", "allclear")
		must(t, c.DropDatabase(name))
	}
	must(t, c.DropDatabase("model"))
}

func TestSharedIsOne(t *testing.T) {
	first := Shared(t)
	if Shared(t) != first {
		t.Error("two clusters in one process")
	}
}

func TestKilledTestLeavesNothingBehind(t *testing.T) {
	Shared(t) // skips where there is no PostgreSQL
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asOrphanMaker+"=1")
	cmd.Stderr = os.Stderr
	output, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(output)
	var said []string
	for len(said) < 2 && lines.Scan() {
		said = append(said, lines.Text())
	}
	must(t, cmd.Process.Kill())
	cmd.Wait()
	if len(said) < 2 {
		t.Fatalf("the other process said %q", said)
	}
	for deadline := time.Now().Add(2 * time.Minute); !gone(said[0], said[1]); {
		if time.Now().After(deadline) {
			t.Fatalf("%s or its server is still there", said[0])
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestNewestBinariesAreTaken(t *testing.T) {
	root := t.TempDir()
	var folders []string
	for _, name := range []string{"9", "16", "15", "bogus", "17"} {
		folder := filepath.Join(root, name, "bin")
		must(t, os.MkdirAll(folder, 0o755))
		folders = append(folders, folder)
		must(t, os.WriteFile(filepath.Join(folder, "initdb"), nil, 0o755))
		if name != "17" { // a client package without the server
			must(t, os.WriteFile(filepath.Join(folder, "postgres"), nil, 0o755))
		}
	}
	if got := newest(folders); !strings.HasSuffix(got, "/16/bin") {
		t.Errorf("took %s", got)
	}
	if got := newest(nil); got != "" {
		t.Errorf("took %s out of nothing", got)
	}
}

func start(t *testing.T, options Options) *Cluster {
	t.Helper()
	c, err := Start(options)
	RequireInstalled(t, err)
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

func want(t *testing.T, db *sql.DB, query, answer string) {
	t.Helper()
	var got string
	must(t, db.QueryRow(query).Scan(&got))
	if got != answer {
		t.Errorf("%s: got %q, want %q", query, got, answer)
	}
}

func mustExec(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	_, err := db.Exec(statement)
	must(t, err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// gone says whether neither the directory nor a listening server is left.
func gone(dir, dsn string) bool {
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		return false
	}
	address, err := url.Parse(dsn)
	if err != nil {
		return false
	}
	conn, err := net.Dial("tcp", address.Host)
	if err == nil {
		conn.Close()
	}
	return err != nil
}

func TestFrozenServerAnswersNobodyAndGoesOn(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux shows the server's processes")
	}
	c := start(t, Options{NoFsync: true})
	db := open(t, c.DSN("postgres"))
	want(t, db, "SELECT 1", "1")
	c.Freeze()
	answered := make(chan error, 1)
	go func() {
		_, err := db.Exec("SELECT 2")
		answered <- err
	}()
	select {
	case err := <-answered:
		t.Errorf("a frozen server answered: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	c.Thaw()
	must(t, <-answered)
}
