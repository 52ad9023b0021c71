package notify

import (
	"cmp"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// Notice is what is said, stored once: one per event.
type Notice struct {
	ID            int64
	IncidentID    string // empty: about no incident
	ComponentID   string // whose change of state it is about, when about no incident
	UpdateID      string
	Occasion      stakeholders.Occasion // the frozen inputs of its audience
	Content       Content
	PolicyVersion int64
	Priority      int // order of sending between notices: lower first
	CreatedAt     time.Time
	// StartAt is when people begin to be told; until then the notice can be
	// taken back. Zero: at once.
	StartAt time.Time
	// TakenBack says that it was: nobody is told.
	TakenBack bool
	// ForgottenAt is when its deliveries were removed for their age; zero: they
	// are there.
	ForgottenAt time.Time
}

// About names what a notice is about, by which what people were told is kept:
// the incident, or the component; empty for a letter to one person.
func (n Notice) About() string { return cmp.Or(n.IncidentID, n.ComponentID) }

// Priority is the order of sending between notices, by impact: critical 0 to
// none 3.
func Priority(impact status.Impact) int { return status.ImpactCritical.Level() - impact.Level() }

// Content is the text of a notice with all that its rendering needs, frozen
// when it was posted; it is stored as JSON.
type Content struct {
	PageName string `json:"page_name"`
	PageURL  string `json:"page_url"` // absolute, without a trailing slash
	TimeZone string `json:"time_zone"`
	Language string `json:"language"`

	Event      stakeholders.Event    `json:"event"`
	IncidentID string                `json:"incident_id"`
	Reference  string                `json:"reference"` // INC-14
	URL        string                `json:"url"`       // of the incident's page
	Title      string                `json:"title"`
	Status     status.IncidentStatus `json:"status"`
	Impact     status.Impact         `json:"impact"`
	Body       string                `json:"body"` // Markdown
	Affected   []AffectedComponent   `json:"affected"`

	// RegisterEntry is the entry of the register that a letter to its owner is about.
	RegisterEntry *RegisterEntry `json:"register_entry,omitempty"`

	// Receiver is what a letter to a subscriber is about when that is no mail
	// address.
	Receiver *Receiver `json:"receiver,omitempty"`

	// Change is the component's change of state that a notice is about.
	Change *ComponentChange `json:"change,omitempty"`

	StartedAt       time.Time `json:"started_at"`
	PostedAt        time.Time `json:"posted_at"`
	ResolvedAt      time.Time `json:"resolved_at,omitzero"`
	NextUpdateDueAt time.Time `json:"next_update_due_at,omitzero"`
	EstimatedEndAt  time.Time `json:"estimated_end_at,omitzero"`
	// LongMinutes is how often a long incident owes an update; 0: it is none.
	LongMinutes int `json:"long_minutes,omitempty"`
	// Role is what a reminder is sent to somebody for.
	Role stakeholders.Role `json:"role,omitempty"`
	// WhatToDo is what readers can do now, a sentence of plain text.
	WhatToDo string `json:"what_to_do,omitempty"`
	// The window of a maintenance.
	ScheduledFor   time.Time `json:"scheduled_for,omitzero"`
	ScheduledUntil time.Time `json:"scheduled_until,omitzero"`

	// What is added for some and never public, as Markdown: the forms note and
	// answer show one each, the others neither.
	InternalNote   string `json:"internal_note,omitempty"`
	CustomerAnswer string `json:"customer_answer,omitempty"`

	// Items are what a digest puts together: several incidents, each as it
	// stands when the digest is made. Such a content has no incident of its own.
	Items []Item `json:"items,omitempty"`
}

// Item is one incident in a digest.
type Item struct {
	IncidentID string                `json:"incident_id"`
	Reference  string                `json:"reference"`
	URL        string                `json:"url"`
	Title      string                `json:"title"`
	Status     status.IncidentStatus `json:"status"`
	Impact     status.Impact         `json:"impact"`
	Body       string                `json:"body"` // the newest public update, Markdown
	WhatToDo   string                `json:"what_to_do,omitempty"`
	Affected   []AffectedComponent   `json:"affected"`
	// Events are what the digest holds about the incident, oldest first.
	Events []stakeholders.Event `json:"events"`

	StartedAt       time.Time `json:"started_at"`
	PostedAt        time.Time `json:"posted_at"`
	ResolvedAt      time.Time `json:"resolved_at,omitzero"`
	NextUpdateDueAt time.Time `json:"next_update_due_at,omitzero"`
	ScheduledFor    time.Time `json:"scheduled_for,omitzero"`
	ScheduledUntil  time.Time `json:"scheduled_until,omitzero"`
}

// RegisterEntry is an entry of the register, for a letter to its owner.
type RegisterEntry struct {
	ID      string    `json:"id,omitempty"`
	Name    string    `json:"name"`
	LastAt  time.Time `json:"last_at,omitzero"`  // when somebody last looked at it
	Review  string    `json:"review,omitempty"`  // the address in the API by which it is marked as reviewed
	Contact string    `json:"contact,omitempty"` // that left
	Basis   string    `json:"basis,omitempty"`   // on which it had to be told
}

// Receiver is the webhook or the chat of a subscriber, for a letter about it.
type Receiver struct {
	Channel stakeholders.Channel `json:"channel"`
	Host    string               `json:"host"`
	PurgeAt time.Time            `json:"purge_at,omitzero"` // when it is forgotten
}

// ComponentChange is a change of state with an id of its own, by which those who
// are told of it know it again.
type ComponentChange struct {
	ID string `json:"id"`
	status.ComponentChange
}

// AffectedComponent is a component as it stood when the notice was made.
type AffectedComponent struct {
	Name   string                 `json:"name"`
	Status status.ComponentStatus `json:"status"`
}

// Location is the zone in which times are shown.
func (c Content) Location() *time.Location {
	return status.Page{TimeZone: c.TimeZone}.Location()
}

// Form is how much a recipient is shown (see stakeholders.Form).
type Form = stakeholders.Form

// The forms.
const (
	FormFull   = stakeholders.FormFull
	FormShort  = stakeholders.FormShort
	FormNote   = stakeholders.FormNote
	FormAnswer = stakeholders.FormAnswer
)
