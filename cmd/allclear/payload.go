package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// payload is what webhooks are sent of a notice: the record as it is now.
//
// Errors: status.ErrNotFound when what it is about is gone.
func (a *app) payload(ctx context.Context, text notify.Text) ([]byte, error) {
	record, err := a.publisher.Record(ctx)
	if err != nil {
		return nil, err
	}
	message, err := a.message(ctx, record, text.Content)
	if err != nil {
		return nil, err
	}
	return json.Marshal(message)
}

func (a *app) message(ctx context.Context, record status.Record, c notify.Content) (statuspage.Webhook, error) {
	if c.Change != nil {
		component, ok := record.Component(c.Change.ComponentID)
		if !ok {
			return statuspage.Webhook{}, fmt.Errorf("read component: %w", status.ErrNotFound)
		}
		change := statuspage.ComponentChange{ComponentChange: c.Change.ComponentChange, ID: c.Change.ID, At: c.PostedAt}
		return statuspage.ComponentWebhook(record, component, change, a.store.Now()), nil
	}
	incident, err := a.publisher.PublicIncident(ctx, c.IncidentID)
	switch {
	case c.Event == stakeholders.Withdrawn, errors.Is(err, status.ErrNotFound) && c.Event.Ends():
		incident = statuspage.Withdrawn(status.Incident{ID: c.IncidentID, Name: c.Title, Status: c.Status, StartedAt: c.StartedAt,
			ScheduledFor: c.ScheduledFor, ScheduledUntil: c.ScheduledUntil}, c.Body, c.PostedAt)
	case err != nil:
		return statuspage.Webhook{}, err
	}
	return statuspage.IncidentWebhook(record, incident, a.store.Now()), nil
}
