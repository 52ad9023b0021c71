package pgcluster

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// server is a running postmaster.
type server struct {
	process *os.Process
	ended   chan struct{} // closed when the process is gone
}

func startServer(binary string, args []string, dir, logFile string, who *account) (*server, error) {
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(binary, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Dir = dir
	cmd.Env = environment()
	cmd.SysProcAttr = childOf(who)
	done, err := startTied(cmd)
	if err != nil {
		return nil, err
	}
	s := &server{process: cmd.Process, ended: make(chan struct{})}
	go func() {
		<-done
		close(s.ended)
	}()
	return s, nil
}

// startTied starts a command whose end comes with ours. The kernel ties a
// child to the thread that made it, not to the process, so that thread is kept
// until the child has ended.
func startTied(cmd *exec.Cmd) (done <-chan error, err error) {
	started, ended := make(chan error), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			ended <- cmd.Wait()
		}
	}()
	return ended, <-started
}

// waitReady returns when the server takes connections, or has ended, or the
// time is up.
func (s *server) waitReady(db *sql.DB) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.ended:
			return errors.New("postgres ended at once")
		case <-ctx.Done():
			return fmt.Errorf("postgres did not get ready: %w", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// stop sends the signal and waits; a server that does not obey is killed.
func (s *server) stop(signal syscall.Signal) error {
	if err := s.process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("pgcluster: signal postgres: %w", err)
	}
	select {
	case <-s.ended:
		return nil
	case <-time.After(stopTimeout):
	}
	err := s.process.Kill()
	<-s.ended
	return errors.Join(fmt.Errorf("pgcluster: postgres did not stop on %v", signal), err)
}
