package discord

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"

	"github.com/allclear-status/allclear/notify/chat"
	"github.com/allclear-status/allclear/notify/chat/chattest"
)

func TestDiscord(t *testing.T) {
	chattest.Run(t, chattest.Service{New: New, Service: service, Limits: limits, Plain: []string{"text"}, Marks: []string{`[^\\]<[@!]`, `[^\\]\]\(https://evil`, `[^\\(]<https://evil`, `[^\\*]\*x`}})
}

func limits(body []byte) error {
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		return err
	}
	total := 0
	for _, e := range m.Embeds {
		total += e.size()
		if len(e.Fields) > maxFields || chat.Size(e.Title) > maxTitle || chat.Size(e.Description) > maxText || e.Title == "" {
			return fmt.Errorf("%d fields, %d of title, %d of text", len(e.Fields), chat.Size(e.Title), chat.Size(e.Description))
		}
		for _, f := range e.Fields {
			if f.Name == "" || f.Value == "" || chat.Size(f.Name) > maxName || chat.Size(f.Value) > maxValue {
				return fmt.Errorf("the field %q of %d", f.Name, chat.Size(f.Value))
			}
		}
	}
	if total > maxTotal || len(m.Embeds) > 10 || m.AllowedMentions.Parse == nil || len(m.AllowedMentions.Parse) != 0 {
		return fmt.Errorf("%d in all", total)
	}
	return nil
}

func TestDiscordAnswersWhenItHasTheMessage(t *testing.T) {
	address, _ := url.Parse("https://discord.com/api/webhooks/1/t?thread_id=7")
	if got := target(*address).String(); got != "https://discord.com/api/webhooks/1/t?thread_id=7&wait=true" || address.Query().Has("wait") {
		t.Error(got)
	}
}
