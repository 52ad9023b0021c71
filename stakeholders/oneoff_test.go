package stakeholders_test

import (
	"testing"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// TestManagersHandGoesBeforeTheTable is rule 10: one update may reach others
// than the policy says, and its end still reaches who was told.
func TestManagersHandGoesBeforeTheTable(t *testing.T) {
	type hand = stakeholders.Hand
	q := func(list ...stakeholders.Quadrant) []stakeholders.Quadrant { return list }
	closely, satisfied, informed, monitor := stakeholders.ManageClosely, stakeholders.KeepSatisfied, stakeholders.KeepInformed, stakeholders.Monitor
	email := func(address string) []stakeholders.OneOff {
		return []stakeholders.OneOff{{Name: address, Channel: stakeholders.Email, Address: address}}
	}
	for _, c := range []struct {
		name     string
		hand     hand
		event    stakeholders.Event
		impact   status.Impact
		quadrant stakeholders.Quadrant
		contacts []string
		want     string
		rule     stakeholders.Rule
	}{
		{"no hand", hand{}, stakeholders.Opened, status.ImpactMajor, closely, []string{"a@x", "#a"}, "a@x now, #a now", stakeholders.RuleTable},
		{"without another", hand{Without: q(satisfied)}, stakeholders.Opened, status.ImpactMajor, closely, []string{"a@x"}, "a@x now", stakeholders.RuleTable},
		{"without", hand{Without: q(closely)}, stakeholders.Opened, status.ImpactMajor, closely, []string{"a@x", "#a"}, "a@x –, #a –", stakeholders.RuleManager},
		{"only", hand{Only: q(closely)}, stakeholders.Opened, status.ImpactMajor, closely, []string{"a@x"}, "a@x now", stakeholders.RuleTable},
		{"only others", hand{Only: q(informed)}, stakeholders.Opened, status.ImpactMajor, closely, []string{"a@x"}, "a@x –", stakeholders.RuleManager},
		{"only, and without the same", hand{Only: q(closely), Without: q(closely)}, stakeholders.Opened, status.ImpactMajor, closely, []string{"a@x"}, "a@x –", stakeholders.RuleManager},
		{"added, left out of nothing else", hand{Without: q(closely), Also: email("a@x")}, stakeholders.Opened, status.ImpactMajor, closely, []string{"#a", "a@x"}, "#a –, a@x now", stakeholders.RuleManager},
		{"added by a second address", hand{Also: email("b@x")}, stakeholders.Updated, status.ImpactMinor, satisfied, []string{"a@x", "b@x"}, "a@x now", stakeholders.RuleManager},
		{"added, who did not ask", hand{Also: email("a@x")}, stakeholders.Opened, status.ImpactMinor, monitor, []string{"a@x"}, "a@x now", stakeholders.RuleManager},
		{"a quadrant widened where the cell is empty", hand{Widened: q(satisfied)}, stakeholders.Updated, status.ImpactMinor, satisfied, []string{"#a", "a@x"}, "#a now, a@x –", stakeholders.RuleManager},
		{"widening keeps what the cell gives", hand{Widened: q(satisfied)}, stakeholders.Updated, status.ImpactMajor, satisfied, []string{"a@x"}, "a@x 1/60", stakeholders.RuleTable},
		{"impact none, widened, reads minor", hand{Widened: q(closely)}, stakeholders.Opened, status.ImpactNone, closely, []string{"#a", "a@x"}, "#a now, a@x >30", stakeholders.RuleManager},
		{"widening asks nobody who did not ask", hand{Widened: q(monitor)}, stakeholders.Updated, status.ImpactMajor, monitor, []string{"a@x"}, "a@x –", stakeholders.RuleConsent},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := occasion(c.event, c.impact)
			o.Hand = c.hand
			verdicts := stakeholders.Decide(defaultPolicy(t), o, registered(c.quadrant, c.contacts...))
			if got := owed(verdicts); got != c.want || verdicts[0].Rule != c.rule && verdicts[len(verdicts)-1].Rule != c.rule {
				t.Errorf("%q by %s, want %q by %s", got, verdicts[0].Rule, c.want, c.rule)
			}
		})
	}
}

func TestManagerDoesNotNarrowPrograms(t *testing.T) {
	o := occasion(stakeholders.Opened, status.ImpactMajor)
	o.Hand.Without = stakeholders.Quadrants()
	r := registered(stakeholders.KeepSatisfied)
	r.Contacts = []stakeholders.Contact{{Channel: stakeholders.Webhook, Address: "hook"}}
	if got := stakeholders.Decide(defaultPolicy(t), o, r)[0]; got.Own == nil || got.Rule != stakeholders.RuleWebhook {
		t.Errorf("a webhook gets %+v", got)
	}
}

func TestOneOffIsToldOnceAndHearsTheEnd(t *testing.T) {
	register := []stakeholders.Recipient{registered(stakeholders.ManageClosely, "a@x")}
	at := time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC)
	settle := func(o stakeholders.Occasion, told bool) map[string]stakeholders.Settled {
		all := map[string]stakeholders.Settled{}
		thread := func(stakeholders.Contact) stakeholders.Thread {
			if told {
				return stakeholders.Thread{ToldAt: at.Add(-time.Hour)}
			}
			return stakeholders.Thread{}
		}
		for _, s := range stakeholders.Settle(o, stakeholders.Candidates(defaultPolicy(t), o, register), thread, at) {
			all[s.Person] = s
		}
		return all
	}
	o := occasion(stakeholders.Opened, status.ImpactMajor)
	o.Hand.Also = []stakeholders.OneOff{{Name: "g@y", Channel: stakeholders.Email, Address: "g@y"}, {Name: "a@x", Channel: stakeholders.Email, Address: "a@x"}}
	got := settle(o, false)
	guest := got["one_off:g@y"]
	if len(got) != 2 || guest.Outcome.Action != stakeholders.Send || guest.Outcome.Rule != stakeholders.RuleManager || guest.Verdict.Form != stakeholders.FormFull {
		t.Errorf("settled %+v", got)
	}
	o = occasion(stakeholders.Resolved, status.ImpactMajor)
	o.Hand.Without = []stakeholders.Quadrant{stakeholders.ManageClosely}
	if end := settle(o, true)["stakeholder:r"].Outcome; end.Action != stakeholders.Send || end.Rule != stakeholders.RuleClosure {
		t.Errorf("the end, left out: %+v", end)
	}
	if end := settle(o, false)["stakeholder:r"].Outcome; end.Action != stakeholders.Skip || end.Rule != stakeholders.RuleManager {
		t.Errorf("the end, never told and left out: %+v", end)
	}
}
