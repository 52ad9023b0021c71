package store

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/allclear-status/allclear/stakeholders"
)

// registerCache keeps the register as it was last read. Every write to the
// register gives it a new, random mark in its own transaction; what was read
// under a mark holds for as long as the database shows that mark, whichever
// replica wrote it, and a mark that was rolled back never comes again.
type registerCache struct {
	last atomic.Pointer[markedRegister]
}

type markedRegister struct {
	mark    string
	entries []stakeholders.Stakeholder
}

// registerMark reads the register's mark; empty before the first write.
func (q queries) registerMark(ctx context.Context) (mark string, err error) {
	err = q.get(ctx, "read register", &mark, `SELECT COALESCE((SELECT value FROM settings WHERE name = 'register_mark'), '')`)
	return mark, err
}

// markRegister says that the register changes; every write to it does so first,
// so that such writes also wait for each other.
func (tx *Tx) markRegister(ctx context.Context) error {
	return tx.exec(ctx, "mark register", `
		INSERT INTO settings (name, value)
		VALUES ('register_mark', $1)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, NewID())
}

// Register reads every stakeholder with contacts and components, in the order
// of the register.
func (q queries) Register(ctx context.Context) ([]stakeholders.Stakeholder, error) {
	mark, err := q.registerMark(ctx)
	if err != nil {
		return nil, err
	}
	if known := q.register.last.Load(); known != nil && known.mark == mark {
		return cloneRegister(known.entries), nil
	}
	entries, err := q.readRegister(ctx)
	if err != nil {
		return nil, err
	}
	// Where each statement sees what was committed meanwhile, a write may have
	// come between: then this is not what the mark stands for.
	if after, err := q.registerMark(ctx); err != nil || after != mark {
		return entries, err
	}
	q.register.last.Store(&markedRegister{mark, cloneRegister(entries)})
	return entries, nil
}

// cloneRegister keeps what is kept apart from what callers may change.
func cloneRegister(entries []stakeholders.Stakeholder) []stakeholders.Stakeholder {
	clone := slices.Clone(entries)
	for i := range clone {
		clone[i].Contacts, clone[i].Components = slices.Clone(clone[i].Contacts), slices.Clone(clone[i].Components)
	}
	return clone
}
