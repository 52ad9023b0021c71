package publish

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// delay holds a notice for the page's undo time. Who takes something off the
// record wants nothing more to be said of it: what waits is taken back.
func (a *act) delay(ctx context.Context, n *notify.Notice) error {
	if n.Occasion.Event == stakeholders.Withdrawn {
		_, err := a.tx.TakeBack(ctx, n.IncidentID, "")
		return err
	}
	if undo := a.page.UndoTime; undo > 0 && n.UpdateID != "" {
		n.StartAt = a.tx.Now().Add(undo)
		a.undoUntil = n.StartAt
	}
	return nil
}

// event reads the event of the post. What the posts just before it said to
// nobody, because their push was taken back, is still to be said: their start,
// or that it is over.
func (a *act) event(ctx context.Context) (event stakeholders.Event, raised bool, err error) {
	event, raised = stakeholders.EventOf(a.change)
	if a.change.Opened {
		return event, raised, nil
	}
	if took, err := a.tx.TookBack(ctx, a.incident.ID); err != nil || !took {
		return event, raised, err
	}
	notices, err := a.tx.Notices(ctx, a.incident.ID)
	if err != nil {
		return event, raised, err
	}
	for _, n := range slices.Backward(notices) {
		if n.Occasion.Event == stakeholders.CatchUp {
			continue
		}
		if !n.TakenBack {
			break
		}
		was := n.Occasion
		switch {
		case was.Event.Starts() && !event.Ends():
			event = was.Event
		case was.Event == stakeholders.Resolved && event == stakeholders.Updated && a.change.To.Over():
			event = stakeholders.Resolved
		case was.Event == stakeholders.Resolved && event == stakeholders.Reopened:
			event = stakeholders.Updated // nobody heard that it was over
		}
		raised = raised || was.Raised && !event.Ends()
	}
	return event, raised, nil
}

// Undo takes back the push of an update before anybody is told. The page keeps
// the text; the next post says what nobody heard.
//
// Errors: status.ErrNotFound, status.ErrConflict, *status.Invalid.
func (p *Publisher) Undo(ctx context.Context, actor auth.Actor, incident, updateID, reason string) (Published, error) {
	var done Published
	bad := &status.Invalid{}
	status.CheckText(bad, "undo.reason", reason, status.MaxDescriptionLength, false)
	if err := bad.Err(); err != nil {
		return done, err
	}
	page, err := p.within(ctx, func(tx *store.Tx, page status.Page) error {
		a := act{tx: tx, page: page, actor: actor, publisher: p}
		if err := a.load(ctx, incident); err != nil {
			return err
		}
		if !slices.ContainsFunc(a.incident.Updates, func(u status.Update) bool { return u.ID == updateID }) {
			return status.ErrNotFound
		}
		if err := a.undo(ctx, updateID); err != nil {
			return err
		}
		var err error
		if a.parts, err = tx.UpdateParts(ctx, a.incident.ID); err != nil {
			return err
		}
		done = a.published()
		return tx.Audit(ctx, actor, "take push back", "incident:"+a.incident.ID,
			map[string]any{"reference": a.incident.Reference(), "update_id": updateID, "reason": strings.TrimSpace(reason)}, page.Version)
	})
	done.Page = page
	return done, err
}

// undo takes the newest notice about an update back, or says why it is too late.
func (a *act) undo(ctx context.Context, updateID string) error {
	notices, err := a.tx.Notices(ctx, a.incident.ID)
	if err != nil {
		return err
	}
	notices = slices.DeleteFunc(notices, func(n notify.Notice) bool { return n.UpdateID != updateID || n.Occasion.Event == stakeholders.CatchUp })
	if len(notices) == 0 {
		return fmt.Errorf("there is no push to take back: nobody was to be told of this update: %w", status.ErrConflict)
	}
	last := notices[len(notices)-1]
	taken, err := a.tx.TakeBack(ctx, a.incident.ID, updateID)
	switch {
	case err != nil:
		return err
	case taken > 0:
	case last.TakenBack:
		return fmt.Errorf("this push was taken back already; nobody was told: %w", status.ErrConflict)
	default:
		began := last.CreatedAt
		if !last.StartAt.IsZero() {
			began = last.StartAt
		}
		return fmt.Errorf("it is too late to take this push back: people are told of it since %s; post an update that puts it right: %w",
			a.moment(began.Truncate(time.Second)), status.ErrConflict)
	}
	if last.Occasion.Event.Ends() {
		a.warnings = append(a.warnings, "Those who heard of the start have not heard of the end; the next post tells them.")
	}
	return nil
}

// reword gives a notice that waits for the undo time to pass the words as they
// are now.
func (a *act) reword(ctx context.Context, u status.Update) error {
	notices, err := a.tx.Notices(ctx, a.incident.ID)
	if err != nil {
		return err
	}
	for _, n := range notices {
		if n.UpdateID != u.ID || n.TakenBack {
			continue
		}
		n.Content.Body, n.Content.InternalNote, n.Content.CustomerAnswer = u.Body, a.said.InternalNote, a.said.CustomerAnswer
		if err := a.tx.Reword(ctx, n.ID, n.Content); err != nil {
			return err
		}
	}
	return nil
}
