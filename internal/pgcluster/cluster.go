package pgcluster

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// superuser is the role that initdb makes; with trust authentication it needs
// no password.
const superuser = "postgres"

const (
	startTimeout = 60 * time.Second // generous: several clusters may start at once on a small machine
	stopTimeout  = 60 * time.Second
)

// Options says how a cluster is to run. The zero value is a durable server.
type Options struct {
	// NoFsync gives up durability against a crash of the machine for speed.
	// Tests of content want it; tests of durability do not.
	NoFsync bool
	// Settings are added to the server's command line, as name and value.
	Settings map[string]string
}

// Cluster is one PostgreSQL server with a data directory of its own. Its
// methods may be called from several goroutines.
type Cluster struct {
	binaries string
	account  *account
	options  Options
	dir      string // holds data/, socket/ and log
	port     int
	reaper   *reaper

	mu     sync.Mutex // guards server and admin
	server *server    // nil while the cluster is down
	admin  *sql.DB
}

// Start makes a new cluster and waits until it takes connections. It returns
// ErrNotInstalled when the machine has no PostgreSQL.
func Start(options Options) (*Cluster, error) {
	binaries, err := findBinaries()
	if err != nil {
		return nil, err
	}
	who, err := serverAccount()
	if err != nil {
		return nil, err
	}
	dir, err := makeDir(who)
	if err != nil {
		return nil, fmt.Errorf("pgcluster: make directory: %w", err)
	}
	c := &Cluster{binaries: binaries, account: who, options: options, dir: dir}
	if err := c.bootstrap(); err != nil {
		return nil, errors.Join(fmt.Errorf("pgcluster: %w", err), c.Stop())
	}
	return c, nil
}

// bootstrap fills the new directory and brings the server up on a free port.
func (c *Cluster) bootstrap() error {
	var err error
	if c.reaper, err = startReaper(c.dir); err != nil {
		return fmt.Errorf("start reaper: %w", err)
	}
	if err := initdb(c.binaries, c.data(), c.account); err != nil {
		return fmt.Errorf("initdb: %w", err)
	}
	// The port can be taken between finding it free and binding it.
	for range 5 {
		if c.port, err = freePort(); err != nil {
			return err
		}
		if err = c.up(); err == nil {
			break
		}
	}
	return err
}

// DSN is the URL of a database in the cluster. It stays the same over Restart.
func (c *Cluster) DSN(database string) string {
	return (&url.URL{
		Scheme:   "postgres",
		User:     url.User(superuser),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}).String()
}

// Stop ends the cluster, disconnecting everybody, and removes its data. A
// second Stop does nothing.
func (c *Cluster) Stop() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.down(syscall.SIGINT)
	err = errors.Join(err, os.RemoveAll(c.dir))
	if c.reaper != nil {
		c.reaper.dismiss()
	}
	return err
}

// Kill sends SIGKILL to all processes of the server, so that nothing is
// finished or flushed, and waits until they are gone. The data stay for
// Restart.
func (c *Cluster) Kill() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server == nil {
		return nil
	}
	waitGone := killBackends(c.server.process.Pid)
	err := c.down(syscall.SIGKILL)
	waitGone()
	return err
}

// Freeze halts all processes of the server where they are, as a machine does
// that hangs; Thaw lets them go on. On Linux only.
func (c *Cluster) Freeze() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server != nil {
		freezeBackends(c.server.process.Pid)
	}
}

// Thaw ends what Freeze began.
func (c *Cluster) Thaw() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server != nil {
		thawBackends(c.server.process.Pid)
	}
}

// Restart starts the server again on the same data and port, stopping it first
// if it runs. Connections do not survive it.
func (c *Cluster) Restart() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.down(syscall.SIGINT); err != nil {
		return err
	}
	// Backends of a killed server hold its shared memory until they notice.
	deadline := time.Now().Add(startTimeout)
	for {
		err := c.up()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// Log is what the server has written to its log, to be shown when a test fails.
func (c *Cluster) Log() string {
	text, err := os.ReadFile(c.logFile())
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (c *Cluster) data() string    { return filepath.Join(c.dir, "data") }
func (c *Cluster) socket() string  { return filepath.Join(c.dir, "socket") }
func (c *Cluster) logFile() string { return filepath.Join(c.dir, "log") }

// up starts the server and waits until it answers. The caller holds mu, or is
// the only one to know c.
func (c *Cluster) up() error {
	s, err := startServer(filepath.Join(c.binaries, "postgres"), c.arguments(), c.dir, c.logFile(), c.account)
	if err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	admin, err := sql.Open("postgres", c.DSN("postgres"))
	if err != nil {
		return errors.Join(err, s.stop(syscall.SIGQUIT))
	}
	if err := s.waitReady(admin); err != nil {
		return errors.Join(fmt.Errorf("%w; its log:\n%s", err, c.Log()), admin.Close(), s.stop(syscall.SIGQUIT))
	}
	c.server, c.admin = s, admin
	return nil
}

// down ends the server with the signal. The caller holds mu.
func (c *Cluster) down(signal syscall.Signal) error {
	if c.server == nil {
		return nil
	}
	s, admin := c.server, c.admin
	c.server, c.admin = nil, nil
	return errors.Join(admin.Close(), s.stop(signal))
}

func (c *Cluster) arguments() []string {
	settings := map[string]string{
		"listen_addresses":        "127.0.0.1",
		"port":                    strconv.Itoa(c.port),
		"unix_socket_directories": c.socket(),
		"max_connections":         "200",
		"shared_buffers":          "32MB",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"lc_messages":             "C",
		"logging_collector":       "off",
	}
	if c.options.NoFsync {
		settings["fsync"] = "off"
		settings["full_page_writes"] = "off"
		settings["synchronous_commit"] = "off"
	}
	for name, value := range c.options.Settings {
		settings[name] = value
	}
	args := []string{"-D", c.data()}
	for name, value := range settings {
		args = append(args, "-c", name+"="+value)
	}
	return args
}
