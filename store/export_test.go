package store

import "github.com/jmoiron/sqlx"

// Raw is the database itself, for tests that look behind the methods.
func (s *Store) Raw() *sqlx.DB { return s.writer }
