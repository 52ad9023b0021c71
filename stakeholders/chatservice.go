package stakeholders

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// ChatService tells a chat service by the address of its webhooks; false where
// the address may be of any. Mattermost has no hosts of its own.
func ChatService(address *url.URL) (Channel, bool) {
	host := strings.TrimSuffix(strings.ToLower(address.Hostname()), ".")
	under := func(domains ...string) bool {
		for _, domain := range domains {
			if host == domain || strings.HasSuffix(host, "."+domain) {
				return true
			}
		}
		return false
	}
	switch {
	case under("hooks.slack.com", "hooks.slack-gov.com"):
		return Slack, true
	case under("discord.com", "discordapp.com"):
		if strings.HasSuffix(strings.TrimRight(address.Path, "/"), "/slack") {
			return Slack, true // Discord takes Slack's format there
		}
		return Discord, true
	case under("webhook.office.com", "logic.azure.com", "api.powerplatform.com") || host == "outlook.office.com":
		return Teams, true
	case under("chat.googleapis.com"):
		return GoogleChat, true
	default:
		return "", false
	}
}

// ChatOf tells a chat service by the address of an incoming webhook that somebody
// pasted: by its host, or, for Mattermost, which has none of its own, by its
// path. Other addresses are refused: no stranger has us post just anywhere.
func ChatOf(raw string) (Channel, error) {
	address, err := url.Parse(strings.TrimSpace(raw))
	if err == nil && address.Hostname() != "" {
		if service, known := ChatService(address); known {
			return service, nil
		}
		if strings.Contains(address.Path, "/hooks/") {
			return Mattermost, nil
		}
	}
	return "", errors.New("is not the address of an incoming webhook of Slack, Discord, Microsoft Teams, Google Chat or Mattermost")
}

// normalizeChat digests the address of a chat service's webhook, and refuses one
// that was pasted to the wrong service.
func normalizeChat(channel Channel, raw string) (string, error) {
	digest, err := normalizeURL(raw, "the address of an incoming webhook")
	if err != nil {
		return "", err
	}
	address, err := url.Parse(strings.TrimSpace(raw))
	if err != nil { // it was read before, and the error may repeat the secret
		return "", errors.New("cannot be read")
	}
	if service, known := ChatService(address); known && service != channel {
		return "", fmt.Errorf("is the address of a webhook of %s, not of %s; name it %s", service.Label(), channel.Label(), service)
	}
	return digest, nil
}
