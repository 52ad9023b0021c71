package bench

import (
	"os/exec"
	"syscall"
)

// dieWithUs ends the program when we are killed and cannot end it ourselves.
func dieWithUs(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
