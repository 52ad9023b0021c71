package mattermost

import (
	"encoding/json"
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/allclear-status/allclear/notify/chat/chattest"
)

func TestMattermost(t *testing.T) {
	chattest.Run(t, chattest.Service{New: New, Service: service, Limits: limits, Plain: []string{"fallback", "title", "footer"}, Marks: []string{`[^\\]\]\(https://evil`, `[^\\]<`, `(^|\W)@all`, `[^\\*]\*x`}})
}

func limits(body []byte) error {
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		return err
	}
	total := 0
	for _, a := range m.Attachments {
		total += utf8.RuneCountInString(a.Text)
	}
	if total > maxText || len(m.Attachments) == 0 || m.Attachments[0].Title == "" {
		return fmt.Errorf("%d characters", total)
	}
	return nil
}
