package googlechat

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/notify/chat"
	"github.com/allclear-status/allclear/notify/chat/chattest"
)

func TestGoogleChat(t *testing.T) {
	chattest.Run(t, chattest.Service{New: New, Service: service, Limits: limits, Plain: []string{"fallbackText", "title", "subtitle"}, Marks: []string{`<a href=\\"https://evil`, `<users`, `<@`, `<!`}})
}

func limits(body []byte) error {
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		return err
	}
	if len(body) > 32_000 || len(m.CardsV2) != 1 || m.CardsV2[0].Card.Header.Title == "" || len(m.CardsV2[0].Card.Sections) == 0 {
		return fmt.Errorf("%d bytes", len(body))
	}
	for _, s := range m.CardsV2[0].Card.Sections {
		if len(s.Widgets) == 0 {
			return fmt.Errorf("an empty section")
		}
	}
	return nil
}

func TestMessagesAboutOneIncidentShareAThread(t *testing.T) {
	body, err := service.Encode(chat.Of(chattest.Opened()))
	if err != nil || !strings.Contains(string(body), `"thread":{"threadKey":"k4m8x2t9vqzd"}`) {
		t.Errorf("%s, %v", body, err)
	}
	address, _ := url.Parse("https://chat.googleapis.com/v1/spaces/A/messages?key=k&token=t")
	if got := target(*address).Query(); got.Get("messageReplyOption") != "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD" || got.Get("token") != "t" {
		t.Error(got)
	}
}
