package slack

import (
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
)

func TestALetterHasItsReadersOwnLink(t *testing.T) {
	due := time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)
	text := notify.Text{Language: "en", Content: notify.Content{Event: stakeholders.UpdateReminder, Role: stakeholders.Deputy, Reference: "INC-2", Title: "<!channel> *fail*",
		PageName: "Acme", PostedAt: due.Add(15 * time.Minute), NextUpdateDueAt: due, TimeZone: "Etc/UTC"}}
	words, _ := notify.LetterOf(text)
	body, err := encodeLetter(text.Content, words, "https://status.acme.example/remind/t0ken")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"INC-2: update overdue since 11:00 UTC", "<https://status.acme.example/remind/t0ken|Say that you are still working on it>", "You are told as deputy.", "&lt;!channel&gt;", "Acme"} {
		if !strings.Contains(string(body), want) {
			t.Errorf("no %q in %s", want, body)
		}
	}
	if strings.Contains(string(body), "<!channel>") {
		t.Errorf("it calls everybody: %s", body)
	}
	if body, err = encodeLetter(text.Content, words, "javascript:x|<b>"); err != nil || strings.Contains(string(body), "javascript") {
		t.Errorf("a bad link stands in it: %s, %v", body, err)
	}
}

func TestAChannelThatSubscribedHasALinkToChooseWhatItGets(t *testing.T) {
	for _, link := range []string{"", "https://status.acme.example/subscribe/preferences/t0ken", "https://a b|<!channel>"} {
		body, err := write(openedText(), notify.Recipient{PreferencesURL: link})
		if want := strings.HasSuffix(link, "t0ken"); err != nil || strings.Contains(string(body), "<"+link+"|Change what you get>") != want ||
			strings.Contains(string(body), "Change what you get") != want || strings.Contains(string(body), "<!channel>") {
			t.Errorf("%q: %s, %v", link, body, err)
		}
	}
}
