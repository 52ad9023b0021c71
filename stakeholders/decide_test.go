package stakeholders_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

func occasion(event stakeholders.Event, impact status.Impact) stakeholders.Occasion {
	return stakeholders.Occasion{Event: event, Impact: impact, ImpactBefore: impact, Components: []string{"payments"}}
}

func raised(event stakeholders.Event, before, impact status.Impact) stakeholders.Occasion {
	o := occasion(event, impact)
	o.ImpactBefore, o.Raised = before, true
	return o
}

func registered(q stakeholders.Quadrant, words ...string) stakeholders.Recipient {
	return stakeholders.Recipient{Kind: stakeholders.FromRegister, ID: "r", Name: "r", Quadrant: q, Contacts: contacts(words...)}
}

func subscriber(word string, p stakeholders.Preferences) stakeholders.Recipient {
	return stakeholders.SubscriberRecipient("s", contact(word), stakeholders.KeepSatisfied, p)
}

// timing writes a verdict's timing as the table does; "–" for none.
func timing(t *stakeholders.Timing) string {
	if t == nil {
		return "–"
	}
	text := spell(stakeholders.Cell{Entries: []stakeholders.Entry{{Timing: *t}}})
	if text == "" {
		return "now"
	}
	return text
}

// owed writes what Decide gives each address: "ana@x now | catch-up now".
func owed(verdicts []stakeholders.Verdict) string {
	var list []string
	for _, v := range verdicts {
		text := v.Contact.Address + " " + timing(v.Own)
		if v.CatchUp != nil {
			text += " | " + timing(v.CatchUp)
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

func TestTableGivesEachChannelItsTiming(t *testing.T) {
	closely, satisfied, informed, monitor := stakeholders.ManageClosely, stakeholders.KeepSatisfied, stakeholders.KeepInformed, stakeholders.Monitor
	minor, major, critical := status.ImpactMinor, status.ImpactMajor, status.ImpactCritical
	all := []string{"a@x", "#a", "+1"}
	for _, c := range []struct {
		name     string
		event    stakeholders.Event
		impact   status.Impact
		quadrant stakeholders.Quadrant
		contacts []string
		want     string
	}{
		{"every channel named", stakeholders.Opened, critical, closely, all, "a@x now, #a now, +1 now"},
		{"a channel the cell does not name", stakeholders.Opened, major, closely, all, "a@x now, #a now, +1 –"},
		{"two lists", stakeholders.Opened, minor, closely, all, "a@x >30, #a now, +1 –"},
		{"reopened reads opened", stakeholders.Reopened, minor, closely, all, "a@x >30, #a now, +1 –"},
		{"a limit", stakeholders.Updated, critical, closely, all, "a@x 1/30, #a now, +1 –"},
		{"told", stakeholders.Resolved, critical, closely, all, "a@x now, #a now, +1 told"},
		{"told without a channel", stakeholders.Withdrawn, minor, closely, all, "a@x told, #a told, +1 told"},
		{"nothing", stakeholders.Updated, minor, satisfied, all, "a@x –, #a –, +1 –"},
		{"the chosen channel is the first listed", stakeholders.Opened, critical, satisfied, []string{"#a", "a@x", "+1"}, "#a now, a@x –, +1 –"},
		{"the chosen channel alone", stakeholders.Opened, minor, satisfied, []string{"+1"}, "+1 >30"},
		{"the first of two addresses on a channel", stakeholders.Opened, critical, informed, []string{"a@x", "#a", "b@x", "#b"}, "a@x now, #a now"},
		{"the first listed, whether or not it asked", stakeholders.Opened, critical, informed, []string{"a@x", "b@x!"}, "a@x now"},
		{"nobody to reach", stakeholders.Opened, critical, informed, nil, ""},

		{"stand-in: the nearest higher impact", stakeholders.Opened, minor, informed, []string{"a@x"}, "a@x now"},
		{"stand-in: with its own timing", stakeholders.Updated, minor, informed, []string{"a@x"}, "a@x 1/60"},
		{"stand-in: two impacts up", stakeholders.Opened, minor, closely, []string{"+1"}, "+1 now"},
		{"stand-in: from major to critical, told stays told", stakeholders.Resolved, major, closely, []string{"+1"}, "+1 told"},
		{"stand-in: none if anything reaches", stakeholders.Opened, minor, informed, []string{"a@x", "#a"}, "a@x –, #a now"},
		{"stand-in: none if no impact names the channel", stakeholders.Opened, minor, informed, []string{"+1"}, "+1 –"},
		{"stand-in: not for a cell that gives nothing", stakeholders.Updated, minor, satisfied, []string{"a@x"}, "a@x –"},
		{"stand-in: never from a lower impact", stakeholders.MaintenanceIn1h, critical, closely, []string{"a@x"}, "a@x –"},

		{"monitor: who asked", stakeholders.Opened, critical, monitor, []string{"a@x!", "#a!"}, "a@x 15m, #a now"},
		{"monitor: who did not ask", stakeholders.Opened, critical, monitor, []string{"a@x", "#a"}, "a@x –, #a –"},
		{"monitor: one of two", stakeholders.Opened, critical, monitor, []string{"a@x!", "#a"}, "a@x 15m, #a –"},
		{"monitor: the first address that asked", stakeholders.Opened, critical, monitor, []string{"a@x", "b@x!", "c@x!"}, "b@x 15m"},
		{"monitor: a channel that did not ask reaches nobody", stakeholders.Opened, major, monitor, []string{"#a", "a@x!"}, "#a –, a@x 15m"},
		{"monitor: minor gives nothing", stakeholders.Opened, minor, monitor, []string{"#a!", "a@x!"}, "#a –, a@x –"},
		{"elsewhere asking is not needed", stakeholders.Opened, major, informed, []string{"a@x"}, "a@x now"},
	} {
		t.Run(c.name, func(t *testing.T) {
			verdicts := stakeholders.Decide(defaultPolicy(t), occasion(c.event, c.impact), registered(c.quadrant, c.contacts...))
			if got := owed(verdicts); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestStandInIsTheNearestHigherImpactThatReaches(t *testing.T) {
	p := policyWith(t, stakeholders.Opened, stakeholders.KeepInformed, "S / E 15m / C")
	for want, contacts := range map[string][]string{
		"a@x 15m, +1 –": {"a@x", "+1"}, "+1 now": {"+1"}, "#a now, a@x –": {"#a", "a@x"},
	} {
		if got := owed(stakeholders.Decide(p, occasion(stakeholders.Opened, status.ImpactMinor), registered(stakeholders.KeepInformed, contacts...))); got != want {
			t.Errorf("%v: %q, want %q", contacts, got, want)
		}
	}
}

func TestVerdictNamesRuleAndCell(t *testing.T) {
	narrow := subscriber("a@x", stakeholders.Preferences{LeastImpact: "critical"})
	away := registered(stakeholders.KeepInformed, "a@x")
	away.Components = []string{"search"}
	silent := occasion(stakeholders.Resolved, status.ImpactMajor)
	silent.ClosureOnly = true
	for _, c := range []struct {
		name   string
		o      stakeholders.Occasion
		r      stakeholders.Recipient
		rule   stakeholders.Rule
		cell   string
		reason string
	}{
		{"the table", occasion(stakeholders.FellBack, status.ImpactMajor), registered(stakeholders.KeepInformed, "a@x"), stakeholders.RuleTable, "opened, keep_informed, major: E C", "the policy's cell"},
		{"an empty cell", occasion(stakeholders.Updated, status.ImpactMinor), registered(stakeholders.KeepSatisfied, "a@x"), stakeholders.RuleTable, "update, keep_satisfied, minor: –", "gives nothing"},
		{"a stand-in", occasion(stakeholders.Opened, status.ImpactMinor), registered(stakeholders.KeepInformed, "a@x"), stakeholders.RuleTable, "opened, keep_informed, major: E C, standing in", "the policy's cell"},
		{"impact none", occasion(stakeholders.Opened, status.ImpactNone), registered(stakeholders.ManageClosely, "a@x"), stakeholders.RuleTable, "", "page only"},
		{"scope", occasion(stakeholders.Opened, status.ImpactMajor), away, stakeholders.RuleScope, "", "other components"},
		{"narrowed", occasion(stakeholders.Opened, status.ImpactMajor), narrow, stakeholders.RuleNarrowing, "", "asked for critical impact or worse"},
		{"start and end", occasion(stakeholders.Updated, status.ImpactMajor), subscriber("a@x", stakeholders.Preferences{StartAndEndOnly: true}), stakeholders.RuleNarrowing, "", "start and end only"},
		{"widened", occasion(stakeholders.Updated, status.ImpactMinor), subscriber("a@x", stakeholders.Preferences{EveryUpdate: true}), stakeholders.RuleNarrowing, "update, keep_informed, minor: C", "every public update"},
		{"did not ask", occasion(stakeholders.Opened, status.ImpactMajor), registered(stakeholders.Monitor, "a@x"), stakeholders.RuleConsent, "", "did not ask"},
		{"no notifications", silent, registered(stakeholders.ManageClosely, "a@x"), stakeholders.RuleTable, "", "asked for no notifications"},
		{"a catch-up alone", raised(stakeholders.Updated, status.ImpactMinor, status.ImpactCritical), registered(stakeholders.ManageClosely, "#a", "+1"), stakeholders.RuleRaised, "opened, manage_closely, critical: E C S", "the policy's cell"},
	} {
		verdicts := stakeholders.Decide(defaultPolicy(t), c.o, c.r)
		v := verdicts[len(verdicts)-1]
		if v.Rule != c.rule || !strings.HasPrefix(v.Cell, c.cell) || (c.cell == "") != (v.Cell == "") || !strings.Contains(v.Reason, c.reason) {
			t.Errorf("%s: %s, %q, %q; want %s, %q, %q", c.name, v.Rule, v.Cell, v.Reason, c.rule, c.cell, c.reason)
		}
	}
}

func TestWhoNamedComponentsHearsOfThose(t *testing.T) {
	o := occasion(stakeholders.Opened, status.ImpactMajor)
	for _, c := range []struct {
		follows, touched []string
		hears            bool
	}{
		{nil, []string{"payments"}, true}, {nil, nil, true}, {[]string{"payments"}, []string{"payments"}, true},
		{[]string{"search", "payments"}, []string{"blog", "payments"}, true}, {[]string{"search"}, []string{"payments"}, false}, {[]string{"search"}, nil, false},
	} {
		o.Components = c.touched
		byEntry, bySubscription := registered(stakeholders.KeepInformed, "a@x"), subscriber("a@x", stakeholders.Preferences{Components: c.follows})
		byEntry.Components = c.follows
		for _, r := range []stakeholders.Recipient{byEntry, bySubscription} {
			if got := stakeholders.Decide(defaultPolicy(t), o, r)[0].Own != nil; got != c.hears {
				t.Errorf("%s follows %v, touched %v: hears %t", r.Kind, c.follows, c.touched, got)
			}
		}
	}
}

func TestImpactNoneIsPageOnly(t *testing.T) {
	for _, event := range []stakeholders.Event{stakeholders.Opened, stakeholders.Updated, stakeholders.Identified, stakeholders.Monitoring, stakeholders.Resolved} {
		for _, q := range stakeholders.Quadrants() {
			for _, v := range stakeholders.Decide(defaultPolicy(t), occasion(event, status.ImpactNone), registered(q, "a@x!", "#a!", "+1!")) {
				if v.Own != nil || v.CatchUp != nil {
					t.Errorf("%s, %s, %s: told %s", event, q, v.Contact.Address, timing(v.Own))
				}
			}
		}
	}
}

func TestLoweringReadsTheImpactBefore(t *testing.T) {
	lowered := func(before, now status.Impact) stakeholders.Occasion {
		return stakeholders.Occasion{Event: stakeholders.ImpactLowered, ImpactBefore: before, Impact: now}
	}
	for _, c := range []struct {
		before, now status.Impact
		want        string
	}{
		{status.ImpactCritical, status.ImpactMajor, "a@x –, #a now"}, {status.ImpactMajor, status.ImpactMinor, "a@x –, #a now"},
		{status.ImpactCritical, status.ImpactNone, "a@x –, #a now"}, {status.ImpactMinor, status.ImpactNone, "a@x –, #a –"},
	} {
		if got := owed(stakeholders.Decide(defaultPolicy(t), lowered(c.before, c.now), registered(stakeholders.KeepInformed, "a@x", "#a"))); got != c.want {
			t.Errorf("%s to %s: %q, want %q", c.before, c.now, got, c.want)
		}
	}
}

func TestCatchUpReadsTheRowOpenedOfTheNewImpact(t *testing.T) {
	none, minor, major, critical := status.ImpactNone, status.ImpactMinor, status.ImpactMajor, status.ImpactCritical
	for _, c := range []struct {
		name string
		o    stakeholders.Occasion
		r    stakeholders.Recipient
		want string
	}{
		{"channel by channel", raised(stakeholders.Updated, minor, critical), registered(stakeholders.ManageClosely, "a@x", "#a", "+1"), "a@x 1/30 | now, #a now | now, +1 – | now"},
		{"with the cell's timing", raised(stakeholders.Updated, none, minor), registered(stakeholders.ManageClosely, "a@x", "#a"), "a@x – | >30, #a now | now"},
		{"where the row update gives nothing", raised(stakeholders.Updated, none, minor), registered(stakeholders.KeepSatisfied, "a@x"), "a@x – | >30"},
		{"beside identified", raised(stakeholders.Identified, minor, major), registered(stakeholders.KeepSatisfied, "a@x"), "a@x now | now"},
		{"beside monitoring", raised(stakeholders.Monitoring, minor, major), registered(stakeholders.KeepSatisfied, "a@x"), "a@x 15m | now"},
		{"in monitor, to who asked", raised(stakeholders.Updated, minor, critical), registered(stakeholders.Monitor, "a@x!", "#a"), "a@x – | 15m, #a –"},
		{"not with a start, which is one", raised(stakeholders.Reopened, minor, critical), registered(stakeholders.ManageClosely, "a@x"), "a@x now"},
		{"not with an end", raised(stakeholders.Resolved, minor, critical), registered(stakeholders.ManageClosely, "a@x"), "a@x now"},
		{"not when nothing was raised", occasion(stakeholders.Updated, critical), registered(stakeholders.ManageClosely, "+1"), "+1 –"},
		{"widened while lowered, by the new impact", stakeholders.Occasion{Event: stakeholders.ImpactLowered, ImpactBefore: critical, Impact: minor, Raised: true}, registered(stakeholders.ManageClosely, "a@x", "#a"), "a@x – | >30, #a now | now"},
	} {
		if got := owed(stakeholders.Decide(defaultPolicy(t), c.o, c.r)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSubscriberNarrows(t *testing.T) {
	minor, major, critical := status.ImpactMinor, status.ImpactMajor, status.ImpactCritical
	startAndEnd := stakeholders.Preferences{StartAndEndOnly: true}
	least := func(i status.Impact) stakeholders.Preferences {
		return stakeholders.Preferences{LeastImpact: string(i)}
	}
	for _, c := range []struct {
		name  string
		o     stakeholders.Occasion
		prefs stakeholders.Preferences
		want  string
	}{
		{"milder than asked for", occasion(stakeholders.Opened, minor), least(major), "a@x –"},
		{"as bad as asked for", occasion(stakeholders.Opened, major), least(major), "a@x now"},
		{"worse", occasion(stakeholders.Opened, critical), least(major), "a@x now"},
		{"no least impact", occasion(stakeholders.Opened, minor), least(""), "a@x >30"},
		{"not a grade", occasion(stakeholders.Opened, minor), least("huge"), "a@x >30"},
		{"raised over the least", raised(stakeholders.Updated, minor, major), least(major), "a@x 1/60 | now"},
		{"raised below the least", raised(stakeholders.Updated, minor, major), least(critical), "a@x –"},
		{"start", occasion(stakeholders.Opened, critical), startAndEnd, "a@x now"},
		{"fell back", occasion(stakeholders.FellBack, critical), startAndEnd, "a@x now"},
		{"end", occasion(stakeholders.Resolved, critical), startAndEnd, "a@x now"},
		{"update between", occasion(stakeholders.Updated, critical), startAndEnd, "a@x –"},
		{"identified between", occasion(stakeholders.Identified, critical), startAndEnd, "a@x –"},
		{"monitoring between", occasion(stakeholders.Monitoring, critical), startAndEnd, "a@x –"},
		{"raised between: the catch-up alone", raised(stakeholders.Updated, minor, critical), startAndEnd, "a@x – | now"},
		{"both", raised(stakeholders.Updated, minor, major), stakeholders.Preferences{StartAndEndOnly: true, LeastImpact: "critical"}, "a@x –"},
	} {
		if got := owed(stakeholders.Decide(defaultPolicy(t), c.o, subscriber("a@x", c.prefs))); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWhoAskedForEveryUpdateGetsItAtOnce(t *testing.T) {
	every := stakeholders.Preferences{EveryUpdate: true}
	lowered := func(before status.Impact) stakeholders.Occasion {
		return stakeholders.Occasion{Event: stakeholders.ImpactLowered, ImpactBefore: before, Impact: status.ImpactNone}
	}
	for _, word := range []string{"a@x", "#a", "+1"} {
		for _, event := range []stakeholders.Event{stakeholders.Opened, stakeholders.Updated, stakeholders.Identified, stakeholders.Monitoring, stakeholders.Resolved} {
			for _, impact := range status.Grades() {
				if got := owed(stakeholders.Decide(defaultPolicy(t), occasion(event, impact), subscriber(word, every))); got != word+" now" {
					t.Errorf("%s at impact %s: %s", event, impact, got)
				}
			}
		}
		for before, want := range map[status.Impact]string{status.ImpactCritical: "now", status.ImpactMajor: "now", status.ImpactMinor: "–"} {
			if got := owed(stakeholders.Decide(defaultPolicy(t), lowered(before), subscriber(word, every))); got != word+" "+want {
				t.Errorf("lowered from %s: %s, want %s", before, got, want)
			}
		}
		if got := owed(stakeholders.Decide(defaultPolicy(t), occasion(stakeholders.Withdrawn, status.ImpactMajor), subscriber(word, every))); got != word+" told" {
			t.Errorf("withdrawn: %s", got)
		}
	}
}

func TestWhoAskedForEveryUpdateMayNarrowToo(t *testing.T) {
	for name, p := range map[string]stakeholders.Preferences{
		"least impact": {EveryUpdate: true, LeastImpact: "critical"}, "start and end": {EveryUpdate: true, StartAndEndOnly: true}, "components": {EveryUpdate: true, Components: []string{"search"}},
	} {
		if got := owed(stakeholders.Decide(defaultPolicy(t), occasion(stakeholders.Updated, status.ImpactMajor), subscriber("a@x", p))); got != "a@x –" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestRegisterEntryThatAskedForEveryUpdateKeepsItsOwnColumn(t *testing.T) {
	register := []stakeholders.Stakeholder{entry("boss", stakeholders.Person, stakeholders.ManageClosely, "a@x", "#a", "+1")}
	asked := []stakeholders.Subscriber{subscription("a@x", "", stakeholders.Preferences{EveryUpdate: true})}
	r := stakeholders.Recipients(register, asked)[0]
	for _, c := range []struct {
		o    stakeholders.Occasion
		want string
	}{
		{occasion(stakeholders.Opened, status.ImpactCritical), "a@x now, #a now, +1 now"},
		{occasion(stakeholders.Updated, status.ImpactMajor), "a@x now, #a now, +1 –"},
		{occasion(stakeholders.Updated, status.ImpactNone), "a@x now, #a –, +1 –"},
		{occasion(stakeholders.ActionDone, status.ImpactMajor), "a@x day, #a –, +1 –"},
	} {
		if got := owed(stakeholders.Decide(defaultPolicy(t), c.o, r)); got != c.want {
			t.Errorf("%s at %s: %q, want %q", c.o.Event, c.o.Impact, got, c.want)
		}
	}
}

func TestClosureOnlyTellsNobodyNew(t *testing.T) {
	for _, event := range []stakeholders.Event{stakeholders.Opened, stakeholders.Updated, stakeholders.Resolved, stakeholders.Withdrawn} {
		o := raised(event, status.ImpactMinor, status.ImpactCritical)
		o.ClosureOnly = true
		for _, v := range stakeholders.Decide(defaultPolicy(t), o, registered(stakeholders.ManageClosely, "a@x", "#a")) {
			if v.Own != nil || v.CatchUp != nil || v.Closure != event.Ends() {
				t.Errorf("%s: %+v", event, v)
			}
		}
	}
}

func TestCandidatesStandInTheRecipientsOrder(t *testing.T) {
	away := registered(stakeholders.Monitor, "c@x")
	away.ID, away.Name, away.Components = "away", "Away", []string{"search"}
	got := stakeholders.Candidates(defaultPolicy(t), occasion(stakeholders.Opened, status.ImpactMajor),
		[]stakeholders.Recipient{registered(stakeholders.ManageClosely, "a@x", "#a"), subscriber("b@x", stakeholders.Preferences{}), away})
	var list []string
	for _, c := range got {
		list = append(list, fmt.Sprint(c.Person, " ", c.Quadrant, " ", c.Verdict.Contact.Address, " ", c.Components))
	}
	want := []string{"stakeholder:r manage_closely a@x []", "stakeholder:r manage_closely #a []", "subscriber:s keep_satisfied b@x []", "stakeholder:away monitor c@x [search]"}
	if !slices.Equal(list, want) {
		t.Errorf("%q, want %q", list, want)
	}
}
