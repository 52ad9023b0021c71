package store

import (
	"context"
	"sync"

	"github.com/allclear-status/allclear/stakeholders"
)

// AddPolicy stores a policy document as the newest version; it is in force for
// every notice made afterwards.
func (tx *Tx) AddPolicy(ctx context.Context, document []byte) (version int64, err error) {
	if _, err := stakeholders.ParsePolicy(document); err != nil {
		return 0, err
	}
	err = tx.get(ctx, "add policy", &version, `
		INSERT INTO policies (document, created_at)
		VALUES ($1, $2)
		RETURNING version`, string(document), micros(tx.now))
	return version, err
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
