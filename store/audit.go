package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/allclear-status/allclear/auth"
)

// AuditEntry is one act in the audit log.
type AuditEntry struct {
	ID          int64
	At          time.Time
	Actor       auth.Actor
	Act         string // such as "open incident"
	Subject     string // such as "incident:<id>"
	Detail      json.RawMessage
	PageVersion int64
}

// Audit writes who did what to what; detail is anything that encodes to JSON.
func (tx *Tx) Audit(ctx context.Context, actor auth.Actor, act, subject string, detail any, pageVersion int64) error {
	encoded, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("write audit log: %w", err)
	}
	return tx.exec(ctx, "write audit log", `
		INSERT INTO audit_log (at, actor_kind, actor_id, actor_name, actor_from, act, subject, detail, page_version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		micros(tx.now), actor.Kind, actor.ID, actor.Name, actor.From, act, subject, string(encoded), pageVersion)
}

// AuditLog reads the newest entries first.
func (q queries) AuditLog(ctx context.Context, limit int) ([]AuditEntry, error) {
	var rows []struct {
		ID      int64  `db:"id"`
		At      int64  `db:"at"`
		Kind    string `db:"actor_kind"`
		ActorID string `db:"actor_id"`
		Name    string `db:"actor_name"`
		From    string `db:"actor_from"`
		Act     string `db:"act"`
		Subject string `db:"subject"`
		Detail  string `db:"detail"`
		Version int64  `db:"page_version"`
	}
	if err := q.list(ctx, "read audit log", &rows, `
		SELECT id, at, actor_kind, actor_id, actor_name, actor_from, act, subject, detail, page_version
		FROM audit_log
		ORDER BY id DESC
		LIMIT $1`, limit); err != nil {
		return nil, err
	}
	entries := make([]AuditEntry, len(rows))
	for i, r := range rows {
		entries[i] = AuditEntry{r.ID, instant(r.At), auth.Actor{Kind: r.Kind, ID: r.ActorID, Name: r.Name, From: r.From},
			r.Act, r.Subject, json.RawMessage(r.Detail), r.Version}
	}
	return entries, nil
}
