package cputime

import (
	"syscall"
	"time"
)

// thisThread is RUSAGE_THREAD, which package syscall does not name.
const thisThread = 1

// spent is the time that the processor has spent on this thread.
func spent() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(thisThread, &usage); err != nil {
		panic(err) // the arguments are right
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
