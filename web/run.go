package web

import (
	"context"
	"time"
)

// Run keeps the page true until ctx ends: it looks for versions written by
// other processes, and makes the page anew when it goes stale by itself (a
// promise falls due, the day ends). It returns when no build is in hand.
func (s *Site) Run(ctx context.Context) {
	defer s.builds.hands.Wait()
	ticker := time.NewTicker(s.options.PollEvery)
	defer ticker.Stop()
	failing := false
	for {
		failing = s.look(ctx, failing)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// look does what is due once. It logs when reading begins to fail and when it
// works again, not every time between.
func (s *Site) look(ctx context.Context, failing bool) bool {
	s.renew()
	err := s.poll(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil && !failing:
		s.options.Log.Error("the public page cannot be brought up to date; visitors see the last version", "version", s.Version(), "error", err)
	case err == nil && failing:
		s.options.Log.Info("the public page is up to date again", "version", s.Version())
	}
	return err != nil
}

// poll brings in a higher version, or the first one.
func (s *Site) poll(ctx context.Context) error {
	if s.current.Load() == nil {
		return s.Refresh(ctx, 0)
	}
	if s.options.PollVersion == nil {
		return nil
	}
	version, err := s.options.PollVersion(ctx)
	if err != nil {
		return err
	}
	return s.Refresh(ctx, version)
}

// renew makes the snapshot anew from its own record when it has gone stale. It
// needs no database.
func (s *Site) renew() {
	old, now := s.current.Load(), s.options.Now()
	if old == nil || now.Before(old.staleAt) {
		return
	}
	sn, err := s.renewed(old, now)
	if err != nil {
		s.options.Log.Error("the public page could not be made anew", "version", old.Version(), "error", err)
		return
	}
	s.swap(sn)
}

func (s *Site) renewed(old *Snapshot, now time.Time) (sn *Snapshot, err error) {
	defer recovered(&err)
	return s.newSnapshot(old.record, now)
}
