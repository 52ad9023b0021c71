package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
)

// LedgerFilter says which deliveries to list; empty fields mean any.
type LedgerFilter struct {
	IncidentID    string
	NoticeID      int64
	Channel       stakeholders.Channel
	State         notify.State
	Person        string // "stakeholder:<id>" or "subscriber:<id>"
	Limit, Offset int
}

type deliveryRow struct {
	NoticeID   int64  `db:"notice_id"`
	Channel    string `db:"channel"`
	Address    string `db:"address"`
	IncidentID string `db:"incident_id"`
	Policy     int64  `db:"policy_version"`
	Person     string `db:"person"`
	Name       string `db:"name"`
	Label      string `db:"label"`
	Quadrant   string `db:"quadrant"`
	Rule       string `db:"rule"`
	Cell       string `db:"cell"`
	Reason     string `db:"reason"`
	State      string `db:"state"`
	OnlyIfOpen bool   `db:"only_if_open"`
	Uncertain  bool   `db:"uncertain"`
	Attempts   int    `db:"attempts"`
	DueAt      int64  `db:"due_at"`
	CreatedAt  int64  `db:"created_at"`
	UpdatedAt  int64  `db:"updated_at"`
	SentAt     int64  `db:"sent_at"`
	Answer     string `db:"answer"`
	Gather     string `db:"gather"`
	MergedID   int64  `db:"merged_id"`
}

func (r deliveryRow) delivery() notify.Delivery {
	contact := stakeholders.Contact{Channel: stakeholders.Channel(r.Channel), Address: r.Address, Label: r.Label}
	return notify.Delivery{
		Key:        notify.Key{NoticeID: r.NoticeID, Channel: contact.Channel, Address: r.Address},
		IncidentID: r.IncidentID, PolicyVersion: r.Policy, Person: r.Person, PersonName: r.Name, Shown: contact.Shown(),
		Quadrant: stakeholders.Quadrant(r.Quadrant), Rule: stakeholders.Rule(r.Rule), Cell: r.Cell, Reason: r.Reason,
		State: notify.State(r.State), DueAt: instant(r.DueAt), OnlyIfOpen: r.OnlyIfOpen, Attempts: r.Attempts, Uncertain: r.Uncertain,
		Answer: r.Answer, CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt), SentAt: instant(r.SentAt),
		Gather: stakeholders.Gather(r.Gather), MergedInto: r.MergedID,
	}
}

// Deliveries lists the ledger, newest notice first.
func (q queries) Deliveries(ctx context.Context, f LedgerFilter) ([]notify.Delivery, error) {
	conditions, args := []string{"TRUE"}, []any{}
	match := func(column string, value any, set bool) {
		if set {
			args = append(args, value)
			conditions = append(conditions, fmt.Sprintf("%s = $%d", column, len(args)))
		}
	}
	match("n.incident_id", f.IncidentID, f.IncidentID != "")
	match("d.notice_id", f.NoticeID, f.NoticeID != 0)
	match("d.channel", string(f.Channel), f.Channel != "")
	match("d.state", string(f.State), f.State != "")
	match("d.person", f.Person, f.Person != "")
	args = append(args, f.Limit, f.Offset)
	var rows []deliveryRow
	if err := q.list(ctx, "list deliveries", &rows, fmt.Sprintf(`
		SELECT d.notice_id, d.channel, d.address, COALESCE(n.incident_id, '') AS incident_id, n.policy_version, d.person,
		       COALESCE(p.name, '') AS name, COALESCE(k.label, '') AS label,
		       w.quadrant, w.rule, w.cell, w.reason, d.state, d.only_if_open, d.uncertain, d.attempts,
		       d.due_at, d.created_at, d.updated_at, d.sent_at, d.answer, d.gather, d.merged_id
		FROM deliveries d
		JOIN notices n ON n.id = d.notice_id
		JOIN decisions w ON w.notice_id = d.notice_id AND w.number = d.decision
		LEFT JOIN stakeholders p ON p.id = SUBSTR(d.person, 13) AND SUBSTR(d.person, 1, 12) = 'stakeholder:'
		LEFT JOIN contacts k ON k.stakeholder_id = p.id AND k.channel = d.channel AND k.address = d.address
		WHERE %s
		ORDER BY d.notice_id DESC, d.chunk, d.channel, d.address
		LIMIT $%d OFFSET $%d`, strings.Join(conditions, " AND "), len(args)-1, len(args)), args...); err != nil {
		return nil, err
	}
	return convert(rows, deliveryRow.delivery), nil
}

// Attempts lists the tries of one delivery that did not deliver, in order.
func (q queries) Attempts(ctx context.Context, k notify.Key) ([]notify.Attempt, error) {
	var rows []struct {
		Number  int    `db:"number"`
		At      int64  `db:"at"`
		Outcome string `db:"outcome"`
		Answer  string `db:"answer"`
	}
	if err := q.list(ctx, "list attempts", &rows, `
		SELECT number, at, outcome, answer
		FROM attempts
		WHERE notice_id = $1 AND channel = $2 AND address = $3
		ORDER BY number`, k.NoticeID, string(k.Channel), k.Address); err != nil {
		return nil, err
	}
	attempts := make([]notify.Attempt, len(rows))
	for i, r := range rows {
		attempts[i] = notify.Attempt{Number: r.Number, At: instant(r.At), Outcome: notify.Outcome(r.Outcome), Answer: r.Answer}
	}
	return attempts, nil
}
