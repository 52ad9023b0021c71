package slack

import (
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/chat"
)

// New is a channel to Slack.
func New(cfg chat.Config) *chat.Channel { return chat.New(chat.Service{Write: write}, cfg) }

// write renders a text, or a letter for the one webhook that gets it.
func write(text notify.Text, to notify.Recipient) ([]byte, error) {
	if letter, ok := notify.LetterOf(text); ok {
		return encodeLetter(text.Content, letter, to.ActURL)
	}
	return encodeMessage(newMessage(text).change(text.Tag(), to.PreferencesURL))
}
