package store

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// AddPolicy stores a policy document as the newest version; it is in force for
// every notice made afterwards.
func (tx *Tx) AddPolicy(ctx context.Context, document []byte, by, reason string) (version int64, err error) {
	if _, err := stakeholders.ParsePolicy(document); err != nil {
		return 0, err
	}
	err = tx.get(ctx, "add policy", &version, `
		INSERT INTO policies (document, created_by, reason, created_at)
		VALUES ($1, $2, $3, $4)
		RETURNING version`, string(document), by, reason, micros(tx.now))
	return version, err
}

// PolicyEntry is one version of the policy, without its document.
type PolicyEntry struct {
	Version   int64
	Name      string
	By        string
	Reason    string
	CreatedAt time.Time
}

// PolicyVersions lists the versions, the newest first.
func (q queries) PolicyVersions(ctx context.Context) ([]PolicyEntry, error) {
	var rows []struct {
		Version   int64  `db:"version"`
		By        string `db:"created_by"`
		Reason    string `db:"reason"`
		CreatedAt int64  `db:"created_at"`
	}
	if err := q.list(ctx, "list policies", &rows, `
		SELECT version, created_by, reason, created_at
		FROM policies
		ORDER BY version DESC`); err != nil {
		return nil, err
	}
	entries := make([]PolicyEntry, len(rows))
	for i, r := range rows {
		policy, err := q.PolicyVersion(ctx, r.Version)
		if err != nil {
			return nil, err
		}
		entries[i] = PolicyEntry{r.Version, policy.Name, r.By, r.Reason, instant(r.CreatedAt)}
	}
	return entries, nil
}

// SaveConfiguredChannels keeps which channels the server can send on, so that
// commands beside it know.
func (tx *Tx) SaveConfiguredChannels(ctx context.Context, channels []stakeholders.Channel) error {
	names := make([]string, len(channels))
	for i, c := range channels {
		names[i] = string(c)
	}
	return tx.exec(ctx, "save channels", `
		INSERT INTO settings (name, value)
		VALUES ('configured_channels', $1)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, strings.Join(names, ","))
}

// ConfiguredChannels reads which channels the server could send on when it
// last started; every channel when it never did.
func (q queries) ConfiguredChannels(ctx context.Context) ([]stakeholders.Channel, error) {
	var value string
	err := q.get(ctx, "read channels", &value, `SELECT value FROM settings WHERE name = 'configured_channels'`)
	if errors.Is(err, status.ErrNotFound) {
		return stakeholders.Channels(), nil
	}
	if err != nil {
		return nil, err
	}
	channels := []stakeholders.Channel{}
	for name := range strings.SplitSeq(value, ",") {
		channels = append(channels, stakeholders.Channel(name))
	}
	return channels, nil
}

// policyCache holds parsed policies; a version never changes.
type policyCache struct{ byVersion sync.Map }

// Policy reads the policy in force.
func (q queries) Policy(ctx context.Context) (*stakeholders.Policy, error) {
	var version int64
	if err := q.get(ctx, "read policy", &version, `SELECT MAX(version) FROM policies`); err != nil {
		return nil, err
	}
	return q.PolicyVersion(ctx, version)
}

// PolicyVersion reads one version of the policy.
func (q queries) PolicyVersion(ctx context.Context, version int64) (*stakeholders.Policy, error) {
	if known, ok := q.policies.byVersion.Load(version); ok {
		return known.(*stakeholders.Policy), nil
	}
	var document string
	if err := q.get(ctx, "read policy", &document, `SELECT document FROM policies WHERE version = $1`, version); err != nil {
		return nil, err
	}
	policy, err := stakeholders.ParsePolicy([]byte(document))
	if err != nil {
		return nil, err
	}
	policy.Version = version
	q.policies.byVersion.Store(version, policy)
	return policy, nil
}
