package statuspage

import (
	"encoding/json"
	"strings"

	"github.com/allclear-status/allclear/status"
)

// ManagedIncident is an incident as the managing interface shows it: it has no
// started_at, and much that belongs to maintenances and retrospectives.
type ManagedIncident struct {
	ID                                        string             `json:"id"`
	Components                                []ManagedComponent `json:"components"`
	CreatedAt                                 string             `json:"created_at"`
	Impact                                    string             `json:"impact"`
	ImpactOverride                            *string            `json:"impact_override"`
	IncidentUpdates                           []ManagedUpdate    `json:"incident_updates"` // newest first
	Metadata                                  json.RawMessage    `json:"metadata"`         // an object, {} when none
	MonitoringAt                              *string            `json:"monitoring_at"`
	Name                                      string             `json:"name"`
	PageID                                    string             `json:"page_id"`
	PostmortemBody                            *string            `json:"postmortem_body"`
	PostmortemBodyLastUpdatedAt               *string            `json:"postmortem_body_last_updated_at"`
	PostmortemIgnored                         bool               `json:"postmortem_ignored"`
	PostmortemNotifiedSubscribers             bool               `json:"postmortem_notified_subscribers"`
	PostmortemNotifiedTwitter                 bool               `json:"postmortem_notified_twitter"`
	PostmortemPublishedAt                     *string            `json:"postmortem_published_at"`
	ResolvedAt                                *string            `json:"resolved_at"`
	ScheduledAutoCompleted                    bool               `json:"scheduled_auto_completed"`
	ScheduledAutoInProgress                   bool               `json:"scheduled_auto_in_progress"`
	ScheduledFor                              *string            `json:"scheduled_for"`
	AutoTransitionDeliverNotificationsAtEnd   *bool              `json:"auto_transition_deliver_notifications_at_end"`
	AutoTransitionDeliverNotificationsAtStart *bool              `json:"auto_transition_deliver_notifications_at_start"`
	AutoTransitionToMaintenanceState          *bool              `json:"auto_transition_to_maintenance_state"`
	AutoTransitionToOperationalState          *bool              `json:"auto_transition_to_operational_state"`
	ScheduledRemindPrior                      bool               `json:"scheduled_remind_prior"`
	ScheduledRemindedAt                       *string            `json:"scheduled_reminded_at"`
	ScheduledUntil                            *string            `json:"scheduled_until"`
	Shortlink                                 string             `json:"shortlink"`
	Status                                    string             `json:"status"`
	UpdatedAt                                 string             `json:"updated_at"`
	ReminderIntervals                         *string            `json:"reminder_intervals"` // a string such as "[1, 5]"
	Allclear                                  any                `json:"allclear,omitempty"`
}

// ManagedUpdate is one message of an incident as the managing interface shows it.
type ManagedUpdate struct {
	Update
	TwitterUpdatedAt   *string `json:"twitter_updated_at"`
	WantsTwitterUpdate bool    `json:"wants_twitter_update"`
}

// ManageIncident is one incident in the managing interface's shape. The record
// says which page, groups and components it belongs to (its incidents are not
// looked at); extra goes under the key allclear, which is left out when nil.
func ManageIncident(r status.Record, i status.Incident, extra any) ManagedIncident {
	loc := r.Page.Location()
	return ManagedIncident{
		ID: i.ID, Name: i.Name, Status: string(i.Status), PageID: r.Page.ID, Shortlink: IncidentURL(r.Page, i.ID),
		CreatedAt: FormatTime(i.CreatedAt, loc), UpdatedAt: FormatTime(i.UpdatedAt, loc),
		MonitoringAt: optionalTime(i.MonitoringAt, loc), ResolvedAt: optionalTime(i.ResolvedAt, loc),
		Impact: impact(i), ImpactOverride: optional(string(i.ImpactOverride)),
		ScheduledFor: optionalTime(i.ScheduledFor, loc), ScheduledUntil: optionalTime(i.ScheduledUntil, loc),
		Components: managed(r, touched(r, i)), IncidentUpdates: managedUpdates(r, i),
		Metadata: metadata(i.Metadata), Allclear: extra,
	}
}

// ManageUpdate is one update of an incident in the managing interface's shape.
func ManageUpdate(r status.Record, i status.Incident, u status.Update) ManagedUpdate {
	return ManagedUpdate{Update: readUpdate(r, i, u)}
}

func managedUpdates(r status.Record, i status.Incident) []ManagedUpdate {
	list := []ManagedUpdate{}
	for _, u := range updates(r, i) {
		list = append(list, ManagedUpdate{Update: u})
	}
	return list
}

// metadata is the client's own object as it came; a list or null there ends
// some clients, so anything else becomes {}.
func metadata(text string) json.RawMessage {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") || !json.Valid([]byte(text)) {
		return json.RawMessage("{}")
	}
	return json.RawMessage(text)
}
