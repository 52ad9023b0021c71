// Command testsummary runs go test with the arguments it is given, shows each
// package's line and all that a failed or skipped test has written, and ends
// with one line that counts the top-level tests: "N passed, N failed", and
// ", N skipped" where some were. Its exit code is that of go test.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

func main() {
	code, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "testsummary:", err)
	}
	os.Exit(code)
}

func run(args []string) (code int, err error) {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	events, err := cmd.StdoutPipe()
	if err != nil {
		return 1, err
	}
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	s := newSummary(os.Stdout)
	readErr := s.read(events)
	waitErr := cmd.Wait()
	s.finish()
	fmt.Println(s)

	var exit *exec.ExitError
	switch {
	case errors.As(waitErr, &exit):
		return max(exit.ExitCode(), 1), readErr // -1 when killed by a signal
	case waitErr != nil || readErr != nil:
		return 1, errors.Join(readErr, waitErr)
	case s.failed > 0: // cannot be, unless we count wrongly; then do not call it good
		return 1, fmt.Errorf("%d failed, but go test succeeded", s.failed)
	}
	return 0, nil
}
