package slack

import (
	"fmt"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

func openedText() notify.Text {
	start := time.Date(2026, 11, 21, 10, 42, 0, 0, time.UTC)
	return notify.Text{Form: notify.FormFull, Language: "en", Content: notify.Content{
		PageName: "Acme", PageURL: "https://status.acme.example", TimeZone: "UTC", Language: "en",
		Event: stakeholders.Opened, IncidentID: "k4m8x2t9vqzd", Reference: "INC-14",
		URL:   "https://status.acme.example/incidents/k4m8x2t9vqzd",
		Title: "Card payments fail", Status: status.Investigating, Impact: status.ImpactCritical,
		Body: "Card payments fail for **all customers** since 10:42 UTC. [Bank transfer](https://acme.example/transfer?a=1&b=2) works.\n\n" +
			"If you have to pay today:\n\n1. use bank transfer, or\n2. pay by invoice.\n\n> Support answers at once.\n\nSay `PAY-14` when you call.",
		Affected: []notify.AffectedComponent{
			{Name: "Card payments", Status: status.MajorOutage}, {Name: "Checkout & cart", Status: status.DegradedPerformance},
		},
		StartedAt: start, PostedAt: start.Add(2 * time.Minute), NextUpdateDueAt: start.Add(17 * time.Minute),
	}}
}

func hook(server string, n int) notify.Recipient {
	return notify.Recipient{
		Address:   fmt.Sprintf("%s/services/T0000%04d/B00000000/%s%d", server, n, secretPart, n),
		MessageID: fmt.Sprintf("n1.%d@status.acme.example", n),
		Why:       "The channel #status is told about everything.",
	}
}

const secretPart = "XyZsecretXyZsecret"
