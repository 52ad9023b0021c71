package store

import (
	"context"
	"time"

	"github.com/allclear-status/allclear/auth"
)

type tokenRow struct {
	ID         string `db:"id"`
	Name       string `db:"name"`
	Scope      string `db:"scope"`
	Hash       string `db:"hash"`
	Gate       string `db:"gate"`
	CreatedAt  int64  `db:"created_at"`
	LastUsedAt int64  `db:"last_used_at"`
	RevokedAt  int64  `db:"revoked_at"`
}

func (r tokenRow) token() auth.Token {
	return auth.Token{ID: r.ID, Name: r.Name, Scope: auth.Scope(r.Scope), Hash: r.Hash, Gate: auth.Gate(r.Gate),
		CreatedAt: instant(r.CreatedAt), LastUsedAt: instant(r.LastUsedAt), RevokedAt: instant(r.RevokedAt)}
}

// AddToken stores a token; its secret is not part of it.
func (tx *Tx) AddToken(ctx context.Context, t auth.Token) error {
	return tx.exec(ctx, "add token", `
		INSERT INTO tokens (id, name, scope, hash, gate, created_at, last_used_at, revoked_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0, 0)`,
		t.ID, t.Name, string(t.Scope), t.Hash, string(t.Gate), micros(tx.now))
}

// TokenByHash finds a token that was not revoked by the digest of its secret.
func (q queries) TokenByHash(ctx context.Context, hash string) (auth.Token, error) {
	var row tokenRow
	err := q.get(ctx, "find token", &row, `
		SELECT id, name, scope, hash, gate, created_at, last_used_at, revoked_at
		FROM tokens
		WHERE hash = $1 AND revoked_at = 0`, hash)
	return row.token(), err
}

// Tokens lists every token, oldest first.
func (q queries) Tokens(ctx context.Context) ([]auth.Token, error) {
	var rows []tokenRow
	if err := q.list(ctx, "list tokens", &rows, `
		SELECT id, name, scope, hash, gate, created_at, last_used_at, revoked_at
		FROM tokens
		ORDER BY created_at, id`); err != nil {
		return nil, err
	}
	return convert(rows, tokenRow.token), nil
}

// RevokeToken ends a token for good.
func (tx *Tx) RevokeToken(ctx context.Context, id string) error {
	return tx.execOne(ctx, "revoke token", `
		UPDATE tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at = 0`, micros(tx.now), id)
}

// tokenUseGrain is how exact the time of a token's last use is: a busy client
// must not write a row for every request.
const tokenUseGrain = time.Minute

// TouchToken records that a token was used, to the minute.
func (s *Store) TouchToken(ctx context.Context, t auth.Token) error {
	if s.Now().Sub(t.LastUsedAt) < tokenUseGrain {
		return nil
	}
	return s.InTx(ctx, func(tx *Tx) error {
		return tx.exec(ctx, "touch token", `UPDATE tokens SET last_used_at = $1 WHERE id = $2`, micros(tx.now), t.ID)
	})
}
