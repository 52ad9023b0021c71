package notify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
)

func TestARemindersWordsAreWholeInEveryLanguage(t *testing.T) {
	due := time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)
	for _, tag := range lang.Tags() {
		for _, event := range []stakeholders.Event{stakeholders.UpdateReminder, stakeholders.FirstPostReminder} {
			for _, role := range stakeholders.Roles() {
				for _, at := range []time.Time{due.Add(-5 * time.Minute), due.Add(5 * time.Minute)} {
					l, ok := notify.LetterOf(notify.Text{Language: tag, Content: notify.Content{Event: event, Role: role, Reference: "INC-2", Title: "Card payments\nfail",
						StartedAt: due.Add(-15 * time.Minute), PostedAt: at, NextUpdateDueAt: due, TimeZone: "Etc/UTC"}})
					all := strings.Join([]string{l.Subject, l.Title, l.Text, l.Act, l.Fine}, "|")
					if !ok || l.Title != "Card payments fail" || !strings.Contains(l.Subject, "INC-2") || !strings.Contains(l.Text, "11:00 UTC") ||
						strings.Contains(all, "letter.") || strings.Contains(all, "role.") || strings.Contains(all, "%!") ||
						(l.Act == "") != (event == stakeholders.FirstPostReminder) {
						t.Errorf("%s, %s, %s: %s", tag, event, role, all)
					}
				}
			}
		}
	}
}

func TestTheReminderOfAReviewSaysHowToMarkIt(t *testing.T) {
	for name, want := range map[string]string{"Ana": "Ana", "Équipe produit": `"Équipe produit"`, "ana-2@acme.example": "ana-2@acme.example",
		"O'Brien": "k4m8x2t9vqzd", "$(reboot)": "k4m8x2t9vqzd", "--all": "k4m8x2t9vqzd", "two  spaces": "k4m8x2t9vqzd", "": "k4m8x2t9vqzd", "a\nb": "k4m8x2t9vqzd"} {
		entry := &notify.RegisterEntry{ID: "k4m8x2t9vqzd", Name: name, LastAt: time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC), Review: "https://status.acme.example/v1/pages/p/stakeholders/k4m8x2t9vqzd/review"}
		for _, tag := range lang.Tags() {
			l, ok := notify.LetterOf(notify.Text{Language: tag, Content: notify.Content{Event: stakeholders.ReviewDue, PageName: "Acme", TimeZone: "Etc/UTC", RegisterEntry: entry}})
			if !ok || !strings.Contains(l.Fine, "allclear stakeholders reviewed "+want) || !strings.Contains(l.Fine, "POST "+entry.Review+" ") || strings.Contains(l.Fine, "letter.") || strings.Contains(l.Fine, "%!") {
				t.Errorf("%s, %q: %s", tag, name, l.Fine)
			}
		}
	}
}

func TestALetterAboutAWebhookOrAChatSaysWhich(t *testing.T) {
	webhook := &notify.Receiver{Channel: stakeholders.Webhook, Host: "hooks.kestrel.example", PurgeAt: time.Date(2027, 2, 19, 11, 0, 0, 0, time.UTC)}
	chat := &notify.Receiver{Channel: stakeholders.Slack, Host: "hooks.slack.com"}
	for _, tag := range lang.Tags() {
		said := map[string]bool{}
		for event, receivers := range map[stakeholders.Event][]*notify.Receiver{
			stakeholders.SubscriptionConfirm: {nil, webhook, chat}, stakeholders.SubscriptionKnown: {nil, chat}, stakeholders.SubscriptionQuarantined: {webhook}} {
			for _, r := range receivers {
				l, ok := notify.LetterOf(notify.Text{Language: tag, Content: notify.Content{Event: event, PageName: "Acme", TimeZone: "Etc/UTC", Receiver: r}})
				all := strings.Join([]string{l.Subject, l.Title, l.Text, l.Act, l.Fine}, "|")
				if !ok || strings.Contains(all, "letter.") || strings.Contains(all, "%!") || !strings.Contains(l.Text, "Acme") || l.Act == "" || l.Fine == "" || said[all] ||
					r == webhook && !(strings.Contains(l.Subject, "hooks.kestrel.example") && strings.Contains(l.Text, "hooks.kestrel.example")) ||
					event == stakeholders.SubscriptionQuarantined && !strings.Contains(l.Text, "2027") {
					t.Errorf("%s, %s: %s", tag, event, all)
				}
				said[all] = true
			}
		}
	}
}
