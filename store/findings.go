package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/plainlanguage"
)

// WordsCheck is what the plain-language check found in an update when it was
// posted. Findings are kept without the words they were found in.
type WordsCheck struct {
	UpdateID   string
	At         time.Time
	Actor      auth.Actor // kind and name
	Findings   []plainlanguage.Finding
	Overridden []plainlanguage.Rule
	Reason     string // for overriding; empty when nothing was
}

// SaveWordsCheck keeps what was found in an update; a later check of the same
// update, after an edit, takes its place.
func (tx *Tx) SaveWordsCheck(ctx context.Context, c WordsCheck) error {
	bare := make([]plainlanguage.Finding, len(c.Findings))
	for i, f := range c.Findings {
		bare[i] = plainlanguage.Finding{Rule: f.Rule, Level: f.Level, Field: f.Field, Start: f.Start, End: f.End}
	}
	encoded, err := json.Marshal(bare)
	if err != nil {
		return fmt.Errorf("save findings: %w", err)
	}
	rules := make([]string, len(c.Overridden))
	for i, rule := range c.Overridden {
		rules[i] = string(rule)
	}
	return tx.exec(ctx, "save findings", `
		INSERT INTO update_findings (update_id, checked_at, actor_kind, actor_name, findings, overridden, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (update_id) DO UPDATE
		SET checked_at = excluded.checked_at, actor_kind = excluded.actor_kind, actor_name = excluded.actor_name,
			findings = excluded.findings, overridden = excluded.overridden, reason = excluded.reason`,
		c.UpdateID, micros(tx.now), c.Actor.Kind, c.Actor.Name, string(encoded), strings.Join(rules, ","), c.Reason)
}

// WordsChecks reads the checks of a span of time, oldest first.
func (q queries) WordsChecks(ctx context.Context, from, until time.Time) ([]WordsCheck, error) {
	var rows []struct {
		UpdateID   string `db:"update_id"`
		At         int64  `db:"checked_at"`
		Kind       string `db:"actor_kind"`
		Name       string `db:"actor_name"`
		Findings   string `db:"findings"`
		Overridden string `db:"overridden"`
		Reason     string `db:"reason"`
	}
	if err := q.list(ctx, "read findings", &rows, `
		SELECT update_id, checked_at, actor_kind, actor_name, findings, overridden, reason
		FROM update_findings
		WHERE checked_at >= $1
			AND checked_at < $2
		ORDER BY checked_at, update_id`, micros(from), micros(until)); err != nil {
		return nil, err
	}
	checks := make([]WordsCheck, len(rows))
	for i, r := range rows {
		checks[i] = WordsCheck{UpdateID: r.UpdateID, At: instant(r.At), Actor: auth.Actor{Kind: r.Kind, Name: r.Name}, Reason: r.Reason}
		if err := json.Unmarshal([]byte(r.Findings), &checks[i].Findings); err != nil {
			return nil, fmt.Errorf("read findings: %w", err)
		}
		for rule := range strings.SplitSeq(r.Overridden, ",") {
			if rule != "" {
				checks[i].Overridden = append(checks[i].Overridden, plainlanguage.Rule(rule))
			}
		}
	}
	return checks, nil
}
