package stakeholders_test

import (
	"strings"
	"testing"

	"github.com/allclear-status/allclear/stakeholders"
)

func TestAnAddressPastedToTheWrongServiceIsRefused(t *testing.T) {
	const secret = "topsecrettoken"
	at := map[stakeholders.Channel][]string{
		stakeholders.Slack:      {"https://hooks.slack.com/services/T0/B0/" + secret, "https://discord.com/api/webhooks/1/" + secret + "/slack"},
		stakeholders.Discord:    {"https://discord.com/api/webhooks/1/" + secret, "https://discordapp.com/api/webhooks/1/" + secret, "https://canary.discord.com/api/webhooks/1/" + secret},
		stakeholders.Teams:      {"https://prod-1.westeurope.logic.azure.com:443/workflows/1/triggers/manual/paths/invoke?sig=" + secret, "https://acme.webhook.office.com/webhookb2/" + secret},
		stakeholders.GoogleChat: {"https://chat.googleapis.com/v1/spaces/A/messages?key=k&token=" + secret},
		stakeholders.Mattermost: {},
	}
	for owner, addresses := range at {
		for _, address := range addresses {
			for channel := range at {
				_, err := stakeholders.NormalizeAddress(channel, address)
				if channel == owner {
					if err != nil {
						t.Errorf("%s: %v", channel, err)
					}
					continue
				}
				if err == nil || !strings.Contains(err.Error(), "name it "+string(owner)) || strings.Contains(err.Error(), secret) {
					t.Errorf("%s as %s: %v", owner, channel, err)
				}
			}
		}
	}
	for channel := range at { // a host of one's own may be any
		if _, err := stakeholders.NormalizeAddress(channel, "https://chat.acme.example/hooks/"+secret); err != nil {
			t.Errorf("%s: %v", channel, err)
		}
	}
	if stakeholders.List(stakeholders.ContactChannels()) != "email, slack, discord, teams, google_chat, mattermost or sms" {
		t.Error(stakeholders.List(stakeholders.ContactChannels()))
	}
}

func TestAPastedAddressIsThatOfAChat(t *testing.T) {
	for address, want := range map[string]stakeholders.Channel{
		" https://hooks.slack.com/services/T0/B0/x ":       stakeholders.Slack,
		"https://discord.com/api/webhooks/1/x":             stakeholders.Discord,
		"https://prod-1.westeurope.logic.azure.com/x":      stakeholders.Teams,
		"https://chat.googleapis.com/v1/spaces/x":          stakeholders.GoogleChat,
		"https://chat.kestrel.example/hooks/x":             stakeholders.Mattermost,
		"https://kestrel.example/x":                        "",
		"https://evil.example/?u=https://a.example/hooks/": "",
		"hooks.slack.com/services/x":                       "",
		"":                                                 "",
	} {
		got, err := stakeholders.ChatOf(address)
		if got != want || (err == nil) != (want != "") || err != nil && strings.Contains(err.Error(), "kestrel") {
			t.Errorf("%q: %q, %v", address, got, err)
		}
	}
}
