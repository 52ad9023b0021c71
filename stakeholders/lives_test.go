package stakeholders_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// checkLives lets companies live and looks at what they were told: the same
// two thousand each time, others and more with -rapid.checks (make
// torture-rules). What happens once in a hundred thousand lives is to be found
// by those who look for it, and not by whoever changes a word elsewhere.
func checkLives(t *testing.T) {
	checks, seed := flag.Lookup("rapid.checks"), flag.Lookup("rapid.seed")
	if checks.Value.String() == checks.DefValue && seed.Value.String() == seed.DefValue {
		_, _ = checks.Value.Set("2000"), seed.Value.Set("20261121")
		defer func() { _, _ = checks.Value.Set(checks.DefValue), seed.Value.Set(seed.DefValue) }()
	}
	policies := somePolicies(t)
	rapid.Check(t, func(t *rapid.T) {
		c := genCompany(t, policies)
		for range rapid.IntRange(1, 16).Draw(t, "acts") {
			c.act(t)
		}
		c.behave = atOnce
		for range 4 {
			c.advance(24 * time.Hour)
		}
		if err := c.check(); err != nil {
			t.Fatal(err)
		}
	})
}

func atOnce(address) (time.Duration, bool) { return 0, false }

// cellWords are cells of every kind.
var cellWords = []string{"–", "E C S", "E C", "C", "P", "E", "C, E 15m", "C, E 1/30", "P 1/60", "P >30", "E >30", "E 15m 1/60", "told", "C, told", "E C, S told", "P told",
	"S, P 15m", "E day", "P told day", "C, E day", "P 1/60 told"}

// somePolicies are the default one and some with cells of every kind.
func somePolicies(t *testing.T) []*stakeholders.Policy {
	policies := []*stakeholders.Policy{defaultPolicy(t)}
	random := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		lines := strings.Split(string(stakeholders.DefaultPolicyDocument()), "\n")
		table := slices.Index(lines, "table:")
		for n, text := range lines {
			quadrant, _, ok := strings.Cut(strings.TrimSpace(text), ":")
			if n < table || !ok || !stakeholders.Quadrant(quadrant).Valid() || random.IntN(3) == 0 {
				continue
			}
			pick := func() string { return cellWords[random.IntN(len(cellWords))] }
			lines[n] = fmt.Sprintf("    %s: %q", quadrant, pick()+" / "+pick()+" / "+pick())
		}
		p, err := stakeholders.ParsePolicy([]byte(strings.Join(lines, "\n")))
		if err != nil {
			t.Fatal(err)
		}
		policies = append(policies, p)
	}
	return policies
}

var (
	zones  = []string{"Europe/Madrid", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Australia/Lord_Howe", "UTC"}
	nights = []string{"", "", "22:00-07:00", "08:30-09:30", "01:15-02:45", "18:00-10:00"}
	// starts are evenings before the clocks change somewhere, and one before none.
	starts = []time.Time{
		time.Date(2026, 3, 28, 19, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 19, 0, 0, 0, time.UTC), time.Date(2026, 10, 31, 20, 0, 0, 0, time.UTC),
		time.Date(2026, 4, 4, 10, 0, 0, 0, time.UTC), time.Date(2026, 6, 10, 20, 0, 0, 0, time.UTC),
	}
)

func genCompany(t *rapid.T, policies []*stakeholders.Policy) *company {
	c := &company{
		policy: policies[max(0, rapid.IntRange(-len(policies)/2, len(policies)-1).Draw(t, "policy"))], now: rapid.SampledFrom(starts).Draw(t, "start"),
		zone: rapid.SampledFrom(zones).Draw(t, "page"), components: map[string]status.Component{}, leftAt: map[address]time.Time{},
		troubled: map[address]bool{}, lines: map[line]*state{}, behave: atOnce,
	}
	for _, id := range componentIDs {
		c.components[id] = status.Component{ID: id, Name: id, Status: status.Operational, NotCore: id == "blog"}
	}
	for n := range rapid.IntRange(0, 4).Draw(t, "entries") {
		c.register = append(c.register, c.genNightly(t, n))
	}
	for n := range rapid.IntRange(0, 3).Draw(t, "subscriptions") {
		s := genSubscription(n).Draw(t, "subscription")
		genPreferences(t, &s.Preferences)
		if !slices.ContainsFunc(c.subscriptions, func(have stakeholders.Subscriber) bool { return addressOf(have.Contact) == addressOf(s.Contact) }) {
			c.subscriptions = append(c.subscriptions, s)
		}
	}
	return c
}

// genNightly is an entry with its hours; the names of entries keep.
func (c *company) genNightly(t *rapid.T, n int) stakeholders.Stakeholder {
	s := genEntry(n).Draw(t, "entry")
	c.entries++
	s.ID = fmt.Sprint("e", c.entries)
	s.QuietHours, s.TimeZone = rapid.SampledFrom(nights).Draw(t, "night"), rapid.SampledFrom(append(zones, "")).Draw(t, "zone")
	for i := range s.Contacts {
		s.Contacts[i].Private = rapid.Bool().Draw(t, "private")
	}
	return s
}

func genPreferences(t *rapid.T, p *stakeholders.Preferences) {
	p.QuietHours, p.TimeZone = rapid.SampledFrom(nights).Draw(t, "night"), rapid.SampledFrom(append(zones, "")).Draw(t, "zone")
	p.DailyDigest = rapid.IntRange(0, 2).Draw(t, "digest") == 0
}

// act lets one thing happen.
func (c *company) act(t *rapid.T) {
	acts := []string{"post", "post", "post", "pass", "pass", "pass", "people", "server", "event"}
	if len(c.matters) < 3 {
		acts = append(acts, "open", "open")
	}
	switch act := rapid.SampledFrom(acts).Draw(t, "act"); {
	case act == "open" || len(c.matters) == 0:
		c.matters = append(c.matters, &matter{})
		p := genPost().Draw(t, "post")
		if rapid.IntRange(0, 2).Draw(t, "planned") == 0 {
			p = status.Post{Name: "Works", Body: "Words.", Notify: p.Notify, Status: status.MaintenanceScheduled, ComponentIDs: genComponents().Draw(t, "touched")}
			from, until := c.now.Add(genPause(t)+time.Minute), c.now.Add(3*24*time.Hour)
			impact := rapid.SampledFrom(status.Grades()).Draw(t, "expected")
			p.ScheduledFor, p.ScheduledUntil, p.ExpectedImpact = &from, &until, &impact
		} else if len(p.Components) == 0 && p.ImpactOverride == nil {
			impact := rapid.SampledFrom(status.Grades()).Draw(t, "impact")
			p.ImpactOverride = &impact
		}
		draft := rapid.IntRange(0, 9).Draw(t, "draft") == 0
		p.Draft = &draft
		c.post(len(c.matters)-1, p)
	case act == "post":
		c.postSome(t, rapid.IntRange(0, len(c.matters)-1).Draw(t, "matter"))
	case act == "event":
		c.happenSome(t, rapid.IntRange(0, len(c.matters)-1).Draw(t, "matter"))
	case act == "people":
		c.changePeople(t)
	case act == "server":
		c.changeServers(t)
	default:
		c.advance(genPause(t))
	}
}

// genPause is a time from a minute to more than a day.
func genPause(t *rapid.T) time.Duration {
	return time.Duration(rapid.SampledFrom([]int{0, 1, 5, 10, 20, 31, 61, 200, 360, 600, 1500}).Draw(t, "minutes")) * time.Minute
}

func (c *company) postSome(t *rapid.T, n int) {
	m := c.matters[n]
	if m.incident.CreatedAt.IsZero() || m.withdrawn && !m.incident.Draft {
		return
	}
	p := genPost().Draw(t, "post")
	if m.incident.IsMaintenance() {
		p = status.Post{Body: "Words.", Notify: p.Notify, Status: rapid.SampledFrom([]status.IncidentStatus{"", "", status.MaintenanceInProgress, status.MaintenanceVerifying, status.MaintenanceCompleted}).Draw(t, "state")}
		if rapid.IntRange(0, 2).Draw(t, "moves") == 0 {
			until := m.incident.ScheduledUntil.Add(time.Hour)
			p.ScheduledUntil = &until
		}
	}
	if rapid.IntRange(0, 11).Draw(t, "draft") == 0 {
		draft := !m.incident.Draft
		p.Draft = &draft
	}
	c.post(n, p)
}

// happenSome is a reminder, an overrun, a look back, or the end of the record.
func (c *company) happenSome(t *rapid.T, n int) {
	m := c.matters[n]
	if m.incident.CreatedAt.IsZero() || m.withdrawn {
		return
	}
	switch s := m.incident.Status; {
	case rapid.IntRange(0, 7).Draw(t, "deleted") == 0:
		m.incident.Withdraw(c.now)
		m.withdrawn = true
		event, _ := stakeholders.EventOf(status.Change{Withdrawn: true, From: s, To: s, Maintenance: m.incident.IsMaintenance()})
		c.happen(n, event)
	case s.Over():
		c.happen(n, rapid.SampledFrom([]stakeholders.Event{stakeholders.Retrospective, stakeholders.ActionDone}).Draw(t, "look back"))
	case s == status.MaintenanceScheduled:
		c.happen(n, rapid.SampledFrom([]stakeholders.Event{stakeholders.MaintenanceIn24h, stakeholders.MaintenanceIn1h}).Draw(t, "reminder"))
	case m.incident.IsMaintenance():
		c.happen(n, stakeholders.MaintenanceOverruns)
	}
}

// changePeople changes who there is and what they want.
func (c *company) changePeople(t *rapid.T) {
	entries, subscriptions := len(c.register), len(c.subscriptions)
	switch what := rapid.IntRange(0, 5).Draw(t, "change"); {
	case what == 0 && entries > 0:
		n := rapid.IntRange(0, entries-1).Draw(t, "which entry")
		c.register[n] = c.genNightly(t, n)
	case what == 1 && entries > 0:
		n := rapid.IntRange(0, entries-1).Draw(t, "which entry")
		c.register[n].Power, c.register[n].Interest = levels(rapid.SampledFrom(stakeholders.Quadrants()).Draw(t, "quadrant"))
	case what == 2 && entries > 0:
		n := rapid.IntRange(0, entries-1).Draw(t, "which entry")
		c.register = slices.Delete(slices.Clone(c.register), n, n+1)
	case what == 3:
		c.register = append(slices.Clone(c.register), c.genNightly(t, 10))
	case what == 4 && subscriptions > 0:
		n := rapid.IntRange(0, subscriptions-1).Draw(t, "which subscription")
		p := genSubscription(n).Draw(t, "new preferences").Preferences
		genPreferences(t, &p)
		c.subscriptions[n].Preferences = p
	case what == 5 && subscriptions > 0:
		n := rapid.IntRange(0, subscriptions-1).Draw(t, "which subscription")
		c.leftAt[addressOf(c.subscriptions[n].Contact)] = c.now
		c.subscriptions = slices.Delete(slices.Clone(c.subscriptions), n, n+1)
	}
}

// changeServers makes a channel slow or deaf, or well again.
func (c *company) changeServers(t *rapid.T) {
	channel := rapid.SampledFrom([]stakeholders.Channel{stakeholders.Email, stakeholders.Slack}).Draw(t, "channel")
	takes := time.Duration(rapid.SampledFrom([]int{0, 1, 7, 90}).Draw(t, "takes")) * time.Minute
	refuses := rapid.Bool().Draw(t, "refuses")
	c.behave = func(a address) (time.Duration, bool) {
		if a.channel != channel || takes == 0 && !refuses {
			return 0, false
		}
		c.troubled[a] = true
		return takes, refuses
	}
}
