package statuspage

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/allclear-status/allclear/status"
)

// Webhook is what the webhook of a subscriber is sent: about an incident, or
// about a component and its change of state; receivers tell them apart by
// their keys.
type Webhook struct {
	Meta            WebhookMeta             `json:"meta"`
	Page            WebhookPage             `json:"page"`
	Incident        *WebhookIncident        `json:"incident,omitempty"`
	Component       *WebhookComponent       `json:"component,omitempty"`
	ComponentUpdate *WebhookComponentUpdate `json:"component_update,omitempty"`
}

// WebhookMeta is about the message itself.
type WebhookMeta struct {
	Unsubscribe   string `json:"unsubscribe"` // ends the subscription
	Documentation string `json:"documentation"`
	GeneratedAt   string `json:"generated_at"`
}

// WebhookPage is the page with the rollup of its components.
type WebhookPage struct {
	ID                string `json:"id"`
	StatusIndicator   string `json:"status_indicator"`
	StatusDescription string `json:"status_description"`
}

// WebhookIncident is an incident or a maintenance with its whole history.
type WebhookIncident struct {
	Name                          string             `json:"name"`
	Status                        string             `json:"status"`
	CreatedAt                     string             `json:"created_at"`
	UpdatedAt                     string             `json:"updated_at"`
	MonitoringAt                  *string            `json:"monitoring_at"`
	ResolvedAt                    *string            `json:"resolved_at"`
	Impact                        string             `json:"impact"`
	ImpactOverride                *string            `json:"impact_override"`
	Shortlink                     string             `json:"shortlink"`
	PostmortemIgnored             bool               `json:"postmortem_ignored"`
	PostmortemBody                *string            `json:"postmortem_body"`
	PostmortemBodyLastUpdatedAt   *string            `json:"postmortem_body_last_updated_at"`
	PostmortemPublishedAt         *string            `json:"postmortem_published_at"`
	PostmortemNotifiedSubscribers bool               `json:"postmortem_notified_subscribers"`
	PostmortemNotifiedTwitter     bool               `json:"postmortem_notified_twitter"`
	Backfilled                    bool               `json:"backfilled"`
	ScheduledFor                  *string            `json:"scheduled_for"`
	ScheduledUntil                *string            `json:"scheduled_until"`
	ScheduledRemindPrior          bool               `json:"scheduled_remind_prior"`
	ScheduledRemindedAt           *string            `json:"scheduled_reminded_at"`
	ScheduledAutoInProgress       bool               `json:"scheduled_auto_in_progress"`
	ScheduledAutoCompleted        bool               `json:"scheduled_auto_completed"`
	ScheduledAutoTransition       bool               `json:"scheduled_auto_transition"` // the older name of ..._in_progress
	ID                            string             `json:"id"`
	PageID                        string             `json:"page_id"`
	OrganizationID                string             `json:"organization_id"`  // the older name of page_id
	IncidentUpdates               []ManagedUpdate    `json:"incident_updates"` // newest first, never none
	Components                    []WebhookComponent `json:"components"`       // as they are now
}

// WebhookComponent is a component as webhooks show it.
type WebhookComponent struct {
	Status      string  `json:"status"`
	Name        string  `json:"name"`
	CreatedAt   string  `json:"created_at"`
	UpdatedAt   string  `json:"updated_at"`
	Position    int     `json:"position"`
	Description *string `json:"description"`
	Showcase    bool    `json:"showcase"`
	ID          string  `json:"id"`
	PageID      string  `json:"page_id"`
	GroupID     *string `json:"group_id"`
}

// WebhookComponentUpdate is a component's change of state.
type WebhookComponentUpdate struct {
	OldStatus     string `json:"old_status"`
	NewStatus     string `json:"new_status"`
	CreatedAt     string `json:"created_at"`
	ComponentType string `json:"component_type"`
	ID            string `json:"id"`
	ComponentID   string `json:"component_id"`
}

// IncidentWebhook is the message about an incident, as it and the record are
// now. Whom it goes to is said by WebhookText.For.
func IncidentWebhook(r status.Record, i status.Incident, now time.Time) Webhook {
	w := newWebhook(r, now)
	incident := webhookIncident(r, i)
	w.Incident = &incident
	return w
}

// ComponentChange is a component's change of state with what makes it known:
// an id of its own and its time.
type ComponentChange struct {
	status.ComponentChange
	ID string
	At time.Time
}

// ComponentWebhook is the message about a component that changed its state.
func ComponentWebhook(r status.Record, c status.Component, change ComponentChange, now time.Time) Webhook {
	w := newWebhook(r, now)
	component := webhookComponent(ReadComponent(r.Page, c))
	w.Component = &component
	w.ComponentUpdate = &WebhookComponentUpdate{
		OldStatus: string(change.Old), NewStatus: string(change.New), CreatedAt: FormatTime(change.At, r.Page.Location()),
		ComponentType: "Component", ID: change.ID, ComponentID: c.ID,
	}
	return w
}

func newWebhook(r status.Record, now time.Time) Webhook {
	up := rollup(r)
	return Webhook{
		Meta: WebhookMeta{
			Unsubscribe:   r.Page.URL + "/",
			Documentation: r.Page.URL + "/v1/openapi.yaml",
			GeneratedAt:   FormatTime(now, r.Page.Location()),
		},
		Page: WebhookPage{ID: r.Page.ID, StatusIndicator: up.Indicator, StatusDescription: up.Description},
	}
}

func webhookIncident(r status.Record, i status.Incident) WebhookIncident {
	loc := r.Page.Location()
	w := WebhookIncident{
		ID: i.ID, Name: i.Name, Status: string(i.Status), PageID: r.Page.ID, OrganizationID: r.Page.ID, Shortlink: IncidentURL(r.Page, i.ID),
		CreatedAt: FormatTime(i.CreatedAt, loc), UpdatedAt: FormatTime(i.UpdatedAt, loc),
		MonitoringAt: optionalTime(i.MonitoringAt, loc), ResolvedAt: optionalTime(i.ResolvedAt, loc),
		Impact: impact(i), ImpactOverride: optional(string(i.ImpactOverride)), Backfilled: i.Backfilled,
		IncidentUpdates: managedUpdates(r, i), Components: []WebhookComponent{},
	}
	if !i.Public() {
		w.Shortlink = r.Page.URL + "/" // its own page is gone
	}
	if i.IsMaintenance() {
		from, until := Window(i)
		w.ScheduledFor, w.ScheduledUntil = optionalTime(from, loc), optionalTime(until, loc)
	}
	if len(w.IncidentUpdates) == 0 { // receivers read the first without looking
		silent := status.Update{ID: i.ID, Status: i.Status, Body: i.Name, CreatedAt: i.UpdatedAt, UpdatedAt: i.UpdatedAt, DisplayAt: i.UpdatedAt}
		w.IncidentUpdates = []ManagedUpdate{{Update: readUpdate(r, i, silent)}}
	}
	for _, c := range touched(r, i) {
		w.Components = append(w.Components, webhookComponent(c))
	}
	return w
}

func webhookComponent(c Component) WebhookComponent {
	return WebhookComponent{
		Status: c.Status, Name: c.Name, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, Position: c.Position,
		Description: c.Description, Showcase: c.Showcase, ID: c.ID, PageID: c.PageID, GroupID: c.GroupID,
	}
}

// Withdrawn is what programs are told of an incident that was taken off the
// record: that it is over, since they know no other word for it, and the one
// message that says why. Of i only the id, the name, the state and the times of
// start and window are read.
func Withdrawn(i status.Incident, words string, at time.Time) status.Incident {
	over := status.Resolved
	if i.IsMaintenance() {
		over = status.MaintenanceCompleted
	}
	return status.Incident{
		ID: i.ID, Name: i.Name, Status: over, CreatedAt: i.StartedAt, StartedAt: i.StartedAt, UpdatedAt: at, ResolvedAt: at,
		ScheduledFor: i.ScheduledFor, ScheduledUntil: i.ScheduledUntil, WithdrawnAt: at,
		Updates: []status.Update{{ID: i.ID, IncidentID: i.ID, Status: over, Body: words, CreatedAt: at, UpdatedAt: at, DisplayAt: at, Notify: true}},
	}
}

// WebhookText is a Webhook in JSON that waits for whom it goes to.
type WebhookText struct {
	Meta            WebhookMeta     `json:"meta"`
	Page            json.RawMessage `json:"page"`
	Incident        json.RawMessage `json:"incident,omitempty"`
	Component       json.RawMessage `json:"component,omitempty"`
	ComponentUpdate json.RawMessage `json:"component_update,omitempty"`
}

// ParseWebhook reads a Webhook that was made JSON.
func ParseWebhook(payload []byte) (WebhookText, error) {
	var w WebhookText
	if err := json.Unmarshal(payload, &w); err != nil {
		return WebhookText{}, fmt.Errorf("read webhook: %w", err)
	}
	return w, nil
}

// For is the JSON for one subscriber, who leaves by the given link.
func (w WebhookText) For(unsubscribe string) ([]byte, error) {
	if unsubscribe != "" {
		w.Meta.Unsubscribe = unsubscribe
	}
	text, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("write webhook: %w", err)
	}
	return text, nil
}
