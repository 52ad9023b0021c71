package statuspage

import (
	"testing"

	"github.com/allclear-status/allclear/stakeholders"
)

func TestManagedSubscriberIsStatuspages(t *testing.T) {
	confirmed := stakeholders.Subscriber{
		ID: "s1s2s3s4s5s6", Contact: stakeholders.Contact{Channel: stakeholders.Email, Address: "ana@example.com"}, Segment: "Customers",
		Preferences: stakeholders.Preferences{Components: []string{"c7x2m9tq4kvz"}, LeastImpact: "major", DailyDigest: true, QuietHours: "22:00-07:00",
			TimeZone: "Europe/Madrid", Language: "es"}, Basis: "Contract of 2026-03-01",
		CreatedAt: moment(7, 0), ConfirmedAt: moment(7, 0),
	}
	waiting := stakeholders.Subscriber{
		ID: "s7s8s9s0s1s2", Contact: stakeholders.Contact{Channel: stakeholders.Slack, Address: "a digest", Label: "#incidents"},
		Segment: "Customers", CreatedAt: moment(7, 0),
	}
	webhook := stakeholders.Subscriber{
		ID: "s3s4s5s6s7s8", Contact: stakeholders.Contact{Channel: stakeholders.Webhook, Address: "a digest", Label: "hooks.example.com"},
		Email: "ops@example.com", Segment: "Customers", CreatedAt: moment(7, 0),
	}
	golden(t, "manage_subscribers", []Subscriber{ManageSubscriber(record().Page, confirmed), ManageSubscriber(record().Page, waiting),
		ManageSubscriber(record().Page, webhook)})
}
