package statuspage

import (
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// Subscriber is a subscriber as the managing interface shows it.
type Subscriber struct {
	ID                           string             `json:"id"`
	Mode                         string             `json:"mode"`
	Email                        *string            `json:"email"`
	Endpoint                     *string            `json:"endpoint"`
	PhoneNumber                  *string            `json:"phone_number"`
	PhoneCountry                 *string            `json:"phone_country"`
	DisplayPhoneNumber           *string            `json:"display_phone_number"`
	ObfuscatedChannelName        *string            `json:"obfuscated_channel_name"`
	WorkspaceName                *string            `json:"workspace_name"`
	QuarantinedAt                *string            `json:"quarantined_at"`
	PurgeAt                      *string            `json:"purge_at"`
	Components                   []string           `json:"components"` // ids; none: all
	PageAccessUserID             *string            `json:"page_access_user_id"`
	CreatedAt                    string             `json:"created_at"`
	SkipConfirmationNotification bool               `json:"skip_confirmation_notification"`
	Allclear                     SubscriberAllclear `json:"allclear"`
}

// SubscriberAllclear is what we say of a subscriber beyond the interface. Only
// one with a time of confirmation is sent anything.
type SubscriberAllclear struct {
	ConfirmedAt    *string `json:"confirmed_at"`
	UnsubscribedAt *string `json:"unsubscribed_at"`
	Basis          *string `json:"basis"` // why no confirmation was asked for
	Segment        string  `json:"segment"`
	// SigningSecret checks what a webhook is sent; it is told to who adds one.
	SigningSecret *string `json:"signing_secret"`
	// What the subscriber chose; null: nothing.
	LeastImpact     *string `json:"least_impact"`
	StartAndEndOnly bool    `json:"start_and_end_only"`
	EveryUpdate     bool    `json:"every_update"`
	DailyDigest     bool    `json:"daily_digest"`
	QuietHours      *string `json:"quiet_hours"`
	TimeZone        *string `json:"time_zone"`
	Language        *string `json:"language"`
}

// ManageSubscriber is one subscriber in the managing interface's shape. An
// address that is a secret is not shown.
func ManageSubscriber(p status.Page, s stakeholders.Subscriber) Subscriber {
	loc := p.Location()
	shown := Subscriber{
		ID: s.ID, Mode: string(s.Contact.Channel), Components: s.Preferences.Components,
		CreatedAt: FormatTime(s.CreatedAt, loc), SkipConfirmationNotification: s.Basis != "",
		Allclear: SubscriberAllclear{
			ConfirmedAt: optionalTime(s.ConfirmedAt, loc), UnsubscribedAt: optionalTime(s.UnsubscribedAt, loc),
			Basis: optional(s.Basis), Segment: s.Segment,
			LeastImpact: optional(s.Preferences.LeastImpact), StartAndEndOnly: s.Preferences.StartAndEndOnly, EveryUpdate: s.Preferences.EveryUpdate,
			DailyDigest: s.Preferences.DailyDigest, QuietHours: optional(s.Preferences.QuietHours), TimeZone: optional(s.Preferences.TimeZone),
			Language: optional(s.Preferences.Language),
		},
	}
	shown.QuarantinedAt, shown.PurgeAt = optionalTime(s.QuarantinedAt, loc), optionalTime(s.PurgeAt(), loc)
	if shown.Components == nil {
		shown.Components = []string{}
	}
	switch s.Contact.Channel {
	case stakeholders.Email:
		shown.Email = optional(s.Contact.Address)
	case stakeholders.Webhook:
		shown.Email, shown.Endpoint = optional(s.Email), optional(s.Contact.Shown())
	case stakeholders.SMS:
		shown.PhoneNumber = optional(s.Contact.Address)
	default: // a chat service
		shown.ObfuscatedChannelName = optional(s.Contact.Shown())
	}
	return shown
}
