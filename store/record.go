package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/allclear-status/allclear/status"
)

// What the public record holds of the past: at least so many incidents, and at
// least so long.
const (
	recordIncidents = 50
	recordPast      = 15 * 24 * time.Hour
)

// PublicRecord reads the public record at one version. The page's URL is left for
// the caller to set.
func (s *Store) PublicRecord(ctx context.Context) (record status.Record, err error) {
	err = s.inView(ctx, func(q queries) error {
		if record.Page, err = q.Page(ctx); err != nil {
			return err
		}
		if record.Groups, err = q.Groups(ctx); err != nil {
			return err
		}
		if record.Components, err = q.Components(ctx); err != nil {
			return err
		}
		policy, err := q.Policy(ctx)
		if err != nil {
			return err
		}
		for _, g := range policy.ShownGrades() {
			record.Grades = append(record.Grades, status.Grade{Impact: g.Impact, Name: g.Display, Means: g.Means})
		}
		hour, minute := policy.DigestAt()
		record.DigestAt = fmt.Sprintf("%02d:%02d", hour, minute)
		now := s.Now()
		if record.Incidents, err = q.recordIncidents(ctx, now.Add(-recordPast)); err != nil {
			return err
		}
		record.Promises, err = q.PublicPromises(ctx, now.Add(-status.PromiseSpan), now.Add(status.PromiseSpan))
		return err
	})
	return record, err
}

// recordIncidents reads every open incident, the newest ones, and what was
// made since a time; newest first.
func (q queries) recordIncidents(ctx context.Context, since time.Time) ([]status.Incident, error) {
	var rows []incidentRow
	if err := q.list(ctx, "read record", &rows, `
		SELECT `+incidentColumns+`
		FROM incidents i
		WHERE NOT i.draft AND i.withdrawn_at = 0
		  AND (i.status NOT IN ('resolved', 'completed')
		       OR i.created_at >= $1
		       OR i.id IN (SELECT id FROM incidents
		                   WHERE NOT draft AND withdrawn_at = 0
		                   ORDER BY created_at DESC, number DESC LIMIT $2))`,
		micros(since), recordIncidents); err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b incidentRow) int {
		return cmp.Or(cmp.Compare(b.CreatedAt, a.CreatedAt), cmp.Compare(b.Number, a.Number))
	})
	return q.whole(ctx, convert(rows, incidentRow.incident))
}
