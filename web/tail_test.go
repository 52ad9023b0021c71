package web

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/allclear-status/allclear/status"
)

// oldIncident is one that fell out of the record.
func oldIncident(id string) status.Incident {
	i := pastIncident()
	i.ID, i.Name = id, "An old one"
	return i
}

func TestOldIncidentsAreReadOnceAndKept(t *testing.T) {
	var reads atomic.Int64
	s := newBench(t, calmRecord(), func(o *Options) {
		o.LoadIncident = func(_ context.Context, id string) (status.Incident, error) {
			reads.Add(1)
			time.Sleep(20 * time.Millisecond)
			return oldIncident(id), nil
		}
	}).Site
	handler := s.App().Handler()
	var asking sync.WaitGroup
	for range 40 {
		asking.Go(func() {
			if ctx := ask(handler, "/incidents/0ld000000001"); ctx.Response.StatusCode() != 200 {
				t.Errorf("answered %d", ctx.Response.StatusCode())
			}
		})
	}
	asking.Wait()
	if reads.Load() != 1 {
		t.Errorf("40 visitors read the database %d times", reads.Load())
	}
}

func TestOldIncidentsAreKeptInABoundedNumber(t *testing.T) {
	s := newBench(t, calmRecord(), func(o *Options) {
		o.LoadIncident = func(_ context.Context, id string) (status.Incident, error) { return oldIncident(id), nil }
	}).Site
	handler := s.App().Handler()
	for n := range keptIncidents + 50 {
		ask(handler, fmt.Sprintf("/incidents/0ld%09d.json", n))
	}
	if kept := len(s.Snapshot().incidents.kept); kept != keptIncidents {
		t.Errorf("%d answers are kept, want %d", kept, keptIncidents)
	}
	for n := range keptBadges + 50 {
		ask(handler, fmt.Sprintf("/badge.svg?label=%d", n))
	}
	if kept := len(s.Snapshot().badges.kept); kept != keptBadges {
		t.Errorf("%d badges are kept, want %d", kept, keptBadges)
	}
}

func TestOldIncidentThatCannotBeReadIs503(t *testing.T) {
	fail := errors.New("disk on fire")
	s := newBench(t, calmRecord(), func(o *Options) {
		o.LoadIncident = func(_ context.Context, id string) (status.Incident, error) { return oldIncident(id), fail }
	}).Site
	code, body, header := get(t, s, "GET", "/incidents/0ld000000001")
	if code != 503 || header("Retry-After") == "" || !strings.Contains(body, "not available right now") || strings.Contains(body, "disk") {
		t.Errorf("answered %d", code)
	}
	fail = nil
	if code, _, _ := get(t, s, "GET", "/incidents/0ld000000001"); code != 200 {
		t.Errorf("the failure was kept: %d", code)
	}
	fail = status.ErrNotFound
	if code, _, _ := get(t, s, "GET", "/incidents/0ld000000002"); code != 404 {
		t.Errorf("a missing one answers %d", code)
	}
}
