package teams

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/allclear-status/allclear/internal/safehttp"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/chat/chattest"
)

func TestTeams(t *testing.T) {
	chattest.Run(t, chattest.Service{New: New, Service: service, Limits: limits, Plain: []string{"summary", "fallbackText"}, Marks: []string{`[^\\]\]\(https://evil`, `[^\\]<`, `[^\\*]\*x`}})
}

func limits(body []byte) error {
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		return err
	}
	if len(body) > 28<<10 || len(m.Attachments) != 1 || m.Attachments[0].Content.Version != "1.4" {
		return fmt.Errorf("%d bytes", len(body))
	}
	return filled(m.Attachments[0].Content.Body)
}

// filled: Teams refuses a card with an empty text.
func filled(elements []element) error {
	for _, e := range elements {
		if e.Type == "TextBlock" && e.Text == "" {
			return fmt.Errorf("an empty text")
		}
		if err := filled(e.Items); err != nil {
			return err
		}
	}
	return nil
}

func TestOldConnectorsSayInWordsThatItFailed(t *testing.T) {
	for body, want := range map[string]notify.Outcome{
		"1": "", "": "",
		"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x": notify.RateLimited,
		"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 500":                  notify.Transient,
	} {
		if got, _ := outcome(safehttp.Answer{Code: 200, Body: []byte(body)}); got != want {
			t.Errorf("%q: %q", body, got)
		}
	}
}
