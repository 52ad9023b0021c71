package stakeholders_test

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// company is everybody who may hear of several incidents at once: what the
// store, the worker and the channels do around the rules, written out by hand
// and small. Every message is remembered with what led to it.
type company struct {
	policy        *stakeholders.Policy
	register      []stakeholders.Stakeholder
	subscriptions []stakeholders.Subscriber
	components    map[string]status.Component
	zone          string // the page's
	entries       int    // there ever were
	leftAt        map[address]time.Time
	troubled      map[address]bool // by servers that were slow, or refused

	now     time.Time
	matters []*matter
	told    []*notice // every notice; its id is its place, from 1
	lines   map[line]*state
	rows    []*row
	letters []*letter
	moments []moment
	// behave says how long a server takes over a message, and whether it takes it.
	behave func(address) (takes time.Duration, refuses bool)
}

// matter is an incident or a maintenance.
type matter struct {
	incident  status.Incident
	withdrawn bool
	newest    int // notice
	ended     int // the newest end
	completed int // the newest end of a maintenance
	// shown are the times at which it came back from being withdrawn, with the
	// newest notice of all then.
	shown []reappearance
}

type reappearance struct {
	at     time.Time
	newest int
}

func (m *matter) open() bool { return !m.incident.Status.Over() && !m.withdrawn }
func (m *matter) lapsed() bool {
	return m.incident.Status.Over() || m.incident.Status == status.Monitoring
}

// notice is one event that people may be told of.
type notice struct {
	id       int
	matter   int
	at       time.Time
	occasion stakeholders.Occasion
	settled  []stakeholders.Settled
	alone    []stakeholders.Settled          // those of them who are decided for one by one
	together []stakeholders.Settled          // and the same, where those who are alike are decided for at once
	before   map[address]stakeholders.Thread // the lines of the matter as they were
	knew     map[address]bool                // who was told of the matter, or is being told
	people   world                           // as it was
}

// line is one address and one matter.
type line struct {
	matter int
	to     address
}

type state struct {
	toldAt  time.Time
	toldID  int
	waiting *row
	flying  *letter
	delayed bool
}

// row is a delivery.
type row struct {
	notice  *notice
	to      address
	settled stakeholders.Settled
	state   string // held, pending, sending, sent, superseded, dropped, merged, suppressed
	due     time.Time
	first   time.Time // when it first fell due
	gather  stakeholders.Gather
	ifOpen  bool
	said    int
	put     bool // it took the place of what was due by then
}

// letter is one message, about one matter or several.
type letter struct {
	to      address
	event   stakeholders.Event // of a summary or a digest
	items   []item
	claimed time.Time
	due     time.Time // when it was first to go
	lands   time.Time
	arrived bool
	tries   int
}

type item struct {
	matter, said int
	rows         []*row
	lapsed       bool // when it was sent
}

// moment is one address at which something held for it fell due.
type moment struct {
	to    address
	at    time.Time
	about map[int]*standing // by matter
}

// standing is a matter at such a moment, with the rows that quiet hours held.
type standing struct {
	rows                                           []*row
	open, lapsed, critical, withdrawn, owed, knows bool
}

func (c *company) line(matter int, a address) *state {
	k := line{matter, a}
	if c.lines[k] == nil {
		c.lines[k] = &state{}
	}
	return c.lines[k]
}

func (s *state) facts() stakeholders.Thread {
	facts := stakeholders.Thread{ToldAt: s.toldAt, InFlight: s.flying != nil, Delayed: s.delayed}
	if w := s.waiting; w != nil && w.state != "sending" {
		facts.WaitingDue, facts.Held, facts.Conditions, facts.Quiet = w.due, w.state == "held", w.ifOpen, w.gather == stakeholders.GatherQuiet
	}
	return facts
}

func (c *company) recipients() []stakeholders.Recipient {
	return (&life{register: c.register, subscriptions: c.subscriptions}).recipients()
}

// post makes a post true and tells of it.
func (c *company) post(m int, p status.Post) {
	one := c.matters[m]
	change, err := one.incident.Apply(p, c.components, c.now, fmt.Sprint(len(c.told)), one.incident.CreatedAt.IsZero())
	if err != nil {
		return // such a post is refused
	}
	for _, changed := range change.Components {
		component := c.components[changed.ComponentID]
		component.Status = changed.New
		c.components[changed.ComponentID] = component
	}
	if one.withdrawn && !one.incident.Draft {
		one.shown = append(one.shown, reappearance{c.now, len(c.told)})
	}
	one.withdrawn = one.incident.Draft
	event, raised := stakeholders.EventOf(change)
	if change.Hidden && !change.Withdrawn {
		return
	}
	c.tell(m, stakeholders.Occasion{Event: event, Impact: change.ImpactAfter, ImpactBefore: change.ImpactBefore, Raised: raised,
		Highest: one.incident.HighestImpact.Worse(change.ImpactAfter), Components: one.incident.ComponentIDs(), ClosureOnly: !change.Notify})
}

// happen is an event that no post makes: a reminder, an overrun, a look back.
func (c *company) happen(m int, e stakeholders.Event) {
	one := &c.matters[m].incident
	impact := one.RoutedImpact()
	c.tell(m, stakeholders.Occasion{Event: e, Impact: impact, ImpactBefore: impact, Highest: one.HighestImpact.Worse(impact), Components: one.ComponentIDs()})
}

func (c *company) tell(m int, o stakeholders.Occasion) {
	if o.ClosureOnly && !o.Event.Closes() {
		return
	}
	o.TimeZone = c.zone
	n := &notice{id: len(c.told) + 1, matter: m, at: c.now, occasion: o, before: map[address]stakeholders.Thread{}, knew: map[address]bool{}, people: c.world()}
	for _, a := range c.addresses(m) {
		s := c.line(m, a)
		n.before[a] = s.facts()
		n.knew[a] = !s.toldAt.IsZero() || s.flying != nil
	}
	c.told = append(c.told, n)
	n.settled = c.settle(n, stakeholders.Candidates(c.policy, o, c.recipients()))
	n.alone, n.together = n.settled, c.together(n)
	if o.Event.Closes() {
		n.settled = append(n.settled, c.settle(n, c.others(n))...)
	}
	if !o.Event.Lasting() {
		c.matters[m].newest = n.id // what was looked back upon is no news of the matter
	}
	if o.Event.Ends() {
		c.matters[m].ended = n.id
	} else if o.Event.Closes() {
		c.matters[m].completed = n.id
	}
	for _, s := range n.settled {
		c.write(n, s)
	}
}

func (c *company) settle(n *notice, candidates []stakeholders.Candidate) []stakeholders.Settled {
	return stakeholders.Settle(n.occasion, candidates, func(k stakeholders.Contact) stakeholders.Thread { return c.line(n.matter, addressOf(k)).facts() }, n.at)
}

// together settles as it is done for many, who are decided for once where they are
// alike.
func (c *company) together(n *notice) (all []stakeholders.Settled) {
	told := func() (func(stakeholders.Contact) stakeholders.Thread, error) {
		return func(k stakeholders.Contact) stakeholders.Thread { return c.line(n.matter, addressOf(k)).facts() }, nil
	}
	_ = stakeholders.NewReaders(c.recipients()).Settle(c.policy, n.occasion, n.at, nil, told, func(s *stakeholders.Settled) { all = append(all, *s) })
	return all
}

// others are those who know of the matter and are not decided for.
func (c *company) others(n *notice) (candidates []stakeholders.Candidate) {
	for _, a := range c.addresses(n.matter) {
		s := c.line(n.matter, a)
		reached := slices.ContainsFunc(n.settled, func(s stakeholders.Settled) bool {
			return addressOf(s.Verdict.Contact) == a && s.Outcome.Action != stakeholders.Skip
		})
		if !reached && (!s.toldAt.IsZero() || s.flying != nil || s.waiting != nil) {
			candidates = append(candidates, stakeholders.Owed(c.policy, n.occasion, c.recipients(), "", stakeholders.Contact{Channel: a.channel, Address: a.address}))
		}
	}
	return candidates
}

func (c *company) addresses(m int) (all []address) {
	for k := range c.lines {
		if k.matter == m {
			all = append(all, k.to)
		}
	}
	slices.SortFunc(all, byAddress)
	return all
}

func byAddress(a, b address) int {
	return cmp.Or(cmp.Compare(a.channel, b.channel), cmp.Compare(a.address, b.address))
}

// write puts one decision into the rows.
func (c *company) write(n *notice, s stakeholders.Settled) {
	if s.Outcome.Action == stakeholders.Skip {
		return
	}
	r := &row{notice: n, to: addressOf(s.Verdict.Contact), settled: s, state: "pending", due: c.now, gather: s.Outcome.Gather, ifOpen: s.Outcome.OnlyIfOpen}
	l := c.line(n.matter, r.to)
	switch s.Outcome.Action {
	case stakeholders.Hold:
		r.state, r.due = "held", s.Outcome.DueAt
	case stakeholders.Drop:
		r.state = "dropped"
	}
	r.first = r.due
	c.rows = append(c.rows, r)
	if r.gather == stakeholders.GatherDay {
		return
	}
	if old := l.waiting; old != nil && old.state != "sending" {
		r.put = old.state == "pending" || !old.due.After(r.due)
		old.state = "superseded"
		if r.state == "dropped" {
			old.state = "dropped"
		}
	}
	if l.waiting = r; r.state == "dropped" {
		l.waiting = nil
	}
}

// advance moves the clock on, sending what falls due.
func (c *company) advance(by time.Duration) {
	end := c.now.Add(by)
	for {
		var next *row
		for _, r := range c.rows {
			if (r.state == "held" || r.state == "pending") && !r.due.After(end) && (next == nil || r.due.Before(next.due)) {
				next = r
			}
		}
		var lands *letter
		for _, l := range c.letters {
			if !l.arrived && !l.lands.After(end) && (lands == nil || l.lands.Before(lands.lands)) {
				lands = l
			}
		}
		switch {
		case lands != nil && (next == nil || !lands.lands.After(next.due)):
			c.now = latest(c.now, lands.lands)
			c.land(lands)
		case next == nil:
			c.now = end
			return
		case next.gather != "":
			c.now = latest(c.now, next.due)
			c.gather(next.to)
		default:
			c.now = latest(c.now, next.due)
			c.claim(next)
		}
	}
}

// claim sends what is due by itself, or ends it.
func (c *company) claim(r *row) {
	m, l := c.matters[r.notice.matter], c.line(r.notice.matter, r.to)
	flying := 0
	if l.flying != nil {
		flying = l.flying.said(r.notice.matter)
	}
	waiting := 0
	if l.waiting != nil {
		waiting = l.waiting.notice.id
	}
	e := r.notice.occasion.Event
	switch held := r.state == "held"; {
	case c.gone(r.to):
		c.end(r, "suppressed")
	case max(waiting, flying, l.toldID) > max(r.notice.id, r.said) && !e.Lasting():
		c.end(r, "superseded")
		if w := l.waiting; w != nil && w.notice.id > r.notice.id && w.state == "held" && w.gather == "" && w.due.After(c.now) {
			w.state, w.ifOpen, w.due, w.put = "pending", false, c.now, true
		}
	case l.toldID >= max(r.notice.id, r.said) && !e.Lasting():
		c.end(r, "superseded") // what it was to carry has arrived
	case held && l.toldID >= r.notice.id && !e.Lasting():
		c.end(r, "superseded") // a digest said it already
	case r.ifOpen && m.lapsed():
		c.end(r, "dropped")
	case held && m.incident.Status.Over() && r.notice.at.Before(m.incident.ResolvedAt) && !e.Closes():
		c.end(r, "dropped")
	case l.flying != nil:
		r.due = l.flying.lands
	default:
		if held {
			r.said = max(r.notice.id, m.newest)
		}
		c.send(&letter{to: r.to, due: r.first, items: []item{{matter: r.notice.matter, said: max(r.said, r.notice.id), rows: []*row{r}}}})
	}
}

func (c *company) end(r *row, state string) {
	r.state = state
	if l := c.line(r.notice.matter, r.to); l.waiting == r {
		l.waiting = nil
	}
}

func (l *letter) said(matter int) int {
	for _, i := range l.items {
		if i.matter == matter {
			return i.said
		}
	}
	return 0
}

// gather puts together what waits for an address.
func (c *company) gather(a address) {
	var waiting []stakeholders.Gathered
	byNotice := map[int64]*row{}
	busy := time.Time{}
	for _, r := range c.rows {
		if r.to != a || r.state != "held" || r.gather == "" || r.due.After(c.now) {
			continue
		}
		m, l := c.matters[r.notice.matter], c.line(r.notice.matter, a)
		g := stakeholders.Gathered{NoticeID: int64(r.notice.id), IncidentID: fmt.Sprint(r.notice.matter), Gather: r.gather, Event: r.notice.occasion.Event,
			OnlyIfOpen: r.ifOpen, State: m.incident.Status, Highest: m.incident.HighestImpact, Withdrawn: m.withdrawn, ToldID: int64(l.toldID), Newest: int64(m.newest),
			EndID: int64(m.ended)}
		if l.delayed {
			g.EndID = int64(max(m.ended, m.completed))
		}
		if w := l.waiting; w != nil && w.gather == "" && !w.ifOpen {
			g.WaitingID = int64(l.waiting.notice.id)
		}
		if l.flying != nil {
			busy = latest(busy, l.flying.lands)
			g.Flying = true
		}
		waiting, byNotice[g.NoticeID] = append(waiting, g), r
	}
	together := stakeholders.PutTogether(waiting)
	if together.Event != "" && !busy.IsZero() {
		for _, r := range byNotice {
			r.due = busy
		}
		return
	}
	c.remember(a, byNotice)
	for _, left := range together.Left {
		c.end(byNotice[left.NoticeID], map[bool]string{true: "superseded", false: "dropped"}[left.Superseded])
	}
	to := &letter{to: a, event: together.Event, due: c.now}
	for _, parts := range together.Incidents {
		one := item{}
		for _, part := range parts {
			r := byNotice[part.NoticeID]
			one.matter, one.rows = r.notice.matter, append(one.rows, r)
			if r.said = r.notice.id; !part.Event.Lasting() {
				r.said = max(r.said, c.matters[one.matter].newest)
			}
			one.said = max(one.said, r.said)
		}
		to.items = append(to.items, one)
	}
	if together.Event != "" {
		c.send(to)
		return
	}
	for _, i := range to.items { // one: it goes by itself
		last := i.rows[len(i.rows)-1]
		for _, r := range i.rows[:len(i.rows)-1] {
			c.end(r, "merged")
		}
		last.state, last.gather, last.due, last.said = "pending", "", c.now, i.said
		if l := c.line(i.matter, a); !last.notice.occasion.Event.Lasting() && (l.waiting == nil || l.waiting.notice.id < last.notice.id) {
			l.waiting = last
		}
	}
}

// remember notes how things stood when what quiet hours held fell due.
func (c *company) remember(a address, rows map[int64]*row) {
	m := moment{a, c.now, map[int]*standing{}}
	for _, r := range rows {
		if r.gather != stakeholders.GatherQuiet {
			continue
		}
		one, l := c.matters[r.notice.matter], c.line(r.notice.matter, a)
		s := m.about[r.notice.matter]
		if s == nil {
			s = &standing{open: one.open(), lapsed: one.lapsed(), critical: one.incident.HighestImpact == status.ImpactCritical, withdrawn: one.withdrawn,
				owed: (l.toldID > 0 || l.flying != nil) && (l.toldID < one.ended || l.delayed && l.toldID < one.completed), knows: l.toldID >= one.newest || l.waiting != nil && l.waiting.notice.id > r.notice.id}
			m.about[r.notice.matter] = s
		}
		s.rows = append(s.rows, r)
	}
	if len(m.about) > 0 && !c.gone(a) {
		c.moments = append(c.moments, m)
	}
}

func (c *company) gone(a address) bool {
	_, left := c.leftAt[a]
	return left
}

// send lets a message fly.
func (c *company) send(l *letter) {
	if c.gone(l.to) {
		for _, i := range l.items {
			for _, r := range i.rows {
				c.end(r, "suppressed")
			}
		}
		return
	}
	takes, _ := c.behave(l.to)
	l.claimed, l.lands = c.now, c.now.Add(takes)
	for n, i := range l.items {
		l.items[n].lapsed = c.matters[i.matter].lapsed()
		c.line(i.matter, l.to).flying = l
		for _, r := range i.rows {
			r.state = "sending"
			if s := c.line(i.matter, l.to); s.waiting == r && l.event != "" {
				s.waiting = nil
			}
		}
	}
	c.letters = append(c.letters, l)
	if takes == 0 {
		c.land(l)
	}
}

// land is a server's answer.
func (c *company) land(l *letter) {
	if _, refuses := c.behave(l.to); refuses && l.tries < 3 {
		l.tries++
		c.refused(l)
		return
	}
	l.arrived, l.lands = true, c.now
	for _, i := range l.items {
		s := c.line(i.matter, l.to)
		s.flying, s.toldAt, s.toldID = nil, c.now, max(s.toldID, i.said)
		for _, r := range i.rows {
			r.state = "sent"
			if s.waiting == r {
				s.waiting = nil
			}
			if e := r.notice.occasion.Event; e == stakeholders.MaintenanceOverruns || e == stakeholders.MaintenanceExtended {
				s.delayed = true
			}
		}
	}
}

// refused tries again later; what goes by itself yields to newer words.
func (c *company) refused(l *letter) {
	if l.event != "" {
		l.lands = c.now.Add(5 * time.Minute)
		return
	}
	r := l.items[0].rows[0]
	s := c.line(r.notice.matter, l.to)
	s.flying = nil
	c.letters = slices.DeleteFunc(c.letters, func(x *letter) bool { return x == l })
	r.state, r.due = "pending", c.now.Add(5*time.Minute)
	if w := s.waiting; w != nil && w.notice.id > r.notice.id {
		r.state = "superseded"
		if w.state == "held" && w.gather == "" && w.due.After(r.due) {
			w.state, w.ifOpen, w.due, w.put = "pending", false, r.due, true
		}
		return
	}
	if s.waiting == nil {
		s.waiting = r
	}
}
