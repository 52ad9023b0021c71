package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/catcher"
)

// program builds the program once.
var program = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "allclear-e2e-*")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "allclear")
	args := []string{"build", "-o", path}
	if raceEnabled {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, "../cmd/allclear")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := program(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path)) // a leftover in the temporary folder is no failure
	}
	os.Exit(code)
}

func binary(t *testing.T) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// server is a running allclear with a mail server and chat rooms that keep
// what they are given.
type server struct {
	t        *testing.T
	database string // its URL
	dir      string
	listen   string
	smtp     string // URL; empty: none
	mail     *catcher.Catcher
	chat     *httptest.Server
	deaf     atomic.Bool   // while set, chat rooms answer nothing
	hearing  chan struct{} // closed when they are no longer deaf
	env      []string

	process *exec.Cmd
	log     *logBuffer
	token   string
	page    string
}

// newServer prepares a server on an empty database; start runs it.
func newServer(t *testing.T, database string) *server {
	t.Helper()
	mail, err := catcher.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mail.Close() })
	s := &server{t: t, database: database, dir: t.TempDir(), listen: freeAddress(t), smtp: mail.URL(), mail: mail, hearing: make(chan struct{}), log: &logBuffer{}}
	s.chat = httptest.NewServer(http.HandlerFunc(s.takeChat))
	t.Cleanup(s.chat.Close)
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("server log:\n%s", s.log)
		}
	})
	return s
}

func (s *server) takeChat(w http.ResponseWriter, r *http.Request) {
	if s.deaf.Load() {
		select {
		case <-s.hearing:
		case <-r.Context().Done():
		}
		return
	}
	var in struct{ Text string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, "invalid_payload", http.StatusBadRequest)
		return
	}
	s.mail.Add(catcher.Message{Channel: "chat", To: strings.TrimPrefix(r.URL.Path, "/"), Subject: in.Text})
	_, _ = io.WriteString(w, "ok")
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// deafMailServer takes connections and never says a word.
func deafMailServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return "smtp://" + l.Addr().String() + "?tls=none"
}

func (s *server) url(path string) string { return "http://" + s.listen + path }

// environment is that of the server and of the commands beside it.
func (s *server) environment() []string {
	env := []string{"ALLCLEAR_DATA_DIR=" + s.dir, "ALLCLEAR_DATABASE_URL=" + s.database, "ALLCLEAR_LISTEN=" + s.listen,
		"ALLCLEAR_PUBLIC_URL=http://" + s.listen, "ALLCLEAR_MAIL_FROM=Acme status <status@acme.example>"}
	if strings.HasPrefix(s.database, "postgres") {
		env = append(env, "ALLCLEAR_SECRET_KEY=a secret key for tests only")
	}
	if s.smtp != "" {
		env = append(env, "ALLCLEAR_SMTP_URL="+s.smtp)
	}
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "ALLCLEAR_") {
			env = append(env, pair)
		}
	}
	return append(env, s.env...)
}

// start runs the server until it is ready. Where somebody else took the port
// that was free a moment ago, it takes another one.
func (s *server) start() {
	s.t.Helper()
	for range 5 {
		s.log.Reset()
		s.process = exec.Command(binary(s.t), "serve")
		s.process.Env = s.environment()
		s.process.Stdout, s.process.Stderr = s.log, s.log
		s.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := s.process.Start(); err != nil {
			s.t.Fatal(err)
		}
		taken := false
		s.wait("the server to be ready", func() bool {
			taken = strings.Contains(s.log.String(), "address already in use")
			return taken || s.ready()
		})
		if !taken {
			return
		}
		_ = s.process.Wait()
		s.listen = freeAddress(s.t)
	}
	s.t.Fatal("no port stayed free")
}

func (s *server) ready() bool {
	answer, err := http.Get(s.url("/readyz"))
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// kill ends the server the hard way, as a power cut would.
func (s *server) kill() {
	if s.process == nil || s.process.ProcessState != nil {
		return
	}
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

// stop asks the server to end and returns its exit code.
func (s *server) stop() int {
	s.t.Helper()
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	_ = s.process.Wait()
	return s.process.ProcessState.ExitCode()
}

// command runs a command beside the server.
func (s *server) command(args ...string) (out, errOut string, code int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, binary(s.t), args...)
	c.Env = s.environment()
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	_ = c.Run() // the exit code tells
	return stdout.String(), stderr.String(), c.ProcessState.ExitCode()
}

// call sends a managing request and decodes the answer, which must have the
// given status.
func (s *server) call(method, path, body string, want int, into any) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url("/v1"+path), strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if answer.StatusCode != want {
		s.t.Fatalf("%s %s: %s, want %d: %s", method, path, answer.Status, want, content)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(content, into); err != nil {
		s.t.Fatalf("%s %s: %v in %s", method, path, err, content)
	}
}

// get reads a public path.
func (s *server) get(path string) (int, string) {
	s.t.Helper()
	answer, err := http.Get(s.url(path))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode, string(content)
}

// wait waits until something is true.
func (s *server) wait(what string, ok func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// told lists who was told of incidents: "email ana@customer.example".
func (s *server) told() []string {
	var got []string
	for _, m := range s.mail.Messages() {
		if strings.Contains(m.Text, "/subscribe/confirm/") {
			continue // the letter that asks to confirm
		}
		got = append(got, m.Channel+" "+m.To)
	}
	return got
}

// logBuffer keeps a process's output.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.Reset()
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
