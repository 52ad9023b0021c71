package web

import (
	"context"
	"errors"
	"time"

	"github.com/allclear-status/allclear/status"
)

// tailReads is how many old incidents are read at once, and tailTimeout how
// long a visitor waits for one: a crowd on old pages must not take the
// database from those who post.
const (
	tailReads   = 4
	tailTimeout = 3 * time.Second
)

// findIncident takes an incident from the record, or from the database when it
// is too old to be in it.
func (s *Site) findIncident(sn *Snapshot, id string) (status.Incident, error) {
	if i, ok := sn.record.Incident(id); ok {
		return i, nil
	}
	if s.options.LoadIncident == nil {
		return status.Incident{}, status.ErrNotFound
	}
	ctx, cancel := context.WithTimeout(context.Background(), tailTimeout)
	defer cancel()
	select {
	case s.tail <- struct{}{}:
		defer func() { <-s.tail }()
	case <-ctx.Done():
		return status.Incident{}, errAway
	}
	i, err := s.options.LoadIncident(ctx, id)
	if err != nil && !errors.Is(err, status.ErrNotFound) {
		s.options.Log.Error("an old incident could not be read", "incident_id", id, "error", err)
		return status.Incident{}, errAway
	}
	if err == nil && !i.Public() {
		return status.Incident{}, status.ErrNotFound
	}
	return i, err
}
