package torture

import (
	"context"
	"database/sql"
	"flag"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/allclear-status/allclear/store/storetest"
)

var outage = flag.Duration("outage", 2500*time.Millisecond, "how long the database is away")

// A database that is away in the middle of a fan-out holds it up, and nothing
// else: the page is read, posts are answered with a clear word or wait, and
// when it is back everybody is told.
func TestDatabaseAwayLosesNobody(t *testing.T) {
	t.Run("postgres frozen", func(t *testing.T) {
		if !*long {
			t.Skip("killed is harder: make torture")
		}
		t.Parallel()
		cluster, database := ownPostgres(t)
		outageRound(t, database, cluster.Freeze, func() error { cluster.Thaw(); return nil })
	})
	t.Run("postgres killed", func(t *testing.T) {
		t.Parallel()
		cluster, database := ownPostgres(t)
		outageRound(t, database, func() {
			if err := cluster.Kill(); err != nil {
				t.Error(err)
			}
		}, cluster.Restart)
	})
	t.Run("sqlite locked", func(t *testing.T) {
		t.Parallel()
		database := storetest.SQLite(t)
		db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: strings.TrimPrefix(database, "sqlite://")}).EscapedPath()+"?_pragma=busy_timeout(30000)")
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		t.Cleanup(func() { _ = db.Close() })
		exec := func(statement string) error { _, err := db.ExecContext(context.Background(), statement); return err }
		outageRound(t, database, func() {
			if err := exec("BEGIN IMMEDIATE"); err != nil {
				t.Error(err)
			}
		}, func() error { return exec("ROLLBACK") })
	})
}

func outageRound(t *testing.T, database string, leave func(), back func() error) {
	m := newMailServer(t, time.Millisecond)
	c := newCompany(t, database, 1000)
	server := newReplica(t, "the server", database, m.url())
	server.start()
	c.settle(server)
	incident := c.open(server)
	wait(t, "the fan-out to be under way", func() bool { return m.taken() > 200 })
	leave()
	began := time.Now()
	type answer struct {
		code int
		text string
		err  error
	}
	posted := make(chan answer, 1)
	go func() {
		code, text, err := server.call(c.token, http.MethodPatch, c.page+"/incidents/"+incident,
			object{"incident": object{"body": "We have found the cause. Bank transfer works."}})
		posted <- answer{code, text, err}
	}()
	for time.Since(began) < *outage {
		code, took := read(server)
		if code != http.StatusOK || *long && took > time.Second { // a page that waits for the database is not answered at all
			t.Errorf("the page is answered with %d after %v", code, took)
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	if err := back(); err != nil {
		t.Fatal(err)
	}
	got := <-posted
	t.Logf("the post was answered with %d %v: %.150s", got.code, got.err, got.text)
	switch {
	case got.err != nil:
		t.Errorf("a post was not answered: %v", got.err)
	case got.code >= 300 && (got.code != http.StatusServiceUnavailable || !strings.Contains(got.text, `"detail"`)):
		t.Errorf("a post was answered with %d %s", got.code, got.text)
	}
	notices := 2 // the opening and the end
	if got.code < 300 {
		notices++
	}
	wait(t, "the server to be ready again", server.ready)
	c.resolve(server, incident)
	c.done(incident, notices)
	if n := len(c.notices(incident)); n != notices && got.code < 300 {
		t.Errorf("%d notices, want %d", n, notices)
	}
	t.Logf("away for %v: %s", *outage, c.account(incident, m.messages()))
}

// read reads the page.
func read(r *replica) (code int, took time.Duration) {
	began := time.Now()
	answer, err := (&http.Client{Timeout: 10 * time.Second}).Get("http://" + r.listen + "/")
	if err != nil {
		return 0, time.Since(began)
	}
	_ = answer.Body.Close()
	return answer.StatusCode, time.Since(began)
}
