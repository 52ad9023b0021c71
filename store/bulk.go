package store

import (
	"encoding/json"
	"fmt"
	"strings"
)

// table makes argument $1, encoded rows, a table of a statement: v, with
// column1, column2 … of the given types. All rows travel as one argument,
// because the time that the SQLite driver takes for a statement grows with the
// square of the number of its arguments. A CROSS JOIN behind it makes SQLite
// read it first and look the other table up by its key.
func (d *dialect) table(types ...string) string {
	var b strings.Builder
	b.WriteString("(SELECT ")
	for i, t := range types {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "CAST(e.value ->> %d AS %s) AS column%d", i, t, i+1)
	}
	fmt.Fprintf(&b, " FROM %s AS e) AS v", d.elements)
	return b.String()
}

// names is the list $1 of encodeNames.
func (d *dialect) names() string { return "(SELECT v.column1 FROM " + d.table("TEXT") + ")" }

func encodeNames(names []string) string {
	var list rows
	for _, n := range names {
		list.add(n)
	}
	return list.encoded()
}

// rows collects the rows of a table.
type rows [][]any

func (r *rows) add(values ...any) { *r = append(*r, values) }

// encoded is the rows as an argument.
func (r rows) encoded() string {
	if len(r) == 0 {
		return "[]" // not null, of which PostgreSQL makes no table
	}
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // strings, numbers and booleans always encode
	}
	return string(text)
}

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
