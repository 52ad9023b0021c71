package pgcluster

import "syscall"

func detached() *syscall.SysProcAttr { return nil }

func childOf(*account) *syscall.SysProcAttr { return nil }
