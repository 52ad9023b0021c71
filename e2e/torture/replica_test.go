package torture

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/allclear-status/allclear/store/storetest"
)

// program builds the program once.
var program = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "allclear-torture-*")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "allclear")
	out, err := exec.Command("go", "build", "-o", path, "../../cmd/allclear").CombinedOutput()
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

// replica is one server process.
type replica struct {
	t        *testing.T
	name     string
	database string
	dir      string
	mailURL  string
	listen   string
	around   []string // a command that runs the program, such as prlimit
	env      []string
	process  *exec.Cmd
	log      *logBuffer
}

func newReplica(t *testing.T, name, database, mailURL string) *replica {
	t.Helper()
	r := &replica{t: t, name: name, database: database, dir: t.TempDir(), mailURL: mailURL, log: &logBuffer{}}
	t.Cleanup(func() {
		r.kill()
		if t.Failed() {
			t.Logf("the end of the log of %s:\n%s", r.name, r.log.end())
		}
	})
	return r
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

func (r *replica) environment() []string {
	env := []string{"ALLCLEAR_DATA_DIR=" + r.dir, "ALLCLEAR_DATABASE_URL=" + r.database, "ALLCLEAR_SECRET_KEY=" + storetest.Secret,
		"ALLCLEAR_LISTEN=" + r.listen, "ALLCLEAR_PUBLIC_URL=http://status.acme.example", "ALLCLEAR_MAIL_FROM=Acme status <status@acme.example>",
		"ALLCLEAR_SMTP_URL=" + r.mailURL}
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "ALLCLEAR_") {
			env = append(env, pair)
		}
	}
	return append(env, r.env...)
}

// start runs the server until it is ready.
func (r *replica) start() {
	r.t.Helper()
	path, err := program()
	if err != nil {
		r.t.Fatal(err)
	}
	for range 5 {
		r.listen = freeAddress(r.t)
		command := append(append([]string{}, r.around...), path, "serve")
		r.process = exec.Command(command[0], command[1:]...)
		r.process.Env = r.environment()
		r.process.Stdout, r.process.Stderr = r.log, r.log
		r.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := r.process.Start(); err != nil {
			r.t.Fatal(err)
		}
		taken := false
		wait(r.t, r.name+" to be ready", func() bool {
			taken = strings.Contains(r.log.end(), r.listen+": bind: address already in use")
			return taken || r.ready()
		})
		if !taken {
			return
		}
		_ = r.process.Wait()
	}
	r.t.Fatal("no port stayed free")
}

func (r *replica) ready() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.listen+"/readyz", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// signal reaches the process, which a program around it has become.
func (r *replica) signal(s syscall.Signal) {
	r.t.Helper()
	if err := r.process.Process.Signal(s); err != nil {
		r.t.Fatal(err)
	}
}

// kill ends the server as a power cut would.
func (r *replica) kill() {
	if r.process == nil || r.process.ProcessState != nil {
		return
	}
	_ = r.process.Process.Kill()
	_ = r.process.Wait()
}

// stop asks the server to end and says how long that took.
func (r *replica) stop() (code int, took time.Duration) {
	r.t.Helper()
	began := time.Now()
	r.signal(syscall.SIGTERM)
	_ = r.process.Wait()
	return r.process.ProcessState.ExitCode(), time.Since(began)
}

// call sends a managing request.
func (r *replica) call(token, method, path string, in any) (code int, answer string, err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return 0, "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, "http://"+r.listen+"/v1"+path, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	got, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = got.Body.Close() }()
	content, err := io.ReadAll(got.Body)
	return got.StatusCode, string(content), err
}

// patience is how long anything may take on a busy machine.
const patience = 2 * time.Minute

// wait waits until something is true.
func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// logBuffer keeps the end of a process's output.
type logBuffer struct {
	mu   sync.Mutex
	kept []byte
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if bytes.Contains(p, []byte("msg=delivery ")) {
		return len(p), nil // thousands, which the ledger has too
	}
	l.kept = append(l.kept, p...)
	if over := len(l.kept) - 16<<10; over > 0 {
		l.kept = append([]byte(nil), l.kept[over:]...)
	}
	return len(p), nil
}

func (l *logBuffer) end() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.kept)
}
