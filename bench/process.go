package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// stopPatience is how long a process may take to end when asked.
const stopPatience = 20 * time.Second

// Process is a program that was started, and is ended, by us.
type Process struct {
	cmd    *exec.Cmd
	said   *tail
	ended  chan struct{}
	result error // valid when ended is closed
}

// Start starts a program with these variables besides our own.
func Start(environ []string, name string, args ...string) (*Process, error) {
	p := &Process{cmd: exec.Command(name, args...), said: &tail{}, ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), environ...)
	p.cmd.Stdout, p.cmd.Stderr = p.said, p.said
	p.cmd.WaitDelay = time.Second
	dieWithUs(p.cmd)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", filepath.Base(name), err)
	}
	go func() {
		p.result = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// Wait waits for the program to end by itself and kills it when the context
// ends first.
func (p *Process) Wait(ctx context.Context) error {
	select {
	case <-p.ended:
	case <-ctx.Done():
		_ = p.cmd.Process.Kill() // it may have ended just now
		<-p.ended
		return fmt.Errorf("%s: %w", p.name(), context.Cause(ctx))
	}
	if p.result != nil {
		return fmt.Errorf("%s: %w\n%s", p.name(), p.result, p.said)
	}
	return nil
}

// Ended is closed when the program has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Said is the end of what the program printed.
func (p *Process) Said() string { return p.said.String() }

// Stop asks the program to end and waits.
func (p *Process) Stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), stopPatience, errors.New("did not stop when asked, and was killed"))
	defer cancel()
	return p.Wait(ctx)
}

func (p *Process) name() string { return filepath.Base(p.cmd.Path) }

// UsedCPU is what a program that has ended used in all.
func (p *Process) UsedCPU() time.Duration {
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// tick is the unit of time in /proc, USER_HZ, which is 100 on every Linux.
const tick = 10 * time.Millisecond

// CPU is what the running program and its children have used so far.
func (p *Process) CPU() (time.Duration, error) {
	all, err := processes()
	if err != nil {
		return 0, err
	}
	if _, found := all[p.cmd.Process.Pid]; !found {
		return 0, fmt.Errorf("the processor time of %s cannot be read", p.name())
	}
	return familyCPU(all, p.cmd.Process.Pid), nil
}

// processes are those that run on this machine, by their numbers.
func processes() (map[int]processStat, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	all := map[int]processStat{}
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err != nil {
			continue // it has just ended
		}
		stat, err := parseStat(line)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all[stat.pid] = stat
	}
	return all, nil
}

// familyCPU is what a process and its children have used so far.
func familyCPU(all map[int]processStat, pid int) (sum time.Duration) {
	for _, stat := range all {
		if stat.pid == pid || stat.parent == pid {
			sum += stat.cpu
		}
	}
	return sum
}

// processStat is what we want of a line of /proc/PID/stat.
type processStat struct {
	pid, parent int
	cpu         time.Duration
}

func parseStat(line []byte) (s processStat, err error) {
	// The name, in parentheses, may hold anything.
	first, last := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if first < 0 || last < first {
		return s, fmt.Errorf("%q is no line of a stat file", line)
	}
	fields := strings.Fields(string(line[last+1:]))
	if len(fields) < 13 {
		return s, fmt.Errorf("%q is no line of a stat file", line)
	}
	numbers := make([]int, 4) // pid, parent, user time, system time
	for i, text := range []string{strings.TrimSpace(string(line[:first])), fields[1], fields[11], fields[12]} {
		if numbers[i], err = strconv.Atoi(text); err != nil {
			return s, err
		}
	}
	return processStat{pid: numbers[0], parent: numbers[1], cpu: time.Duration(numbers[2]+numbers[3]) * tick}, nil
}

// PeakMemory is the most memory that the running program had at once, in
// megabytes.
func (p *Process) PeakMemory() (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	return parsePeak(string(status))
}

func parsePeak(status string) (float64, error) {
	_, rest, found := strings.Cut(status, "VmHWM:")
	fields := strings.Fields(rest)
	if !found || len(fields) < 2 || fields[1] != "kB" {
		return 0, errors.New("the peak of the memory is not in the status file")
	}
	kilobytes, err := strconv.ParseFloat(fields[0], 64)
	return kilobytes / 1024, err
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

// tailSize is how much is kept: wrk's whole report, a server's last words.
const tailSize = 16 << 10

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, b...)
	if over := len(t.kept) - tailSize; over > 0 {
		t.kept = append([]byte(nil), t.kept[over:]...)
	}
	return len(b), nil
}

// String is what is kept.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept)
}
