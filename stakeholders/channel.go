package stakeholders

import (
	"slices"
	"strings"
)

// Channel is a way of reaching somebody.
type Channel string

// The channels that contacts and subscriptions may name. Slack stands for
// every service that takes Slack's incoming webhooks, too; Webhook is a program
// of the subscriber's, which is sent every public event.
const (
	Email      Channel = "email"
	Slack      Channel = "slack"
	Discord    Channel = "discord"
	Teams      Channel = "teams"
	GoogleChat Channel = "google_chat"
	Mattermost Channel = "mattermost"
	SMS        Channel = "sms"
	Webhook    Channel = "webhook"
)

// Channels returns every channel.
func Channels() []Channel { return append(ContactChannels(), Webhook) }

// ContactChannels returns those that the register may name.
func ContactChannels() []Channel { return append(append([]Channel{Email}, ChatChannels()...), SMS) }

// ChatChannels returns the chat services, whose addresses are those of incoming
// webhooks.
func ChatChannels() []Channel { return []Channel{Slack, Discord, Teams, GoogleChat, Mattermost} }

// Chat says whether the channel is a chat service.
func (c Channel) Chat() bool { return slices.Contains(ChatChannels(), c) }

// List names channels in a sentence: "email, slack or sms".
func List(channels []Channel) string {
	names := make([]string, len(channels))
	for i, c := range channels {
		names[i] = string(c)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// Label is the channel in words that people know.
func (c Channel) Label() string {
	switch c {
	case Slack:
		return "Slack"
	case Discord:
		return "Discord"
	case Teams:
		return "Microsoft Teams"
	case GoogleChat:
		return "Google Chat"
	case Mattermost:
		return "Mattermost"
	default:
		return c.Class().Label()
	}
}

// Class is what the policy's table calls a channel: E, C or S; 0 for none.
// Webhook has a class that no table names.
func (c Channel) Class() Class {
	switch c {
	case Email:
		return ClassEmail
	case Slack, Discord, Teams, GoogleChat, Mattermost:
		return ClassChat
	case SMS:
		return ClassSMS
	case Webhook:
		return ClassWebhook
	default:
		return 0
	}
}

// Class is a letter of the policy's table.
type Class byte

// The letters of the table. P is the one channel that a person chose. W never
// stands there: webhooks are told everything (see decideWebhook).
const (
	ClassEmail     Class = 'E'
	ClassChat      Class = 'C'
	ClassSMS       Class = 'S'
	ClassPreferred Class = 'P'
	ClassWebhook   Class = 'W'
)

// Label is the class in words that people know.
func (c Class) Label() string {
	switch c {
	case ClassEmail:
		return "email"
	case ClassChat:
		return "chat"
	case ClassSMS:
		return "sms"
	case ClassWebhook:
		return "webhook"
	default:
		return "preferred channel"
	}
}

// Secret says whether the channel's address is itself a secret, as the URL of a
// webhook is: whoever has it can post.
func (c Channel) Secret() bool { return c.Chat() || c == Webhook }
