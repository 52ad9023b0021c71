package publish

import (
	"context"
	"slices"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// Edit is a change to the words of an update; nil leaves them as they are.
type Edit struct {
	Body           *string
	InternalNote   *string
	CustomerAnswer *string
}

// Edited is an incident after an edit of one of its updates.
type Edited struct {
	Incident status.Incident
	Update   status.Update
	Parts    store.UpdateParts
}

// EditUpdate changes the words of an update that is public; nobody is told. A
// push that can still be taken back says the new words.
//
// Errors: status.ErrNotFound, *status.Invalid, *Refused.
func (p *Publisher) EditUpdate(ctx context.Context, actor auth.Actor, incident, updateID string, edit Edit) (Edited, error) {
	var edited Edited
	_, err := p.within(ctx, func(tx *store.Tx, page status.Page) error {
		a := act{tx: tx, page: page, actor: actor, publisher: p}
		if err := a.load(ctx, incident); err != nil {
			return err
		}
		if err := a.edit(updateID, edit); err != nil {
			return err
		}
		if err := a.checkWords(); err != nil {
			return err
		}
		if err := a.saveEdit(ctx, updateID); err != nil {
			return err
		}
		at := slices.IndexFunc(a.incident.Updates, func(u status.Update) bool { return u.ID == updateID })
		edited = Edited{a.incident, a.incident.Updates[at], a.said}
		return a.reword(ctx, edited.Update)
	})
	return edited, err
}

// edit makes the change true of the incident.
func (a *act) edit(updateID string, edit Edit) error {
	a.post = status.Post{InternalNote: edit.InternalNote, CustomerAnswer: edit.CustomerAnswer}
	bad := &status.Invalid{}
	status.CheckParts(bad, "incident_update.allclear.", edit.InternalNote, edit.CustomerAnswer)
	if err := bad.Err(); err != nil {
		return err
	}
	if edit.Body == nil && (edit.InternalNote != nil || edit.CustomerAnswer != nil) {
		// What everybody reads stays, and so does the time of its last change.
		if !slices.ContainsFunc(a.incident.Updates, func(u status.Update) bool { return u.ID == updateID }) {
			return status.ErrNotFound
		}
		return nil
	}
	if edit.Body != nil {
		a.post.Body = *edit.Body
	}
	return a.incident.EditUpdate(updateID, a.post.Body, a.tx.Now())
}

// saveEdit writes the record, the parts and the audit row.
func (a *act) saveEdit(ctx context.Context, updateID string) (err error) {
	if err := a.tx.SaveIncident(ctx, a.incident); err != nil {
		return err
	}
	if a.parts, err = a.tx.UpdateParts(ctx, a.incident.ID); err != nil {
		return err
	}
	a.said, _ = joinParts(a.parts, status.Update{ID: updateID, IncidentID: a.incident.ID}, a.post.InternalNote, a.post.CustomerAnswer)
	if err := a.tx.SaveUpdateParts(ctx, a.said); err != nil {
		return err
	}
	if a.post.Body != "" {
		if err := a.saveWords(ctx, updateID); err != nil {
			return err
		}
	}
	detail := map[string]any{"reference": a.incident.Reference(), "update_id": updateID}
	if names := partsNamed(a.said); len(names) > 0 {
		detail["parts"] = names
	}
	if len(a.overridden) > 0 {
		detail["overridden"], detail["reason"] = a.overridden, a.publisher.override
	}
	return a.tx.Audit(ctx, a.actor, "edit update", "incident:"+a.incident.ID, detail, a.page.Version)
}
