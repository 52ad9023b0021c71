package status

import "time"

// Update is one dated public message about an incident.
type Update struct {
	ID         string
	IncidentID string
	Status     IncidentStatus
	Body       string // Markdown, a small subset
	CreatedAt  time.Time
	UpdatedAt  time.Time
	DisplayAt  time.Time
	Changes    []ComponentChange
	// Notify is what the sender asked for with deliver_notifications.
	Notify bool
	// NextUpdateDueAt is the promise this update made; zero: none.
	NextUpdateDueAt time.Time
	// WhatToDo is what readers could do as of this update.
	WhatToDo string
}
