package email_test

import (
	"fmt"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

func opened() notify.Text {
	start := time.Date(2026, 11, 21, 10, 42, 0, 0, time.UTC)
	return notify.Text{Form: notify.FormFull, Language: "en", Content: notify.Content{
		PageName: "Acme", PageURL: "https://status.acme.example", TimeZone: "Europe/Berlin", Language: "en",
		Event: stakeholders.Opened, IncidentID: "k4m8x2t9vqzd", Reference: "INC-14",
		URL:   "https://status.acme.example/incidents/k4m8x2t9vqzd",
		Title: "Card payments fail", Status: status.Investigating, Impact: status.ImpactCritical,
		Body: "Card payments fail for **all customers** since 10:42 UTC. [Bank transfer](https://acme.example/transfer) works.\n\n" +
			"If you have to pay today:\n\n- use bank transfer, or\n- pay by invoice.\n\n.A line that begins with a dot stays.",
		Affected: []notify.AffectedComponent{
			{Name: "Card payments", Status: status.MajorOutage}, {Name: "Checkout", Status: status.DegradedPerformance},
		},
		StartedAt: start, PostedAt: start.Add(2 * time.Minute), NextUpdateDueAt: start.Add(17 * time.Minute),
	}}
}

func person(n int) notify.Recipient {
	return notify.Recipient{
		Address:   fmt.Sprintf("person%d@customer.example", n),
		MessageID: fmt.Sprintf("n1.%d@status.acme.example", n),
		ThreadID:  fmt.Sprintf("k4m8x2t9vqzd.%d@status.acme.example", n),
		LeaveURL:  fmt.Sprintf("https://status.acme.example/leave?token=t%d&page=1", n),
		Why:       fmt.Sprintf("You get this because person %d asked for updates about Card payments.", n),
	}
}
