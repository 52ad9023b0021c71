// Package pgcluster starts a throwaway PostgreSQL server for tests, from the
// binaries that are installed on the machine. It listens on the loopback
// address only, trusts everybody there, and is gone with its data when the
// test process ends, however that process ends.
//
// It is for tests: no production package may import it.
package pgcluster
