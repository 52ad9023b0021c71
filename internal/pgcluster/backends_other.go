//go:build !linux

package pgcluster

// killBackends leaves the server's other processes to notice by themselves
// that the postmaster is gone, which they do soon.
func killBackends(int) (waitGone func()) { return func() {} }

// freezeBackends and thawBackends do nothing: the server goes on.
func freezeBackends(int) {}

func thawBackends(int) {}
