package e2e

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/browser"
)

// demo is a running demo, and what it printed.
type demo struct {
	t       *testing.T
	base    string
	process *exec.Cmd
	mu      sync.Mutex
	lines   []string
}

func startDemo(t *testing.T) *demo {
	t.Helper()
	listen := freeAddress(t)
	d := &demo{t: t, base: "http://" + strings.Replace(listen, "127.0.0.1", "localhost", 1)}
	d.process = exec.Command(binary(t), "demo", "--listen", listen)
	d.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	d.process.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	out, err := d.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	d.process.Stderr = d.process.Stdout
	if err := d.process.Start(); err != nil {
		t.Fatal(err)
	}
	go d.read(out)
	t.Cleanup(func() {
		if d.process.ProcessState == nil {
			_ = d.process.Process.Kill()
			_ = d.process.Wait()
		}
	})
	return d
}

func (d *demo) read(out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		d.mu.Lock()
		d.lines = append(d.lines, lines.Text())
		d.mu.Unlock()
	}
}

// printed waits for a line that contains the words and returns all so far.
func (d *demo) printed(words string) []string {
	d.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		d.mu.Lock()
		lines := slices.Clone(d.lines)
		d.mu.Unlock()
		if slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, words) }) {
			return lines
		}
	}
	d.t.Fatalf("the demo never printed %q:\n%s", words, strings.Join(d.lines, "\n"))
	return nil
}

// paste runs the command that was printed behind a line, as a shell would.
func (d *demo) paste(after string, lines []string, length int) string {
	d.t.Helper()
	at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, after) })
	for deadline := time.Now().Add(time.Minute); len(lines) < at+1+length && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
		d.mu.Lock()
		lines = slices.Clone(d.lines)
		d.mu.Unlock()
	}
	out, err := exec.Command("sh", "-c", strings.Join(lines[at+1:at+1+length], "\n")).CombinedOutput()
	if err != nil {
		d.t.Fatalf("%s: %v\n%s", strings.Join(lines[at+1:at+1+length], "\n"), err, out)
	}
	return string(out)
}

// contains waits until a page in the browser shows the words.
func (d *demo) contains(ctx context.Context, path string, words ...string) {
	d.t.Helper()
	var text string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		var err error
		if text, err = visibleText(ctx, d.base+path); err != nil {
			d.t.Fatal(err)
		}
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			return
		}
	}
	d.t.Errorf("%s does not show %q:\n%s", path, words, text)
}

// why runs the printed question with the program that is tested.
func (d *demo) why(lines []string) {
	d.t.Helper()
	at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "--person priya") })
	out, err := exec.Command("sh", "-c", strings.Replace(lines[at], "go run ./cmd/allclear", binary(d.t), 1)).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Not told: rule 3 (scope). Follows Search; INC-2 touches Card payments.") {
		d.t.Errorf("%s: %v\n%s", lines[at], err, out)
	}
}

func TestDemoShowsTheMainJob(t *testing.T) {
	d := startDemo(t)
	lines := d.printed("Card payments fail for all customers")
	ctx, _ := browser.New(t)
	d.contains(ctx, "/", "All systems operational", "Search results are slow")
	d.contains(ctx, "/demo/mailbox", "Empty")
	d.contains(ctx, "/demo/shop", "Nothing is shown while all is well")
	if greeting := strings.Join(lines, "\n"); !strings.Contains(greeting, "  Widget   "+d.base+"/demo/shop") || !strings.Contains(greeting, "Open all three.") {
		t.Errorf("the demo greets with\n%s", greeting)
	}

	if answer := d.paste("Then break something", lines, 3); !strings.Contains(answer, `"number":"INC-2"`) {
		t.Fatalf("the printed curl answered %s", answer)
	}
	d.contains(ctx, "/", "Major outage", "Card payments fail", "Next update by")
	d.contains(ctx, "/demo/mailbox", "11 messages", "management@acme.example", "#support", "cem@customer.example")
	text := strings.Join(d.printed("promised"), "\n")
	for _, words := range []string{
		"INC-2 public after", "ms: page, widget, badge, feeds, API", "told      manage_closely 2 email 2 chat · keep_informed 2 email 2 chat · keep_satisfied 3 email",
		"waiting   monitor 1 email (15 min)", "not told  priya: only follows Search · li: never confirmed", "promised  next update by",
	} {
		if !strings.Contains(text, words) {
			t.Errorf("the demo did not print %q:\n%s", words, text)
		}
	}

	if answer := d.paste("Next, try to publish jargon", d.printed("fix any minute"), 2); !strings.Contains(answer, `"status":422`) {
		t.Errorf("jargon was answered with %s", answer)
	}
	text = strings.Join(d.printed(`"any minute"`), "\n")
	for _, words := range []string{"422 Not published.", `error   body 1:1   "db-prod-03"  internal host; customers cannot act on it. Write "Card payments".`, `warning body 1:12  "failover"`} {
		if !strings.Contains(text, words) {
			t.Errorf("the demo did not print %q:\n%s", words, text)
		}
	}
	d.why(d.printed("--person priya"))
	if answer := d.paste("And when it is over", d.printed("Nobody was charged twice"), 2); !strings.Contains(answer, `"status":"resolved"`) {
		t.Fatalf("the printed curl answered %s", answer)
	}
	d.contains(ctx, "/", "All systems operational", "Nobody was charged twice")
	d.contains(ctx, "/demo/mailbox", "22 messages")
	if foreign := browser.ForeignRequests(ctx); len(foreign) > 0 {
		t.Errorf("something was asked of other hosts: %v", foreign)
	}
	if err := d.process.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := d.process.Wait(); err != nil {
		t.Errorf("the demo ended with %v", err)
	}
}
