package pgcluster

import "syscall"

// endWithParent has the kernel send SIGQUIT, PostgreSQL's immediate shutdown,
// when the thread that started the child is gone.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }
