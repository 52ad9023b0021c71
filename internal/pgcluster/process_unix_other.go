//go:build unix && !linux

package pgcluster

import "syscall"

// endWithParent does nothing where there is no death signal; there the reaper
// alone ends an orphan.
func endWithParent(*syscall.SysProcAttr) {}
