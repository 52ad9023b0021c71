package stakeholders_test

import (
	"testing"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// everyEvent lists what can happen; the table has a row for each.
var everyEvent = []stakeholders.Event{
	stakeholders.Opened, stakeholders.Reopened, stakeholders.FellBack, stakeholders.Updated, stakeholders.Identified, stakeholders.Monitoring,
	stakeholders.Resolved, stakeholders.ImpactLowered, stakeholders.ComponentChanged, stakeholders.Retrospective, stakeholders.ActionDone,
	stakeholders.MaintenanceAnnounced, stakeholders.MaintenanceMoved, stakeholders.MaintenanceCancelled, stakeholders.MaintenanceIn24h,
	stakeholders.MaintenanceIn1h, stakeholders.MaintenanceStarted, stakeholders.MaintenanceOverruns, stakeholders.MaintenanceExtended, stakeholders.MaintenanceCompleted,
}

func webhook(quadrant stakeholders.Quadrant, p stakeholders.Preferences) stakeholders.Recipient {
	return stakeholders.SubscriberRecipient("s", stakeholders.Contact{Channel: stakeholders.Webhook, Address: "a digest"}, quadrant, p)
}

func TestWebhookIsSentEveryEventAtOnce(t *testing.T) {
	at := time.Date(2026, 11, 21, 10, 42, 0, 0, time.UTC)
	p := defaultPolicy(t)
	for _, event := range everyEvent {
		for _, impact := range append(status.Grades(), status.ImpactMaintenance) {
			for _, q := range stakeholders.Quadrants() {
				for _, prefs := range []stakeholders.Preferences{{}, {EveryUpdate: true}, {Components: []string{"search", "payments"}}} {
					verdicts := stakeholders.Decide(p, occasion(event, impact), webhook(q, prefs))
					if len(verdicts) != 1 || verdicts[0].Rule != stakeholders.RuleWebhook || timing(verdicts[0].Own) != "now" {
						t.Fatalf("%s, %s, %s: %+v", event, impact, q, verdicts)
					}
					for _, thread := range []stakeholders.Thread{{}, {ToldAt: at.Add(-time.Minute)}, {InFlight: true}, {WaitingDue: at.Add(-time.Second)}} {
						if out := verdicts[0].Settle(occasion(event, impact), thread, at); out.Action != stakeholders.Send {
							t.Errorf("%s, %s, %s, %+v: %+v", event, impact, q, thread, out)
						}
					}
				}
			}
		}
	}
}

func TestWebhookIsNotCaughtUpWithWhatItIsSentAnyway(t *testing.T) {
	v := stakeholders.Decide(defaultPolicy(t), raised(stakeholders.Updated, status.ImpactMinor, status.ImpactCritical), webhook(stakeholders.KeepSatisfied, stakeholders.Preferences{}))[0]
	if v.CatchUp != nil || timing(v.Own) != "now" {
		t.Errorf("%+v", v)
	}
}

func TestWebhookHearsOfWhatItFollows(t *testing.T) {
	p := defaultPolicy(t)
	at := time.Date(2026, 11, 21, 10, 42, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		o     stakeholders.Occasion
		prefs stakeholders.Preferences
		rule  stakeholders.Rule
	}{
		{"another component", occasion(stakeholders.ComponentChanged, status.ImpactMajor), stakeholders.Preferences{Components: []string{"search"}}, stakeholders.RuleScope},
		{"another incident", occasion(stakeholders.Opened, status.ImpactCritical), stakeholders.Preferences{Components: []string{"search"}}, stakeholders.RuleScope},
		{"too mild", occasion(stakeholders.Opened, status.ImpactMinor), stakeholders.Preferences{LeastImpact: "major"}, stakeholders.RuleNarrowing},
		{"neither start nor end", occasion(stakeholders.Identified, status.ImpactMinor), stakeholders.Preferences{StartAndEndOnly: true}, stakeholders.RuleNarrowing},
		{"no notifications", stakeholders.Occasion{Event: stakeholders.Resolved, Impact: status.ImpactMajor, Components: []string{"payments"}, ClosureOnly: true}, stakeholders.Preferences{}, stakeholders.RuleTable},
		{"withdrawn", occasion(stakeholders.Withdrawn, status.ImpactMajor), stakeholders.Preferences{}, stakeholders.RuleWebhook},
	} {
		v := stakeholders.Decide(p, c.o, webhook(stakeholders.KeepSatisfied, c.prefs))[0]
		if out := v.Settle(c.o, stakeholders.Thread{}, at); out.Action != stakeholders.Skip || out.Rule != c.rule {
			t.Errorf("%s: %+v", c.name, out)
		}
		// Rule 2 holds for programs too.
		if out := v.Settle(c.o, stakeholders.Thread{ToldAt: at.Add(-time.Hour)}, at); c.o.Event.Ends() != (out.Action == stakeholders.Send) {
			t.Errorf("%s, told before: %+v", c.name, out)
		}
	}
}

// A webhook in the register changes nothing for the person it belongs to.
func TestWebhookIsNoChannelOfTheTable(t *testing.T) {
	p := defaultPolicy(t)
	hook := stakeholders.Contact{Channel: stakeholders.Webhook, Address: "hook"}
	for _, q := range stakeholders.Quadrants() {
		for _, event := range everyEvent {
			for _, impact := range status.Grades() {
				with, without := registered(q, "a@x!", "#a!"), registered(q, "a@x!", "#a!")
				with.Contacts = append([]stakeholders.Contact{hook}, with.Contacts...)
				want := "hook now, " + owed(stakeholders.Decide(p, occasion(event, impact), without))
				if got := owed(stakeholders.Decide(p, occasion(event, impact), with)); got != want {
					t.Errorf("%s, %s, %s: %s; want %s", q, event, impact, got, want)
				}
			}
		}
	}
}

func TestWebhookAddressIsASecret(t *testing.T) {
	if shown := (stakeholders.Contact{Channel: stakeholders.Webhook, Address: "a digest"}).Shown(); shown != "webhook" {
		t.Errorf("shown as %q", shown)
	}
	if !stakeholders.Webhook.Secret() || stakeholders.Webhook.Class().Label() != "webhook" {
		t.Error("a webhook's address is shown")
	}
	const secret = "https://ops.example/hooks/topsecret"
	address, err := stakeholders.NormalizeAddress(stakeholders.Webhook, secret)
	again, _ := stakeholders.NormalizeAddress(stakeholders.Webhook, " HTTPS://OPS.example:443/hooks/topsecret ")
	if err != nil || len(address) != 24 || address != again {
		t.Errorf("%q, %q, %v", address, again, err)
	}
	if _, err := stakeholders.NormalizeAddress(stakeholders.Webhook, "ftp://ops.example/topsecret"); err == nil || err.Error() != "is not an address that a webhook can be sent to; it must begin with https://" {
		t.Errorf("%v", err)
	}
}
