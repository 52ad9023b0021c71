package slack

import "github.com/allclear-status/allclear/notify"

// Preview renders a chat message without sending it, as services without
// blocks show it.
func Preview(text notify.Text) (notify.Preview, error) {
	return notify.Preview{Text: newMessage(text).Text}, nil
}
