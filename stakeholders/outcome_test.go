package stakeholders_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

var ten = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// clock reads "10:05" on that day.
func clock(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", "2026-03-02 "+text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// words writes an outcome: "send", "hold 10:15", "hold 10:30 if open", "skip".
func words(o stakeholders.Outcome) string {
	text := string(o.Action)
	if !o.DueAt.IsZero() {
		text += " " + o.DueAt.Format("15:04")
	}
	if o.OnlyIfOpen {
		text += " if open"
	}
	return text
}

// Threads as they occur, at ten o'clock.
var (
	nothing   = stakeholders.Thread{}
	told      = stakeholders.Thread{ToldAt: ten.Add(-10 * time.Minute)}
	toldLong  = stakeholders.Thread{ToldAt: ten.Add(-3 * time.Hour)}
	inFlight  = stakeholders.Thread{InFlight: true}
	queued    = stakeholders.Thread{WaitingDue: ten.Add(-time.Minute)}
	retried   = stakeholders.Thread{WaitingDue: ten.Add(5 * time.Minute)}
	held      = stakeholders.Thread{WaitingDue: ten.Add(5 * time.Minute), Held: true}
	heldDue   = stakeholders.Thread{WaitingDue: ten.Add(-time.Second), Held: true}
	waiting30 = stakeholders.Thread{WaitingDue: ten.Add(20 * time.Minute), Held: true, Conditions: true}
	toldHeld  = stakeholders.Thread{ToldAt: ten.Add(-10 * time.Minute), WaitingDue: ten.Add(20 * time.Minute), Held: true}
)

func TestTimingMeetsTheThread(t *testing.T) {
	for _, c := range []struct {
		name   string
		timing stakeholders.Timing
		thread stakeholders.Thread
		want   string
	}{
		{"now", stakeholders.Timing{}, nothing, "send"},
		{"now, told before", stakeholders.Timing{}, told, "send"},
		{"now, in place of what is held", stakeholders.Timing{}, held, "send"},
		{"hold", stakeholders.Timing{Hold: 15 * time.Minute}, nothing, "hold 10:15"},
		{"still open", stakeholders.Timing{StillOpen: 30 * time.Minute}, nothing, "hold 10:30 if open"},

		{"limit, never told", stakeholders.Timing{Limit: time.Hour}, nothing, "send"},
		{"limit, told ten minutes ago", stakeholders.Timing{Limit: time.Hour}, told, "hold 10:50"},
		{"limit, told long ago", stakeholders.Timing{Limit: time.Hour}, toldLong, "send"},
		{"limit, on the minute", stakeholders.Timing{Limit: 10 * time.Minute}, told, "send"},
		{"limit, being told", stakeholders.Timing{Limit: time.Hour}, inFlight, "hold 11:00"},
		{"limit and hold: the later", stakeholders.Timing{Limit: time.Hour, Hold: 15 * time.Minute}, told, "hold 10:50"},
		{"limit and hold, told long ago", stakeholders.Timing{Limit: time.Hour, Hold: 15 * time.Minute}, toldLong, "hold 10:15"},

		{"told, to who was not", stakeholders.Timing{Told: true}, nothing, "skip"},
		{"told, to who was", stakeholders.Timing{Told: true}, told, "send"},
		{"told, to who is being told", stakeholders.Timing{Told: true}, inFlight, "send"},
		{"told, to who is about to be", stakeholders.Timing{Told: true}, queued, "send"},
		{"told, to who may be later", stakeholders.Timing{Told: true}, held, "skip"},

		{"inherits the earlier due time", stakeholders.Timing{Hold: 15 * time.Minute}, held, "hold 10:05"},
		{"keeps its own, where that is earlier", stakeholders.Timing{Hold: 2 * time.Minute}, held, "hold 10:02"},
		{"inherits a time that has come", stakeholders.Timing{Hold: 15 * time.Minute}, heldDue, "send"},
		{"inherits from what was queued", stakeholders.Timing{Hold: 15 * time.Minute}, queued, "send"},
		{"inherits from what is being retried", stakeholders.Timing{Hold: 2 * time.Minute}, retried, "send"},
		{"a limit inherits too", stakeholders.Timing{Limit: time.Hour}, toldHeld, "hold 10:20"},
		{"takes over the condition", stakeholders.Timing{StillOpen: 30 * time.Minute}, waiting30, "hold 10:20 if open"},
		{"waits on no condition that the older did not have", stakeholders.Timing{StillOpen: 30 * time.Minute}, held, "hold 10:05"},
		{"nor where it is due earlier", stakeholders.Timing{StillOpen: 2 * time.Minute}, held, "hold 10:02"},
		{"frees what waited on a condition", stakeholders.Timing{Hold: 30 * time.Minute}, waiting30, "hold 10:20"},
	} {
		v := stakeholders.Verdict{Own: &c.timing, Rule: stakeholders.RuleTable}
		if got := words(v.Settle(occasion(stakeholders.Updated, status.ImpactMajor), c.thread, ten)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := (stakeholders.Verdict{}).Settle(occasion(stakeholders.Updated, status.ImpactMajor), held, ten); got.Action != stakeholders.Skip {
		t.Errorf("no timing: %s, and what waits goes on waiting", words(got))
	}
}

func TestCatchUpReachesWhoWasNotTold(t *testing.T) {
	now, limited, late := &stakeholders.Timing{}, &stakeholders.Timing{Limit: time.Hour}, &stakeholders.Timing{Hold: 15 * time.Minute}
	for _, c := range []struct {
		name         string
		own, catchUp *stakeholders.Timing
		thread       stakeholders.Thread
		want         string
		rule         stakeholders.Rule
	}{
		{"never told", nil, now, nothing, "send", stakeholders.RuleRaised},
		{"told", nil, now, told, "skip", stakeholders.RuleTable},
		{"being told", nil, now, inFlight, "skip", stakeholders.RuleTable},
		{"about to be told", nil, now, queued, "skip", stakeholders.RuleTable},
		{"held so far: now", nil, now, waiting30, "send", stakeholders.RuleRaised},
		{"the own row is as early", now, now, nothing, "send", stakeholders.RuleTable},
		{"the own row is later", late, now, nothing, "send", stakeholders.RuleRaised},
		{"the own row is earlier", now, late, nothing, "send", stakeholders.RuleTable},
		{"the own row alone for who was told", limited, now, told, "hold 10:50", stakeholders.RuleTable},
		{"held by the catch-up", nil, late, nothing, "hold 10:15", stakeholders.RuleRaised},
		{"held by the catch-up, in place of what waits", nil, late, held, "hold 10:05", stakeholders.RuleRaised},
	} {
		v := stakeholders.Verdict{Own: c.own, CatchUp: c.catchUp, Rule: stakeholders.RuleTable}
		got := v.Settle(raised(stakeholders.Updated, status.ImpactMinor, status.ImpactCritical), c.thread, ten)
		if words(got) != c.want || got.Rule != c.rule {
			t.Errorf("%s: %s by %s, want %s by %s", c.name, words(got), got.Rule, c.want, c.rule)
		}
	}
}

func TestEndIsOwedToWhoHeardOfTheStart(t *testing.T) {
	now, onlyTold, late := &stakeholders.Timing{}, &stakeholders.Timing{Told: true}, &stakeholders.Timing{Hold: 15 * time.Minute}
	for _, c := range []struct {
		name   string
		own    *stakeholders.Timing
		thread stakeholders.Thread
		want   string
		rule   stakeholders.Rule
	}{
		{"told, and the table gives it", now, told, "send", stakeholders.RuleTable},
		{"told, and the table gives nothing", nil, told, "send", stakeholders.RuleClosure},
		{"being told", nil, inFlight, "send", stakeholders.RuleClosure},
		{"queued", nil, queued, "send", stakeholders.RuleClosure},
		{"being retried", nil, retried, "send", stakeholders.RuleClosure},
		{"told, and something held", nil, toldHeld, "send", stakeholders.RuleClosure},
		{"never told", nil, nothing, "skip", stakeholders.RuleTable},
		{"never told, and the table gives it", now, nothing, "send", stakeholders.RuleTable},
		{"never told, and only who was is", onlyTold, nothing, "skip", stakeholders.RuleTable},
		{"told, and only who was is", onlyTold, told, "send", stakeholders.RuleTable},
		{"the start was held", now, held, "drop", stakeholders.RuleSupersede},
		{"the start was held and due", now, heldDue, "drop", stakeholders.RuleSupersede},
		{"the start waited for thirty minutes", nil, waiting30, "drop", stakeholders.RuleSupersede},
		{"a policy that holds ends", late, told, "hold 10:15", stakeholders.RuleTable},
		{"which inherits an earlier time", late, queued, "send", stakeholders.RuleTable},
	} {
		for _, event := range []stakeholders.Event{stakeholders.Resolved, stakeholders.Withdrawn, stakeholders.MaintenanceCancelled} {
			v := stakeholders.Verdict{Own: c.own, Closure: true, Rule: stakeholders.RuleTable}
			got := v.Settle(occasion(event, status.ImpactMajor), c.thread, ten)
			if words(got) != c.want || got.Rule != c.rule {
				t.Errorf("%s, %s: %s by %s, want %s by %s", c.name, event, words(got), got.Rule, c.want, c.rule)
			}
		}
	}
}

// Closure holds whatever changed since the start: scope, impact, place,
// preferences, and whether the sender wanted it.
func TestEndIsOwedWhateverChanged(t *testing.T) {
	away := registered(stakeholders.KeepInformed, "a@x")
	away.Components = []string{"search"}
	silent := occasion(stakeholders.Resolved, status.ImpactMajor)
	silent.ClosureOnly = true
	for name, c := range map[string]struct {
		o stakeholders.Occasion
		r stakeholders.Recipient
	}{
		"scope":        {occasion(stakeholders.Resolved, status.ImpactMajor), away},
		"impact":       {occasion(stakeholders.Resolved, status.ImpactNone), registered(stakeholders.ManageClosely, "a@x")},
		"place":        {occasion(stakeholders.Resolved, status.ImpactMajor), registered(stakeholders.Monitor, "a@x")},
		"preferences":  {occasion(stakeholders.Resolved, status.ImpactMinor), subscriber("a@x", stakeholders.Preferences{LeastImpact: "critical"})},
		"the sender":   {silent, registered(stakeholders.ManageClosely, "a@x")},
		"lower impact": {occasion(stakeholders.Resolved, status.ImpactMinor), registered(stakeholders.KeepInformed, "#a", "a@x")},
	} {
		for _, v := range stakeholders.Decide(defaultPolicy(t), c.o, c.r) {
			if got := v.Settle(c.o, told, ten); got.Action != stakeholders.Send {
				t.Errorf("%s: %s, want send: %s", name, words(got), got.Reason)
			}
		}
	}
}

func TestOneMessageForEachAddress(t *testing.T) {
	closely, informed, monitor := stakeholders.ManageClosely, stakeholders.KeepInformed, stakeholders.Monitor
	threads := func(c stakeholders.Contact) stakeholders.Thread {
		if c.Address == "late@x" {
			return told
		}
		return nothing
	}
	away := registered(closely, "away@x")
	away.Components = []string{"search"}
	for _, c := range []struct {
		name       string
		o          stakeholders.Occasion
		recipients []stakeholders.Recipient
		want       []string
	}{
		{"two teams, one chat channel", occasion(stakeholders.Opened, status.ImpactMajor), []stakeholders.Recipient{registered(closely, "#ops", "a@x"), registered(informed, "#ops", "b@x")},
			[]string{"#ops send", "a@x send", "#ops skip", "b@x send"}},
		{"the first that speaks to it", occasion(stakeholders.Opened, status.ImpactMajor), []stakeholders.Recipient{away, registered(monitor, "away@x"), registered(informed, "away@x")},
			[]string{"away@x skip", "away@x skip", "away@x send"}},
		{"the first even where it waits", occasion(stakeholders.Updated, status.ImpactMajor), []stakeholders.Recipient{registered(closely, "late@x"), subscriber("late@x", stakeholders.Preferences{EveryUpdate: true})},
			[]string{"late@x hold 10:50", "late@x skip"}},
		{"an end, too", occasion(stakeholders.Resolved, status.ImpactMajor), []stakeholders.Recipient{registered(closely, "late@x"), registered(monitor, "late@x")},
			[]string{"late@x send", "late@x skip"}},
		{"one text on two channels is two addresses", occasion(stakeholders.Opened, status.ImpactMajor),
			[]stakeholders.Recipient{{Kind: stakeholders.FromRegister, Quadrant: closely, Contacts: []stakeholders.Contact{{Channel: stakeholders.Email, Address: "x"}, {Channel: stakeholders.Slack, Address: "x"}}}},
			[]string{"x send", "x send"}},
	} {
		settled := stakeholders.Settle(c.o, stakeholders.Candidates(defaultPolicy(t), c.o, c.recipients), threads, ten)
		var got []string
		for _, s := range settled {
			got = append(got, fmt.Sprint(s.Verdict.Contact.Address, " ", words(s.Outcome)))
			if s.Outcome.Reason == "" || s.Outcome.Rule == "" {
				t.Errorf("%s: no reason or rule for %+v", c.name, s)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// One incident as keep_satisfied lives it on one channel: minor, raised, held
// back by the limit, resolved.
func TestOneThreadFromStartToEnd(t *testing.T) {
	var thread stakeholders.Thread
	p := defaultPolicy(t)
	for _, c := range []struct {
		at     string
		o      stakeholders.Occasion
		want   string
		thread stakeholders.Thread // as it is at the next step
	}{
		{"10:00", occasion(stakeholders.Opened, status.ImpactMinor), "hold 10:30 if open", stakeholders.Thread{WaitingDue: clock(t, "10:30"), Held: true, Conditions: true}},
		{"10:10", occasion(stakeholders.Updated, status.ImpactMinor), "skip", stakeholders.Thread{WaitingDue: clock(t, "10:30"), Held: true, Conditions: true}},
		{"10:20", raised(stakeholders.Updated, status.ImpactMinor, status.ImpactMajor), "send", stakeholders.Thread{ToldAt: clock(t, "10:20")}},
		{"10:30", occasion(stakeholders.Updated, status.ImpactMajor), "hold 11:20", stakeholders.Thread{ToldAt: clock(t, "10:20"), WaitingDue: clock(t, "11:20"), Held: true}},
		{"10:40", occasion(stakeholders.Updated, status.ImpactMajor), "hold 11:20", stakeholders.Thread{ToldAt: clock(t, "10:20"), WaitingDue: clock(t, "11:20"), Held: true}},
		{"10:50", occasion(stakeholders.Identified, status.ImpactMajor), "send", stakeholders.Thread{ToldAt: clock(t, "10:50")}},
		{"11:00", occasion(stakeholders.Updated, status.ImpactMajor), "hold 11:50", stakeholders.Thread{ToldAt: clock(t, "10:50"), WaitingDue: clock(t, "11:50"), Held: true}},
		{"11:10", occasion(stakeholders.Monitoring, status.ImpactMajor), "hold 11:25", stakeholders.Thread{ToldAt: clock(t, "10:50"), WaitingDue: clock(t, "11:25"), Held: true}},
		{"11:15", occasion(stakeholders.Resolved, status.ImpactMajor), "send", stakeholders.Thread{}},
	} {
		verdict := stakeholders.Decide(p, c.o, subscriber("a@x", stakeholders.Preferences{}))[0]
		if got := words(verdict.Settle(c.o, thread, clock(t, c.at))); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.at, c.o.Event, got, c.want)
		}
		thread = c.thread
	}
}
