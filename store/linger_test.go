package store

import "context"

// Linger runs a query that takes long, as a method of the store would.
func Linger(ctx context.Context, s *Store) error {
	query := `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000000) SELECT COUNT(*) FROM n`
	if s.Dialect() == "postgres" {
		query = `SELECT 1 FROM pg_sleep(10)`
	}
	var n int
	return s.get(ctx, "linger", &n, query)
}
