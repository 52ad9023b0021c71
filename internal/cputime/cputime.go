// Package cputime tells how long something keeps the processor, so that a test
// may bound the cost of an act on a machine that others keep busy: there the
// time on the wall says nothing.
//
// It is for tests: no production package may import it.
package cputime

import (
	"runtime"
	"time"
)

// Of runs an act and returns the time that the processor spent on it. What the
// act leaves to other goroutines is not counted where the system can tell.
func Of(act func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := spent()
	act()
	return spent() - before
}
