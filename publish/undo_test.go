package publish_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

// undoTime gives the page a time in which pushes can be taken back.
func (w *world) undoTime(seconds int) {
	w.t.Helper()
	if _, err := w.publisher.SavePage(w.t.Context(), manager, publish.PagePatch{UndoSeconds: &seconds}); err != nil {
		w.t.Fatal(err)
	}
}

// latest is the id of an incident's newest update.
func latest(p publish.Published) string {
	u, _ := p.Incident.Latest()
	return u.ID
}

// about keeps the lines that tell of an event.
func about(lines []string, event stakeholders.Event) int {
	return len(slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return !strings.HasSuffix(l, ": "+string(event)) }))
}

func TestPushWaitsForTheUndoTimeAndThePageDoesNot(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.undoTime(60)
		opened := w.open(status.MajorOutage)
		if record, err := w.publisher.Record(t.Context()); err != nil || len(record.Incidents) != 1 || !opened.UndoUntil.Equal(c.Now().Add(time.Minute)) {
			t.Errorf("the page shows %+v, undo until %s, %v", record.Incidents, opened.UndoUntil, err)
		}
		equal(t, "within the undo time", w.step())
		c.Advance(30 * time.Second)
		body := "Card payments fail for customers in Europe."
		edited, err := w.publisher.EditUpdate(t.Context(), manager, opened.Incident.ID, latest(opened), publish.Edit{Body: &body})
		if err != nil {
			t.Fatal(err)
		}
		second := w.update(opened.Incident.ID, status.Post{Body: "Still looking."})
		w.undoTime(0)
		w.update(opened.Incident.ID, status.Post{Body: "Still looking, no estimate."})
		equal(t, "what comes later waits for what came before", w.step())
		if n, err := s.Notice(t.Context(), opened.NoticeID); err != nil || n.Content.Body != body || edited.Update.Body != body {
			t.Errorf("the push says %q, %v", n.Content.Body, err)
		}
		c.Advance(30 * time.Second)
		if got := w.step(); about(got, stakeholders.Opened) != 11 || about(got, stakeholders.Updated) != 0 {
			t.Errorf("after it: %v", got)
		}
		c.Advance(30 * time.Second)
		if got := w.step(); about(got, stakeholders.Opened) != 0 || about(got, stakeholders.Updated) == 0 {
			t.Errorf("after the second: %v", got)
		}
		_, err = w.publisher.Undo(t.Context(), manager, "INC-1", latest(second), "")
		if !errors.Is(err, status.ErrConflict) || !strings.Contains(err.Error(), "too late") {
			t.Errorf("undone too late: %v", err)
		}
	})
}

func TestWhatIsTakenBackIsToldToNobodyAndSaidByTheNextPost(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.undoTime(60)
		undo := func(p publish.Published) publish.Published {
			t.Helper()
			done, err := w.publisher.Undo(t.Context(), manager, p.Incident.ID, latest(p), "the wrong words")
			if err != nil {
				t.Fatal(err)
			}
			return done
		}
		opened := w.open(status.MajorOutage)
		undo(opened)
		if _, err := w.publisher.Undo(t.Context(), manager, "INC-1", latest(opened), ""); !errors.Is(err, status.ErrConflict) {
			t.Errorf("undone twice: %v", err)
		}
		c.Advance(2 * time.Minute)
		equal(t, "taken back", w.step())
		log, err := s.AuditLog(t.Context(), 1)
		if err != nil || log[0].Act != "take push back" || log[0].Actor.Name != "manager" || !strings.Contains(string(log[0].Detail), "the wrong words") {
			t.Errorf("the audit log says %+v, %v", log, err)
		}
		if why, err := w.publisher.Why(t.Context(), "INC-1", "Management"); err != nil || len(why) == 0 || !strings.Contains(why[0].Words, "taken back") {
			t.Errorf("why: %+v, %v", why, err)
		}
		w.update(opened.Incident.ID, status.Post{Body: "Card payments fail for some."})
		c.Advance(2 * time.Minute)
		if got := w.step(); about(got, stakeholders.Opened) != 11 || len(got) != 11 {
			t.Errorf("the next post is not the start: %v", got)
		}

		over := status.Post{Status: status.Resolved, Body: "It works."}
		resolved := w.update(opened.Incident.ID, over)
		if done := undo(resolved); len(done.Warnings) != 1 {
			t.Errorf("warnings %q", done.Warnings)
		}
		w.update(opened.Incident.ID, status.Post{Body: "It works; nothing was lost."})
		c.Advance(2 * time.Minute)
		if got := w.step(); about(got, stakeholders.Resolved) != len(got) || len(got) < 11 {
			t.Errorf("the end is owed: %v", got)
		}
	})
}

func TestWhoDeletesWithinTheUndoTimeTellsNobody(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.undoTime(60)
		opened := w.open(status.MajorOutage)
		if _, err := w.publisher.DeleteIncident(t.Context(), manager, opened.Incident.ID); err != nil {
			t.Fatal(err)
		}
		c.Advance(time.Hour)
		equal(t, "deleted", w.step())
	})
}
