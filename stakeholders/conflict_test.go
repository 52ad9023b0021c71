package stakeholders_test

import (
	"testing"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// nightly is a person of the register who sleeps from ten to seven.
func nightly(name string, q stakeholders.Quadrant, words ...string) stakeholders.Stakeholder {
	s := entry(name, stakeholders.Person, q, words...)
	s.QuietHours, s.TimeZone = "22:00-07:00", "UTC"
	return s
}

// Where two rules would have it differently, one of them wins. Each line is one
// such pair, as the specification settles it.
func TestWhereRulesMeetOneWins(t *testing.T) {
	closely, informed, satisfied, monitor := stakeholders.ManageClosely, stakeholders.KeepInformed, stakeholders.KeepSatisfied, stakeholders.Monitor
	minor, major, critical := status.ImpactMinor, status.ImpactMajor, status.ImpactCritical
	three, seven := clock(t, "03:00"), clock(t, "07:00")
	quiet := stakeholders.Thread{WaitingDue: seven, Held: true, Quiet: true}
	quietTold := stakeholders.Thread{ToldAt: three.Add(-5 * time.Hour), WaitingDue: seven, Held: true, Quiet: true}
	toldAtNight := stakeholders.Thread{ToldAt: three.Add(-30 * time.Minute)}
	delayed := stakeholders.Thread{ToldAt: ten.Add(-time.Hour), Delayed: true}
	highest := func(e stakeholders.Event, now, worst status.Impact) stakeholders.Occasion {
		o := occasion(e, now)
		o.Highest = worst
		return o
	}
	silent := occasion(stakeholders.Resolved, major)
	silent.ClosureOnly = true
	widened := raised(stakeholders.ImpactLowered, critical, minor)
	register := func(entries ...stakeholders.Stakeholder) []stakeholders.Recipient {
		return stakeholders.Recipients(entries, nil)
	}
	alone := func(p stakeholders.Preferences) []stakeholders.Recipient {
		p.TimeZone = "UTC"
		return []stakeholders.Recipient{subscriber("a@x", p)}
	}
	away := following(entry("ana", stakeholders.Person, informed, "a@x"), "search")
	team := entry("ops", stakeholders.Team, informed, "#ops")
	for _, c := range []struct {
		rules, name string
		o           stakeholders.Occasion
		who         []stakeholders.Recipient
		to          string
		thread      stakeholders.Thread
		at          string
		want        string
	}{
		{"consent, closure", "who stopped asking in monitor is told the end all the same", occasion(stakeholders.Resolved, major), register(entry("ana", stakeholders.Person, monitor, "a@x")), "a@x", told, "10:00", "send by 2 closure"},
		{"consent, table", "who did not ask in monitor is not told", occasion(stakeholders.Opened, critical), register(entry("ana", stakeholders.Person, monitor, "a@x")), "a@x", nothing, "10:00", "skip by 1 consent"},
		{"scope, closure", "an end out of scope is told to who knows", occasion(stakeholders.Resolved, major), register(away), "a@x", told, "10:00", "send by 2 closure"},
		{"scope, catch-up", "a raise out of scope is not", raised(stakeholders.Updated, minor, critical), register(away), "a@x", nothing, "10:00", "skip by 3 scope"},
		{"scope, several entries", "the wider scope of two entries counts", occasion(stakeholders.Opened, major), register(away, entry("ana2", stakeholders.Person, satisfied, "a@x")), "a@x", nothing, "10:00", "send by table"},
		{"several quadrants, scopes", "two entries that follow different things follow both", occasion(stakeholders.Opened, minor),
			register(away, following(entry("ana2", stakeholders.Person, closely, "a@x"), "payments")), "a@x", nothing, "10:00", "hold 10:30 if open by table"},
		{"narrowing, closure", "least impact does not withhold the end", occasion(stakeholders.Resolved, minor), alone(stakeholders.Preferences{LeastImpact: "critical"}), "a@x", told, "10:00", "send by 2 closure"},
		{"narrowing, closure", "nor does the scope", occasion(stakeholders.Resolved, minor), alone(stakeholders.Preferences{Components: []string{"search"}}), "a@x", told, "10:00", "send by 2 closure"},
		{"narrowing, catch-up", "start and end only lets a catch-up pass: it is a start", raised(stakeholders.Updated, minor, critical), alone(stakeholders.Preferences{StartAndEndOnly: true}), "a@x", nothing, "10:00", "send by table, catch-up"},
		{"narrowing, widening", "every update, but of the worst only", occasion(stakeholders.Updated, minor), alone(stakeholders.Preferences{EveryUpdate: true, LeastImpact: "major"}), "a@x", nothing, "10:00", "skip by 8 widening"},
		{"widening, page only", "impact none reads minor for who asked for everything", occasion(stakeholders.Updated, status.ImpactNone), alone(stakeholders.Preferences{EveryUpdate: true}), "a@x", nothing, "10:00", "send by 8 widening"},
		{"widening, limit", "who asked for everything has no limit", occasion(stakeholders.Updated, major), alone(stakeholders.Preferences{EveryUpdate: true}), "a@x", told, "10:00", "send by 8 widening"},
		{"silence, table", "a silent end goes to nobody new", silent, register(entry("ana", stakeholders.Person, closely, "a@x")), "a@x", nothing, "10:00", "skip by table"},
		{"silence, closure", "and to who knows", silent, register(entry("ana", stakeholders.Person, closely, "a@x")), "a@x", told, "10:00", "send by 2 closure"},
		{"silence, supersede", "and drops what was held", silent, register(entry("ana", stakeholders.Person, closely, "a@x")), "a@x", held, "10:00", "drop by 6 supersede"},

		{"quiet, critical", "the critical wakes who is managed closely", occasion(stakeholders.Opened, critical), register(nightly("ana", closely, "a@x")), "a@x", nothing, "03:00", "send by table"},
		{"quiet, critical", "and nobody who is kept satisfied", occasion(stakeholders.Opened, critical), register(nightly("ana", satisfied, "a@x")), "a@x", nothing, "03:00", "hold 07:00 quiet by 5 quiet hours"},
		{"quiet, quadrant", "of several quadrants the first says who is woken", occasion(stakeholders.Opened, critical), register(nightly("ana", satisfied, "a@x"), nightly("ana2", informed, "a@x")), "a@x", nothing, "03:00", "send by table"},
		{"quiet, widening", "who asked for everything and for quiet is left alone", occasion(stakeholders.Updated, critical), alone(stakeholders.Preferences{EveryUpdate: true, QuietHours: "22:00-07:00"}), "a@x", nothing, "03:00", "hold 07:00 quiet by 5 quiet hours"},
		{"quiet, one message", "a team's channel that a sleeper lists first goes at once", occasion(stakeholders.Opened, major), register(nightly("ana", closely, "#ops"), team), "#ops", nothing, "03:00", "send by table"},
		{"quiet, lowered", "what was critical until now wakes by the impact before", lowered(critical, minor), register(nightly("ana", closely, "#a")), "#a", toldAtNight, "03:00", "send by table"},
		{"quiet, lowered, catch-up", "the catch-up that comes with it reads the impact now", widened, register(nightly("ana", closely, "a@x")), "a@x", nothing, "03:00", "hold 07:00 if open quiet by 5 quiet hours"},
		{"quiet, limit", "a limit that ends by night goes in the morning", occasion(stakeholders.Updated, major), register(nightly("ana", closely, "a@x")), "a@x", toldAtNight, "03:00", "hold 07:00 quiet by 5 quiet hours"},
		{"quiet, limit, critical", "but for the critical", occasion(stakeholders.Updated, critical), register(nightly("ana", informed, "a@x")), "a@x", toldAtNight, "03:00", "hold 03:30 by table"},
		{"quiet, >30", "and keeps its condition", occasion(stakeholders.Opened, minor), register(nightly("ana", closely, "a@x")), "a@x", nothing, "03:00", "hold 07:00 if open quiet by 5 quiet hours"},
		{"quiet, >30, raise", "which a raise takes off", raised(stakeholders.Updated, minor, major), register(nightly("ana", closely, "a@x")), "a@x", stakeholders.Thread{WaitingDue: seven, Held: true, Quiet: true, Conditions: true}, "03:00", "hold 07:00 quiet by 5 quiet hours"},
		{"quiet, closure", "the end is owed in the morning", highest(stakeholders.Resolved, major, major), register(nightly("ana", closely, "a@x")), "a@x", quietTold, "03:00", "hold 07:00 quiet by 5 quiet hours"},
		{"quiet, supersede", "start and end of one night are dropped", highest(stakeholders.Resolved, major, major), register(nightly("ana", closely, "a@x")), "a@x", quiet, "03:00", "drop by 6 supersede"},
		{"quiet, supersede, critical", "but what was critical is heard of", highest(stakeholders.Resolved, major, critical), register(nightly("ana", satisfied, "a@x")), "a@x", quiet, "03:00", "hold 07:00 quiet by 5 quiet hours"},

		{"catch-up, supersede", "a raise takes the place of what waited for thirty minutes", raised(stakeholders.Updated, minor, major), register(entry("ana", stakeholders.Person, satisfied, "a@x")), "a@x", waiting30, "10:00", "send by table"},
		{"catch-up, told", "who knows is not caught up with", raised(stakeholders.Monitoring, minor, major), register(entry("ana", stakeholders.Person, satisfied, "a@x")), "a@x", told, "10:00", "hold 10:15 by table"},
		{"catch-up, closure", "nor anybody with what is over", raised(stakeholders.Resolved, minor, major), register(entry("ana", stakeholders.Person, monitor, "a@x!")), "a@x", nothing, "10:00", "skip by table"},
		{"limit, supersede", "newer words inherit the earlier time", occasion(stakeholders.Updated, major), register(entry("ana", stakeholders.Person, closely, "a@x")), "a@x", toldHeld, "10:00", "hold 10:20 by table"},
		{"limit, closure", "no limit holds an end", occasion(stakeholders.Resolved, major), alone(stakeholders.Preferences{}), "a@x", told, "10:00", "send by table"},
		{"digest, supersede", "a digest takes nobody's place", occasion(stakeholders.Updated, major), alone(stakeholders.Preferences{DailyDigest: true}), "a@x", held, "10:00", "hold 09:00 day by 8 widening"},
		{"digest, closure", "an end goes into it too", occasion(stakeholders.Resolved, major), alone(stakeholders.Preferences{DailyDigest: true}), "a@x", told, "10:00", "hold 09:00 day by 8 widening"},
		{"digest, told", "told stays told in it", occasion(stakeholders.Resolved, minor), alone(stakeholders.Preferences{DailyDigest: true}), "a@x", nothing, "10:00", "skip by table"},
		{"digest, widening", "every update, once a day", occasion(stakeholders.Updated, minor), alone(stakeholders.Preferences{DailyDigest: true, EveryUpdate: true}), "a@x", nothing, "10:00", "hold 09:00 day by 8 widening"},
		{"digest, limit", "a limit means nothing in it", occasion(stakeholders.Updated, major), alone(stakeholders.Preferences{DailyDigest: true}), "a@x", told, "10:00", "hold 09:00 day by 8 widening"},

		{"delay, table", "who heard of a delay by mail hears its end by mail", occasion(stakeholders.MaintenanceCompleted, major), register(entry("ana", stakeholders.Person, closely, "a@x")), "a@x", delayed, "10:00", "send by 2 closure"},
		{"delay, routine", "a routine end makes no mail", occasion(stakeholders.MaintenanceCompleted, major), register(entry("ana", stakeholders.Person, closely, "#a", "a@x")), "a@x", told, "10:00", "skip by table"},
		{"delay, scope", "whatever changed since", occasion(stakeholders.MaintenanceCompleted, major), register(away), "a@x", delayed, "10:00", "send by 2 closure"},
	} {
		t.Run(c.rules+": "+c.name, func(t *testing.T) {
			at := clock(t, c.at)
			thread := func(stakeholders.Contact) stakeholders.Thread { return c.thread }
			got := "nothing is decided"
			for _, s := range stakeholders.Settle(c.o, stakeholders.Candidates(defaultPolicy(t), c.o, c.who), thread, at) {
				if s.Verdict.Contact.Address != c.to || s.Outcome.Rule == stakeholders.RuleOnePerson {
					continue
				}
				got = words(s.Outcome)
				if s.Outcome.Gather != "" {
					got += " " + string(s.Outcome.Gather)
				}
				got += " by " + string(s.Outcome.Rule)
			}
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// lowered is a lowering.
func lowered(before, now status.Impact) stakeholders.Occasion {
	o := occasion(stakeholders.ImpactLowered, now)
	o.ImpactBefore, o.Highest = before, before
	return o
}
