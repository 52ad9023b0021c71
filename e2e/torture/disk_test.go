package torture

import (
	"database/sql"
	"io"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A full disk refuses posts with a clear word, leaves nothing half done, and
// holds the fan-out up until there is room.
func TestFullDiskLosesNobody(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		folder := smallDisk(t)
		fullDisk(t, folder, "sqlite://"+filepath.Join(folder, "allclear.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		if !*long {
			t.Skip("it needs a server of its own: make torture")
		}
		t.Parallel()
		folder := smallDisk(t)
		place := filepath.Join(folder, "tables")
		if err := os.Mkdir(place, 0o700); err != nil {
			t.Fatal(err)
		}
		if who, err := user.Lookup("postgres"); err == nil && os.Geteuid() == 0 {
			uid, _ := strconv.Atoi(who.Uid)
			gid, _ := strconv.Atoi(who.Gid)
			if err := os.Chown(place, uid, gid); err != nil {
				t.Fatal(err)
			}
		}
		cluster, _ := ownPostgres(t)
		db, err := sql.Open("postgres", cluster.DSN("postgres"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		for _, statement := range []string{"CREATE TABLESPACE small LOCATION '" + place + "'", "CREATE DATABASE full_disk TABLESPACE small"} {
			if _, err := db.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
		fullDisk(t, folder, cluster.DSN("full_disk"))
	})
}

// smallDisk is a disk of 48 MB.
func smallDisk(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "allclear-disk-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=48m,mode=755"); err != nil {
		t.Skipf("a small disk cannot be had here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	return folder
}

func fullDisk(t *testing.T, folder, database string) {
	m := newMailServer(t, time.Millisecond)
	c := newCompany(t, database, 1000)
	server := newReplica(t, "the server", database, m.url())
	server.start()
	c.settle(server)
	incident := c.open(server)
	wait(t, "the fan-out to be under way", func() bool { return m.taken() > 200 })
	ballast := filepath.Join(folder, "ballast")
	fill(t, ballast)
	quiet := c.opening() // tells nobody
	quiet["incident"].(object)["deliver_notifications"] = false
	refused, taken := 0, 0
	for began := time.Now(); time.Since(began) < 2*time.Second || refused == 0; {
		code, text, err := server.call(c.token, http.MethodPost, c.page+"/incidents", quiet)
		switch {
		case err != nil:
			t.Fatalf("a post was not answered: %v", err)
		case code == http.StatusServiceUnavailable && strings.Contains(text, `"detail"`):
			if refused++; refused == 1 {
				t.Logf("refused with %d %.200s", code, text)
			}
		case code >= 300:
			t.Fatalf("a post was answered with %d %s", code, text)
		default: // there was room in pages that the database had
			taken++
		}
		if time.Since(began) > patience {
			t.Skip("the disk could not be filled")
		}
	}
	if code, _ := read(server); code != http.StatusOK {
		t.Errorf("the page is answered with %d", code)
	}
	if strings.HasPrefix(database, "sqlite") { // another machine's disk is not the server's to look at
		wait(t, "the server to say that its disk is full", func() bool {
			answer, err := http.Get("http://" + server.listen + "/readyz")
			if err != nil {
				return false
			}
			defer func() { _ = answer.Body.Close() }()
			text, err := io.ReadAll(answer.Body)
			return err == nil && answer.StatusCode == http.StatusServiceUnavailable && strings.Contains(string(text), "disk is full")
		})
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	wait(t, "the server to be ready again", server.ready)
	c.resolve(server, incident)
	c.done(incident, 2)
	t.Logf("%d posts refused, %d taken: %s", refused, taken, c.account(incident, m.messages()))
	var incidents []struct{ ID string }
	c.post(server, http.MethodGet, "/incidents?limit=100", nil, &incidents)
	if len(incidents) != 1+taken && len(incidents) < 100 {
		t.Errorf("%d incidents, although %d posts were taken", len(incidents), 1+taken)
	}
}

// fill leaves no room.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for size := 1 << 20; size >= 512; size /= 2 {
		for {
			if _, err := f.Write(make([]byte, size)); err != nil {
				break
			}
		}
	}
}
