package store

import (
	"context"
	"errors"

	"github.com/allclear-status/allclear/status"
)

// SaveGlossary keeps the company's glossary as it was written.
func (tx *Tx) SaveGlossary(ctx context.Context, document string) error {
	return tx.exec(ctx, "save glossary", `
		INSERT INTO settings (name, value)
		VALUES ('glossary', $1)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, document)
}

// Glossary reads the company's glossary; empty when there is none.
func (q queries) Glossary(ctx context.Context) (string, error) {
	var document string
	err := q.get(ctx, "read glossary", &document, `SELECT value FROM settings WHERE name = 'glossary'`)
	if errors.Is(err, status.ErrNotFound) {
		return "", nil
	}
	return document, err
}
