package store

import "database/sql"

// dialect is where the two databases differ; nothing else does.
type dialect struct {
	name string
	// skipLocked ends a SELECT that claims rows: other claimants pass over
	// them. SQLite has one writer and needs none.
	skipLocked string
	// lockThreads ends a SELECT of threads (alias t): nobody else changes them
	// until the transaction ends.
	lockThreads string
	// retryable recognises a transaction that failed only because another was
	// in its way, and that may be run again.
	retryable func(error) bool
	// viewOptions open a transaction that sees one state of the database.
	viewOptions *sql.TxOptions
	// uniqueViolation recognises the driver's error for a key that exists.
	uniqueViolation func(error) bool
}
