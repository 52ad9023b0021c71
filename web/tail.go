package web

import (
	"context"
	"errors"
	"time"

	"github.com/allclear-status/allclear/status"
)

// tailReads is how many old incidents or months are read at once, and
// tailTimeout how long a visitor waits for one: a crowd on old pages must not
// take the database from those who post.
const (
	tailReads   = 4
	tailTimeout = 3 * time.Second
)

// fromTail reads what is too old to be in the record, when it is its turn.
func (s *Site) fromTail(read func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), tailTimeout)
	defer cancel()
	select {
	case s.tail <- struct{}{}:
		defer func() { <-s.tail }()
	case <-ctx.Done():
		return errAway
	}
	return read(ctx)
}

// findIncident takes an incident from the record, or from the database when it
// is too old to be in it.
func (s *Site) findIncident(sn *Snapshot, id string) (i status.Incident, err error) {
	if i, ok := sn.record.Incident(id); ok {
		return i, nil
	}
	if s.options.LoadIncident == nil {
		return status.Incident{}, status.ErrNotFound
	}
	err = s.fromTail(func(ctx context.Context) (err error) {
		i, err = s.options.LoadIncident(ctx, id)
		return err
	})
	switch {
	case err == nil && !i.Public():
		return status.Incident{}, status.ErrNotFound
	case err == nil, errors.Is(err, errAway), errors.Is(err, status.ErrNotFound):
		return i, err
	default:
		s.options.Log.Error("an old incident could not be read", "incident_id", id, "error", err)
		return status.Incident{}, errAway
	}
}
