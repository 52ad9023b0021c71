//go:build unix

package pgcluster

import "syscall"

// detached gives a child a session of its own, so that an interrupt at the
// terminal reaches the tests and not the child.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// childOf is detached, and runs under the account and ends with us.
func childOf(who *account) *syscall.SysProcAttr {
	attr := detached()
	endWithParent(attr)
	if who != nil {
		attr.Credential = &syscall.Credential{Uid: uint32(who.uid), Gid: uint32(who.gid)}
	}
	return attr
}
