package store

import "database/sql"

// dialect is where the two databases differ; nothing else does.
type dialect struct {
	name string
	// shared says that several servers may work on one database.
	shared bool
	// skipLocked ends a SELECT that claims rows: other claimants pass over
	// them. SQLite has one writer and needs none.
	skipLocked string
	// lock ends a SELECT: nobody else changes the rows of the table named t
	// until the transaction ends. lockFree passes over those that somebody else
	// has. SQLite has one writer and needs neither.
	lock, lockFree string
	// share ends a SELECT: nobody changes the rows of the table named t until the
	// transaction ends, but others may do the same. SQLite needs it no more.
	share string
	// first stands before a part of a statement that is to be read before what
	// it is joined with; '' where the order of the parts says so.
	first string
	// byKey makes a transaction look everything up by keys; '' where it does so
	// anyway.
	byKey string
	// crowd is how many subscribers one statement of an expansion takes, and run,
	// with $8 for the size of a chunk, in which chunk's worth of them somebody is,
	// from 0.
	crowd int
	run   string
	// flush removes what the database keeps beside its file, when nobody reads it;
	// '' where it keeps nothing.
	flush string
	// elements are the members of the JSON array $1, each named value.
	elements string
	// retryable recognises a transaction that failed only because another was
	// in its way, and that may be run again.
	retryable func(error) bool
	// viewOptions open a transaction that sees one state of the database.
	viewOptions *sql.TxOptions
	// unavailable recognises that the database cannot be used at the moment, busy
	// that it gave up because of others.
	unavailable, busy func(error) bool
	// uniqueViolation recognises the driver's error for a key that exists.
	uniqueViolation func(error) bool
}
