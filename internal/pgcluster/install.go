package pgcluster

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// ErrNotInstalled says that the machine has no PostgreSQL server binaries.
var ErrNotInstalled = errors.New("pgcluster: no PostgreSQL server binaries found in /usr/lib/postgresql/*/bin or PATH (Debian, Ubuntu: apt-get install postgresql)")

// findBinaries is the folder of the newest installed initdb and postgres.
func findBinaries() (string, error) {
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is well-formed
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			folders = append(folders, filepath.Dir(path))
		}
	}
	if best := newest(folders); best != "" {
		return best, nil
	}
	return "", ErrNotInstalled
}

// newest picks the usable folder with the highest version in its path; a
// folder without one, such as /usr/local/bin, comes last.
func newest(folders []string) string {
	best, bestVersion := "", -1
	for _, folder := range folders {
		version, err := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
		if err != nil {
			version = 0
		}
		if version > bestVersion && hasServer(folder) {
			best, bestVersion = folder, version
		}
	}
	return best
}

func hasServer(folder string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if _, err := exec.LookPath(filepath.Join(folder, name)); err != nil {
			return false
		}
	}
	return true
}

// account is a user of the machine; nil is the one we run as.
type account struct{ uid, gid int }

// serverAccount is whom the server must run as: PostgreSQL refuses root.
func serverAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	found, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("pgcluster: PostgreSQL does not run as root and there is no user postgres: %w", err)
	}
	uid, uidErr := strconv.Atoi(found.Uid)
	gid, gidErr := strconv.Atoi(found.Gid)
	return &account{uid, gid}, errors.Join(uidErr, gidErr)
}

// makeDir makes the cluster's directory. The outer one stays ours, so that
// only we remove it; the server owns what it writes to.
func makeDir(who *account) (string, error) {
	dir, err := os.MkdirTemp(parentDir(who), "allclear-pg-")
	if err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return "", err
	}
	for _, name := range []string{"data", "socket"} {
		path := filepath.Join(dir, name)
		if err := os.Mkdir(path, 0o700); err != nil {
			return "", err
		}
		if who == nil {
			continue
		}
		if err := os.Chown(path, who.uid, who.gid); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// parentDir is the temporary directory, or /tmp where that one is closed to
// the server's account or too long for the name of a Unix socket.
func parentDir(who *account) string {
	dir := os.TempDir()
	if len(dir) > 60 || (who != nil && !openToAll(dir)) {
		return "/tmp"
	}
	return dir
}

// openToAll says whether any user can walk down to the directory.
func openToAll(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return true
		}
		dir = parent
	}
}

// initdb fills an empty data directory. It does not wait for the disk: only
// what tests write later can be worth that.
func initdb(binaries, data string, who *account) error {
	locale := "C.UTF-8"
	if runtime.GOOS != "linux" {
		locale = "C"
	}
	cmd := exec.Command(filepath.Join(binaries, "initdb"), "-D", data, "-U", superuser,
		"--auth=trust", "--encoding=UTF8", "--locale="+locale, "--no-sync")
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.Dir = filepath.Dir(data)
	cmd.Env = environment()
	cmd.SysProcAttr = childOf(who)
	done, err := startTied(cmd)
	if err != nil {
		return err
	}
	if err := <-done; err != nil {
		return fmt.Errorf("%w\n%s", err, output.String())
	}
	return nil
}

// environment is ours without what would steer PostgreSQL elsewhere.
func environment() []string {
	env := []string{"LC_ALL=C", "TZ=UTC"}
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "PG") && !strings.HasPrefix(pair, "LC_") && !strings.HasPrefix(pair, "TZ=") {
			env = append(env, pair)
		}
	}
	return env
}

// freePort finds a port that nobody listens on. It looks below the range from
// which systems take the ports of outgoing connections, so that the port is
// still free when the server is restarted.
func freePort() (int, error) {
	const lowest, highest = 15000, 32000
	for range 100 {
		port := lowest + rand.IntN(highest-lowest)
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err == nil {
			return port, listener.Close()
		}
	}
	return 0, errors.New("no free port on 127.0.0.1")
}
