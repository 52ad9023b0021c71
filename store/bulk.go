package store

import (
	"fmt"
	"strings"
)

// values writes rows of placeholders for one statement, numbered from $first:
// "($1, $2), ($3, $4)". A type, where one is given for a column, is cast to;
// PostgreSQL needs that where the rows are a table of their own.
func values(first, rows int, types ...string) string {
	var b strings.Builder
	n := first
	for i := range rows {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('(')
		for j, t := range types {
			if j > 0 {
				b.WriteString(", ")
			}
			if t == "" {
				fmt.Fprintf(&b, "$%d", n)
			} else {
				fmt.Fprintf(&b, "CAST($%d AS %s)", n, t)
			}
			n++
		}
		b.WriteByte(')')
	}
	return b.String()
}

// plain is n columns without a cast.
func plain(n int) []string { return make([]string, n) }

// batches cuts rows into pieces of at most size.
func batches[T any](rows []T, size int) [][]T {
	var pieces [][]T
	for len(rows) > size {
		pieces, rows = append(pieces, rows[:size]), rows[size:]
	}
	if len(rows) > 0 {
		pieces = append(pieces, rows)
	}
	return pieces
}
