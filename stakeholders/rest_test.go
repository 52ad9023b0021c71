package stakeholders_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// atNight is a person with quiet hours from ten to seven, in a quadrant.
func atNight(q stakeholders.Quadrant, words ...string) stakeholders.Recipient {
	r := registered(q, words...)
	r.Preferences.QuietHours, r.Preferences.TimeZone = "22:00-07:00", "UTC"
	return r
}

func digesting(word string) stakeholders.Recipient {
	return subscriber(word, stakeholders.Preferences{DailyDigest: true, TimeZone: "UTC"})
}

// settled writes what the first contact of a recipient gets: "hold 07:00 quiet".
func settled(t *testing.T, o stakeholders.Occasion, r stakeholders.Recipient, th stakeholders.Thread, at time.Time) string {
	t.Helper()
	out := stakeholders.Decide(defaultPolicy(t), o, r)[0].Settle(o, th, at)
	text := words(out)
	if out.Gather != "" {
		text += " " + string(out.Gather)
	}
	return text
}

func TestQuietHoursMeetTheOtherRules(t *testing.T) {
	closely, satisfied, informed := stakeholders.ManageClosely, stakeholders.KeepSatisfied, stakeholders.KeepInformed
	minor, major, critical := status.ImpactMinor, status.ImpactMajor, status.ImpactCritical
	three, seven := clock(t, "03:00"), clock(t, "07:00")
	none := stakeholders.Thread{}
	quiet := stakeholders.Thread{WaitingDue: seven, Held: true, Quiet: true}
	toldBefore := stakeholders.Thread{ToldAt: three.Add(-6 * time.Hour)}
	withHighest := func(e stakeholders.Event, now, highest status.Impact) stakeholders.Occasion {
		o := occasion(e, now)
		o.Highest = highest
		return o
	}
	team := atNight(closely, "a@x")
	team.Team = true
	hook := atNight(satisfied, "hook")
	hook.Contacts[0].Channel = stakeholders.Webhook
	for _, c := range []struct {
		name   string
		o      stakeholders.Occasion
		r      stakeholders.Recipient
		thread stakeholders.Thread
		at     string
		want   string
	}{
		{"holds what is major", occasion(stakeholders.Opened, major), atNight(closely, "a@x"), none, "03:00", "hold 07:00 quiet"},
		{"lets the critical through to manage closely", occasion(stakeholders.Opened, critical), atNight(closely, "a@x"), none, "03:00", "send"},
		{"lets the critical through to keep informed", occasion(stakeholders.Opened, critical), atNight(informed, "a@x"), none, "03:00", "send"},
		{"holds the critical for keep satisfied", occasion(stakeholders.Opened, critical), atNight(satisfied, "a@x"), none, "03:00", "hold 07:00 quiet"},
		{"by day as ever", occasion(stakeholders.Opened, major), atNight(closely, "a@x"), none, "10:00", "send"},
		{"a team has none", occasion(stakeholders.Opened, major), team, none, "03:00", "send"},
		{"a program has none", occasion(stakeholders.Opened, major), hook, none, "03:00", "send"},
		{"a look back waits, however bad it was", occasion(stakeholders.Retrospective, critical), atNight(closely, "a@x"), none, "03:00", "hold 07:00 quiet"},
		{"a hold that ends within them", occasion(stakeholders.Opened, critical), atNight(stakeholders.Monitor, "a@x!"), none, "21:55", "hold 07:00 quiet"},
		{"a hold that ends before them", occasion(stakeholders.Opened, critical), atNight(stakeholders.Monitor, "a@x!"), none, "21:44", "hold 21:59"},
		{"a condition stays", occasion(stakeholders.Opened, minor), atNight(closely, "a@x"), none, "03:00", "hold 07:00 if open quiet"},
		{"nothing stays nothing", occasion(stakeholders.Updated, minor), atNight(satisfied, "a@x"), none, "03:00", "skip"},

		{"the newer takes the place of the held", occasion(stakeholders.Updated, major), atNight(closely, "a@x"), quiet, "03:00", "hold 07:00 quiet"},
		{"a raise to critical comes through", raised(stakeholders.Updated, major, critical), atNight(informed, "a@x"), quiet, "03:00", "send"},
		{"a raise does not, where critical is held", raised(stakeholders.Updated, major, critical), atNight(satisfied, "a@x"), quiet, "03:00", "hold 07:00 quiet"},
		{"a limit that ends later waits no longer than they do", occasion(stakeholders.Updated, critical), atNight(satisfied, "a@x"),
			stakeholders.Thread{ToldAt: clock(t, "06:50"), WaitingDue: seven, Held: true, Quiet: true}, "06:55", "hold 07:00 quiet"},

		{"the end is owed when they are over", withHighest(stakeholders.Resolved, major, major), atNight(closely, "a@x"), toldBefore, "03:00", "hold 07:00 quiet"},
		{"the end of the critical comes at night", withHighest(stakeholders.Resolved, critical, critical), atNight(closely, "a@x"), toldBefore, "03:00", "send"},
		{"start and end of a night are dropped", withHighest(stakeholders.Resolved, major, major), atNight(closely, "a@x"), quiet, "03:00", "drop"},
		{"but for the critical", withHighest(stakeholders.Resolved, major, critical), atNight(satisfied, "a@x"), quiet, "03:00", "hold 07:00 quiet"},
		{"and not if it was a mistake", withHighest(stakeholders.Withdrawn, critical, critical), atNight(satisfied, "a@x"), quiet, "03:00", "drop"},
		{"an end that comes as they end", withHighest(stakeholders.Resolved, critical, critical), atNight(satisfied, "a@x"), quiet, "07:00", "send"},
		{"closure out of scope is held too", withHighest(stakeholders.Resolved, major, major), scoped(atNight(closely, "a@x"), "search"), toldBefore, "03:00", "hold 07:00 quiet"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := settled(t, c.o, c.r, c.thread, clock(t, c.at)); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func scoped(r stakeholders.Recipient, components ...string) stakeholders.Recipient {
	r.Components = components
	return r
}

func TestADailyDigestHoldsEverythingAndTakesNobodysPlace(t *testing.T) {
	major, critical := status.ImpactMajor, status.ImpactCritical
	held := stakeholders.Thread{WaitingDue: clock(t, "10:05"), Held: true}
	told := stakeholders.Thread{ToldAt: clock(t, "09:30")}
	nightly := digesting("a@x")
	nightly.Preferences.QuietHours = "08:00-12:00"
	both := atNight(stakeholders.ManageClosely, "a@x")
	both.Contacts[0].EveryUpdate = true
	for _, c := range []struct {
		name   string
		o      stakeholders.Occasion
		r      stakeholders.Recipient
		thread stakeholders.Thread
		want   string
	}{
		{"who asked for one", occasion(stakeholders.Opened, critical), digesting("a@x"), nothing, "hold 09:00 day"},
		{"its end goes into it too", occasion(stakeholders.Resolved, critical), digesting("a@x"), told, "hold 09:00 day"},
		{"a limit means nothing in it", occasion(stakeholders.Updated, critical), digesting("a@x"), told, "hold 09:00 day"},
		{"nothing held lends it an earlier time", occasion(stakeholders.Updated, critical), digesting("a@x"), held, "hold 09:00 day"},
		{"the table's", occasion(stakeholders.Retrospective, major), registered(stakeholders.KeepInformed, "a@x"), nothing, "hold 09:00 day"},
		{"quiet hours put it off", occasion(stakeholders.Opened, critical), nightly, nothing, "hold 12:00 day"},
		{"a register entry is not narrowed to one", occasion(stakeholders.Opened, critical), both, nothing, "send"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := settled(t, c.o, c.r, c.thread, ten); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestTheHoursOfWhoNamedNoZoneAreThePages(t *testing.T) {
	o := occasion(stakeholders.Opened, status.ImpactMajor)
	o.TimeZone = "America/New_York"
	r := registered(stakeholders.ManageClosely, "a@x")
	r.Preferences.QuietHours = "22:00-07:00"
	if got := settled(t, o, r, nothing, clock(t, "04:00")); got != "hold 12:00 quiet" { // 23:00 in New York
		t.Errorf("%s, want hold 12:00 quiet", got)
	}
}

func TestPuttingTogether(t *testing.T) {
	quiet, day := stakeholders.GatherQuiet, stakeholders.GatherDay
	open, over := status.Investigating, status.Resolved
	gathered := func(id int64, incident string, g stakeholders.Gather, e stakeholders.Event, state status.IncidentStatus) stakeholders.Gathered {
		return stakeholders.Gathered{NoticeID: id, IncidentID: incident, Gather: g, Event: e, State: state, Highest: status.ImpactMajor, Newest: id}
	}
	critical := gathered(1, "a", quiet, stakeholders.Opened, over)
	critical.Highest = status.ImpactCritical
	lapsed := gathered(1, "a", day, stakeholders.Opened, over)
	lapsed.OnlyIfOpen = true
	withdrawn := gathered(1, "a", day, stakeholders.Opened, open)
	withdrawn.Withdrawn = true
	known := gathered(1, "a", day, stakeholders.MaintenanceAnnounced, open)
	known.ToldID, known.Newest = 3, 3
	lasting := gathered(1, "a", day, stakeholders.ActionDone, open)
	lasting.ToldID, lasting.Newest = 3, 3
	leaving := gathered(1, "a", day, stakeholders.Opened, open)
	leaving.WaitingID = 4
	owed := gathered(2, "a", quiet, stakeholders.Resolved, over)
	owed.ToldID, owed.EndID = 1, 2
	after := gathered(3, "a", quiet, stakeholders.Updated, over)
	after.ToldID, after.EndID = 1, 2
	late := gathered(3, "a", quiet, stakeholders.Updated, over)
	late.ToldID, late.EndID = 2, 2
	for _, c := range []struct {
		name    string
		waiting []stakeholders.Gathered
		event   stakeholders.Event
		sent    string // ids by incident: "1+2 3"
		left    string // ids, with s for superseded
	}{
		{"one goes by itself", []stakeholders.Gathered{gathered(1, "a", quiet, stakeholders.Opened, open)}, "", "1", ""},
		{"two incidents make a summary", []stakeholders.Gathered{gathered(1, "a", quiet, stakeholders.Opened, open), gathered(2, "b", quiet, stakeholders.Opened, open)}, stakeholders.QuietSummary, "1 2", ""},
		{"with the day's they make a digest", []stakeholders.Gathered{gathered(1, "a", quiet, stakeholders.Opened, open), gathered(2, "b", day, stakeholders.Opened, open)}, stakeholders.DailyDigest, "1 2", ""},
		{"several of one incident go as its newest", []stakeholders.Gathered{gathered(2, "a", day, stakeholders.Resolved, over), gathered(1, "a", day, stakeholders.Opened, over)}, "", "1+2", ""},
		{"what ended at night is left out", []stakeholders.Gathered{gathered(1, "a", quiet, stakeholders.Updated, over), gathered(2, "b", quiet, stakeholders.Opened, open)}, "", "2", "1"},
		{"but for what was critical", []stakeholders.Gathered{critical, gathered(2, "b", quiet, stakeholders.Opened, open)}, stakeholders.QuietSummary, "1 2", ""},
		{"and for an end that is owed", []stakeholders.Gathered{owed}, "", "2", ""},
		{"even if more was said since", []stakeholders.Gathered{after}, "", "3", ""},
		{"but not what was said since to who knows", []stakeholders.Gathered{late}, "", "", "3"},
		{"nor the end of what was never heard", []stakeholders.Gathered{gathered(1, "a", quiet, stakeholders.Resolved, over)}, "", "", "1"},
		{"a digest tells what is over too", []stakeholders.Gathered{gathered(1, "a", day, stakeholders.Opened, over)}, "", "1", ""},
		{"unless it asked to be open", []stakeholders.Gathered{lapsed}, "", "", "1"},
		{"what was withdrawn is not told", []stakeholders.Gathered{withdrawn}, "", "", "1"},
		{"what is known better is superseded", []stakeholders.Gathered{known}, "", "", "1s"},
		{"what stays true is not", []stakeholders.Gathered{lasting}, "", "1", ""},
		{"nor does it go before what waits by itself", []stakeholders.Gathered{leaving}, "", "", "1s"},
		{"nothing", nil, "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := stakeholders.PutTogether(c.waiting)
			if sent, left := spellTogether(got); got.Event != c.event || sent != c.sent || left != c.left {
				t.Errorf("%q sends %q and leaves %q; want %q, %q, %q", got.Event, sent, left, c.event, c.sent, c.left)
			}
		})
	}
}

// spellTogether writes the notices that are sent, by incident, and those that
// are left out.
func spellTogether(together stakeholders.Together) (sent, left string) {
	for i, parts := range together.Incidents {
		if i > 0 {
			sent += " "
		}
		for n, part := range parts {
			if n > 0 {
				sent += "+"
			}
			sent += strconv.FormatInt(part.NoticeID, 10)
		}
	}
	for _, l := range together.Left {
		left += strconv.FormatInt(l.NoticeID, 10)
		if l.Superseded {
			left += "s"
		}
	}
	return sent, left
}
