package pgcluster

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// killBackends kills the server's other processes, which by themselves outlive
// a killed postmaster for a moment, and could finish what they are at. The
// postmaster is halted first: it starts no more of them, and their numbers
// stay theirs until it is killed too.
func killBackends(postmaster int) (waitGone func()) {
	syscall.Kill(postmaster, syscall.SIGSTOP)
	backends := children(postmaster)
	for _, pid := range backends {
		syscall.Kill(pid, syscall.SIGKILL)
	}
	return func() {
		for _, pid := range backends {
			for deadline := time.Now().Add(stopTimeout); runs(pid) && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond)
			}
		}
	}
}

// freezeBackends halts the server and its other processes: connections stay, and
// nobody answers.
func freezeBackends(postmaster int) {
	syscall.Kill(postmaster, syscall.SIGSTOP)
	for _, pid := range children(postmaster) {
		syscall.Kill(pid, syscall.SIGSTOP)
	}
}

// thawBackends lets them go on.
func thawBackends(postmaster int) {
	for _, pid := range append(children(postmaster), postmaster) {
		syscall.Kill(pid, syscall.SIGCONT)
	}
}

func children(parent int) []int {
	folders, _ := filepath.Glob("/proc/[0-9]*") // the pattern is well-formed
	var pids []int
	for _, folder := range folders {
		pid, err := strconv.Atoi(filepath.Base(folder))
		if _, ppid := stat(pid); err == nil && ppid == parent {
			pids = append(pids, pid)
		}
	}
	return pids
}

// runs says whether the process is there and more than an entry in the table.
func runs(pid int) bool {
	state, _ := stat(pid)
	return state != "" && state != "Z" && state != "X"
}

// stat is the state and the parent of a process, empty when it is gone.
func stat(pid int) (state string, parent int) {
	line, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return "", 0
	}
	// The name, in parentheses, may hold anything.
	fields := bytes.Fields(line[bytes.LastIndexByte(line, ')')+1:])
	if len(fields) < 2 {
		return "", 0
	}
	parent, err = strconv.Atoi(string(fields[1]))
	if err != nil {
		return "", 0
	}
	return string(fields[0]), parent
}
