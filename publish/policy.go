package publish

import (
	"bytes"
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// PolicyPlan is what a policy changes, or would change, against another.
type PolicyPlan struct {
	From *stakeholders.Policy
	To   *stakeholders.Policy // its version is 0 while it is not stored
	// New says that the document is not the one in force.
	New     bool
	Changes []stakeholders.PolicyChange
	// Concerned counts those to whom the changes of the table apply.
	Concerned []Concerned
	Warnings  []string
}

// Concerned counts those in one quadrant.
type Concerned struct {
	Quadrant    stakeholders.Quadrant
	Entries     int   // of the register, without segments
	Subscribers int64 // who confirmed
}

// ImportPolicy puts a policy into force for everything said from then on. The
// document in force already makes no new version; a dry run changes nothing.
//
// Errors: *status.Invalid with every fault and where it stands.
func (p *Publisher) ImportPolicy(ctx context.Context, actor auth.Actor, document []byte, reason string, dryRun bool) (PolicyPlan, error) {
	to, err := readPolicy(document, reason)
	if err != nil {
		return PolicyPlan{}, err
	}
	from, err := p.store.Policy(ctx)
	if err != nil {
		return PolicyPlan{}, err
	}
	plan, err := p.comparePolicies(ctx, from, to)
	if err != nil || dryRun || !plan.New {
		return plan, err
	}
	_, err = p.within(ctx, func(tx *store.Tx, page status.Page) error {
		// Somebody else may have been quicker; the audit log compares with that.
		now, err := tx.Policy(ctx)
		if err != nil || bytes.Equal(now.Document(), document) {
			to.Version = now.Version
			return err
		}
		if to.Version, err = tx.AddPolicy(ctx, document, actor.Name, reason); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, "import policy", fmt.Sprintf("policy:%d", to.Version), map[string]any{
			"from": now.Version, "to": to.Version, "reason": reason, "changes": changeWords(stakeholders.ComparePolicies(now, to)),
		}, page.Version)
	})
	return plan, err
}

func changeWords(changes []stakeholders.PolicyChange) []string {
	words := make([]string, len(changes))
	for i, c := range changes {
		words[i] = c.String()
	}
	return words
}

// readPolicy reads a document that somebody sent.
func readPolicy(document []byte, reason string) (*stakeholders.Policy, error) {
	if !utf8.Valid(document) {
		return nil, status.NewInvalid("policy", "the file is not valid UTF-8")
	}
	bad := &status.Invalid{}
	if status.CheckText(bad, "reason", reason, status.MaxNameLength, true); len(bad.Fields) > 0 {
		return nil, bad
	}
	return stakeholders.ParsePolicy(document)
}

// ComparePolicy says what a document would change against the policy in force.
//
// Errors: *status.Invalid.
func (p *Publisher) ComparePolicy(ctx context.Context, document []byte) (PolicyPlan, error) {
	return p.ImportPolicy(ctx, auth.Actor{}, document, "", true)
}

// ComparePolicyVersions says what changes from one version to another; from 0
// is the default policy, to 0 the one in force.
//
// Errors: status.ErrNotFound.
func (p *Publisher) ComparePolicyVersions(ctx context.Context, from, to int64) (PolicyPlan, error) {
	old, err := stakeholders.ParsePolicy(stakeholders.DefaultPolicyDocument())
	if from != 0 {
		old, err = p.store.PolicyVersion(ctx, from)
	}
	if err != nil {
		return PolicyPlan{}, err
	}
	new, err := p.Policy(ctx, to)
	if err != nil {
		return PolicyPlan{}, err
	}
	return p.comparePolicies(ctx, old, new)
}

// Policy reads a version of the policy; 0 is the one in force.
//
// Errors: status.ErrNotFound.
func (p *Publisher) Policy(ctx context.Context, version int64) (*stakeholders.Policy, error) {
	if version == 0 {
		return p.store.Policy(ctx)
	}
	return p.store.PolicyVersion(ctx, version)
}

// PolicyWarnings says what of the policy in force cannot come true with the
// register and the channels of this installation.
func (p *Publisher) PolicyWarnings(ctx context.Context) ([]string, error) {
	policy, err := p.store.Policy(ctx)
	if err != nil {
		return nil, err
	}
	return p.policyWarnings(ctx, policy)
}

func (p *Publisher) policyWarnings(ctx context.Context, policy *stakeholders.Policy) ([]string, error) {
	register, err := p.store.Register(ctx)
	if err != nil {
		return nil, err
	}
	channels, err := p.store.ConfiguredChannels(ctx)
	if err != nil {
		return nil, err
	}
	return stakeholders.PolicyWarnings(policy, register, channels), nil
}

func (p *Publisher) comparePolicies(ctx context.Context, from, to *stakeholders.Policy) (plan PolicyPlan, err error) {
	plan = PolicyPlan{From: from, To: to, New: !bytes.Equal(from.Document(), to.Document()), Changes: stakeholders.ComparePolicies(from, to)}
	if !plan.New && to.Version == 0 {
		to.Version = from.Version
	}
	if plan.Warnings, err = p.policyWarnings(ctx, to); err != nil {
		return plan, err
	}
	plan.Concerned, err = p.concerned(ctx, plan.Changes)
	return plan, err
}

// concerned counts who reads the columns in which something changes.
func (p *Publisher) concerned(ctx context.Context, changes []stakeholders.PolicyChange) ([]Concerned, error) {
	touched := map[stakeholders.Quadrant]bool{}
	for _, c := range changes {
		touched[c.Quadrant] = true
	}
	register, err := p.store.Register(ctx)
	if err != nil {
		return nil, err
	}
	classes, err := p.store.SubscriberClasses(ctx)
	if err != nil {
		return nil, err
	}
	counts := []Concerned{}
	for _, q := range stakeholders.Quadrants() {
		if !touched[q] {
			continue
		}
		one := Concerned{Quadrant: q}
		for _, s := range register {
			if s.Kind != stakeholders.Segment && s.Quadrant() == q {
				one.Entries++
			}
		}
		for _, class := range classes {
			if class.Channel != stakeholders.Webhook && stakeholders.SegmentQuadrant(register, class.Segment) == q {
				one.Subscribers += class.Confirmed
			}
		}
		counts = append(counts, one)
	}
	return counts, nil
}
