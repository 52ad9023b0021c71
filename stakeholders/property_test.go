package stakeholders_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

var componentIDs = []string{"payments", "search", "blog"}

func genComponents() *rapid.Generator[[]string] {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(componentIDs), 0, 2, rapid.ID[string])
}

// Few addresses, so that entries and subscriptions meet on them.
func genContact() *rapid.Generator[stakeholders.Contact] {
	return rapid.Custom(func(t *rapid.T) stakeholders.Contact {
		c := contact(rapid.SampledFrom([]string{"a@x", "b@x", "c@x", "d@x", "e@x", "#a", "#b", "+1"}).Draw(t, "address"))
		c.OptedIn = rapid.Bool().Draw(t, "opted in")
		return c
	})
}

func genEntry(n int) *rapid.Generator[stakeholders.Stakeholder] {
	return rapid.Custom(func(t *rapid.T) stakeholders.Stakeholder {
		s := entry(fmt.Sprint("entry ", n), rapid.SampledFrom([]stakeholders.Kind{stakeholders.Person, stakeholders.Person, stakeholders.Team, stakeholders.Segment}).Draw(t, "kind"),
			rapid.SampledFrom(stakeholders.Quadrants()).Draw(t, "quadrant"))
		if s.Kind != stakeholders.Segment {
			s.Contacts = rapid.SliceOfNDistinct(genContact(), 1, 3, addressOf).Draw(t, "contacts")
			s.Components = genComponents().Draw(t, "components")
		}
		return s
	})
}

func genSubscription(n int) *rapid.Generator[stakeholders.Subscriber] {
	return rapid.Custom(func(t *rapid.T) stakeholders.Subscriber {
		word := rapid.SampledFrom([]string{"a@x", "b@x", "#a", "+2", fmt.Sprint("s", n, "@x"), fmt.Sprint("s", n, "@x")}).Draw(t, "address")
		return subscription(word, rapid.SampledFrom([]string{stakeholders.DefaultSegment, "entry 0", "entry 1"}).Draw(t, "segment"), stakeholders.Preferences{
			Components:      genComponents().Draw(t, "components"),
			LeastImpact:     rapid.SampledFrom([]string{"", "", "minor", "major", "critical"}).Draw(t, "least impact"),
			StartAndEndOnly: rapid.Bool().Draw(t, "start and end only"),
			EveryUpdate:     rapid.Bool().Draw(t, "every update"),
		})
	})
}

func genPost() *rapid.Generator[status.Post] {
	return rapid.Custom(func(t *rapid.T) status.Post {
		p := status.Post{Name: "Trouble", Body: "Words.", Notify: rapid.IntRange(0, 9).Draw(t, "notify") > 0}
		p.Status = rapid.SampledFrom(append(status.IncidentStatuses(), "", "", "")).Draw(t, "status")
		for _, id := range genComponents().Draw(t, "states") {
			p.Components = append(p.Components, status.ComponentState{ComponentID: id, Status: rapid.SampledFrom(status.ComponentStatuses()).Draw(t, "state")})
		}
		if rapid.IntRange(0, 9).Draw(t, "replaces") == 0 {
			p.ComponentIDs = append([]string{}, genComponents().Draw(t, "touched")...)
		}
		if rapid.IntRange(0, 5).Draw(t, "overrides") == 0 {
			impact := rapid.SampledFrom(append(status.Grades(), "")).Draw(t, "override")
			p.ImpactOverride = &impact
		}
		return p
	})
}

// genPolicy is the default policy, or one with cells of every kind in the rows
// of incidents. An end may be held no longer than the others.
func genPolicy(t *rapid.T) *stakeholders.Policy {
	document := string(stakeholders.DefaultPolicyDocument())
	if rapid.Bool().Draw(t, "default policy") {
		return defaultPolicy(t)
	}
	lists := []string{"–", "E C S", "E C", "C", "P", "E", "C, E 15m", "C, E 1/30", "P 1/60", "P >30", "E 15m 1/60", "told", "C, told", "E C, S told", "P told", "S, P 15m"}
	cell := rapid.Custom(func(t *rapid.T) string {
		return strings.Join([]string{rapid.SampledFrom(lists).Draw(t, "critical"), rapid.SampledFrom(lists).Draw(t, "major"), rapid.SampledFrom(lists).Draw(t, "minor")}, " / ")
	})
	for _, row := range []string{"opened", "update", "identified", "monitoring", "impact_lowered"} {
		at := strings.Index(document, "\n  "+row+":")
		for _, q := range stakeholders.Quadrants() {
			before, after, _ := strings.Cut(document[at:], "    "+string(q)+": ")
			_, after, _ = strings.Cut(after, "\n")
			document = document[:at] + before + fmt.Sprintf("    %s: %q\n", q, cell.Draw(t, row+" "+string(q))) + after
		}
	}
	p, err := stakeholders.ParsePolicy([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// genLife is a world in which nothing has happened yet.
func genLife(t *rapid.T) *life {
	l := &life{policy: genPolicy(t), now: ten, components: map[string]status.Component{}, threads: map[address]*thread{}}
	for _, id := range componentIDs {
		l.components[id] = status.Component{ID: id, Name: id, Status: status.Operational, NotCore: id == "blog"}
	}
	for n := range rapid.IntRange(0, 6).Draw(t, "entries") {
		l.register = append(l.register, genEntry(n).Draw(t, "entry"))
	}
	for n := range rapid.IntRange(0, 4).Draw(t, "subscriptions") {
		s := genSubscription(n).Draw(t, "subscription")
		if !slices.ContainsFunc(l.subscriptions, func(have stakeholders.Subscriber) bool { return addressOf(have.Contact) == addressOf(s.Contact) }) {
			l.subscriptions = append(l.subscriptions, s)
		}
	}
	return l
}

func always(address) bool { return true }

// live lets an incident happen: posts with time between them, channels that
// are down for a while, messages in flight, people who change.
func (l *life) live(t *rapid.T) {
	for range rapid.IntRange(1, 12).Draw(t, "posts") {
		before := len(l.posts)
		if err := l.post(genPost().Draw(t, "post")); err != nil {
			t.Fatal(err)
		}
		if len(l.posts) > before { // else nothing is pushed
			l.checkNewest(t)
		}
		down := rapid.SampledFrom([]stakeholders.Channel{"", "", stakeholders.Email, stakeholders.Slack}).Draw(t, "down")
		minutes := time.Duration(rapid.SampledFrom([]int{0, 1, 5, 10, 20, 31, 61, 200}).Draw(t, "minutes")) * time.Minute
		l.advance(minutes, func(a address) bool { return a.channel != down })
		for _, a := range l.addresses() {
			switch rapid.IntRange(0, 5).Draw(t, "flight") {
			case 0:
				l.fly(a)
			case 1, 2:
				l.land(a)
			}
		}
		l.people(t)
	}
	l.advance(24*time.Hour, always)
	for _, a := range l.addresses() {
		l.land(a)
	}
}

// people sometimes changes who there is and what they want.
func (l *life) people(t *rapid.T) {
	if len(l.register) > 0 && rapid.IntRange(0, 4).Draw(t, "register changes") == 0 {
		n := rapid.IntRange(0, len(l.register)-1).Draw(t, "which entry")
		l.register[n] = genEntry(n).Draw(t, "new entry")
	}
	if len(l.subscriptions) > 0 && rapid.IntRange(0, 4).Draw(t, "preferences change") == 0 {
		n := rapid.IntRange(0, len(l.subscriptions)-1).Draw(t, "which subscription")
		l.subscriptions[n].Preferences = genSubscription(n).Draw(t, "new preferences").Preferences
	}
}

// The promises of ROUTING.md that hold whatever happens. A few hundred lives
// run by themselves; -rapid.checks=100000 runs more.
func TestPromisesHoldInEveryLife(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := genLife(t)
		l.live(t)
		l.checkPosts(t)
		l.checkEnds(t)
		l.checkLimits(t)
	})
}

// checkNewest looks at the notice just made, against the threads as they were.
func (l *life) checkNewest(t *rapid.T) {
	p := l.posts[len(l.posts)-1]
	answered := map[address]bool{}
	for _, s := range p.settled {
		a, out := addressOf(s.Verdict.Contact), s.Outcome
		before := p.before[a]
		if out.Action == stakeholders.Send || out.Action == stakeholders.Hold {
			answered[a] = true
			l.checkReplaced(t, p.occasion, s, before)
		}
		if s.Verdict.CatchUp != nil && l.incident.Status.Over() {
			t.Errorf("%v is caught up with an incident that is over", a)
		}
		l.checkNarrowed(t, p.occasion, s)
	}
	for a, before := range p.before {
		if p.occasion.Event.Ends() && (before.Told() || before.InFlight) && !answered[a] {
			t.Errorf("%v heard of the start, or is about to, and is not owed the end", a)
		}
		w := l.threads[a].waiting
		if p.occasion.Event.Ends() && answered[a] && (w == nil || w.post != len(l.posts)-1) {
			t.Errorf("%v: the end does not take the place of what waited", a)
		}
	}
}

// checkReplaced looks at a message and what it takes the place of (rule 6).
func (l *life) checkReplaced(t *rapid.T, o stakeholders.Occasion, s stakeholders.Settled, before stakeholders.Thread) {
	a, out := addressOf(s.Verdict.Contact), s.Outcome
	waits := !before.WaitingDue.IsZero()
	begun := before.Told() || before.InFlight || (waits && !before.Held)
	switch {
	case out.Action == stakeholders.Hold && !out.DueAt.After(l.now):
		t.Errorf("%v: held until %s, which has come", a, out.DueAt)
	case out.Action == stakeholders.Hold && waits && out.DueAt.After(before.WaitingDue):
		t.Errorf("%v: due at %s, and put off to %s by newer words", a, before.WaitingDue, out.DueAt)
	case out.Action == stakeholders.Hold && waits && !before.Held:
		t.Errorf("%v: what was queued is held by newer words", a)
	case out.OnlyIfOpen && waits && !before.Conditions:
		t.Errorf("%v: newer words wait on a condition that the older had not", a)
	case out.Rule == stakeholders.RuleRaised && begun:
		t.Errorf("%v: caught up, though told", a)
	case o.Event.Ends() && waits && !begun:
		t.Errorf("%v: told the end of what was held and never sent", a)
	}
}

// checkNarrowed is rule 8 for a subscriber that no register entry leads to.
func (l *life) checkNarrowed(t *rapid.T, o stakeholders.Occasion, s stakeholders.Settled) {
	at := slices.IndexFunc(l.subscriptions, func(one stakeholders.Subscriber) bool { return "subscriber:"+one.ID == s.Person })
	if at < 0 || o.ClosureOnly || s.Outcome.Rule == stakeholders.RuleOnePerson {
		return
	}
	p := l.subscriptions[at].Preferences
	told := s.Outcome.Action == stakeholders.Send || s.Outcome.Action == stakeholders.Hold
	if s.Outcome.Rule == stakeholders.RuleClosure || s.Outcome.Action == stakeholders.Drop {
		return
	}
	least := status.Impact(p.LeastImpact)
	mild := p.LeastImpact != "" && max(o.Impact.Level(), o.ImpactBefore.Level()) < least.Level()
	between := p.StartAndEndOnly && !o.Event.Starts() && !o.Event.Ends()
	away := len(p.Components) > 0 && !slices.ContainsFunc(p.Components, func(id string) bool { return slices.Contains(o.Components, id) })
	switch {
	case told && mild:
		t.Errorf("%s asked for %s, and is told of %s", s.Person, least, o.Impact)
	case told && between && s.Outcome.Rule != stakeholders.RuleRaised:
		t.Errorf("%s asked for start and end, and is told of %s", s.Person, o.Event)
	case !told && p.EveryUpdate && !mild && !between && !away && l.givesEverything(o):
		t.Errorf("%s asked for every update, and is not told of %s: %s", s.Person, o.Event, s.Outcome.Reason)
	}
}

// givesEverything says whether the column keep_informed gives something for an
// event to everybody.
func (l *life) givesEverything(o stakeholders.Occasion) bool {
	impact := o.Impact
	if o.Event == stakeholders.ImpactLowered {
		impact = o.ImpactBefore
	}
	cell, _ := l.policy.Cell(o.Event, stakeholders.KeepInformed, impact.Worse(status.ImpactMinor))
	return len(cell.Entries) > 0 && !slices.ContainsFunc(cell.Entries, func(e stakeholders.Entry) bool { return e.Timing.Told })
}

// checkPosts looks at every decision by itself.
func (l *life) checkPosts(t *rapid.T) {
	for n, p := range l.posts {
		said := map[address]int{}
		for _, s := range p.settled {
			a := addressOf(s.Verdict.Contact)
			if s.Outcome.Action == stakeholders.Skip {
				continue
			}
			if said[a]++; said[a] > 1 {
				t.Errorf("post %d: %v is decided for twice", n, a)
			}
			if s.Outcome.Rule == "" || s.Outcome.Reason == "" && s.Outcome.Rule != stakeholders.RuleClosure {
				t.Errorf("post %d: %v without rule or reason", n, a)
			}
			if s.Outcome.Action == stakeholders.Drop || s.Outcome.Rule == stakeholders.RuleClosure {
				continue
			}
			l.checkPush(t, p.occasion, s)
		}
	}
}

// checkPush looks at one message that is sent or held, and is no closure.
func (l *life) checkPush(t *rapid.T, o stakeholders.Occasion, s stakeholders.Settled) {
	contact := s.Verdict.Contact
	if len(s.Components) > 0 && !slices.ContainsFunc(s.Components, func(id string) bool { return slices.Contains(o.Components, id) }) {
		t.Errorf("%s follows %v, and is told of %v", contact.Address, s.Components, o.Components)
	}
	if o.ClosureOnly {
		t.Errorf("%s is told, though the sender asked for no notifications", contact.Address)
	}
	read := o.Impact
	if o.Event == stakeholders.ImpactLowered {
		read = o.ImpactBefore
	}
	if read == status.ImpactNone && !contact.EveryUpdate {
		t.Errorf("%s is told of %s at impact none", contact.Address, o.Event)
	}
	if s.Quadrant == stakeholders.Monitor && !contact.OptedIn {
		t.Errorf("%s is in monitor and did not ask", contact.Address)
	}
}

// checkEnds is rule 2: in every stretch from a start to an end, who
// was told anything is told the end on that channel once, and whoever was told
// nothing because it was held is told nothing.
func (l *life) checkEnds(t *rapid.T) {
	for n, p := range l.posts {
		if p.occasion.Event != stakeholders.Resolved {
			continue
		}
		next := slices.IndexFunc(l.posts[n+1:], func(p posted) bool { return p.occasion.Event == stakeholders.Reopened })
		for _, a := range l.addresses() {
			toldBefore, ends, after := false, 0, 0
			for _, m := range l.messages {
				switch {
				case m.to != a:
				case m.post == n:
					ends++
				case m.post < n && m.at.Before(p.at):
					toldBefore = true
				case m.post > n && (next < 0 || m.post < n+1+next):
					after++
				}
			}
			if ends > 1 {
				t.Errorf("%v was told the end %d times", a, ends)
			}
			// A later word takes the place of an end that was still queued; it
			// says that it is over, too.
			if reopened := next >= 0; toldBefore && ends == 0 && after == 0 && !reopened {
				t.Errorf("%v was told of the incident, and never of its end", a)
			}
		}
	}
}

// checkLimits is "at most one message of any kind in that period": what a
// limited cell gives keeps its distance to the message before it, except in the
// place of one that was due by then, and except ends.
func (l *life) checkLimits(t *rapid.T) {
	for _, m := range l.messages {
		p := l.posts[m.post]
		if m.last.IsZero() || m.waiting.replaced || p.occasion.Event.Ends() {
			continue
		}
		for _, s := range p.settled {
			own := s.Verdict.Own
			if addressOf(s.Verdict.Contact) != m.to || s.Outcome != m.waiting.outcome || own == nil || s.Outcome.Rule == stakeholders.RuleRaised {
				continue
			}
			if gap := m.at.Sub(m.last); own.Limit > 0 && gap < own.Limit && !l.flewPast(m) {
				t.Errorf("%v was told of %s %s after the message before; the limit is %s", m.to, p.occasion.Event, gap, own.Limit)
			}
		}
	}
}

// flewPast says whether the message before this one was accepted only after
// this one was decided: its time was not known then.
func (l *life) flewPast(m message) bool { return !m.last.Before(l.posts[m.post].at) }

func TestDecidingIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := genLife(t)
		o := stakeholders.Occasion{
			Event:  rapid.SampledFrom([]stakeholders.Event{stakeholders.Opened, stakeholders.Updated, stakeholders.Resolved, stakeholders.ImpactLowered}).Draw(t, "event"),
			Impact: rapid.SampledFrom(status.Grades()).Draw(t, "impact"), ImpactBefore: rapid.SampledFrom(status.Grades()).Draw(t, "before"),
			Raised: rapid.Bool().Draw(t, "raised"), Components: genComponents().Draw(t, "touched"),
		}
		once := l.settle(o, stakeholders.Candidates(l.policy, o, l.recipients()))
		again := l.settle(o, stakeholders.Candidates(l.policy, o, l.recipients()))
		if !reflect.DeepEqual(once, again) {
			t.Errorf("%+v, then %+v", once, again)
		}
	})
}

func TestOnePersonHasOneContactOfAChannel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := genLife(t)
		owner := map[string]string{}
		for _, r := range l.recipients() {
			classes := map[stakeholders.Class]bool{}
			for _, v := range stakeholders.Decide(l.policy, occasion(stakeholders.Opened, status.ImpactCritical), r) {
				if class := v.Contact.Channel.Class(); classes[class] {
					t.Errorf("%s has two contacts of %s", r.Name, class.Label())
				} else {
					classes[class] = true
				}
			}
			if r.Kind != stakeholders.FromRegister || l.kind(r.ID) != stakeholders.Person {
				continue
			}
			for _, c := range r.Contacts {
				if c.Channel == stakeholders.Email && owner[c.Address] != "" {
					t.Errorf("%s is %s and %s", c.Address, owner[c.Address], r.ID)
				} else if c.Channel == stakeholders.Email {
					owner[c.Address] = r.ID
				}
			}
		}
	})
}

func (l *life) kind(id string) stakeholders.Kind {
	at := slices.IndexFunc(l.register, func(s stakeholders.Stakeholder) bool { return s.ID == id })
	return l.register[at].Kind
}
