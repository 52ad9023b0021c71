package stakeholders_test

import (
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// What a message says of the next one must come true on its own channel.
func TestPaceIsHowOftenUpdatesReachAReader(t *testing.T) {
	daily, err := stakeholders.ParsePolicy([]byte(strings.Replace(string(stakeholders.DefaultPolicyDocument()),
		"C, E 1/60 / C, E 1/60 / C", "C, E day / C, E 1/60 / C", 1)))
	if err != nil {
		t.Fatal(err)
	}
	held, err := stakeholders.ParsePolicy([]byte(strings.Replace(string(stakeholders.DefaultPolicyDocument()),
		"C, E 1/60 / C, E 1/60 / C", "C, E 15m / C, E 1/60 / C", 1)))
	if err != nil {
		t.Fatal(err)
	}
	usual, major, critical := defaultPolicy(t), status.ImpactMajor, status.ImpactCritical
	asker := digesting("a@x")
	asker.Preferences.DailyDigest, asker.Contacts[0].EveryUpdate = false, true
	for _, c := range []struct {
		name   string
		policy *stakeholders.Policy
		r      stakeholders.Recipient
		impact status.Impact
		want   time.Duration
	}{
		{"a limit", usual, registered(stakeholders.ManageClosely, "a@x"), critical, 30 * time.Minute},
		{"a limit of a subscriber", usual, subscriber("a@x", stakeholders.Preferences{}), major, time.Hour},
		{"the daily digest that somebody chose", usual, digesting("a@x"), major, 24 * time.Hour},
		{"the table's digest", daily, registered(stakeholders.KeepInformed, "a@x"), critical, 24 * time.Hour},
		{"the limit beside it", daily, registered(stakeholders.KeepInformed, "a@x"), major, time.Hour},
		{"every update", usual, asker, major, 0},
		{"no update by the table", usual, subscriber("a@x", stakeholders.Preferences{}), status.ImpactMinor, stakeholders.PageOnly},
		{"no update by mail", usual, registered(stakeholders.ManageClosely, "a@x", "#a"), status.ImpactMinor, stakeholders.PageOnly},
		{"mail alone, by what stands in", usual, registered(stakeholders.ManageClosely, "a@x"), status.ImpactMinor, time.Hour},
		{"start and end only", usual, subscriber("a@x", stakeholders.Preferences{StartAndEndOnly: true}), major, stakeholders.PageOnly},
		{"worse impacts only", usual, subscriber("a@x", stakeholders.Preferences{LeastImpact: "critical"}), major, stakeholders.PageOnly},
		{"monitor", usual, registered(stakeholders.Monitor, "a@x"), critical, stakeholders.PageOnly},
		{"a guest of the incident manager", usual, stakeholders.OneOff{Channel: stakeholders.Email, Address: "a@x"}.Recipient(), critical, stakeholders.PageOnly},
		{"who wants every update of what is minor", usual, asker, status.ImpactMinor, 0},
		{"a hold", held, registered(stakeholders.KeepInformed, "a@x"), critical, 15 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := stakeholders.Decide(c.policy, occasion(stakeholders.Opened, c.impact), c.r)[0].Pace; got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
