package store

import (
	"context"
	"database/sql"
	"sync"

	"github.com/jmoiron/sqlx"
)

// statements keeps what the one writer of SQLite runs again and again prepared:
// there a statement is parsed by the program itself, which took as long as many
// of them run. What was run a few times is prepared before the next transaction,
// while the connection is free.
type statements struct {
	db *sqlx.DB

	mu     sync.Mutex
	runs   map[string]int // of what is not prepared
	wanted []string
	ready  map[string]*sqlx.Stmt
}

// How often a statement is run before it is prepared, and how many are kept.
const (
	preparedAfter  = 10
	mostStatements = 64
)

func newStatements(db *sqlx.DB) *statements {
	return &statements{db: db, runs: map[string]int{}, ready: map[string]*sqlx.Stmt{}}
}

// of is a statement that is prepared, or nil.
func (s *statements) of(query string) *sqlx.Stmt {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stmt := s.ready[query]; stmt != nil {
		return stmt
	}
	if len(s.ready)+len(s.wanted) >= mostStatements {
		return nil
	}
	if len(s.runs) > 10*mostStatements {
		clear(s.runs)
	}
	if s.runs[query]++; s.runs[query] == preparedAfter {
		s.wanted = append(s.wanted, query)
	}
	return nil
}

// prepare prepares what is wanted. What cannot be prepared now is run as it is.
func (s *statements) prepare(ctx context.Context) {
	s.mu.Lock()
	wanted := s.wanted
	s.wanted = nil
	s.mu.Unlock()
	for _, query := range wanted {
		stmt, err := s.db.PreparexContext(ctx, query)
		s.mu.Lock()
		delete(s.runs, query)
		if err == nil && s.ready[query] == nil {
			s.ready[query], stmt = stmt, nil
		}
		s.mu.Unlock()
		if err == nil && stmt != nil {
			_ = stmt.Close() // somebody else was faster
		}
	}
}

// preparing is a transaction that runs prepared statements where there are some.
type preparing struct {
	*sqlx.Tx
	statements *statements
}

// ExecContext implements sqlx.ExtContext.
func (p preparing) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if stmt := p.statements.of(query); stmt != nil {
		return p.Tx.StmtxContext(ctx, stmt).ExecContext(ctx, args...)
	}
	return p.Tx.ExecContext(ctx, query, args...)
}

// QueryContext implements sqlx.ExtContext.
func (p preparing) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt := p.statements.of(query); stmt != nil {
		return p.Tx.StmtxContext(ctx, stmt).QueryContext(ctx, args...)
	}
	return p.Tx.QueryContext(ctx, query, args...)
}

// QueryxContext implements sqlx.ExtContext.
func (p preparing) QueryxContext(ctx context.Context, query string, args ...any) (*sqlx.Rows, error) {
	if stmt := p.statements.of(query); stmt != nil {
		return p.Tx.StmtxContext(ctx, stmt).QueryxContext(ctx, args...)
	}
	return p.Tx.QueryxContext(ctx, query, args...)
}

// QueryRowxContext implements sqlx.ExtContext.
func (p preparing) QueryRowxContext(ctx context.Context, query string, args ...any) *sqlx.Row {
	if stmt := p.statements.of(query); stmt != nil {
		return p.Tx.StmtxContext(ctx, stmt).QueryRowxContext(ctx, args...)
	}
	return p.Tx.QueryRowxContext(ctx, query, args...)
}
