package store

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/allclear-status/allclear/stakeholders"
)

// Raw is the database itself, for tests that look behind the methods.
func (s *Store) Raw() *sqlx.DB { return s.writer }

// Do runs a statement as the store's own.
func (tx *Tx) Do(ctx context.Context, statement string) error { return tx.exec(ctx, "do", statement) }

// ThreadFacts reads what the rules are told of some contacts.
func (tx *Tx) ThreadFacts(ctx context.Context, incidentID string, contacts []stakeholders.Contact) (func(stakeholders.Contact) stakeholders.Thread, error) {
	places := make([]Place, len(contacts))
	for i, c := range contacts {
		places[i] = placeOf(c)
	}
	threads, err := tx.threads(ctx, incidentID, places)
	return func(c stakeholders.Contact) stakeholders.Thread { return threads[placeOf(c)].facts() }, err
}

// Prepared counts the statements that are kept prepared.
func (s *Store) Prepared() int {
	if s.prepared == nil {
		return 0
	}
	s.prepared.mu.Lock()
	defer s.prepared.mu.Unlock()
	return len(s.prepared.ready)
}

// ListedAnew is Listed without what was kept.
func (s *Store) ListedAnew(ctx context.Context, before time.Time) (Listed, error) {
	q := s.queries
	q.register, q.listed = &registerCache{}, &listedCache{}
	return q.Listed(ctx, before)
}

// LookForRoom is what Room does, for any folder.
var LookForRoom = lookForRoom
