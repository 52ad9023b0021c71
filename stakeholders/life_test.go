package stakeholders_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// life is one incident with everybody who may hear of it: what the store, the
// worker and the channels do around Settle, written out by hand and small.
type life struct {
	policy        *stakeholders.Policy
	register      []stakeholders.Stakeholder
	subscriptions []stakeholders.Subscriber
	components    map[string]status.Component

	now      time.Time
	incident status.Incident
	posts    []posted
	threads  map[address]*thread
	messages []message
}

type address struct {
	channel stakeholders.Channel
	address string
}

func addressOf(c stakeholders.Contact) address { return address{c.Channel, c.Address} }

// posted is one notice with what was decided about it.
type posted struct {
	at       time.Time
	occasion stakeholders.Occasion
	settled  []stakeholders.Settled
	before   map[address]stakeholders.Thread // the threads as they were
}

// thread is what one address was told, and what waits for it.
type thread struct {
	toldAt  time.Time
	waiting *waiting
	flying  *waiting // being sent, and not accepted yet
}

type waiting struct {
	post    int
	due     time.Time
	held    bool
	ifOpen  bool
	outcome stakeholders.Outcome
	// replaced says that it took the place of something due by then.
	replaced bool
}

// message is one that a server accepted.
type message struct {
	to      address
	at      time.Time
	post    int
	last    time.Time // the message before it, on this thread
	waiting waiting
}

func (t *thread) facts() stakeholders.Thread {
	facts := stakeholders.Thread{ToldAt: t.toldAt, InFlight: t.flying != nil}
	if w := t.waiting; w != nil {
		facts.WaitingDue, facts.Held, facts.Conditions = w.due, w.held, w.ifOpen
	}
	return facts
}

func (l *life) thread(a address) *thread {
	if l.threads[a] == nil {
		l.threads[a] = &thread{}
	}
	return l.threads[a]
}

// recipients are the register's people, then the subscribers that no entry
// leads to, as the store reads them.
func (l *life) recipients() []stakeholders.Recipient {
	known := map[address]bool{}
	for _, s := range l.register {
		for _, c := range s.Contacts {
			known[addressOf(c)] = true
		}
	}
	var joined []stakeholders.Subscriber
	var alone []stakeholders.Recipient
	for _, s := range l.subscriptions {
		if known[addressOf(s.Contact)] {
			joined = append(joined, s)
			continue
		}
		alone = append(alone, stakeholders.SubscriberRecipient(s.ID, s.Contact, stakeholders.SegmentQuadrant(l.register, s.Segment), s.Preferences))
	}
	return append(stakeholders.Recipients(l.register, joined), alone...)
}

// post makes a post true and settles it with everybody. The id of a component
// is its place in the world.
func (l *life) post(p status.Post) error {
	change, err := l.incident.Apply(p, l.components, l.now, fmt.Sprint(len(l.posts)), len(l.incident.Updates) == 0)
	if err != nil {
		return err
	}
	for _, c := range change.Components {
		component := l.components[c.ComponentID]
		component.Status = c.New
		l.components[c.ComponentID] = component
	}
	event, raised := stakeholders.EventOf(change)
	if !p.Notify && !event.Ends() {
		return nil
	}
	done := posted{at: l.now, occasion: stakeholders.Occasion{Event: event, Impact: change.ImpactAfter, ImpactBefore: change.ImpactBefore,
		Raised: raised, Components: l.incident.ComponentIDs(), ClosureOnly: !p.Notify}, before: map[address]stakeholders.Thread{}}
	for _, a := range l.addresses() {
		done.before[a] = l.threads[a].facts()
	}
	done.settled = l.settle(done.occasion, stakeholders.Candidates(l.policy, done.occasion, l.recipients()))
	if event.Ends() {
		l.close(&done)
	}
	l.posts = append(l.posts, done)
	l.write(done.settled)
	return nil
}

func (l *life) settle(o stakeholders.Occasion, candidates []stakeholders.Candidate) []stakeholders.Settled {
	return stakeholders.Settle(o, candidates, func(c stakeholders.Contact) stakeholders.Thread { return l.thread(addressOf(c)).facts() }, l.now)
}

// close is rule 2 for those whom the audience no longer holds.
func (l *life) close(p *posted) {
	var candidates []stakeholders.Candidate
	for _, a := range l.addresses() {
		t := l.threads[a]
		reached := slices.ContainsFunc(p.settled, func(s stakeholders.Settled) bool {
			return addressOf(s.Verdict.Contact) == a && s.Outcome.Action != stakeholders.Skip
		})
		if reached || (t.toldAt.IsZero() && t.flying == nil) {
			continue
		}
		candidates = append(candidates, stakeholders.Candidate{Quadrant: stakeholders.Monitor, Verdict: stakeholders.Verdict{
			Contact: stakeholders.Contact{Channel: a.channel, Address: a.address}, Closure: true, Rule: stakeholders.RuleClosure}})
	}
	p.settled = append(p.settled, l.settle(p.occasion, candidates)...)
}

// addresses lists the threads in a fixed order.
func (l *life) addresses() []address {
	var all []address
	for a := range l.threads {
		all = append(all, a)
	}
	slices.SortFunc(all, func(x, y address) int {
		return slices.Compare([]string{string(x.channel), x.address}, []string{string(y.channel), y.address})
	})
	return all
}

// write puts what was decided into the threads.
func (l *life) write(settled []stakeholders.Settled) {
	for _, s := range settled {
		t := l.thread(addressOf(s.Verdict.Contact))
		old := t.waiting
		next := waiting{post: len(l.posts) - 1, due: l.now, outcome: s.Outcome}
		switch s.Outcome.Action {
		case stakeholders.Skip:
			continue
		case stakeholders.Drop:
			t.waiting = nil
			continue
		case stakeholders.Hold:
			next.due, next.held, next.ifOpen = s.Outcome.DueAt, true, s.Outcome.OnlyIfOpen
		}
		next.replaced = old != nil && (!old.held || !old.due.After(next.due))
		t.waiting = &next
	}
}

// advance moves the clock on, sending what falls due where the channel works.
func (l *life) advance(by time.Duration, works func(address) bool) {
	end := l.now.Add(by)
	for {
		due, a := end, address{}
		for _, one := range l.addresses() {
			if t := l.threads[one]; t.waiting != nil && works(one) && !t.waiting.due.After(due) && (a == address{} || t.waiting.due.Before(due)) {
				due, a = t.waiting.due, one
			}
		}
		if (a == address{}) {
			break
		}
		l.now = latest(l.now, due)
		l.release(a)
	}
	l.now = end
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// release sends what waits for an address, unless its condition has lapsed.
func (l *life) release(a address) {
	t := l.threads[a]
	w := t.waiting
	t.waiting = nil
	over, ends := l.incident.Status.Over(), l.posts[w.post].occasion.Event.Ends()
	switch {
	case w.held && w.ifOpen && (over || l.incident.Status == status.Monitoring):
	case w.held && over && !ends:
	default:
		l.land(a)
		t.flying = w
		l.land(a)
	}
}

// fly takes what is due for an address out of its queue, without an answer yet.
func (l *life) fly(a address) {
	if t := l.thread(a); t.flying == nil && t.waiting != nil && !t.waiting.held {
		t.flying, t.waiting = t.waiting, nil
	}
}

// land is the server's answer to what is being sent.
func (l *life) land(a address) {
	t := l.threads[a]
	if t.flying == nil {
		return
	}
	l.messages = append(l.messages, message{to: a, at: l.now, post: t.flying.post, last: t.toldAt, waiting: *t.flying})
	t.toldAt, t.flying = l.now, nil
}
