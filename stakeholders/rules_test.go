package stakeholders_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// rules are the promises of ROUTING.md that hold whatever happens, in words.
var rules = []struct {
	words string
	check func(c *company, breach func(string, ...any))
}{
	{"the table gives each channel its timing, and narrowing never adds to it", (*company).tableHolds},
	{"who left is sent nothing", (*company).consentWins},
	{"who was told of the start is told the end on that channel, once", (*company).endsAreOwed},
	{"who was told of a delay is told when it is over", (*company).delaysEnd},
	{"nobody is sent two messages for one event", (*company).oneMessage},
	{"nothing older is said after something newer", (*company).orderHolds},
	{"nothing but the critical leaves in quiet hours", (*company).quietIsKept},
	{"a summary holds what rule 5 says and nothing else", (*company).summaryIsWhole},
	{"a limited message keeps its distance", (*company).limitsHold},
	{"what waits for an open incident never goes once it is in monitoring or over", (*company).conditionsHold},
	{"a digest comes at the hour of the person's zone, once a day, with all it held", (*company).digestsCome},
	{"a held message is never starved by newer ones", (*company).nothingStarves},
	{"a start held and never sent is dropped with its end", (*company).startAndEndDrop},
	{"who was not told of what got worse is caught up with", (*company).raisesCatchUp},
	{"what was withdrawn is never told", (*company).withdrawnIsSilent},
	{"private forms reach the register alone, by their quadrant", (*company).formsArePrivate},
	{"every decision names its rule, and ends", (*company).ledgerIsWhole},
	{"many are decided for as each would be alone", (*company).manyAreAsOne},
	{"what is foreseen without a look at what the person was told is what is done", (*company).foresightHolds},
}

// check looks at a life by every rule, and says which was broken first.
func (c *company) check() error {
	for _, r := range rules {
		var found []string
		r.check(c, func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) })
		if len(found) > 0 {
			return fmt.Errorf("broken: %s\n%s\n%s", r.words, strings.Join(found, "\n"), c.story())
		}
	}
	return nil
}

func (c *company) manyAreAsOne(breach func(string, ...any)) {
	for _, n := range c.told {
		if len(n.alone)+len(n.together) > 0 && !reflect.DeepEqual(n.alone, n.together) {
			breach("notice %d: %+v, one by one %+v", n.id, n.together, n.alone)
		}
	}
}

// foresightHolds settles each verdict for every thread that occurs in the life.
func (c *company) foresightHolds(breach func(string, ...any)) {
	threads := []stakeholders.Thread{{}}
	for _, n := range c.told {
		for _, t := range n.before {
			if !slices.Contains(threads, t) {
				threads = append(threads, t)
			}
		}
	}
	for _, n := range c.told {
		for _, s := range n.settled {
			foreseen, sure := s.Verdict.Foreseen(n.occasion, n.at)
			for _, t := range threads {
				out := s.Verdict.Settle(n.occasion, t, n.at)
				if sure && out != foreseen {
					breach("notice %d to %s: %+v was foreseen, %+v for %+v", n.id, s.Verdict.Contact.Address, foreseen, out, t)
				}
				if s.Verdict.Silent(n.occasion) && out.Action != stakeholders.Skip {
					breach("notice %d to %s: nothing should come of it, %+v for %+v", n.id, s.Verdict.Contact.Address, out, t)
				}
			}
		}
	}
}

// story writes down what happened, for whoever looks for the fault.
func (c *company) story() string {
	var b strings.Builder
	for _, n := range c.told {
		fmt.Fprintf(&b, "%s notice %d, matter %d: %s, %s (before %s, worst %s) raised %v of %v\n", n.at.Format("02 15:04"), n.id, n.matter, n.occasion.Event,
			n.occasion.Impact, n.occasion.ImpactBefore, n.occasion.Highest, n.occasion.Raised, n.occasion.Components)
		for _, r := range c.rows {
			if r.notice == n {
				o := r.settled.Outcome
				fmt.Fprintf(&b, "      %s %s: %s %s %s by %s, if open %v; %s\n", r.to.channel, r.to.address, o.Action, o.DueAt.Format("02 15:04"), o.Gather, o.Rule, o.OnlyIfOpen, r.state)
			}
		}
	}
	for _, l := range c.letters {
		fmt.Fprintf(&b, "%s %s %s %s, landed %s, due %s:", l.claimed.Format("02 15:04"), l.to.channel, l.to.address, l.event, l.lands.Format("02 15:04"), l.due.Format("02 15:04"))
		for _, i := range l.items {
			fmt.Fprintf(&b, " matter %d says %d", i.matter, i.said)
		}
		fmt.Fprintln(&b)
	}
	return b.String()
}

// sent are the messages to an address about a matter, in order.
func (c *company) sent(m int, a address) (all []*letter) {
	for _, l := range c.letters {
		if l.to == a && l.said(m) > 0 {
			all = append(all, l)
		}
	}
	return all
}

// carries says whether a letter came of a notice.
func (l *letter) carries(n *notice) bool {
	return slices.ContainsFunc(l.items, func(i item) bool {
		return slices.ContainsFunc(i.rows, func(r *row) bool { return r.notice == n })
	})
}

// readBy is the impact by which an event is read.
func readBy(o stakeholders.Occasion) status.Impact {
	if o.Event == stakeholders.ImpactLowered {
		return o.ImpactBefore
	}
	return o.Impact
}

// registered says whether a decision is about somebody who is in the audience,
// and who.
func (n *notice) party(s stakeholders.Settled) *party {
	if s.Person == "" {
		return nil // owed an end, and in no audience
	}
	for _, p := range n.people.leading(addressOf(s.Verdict.Contact)) {
		if p.alone != nil && s.Person == "subscriber:"+p.alone.ID || p.alone == nil && s.Person == "stakeholder:"+p.entries[0].ID {
			return p
		}
	}
	return nil
}

func (c *company) tableHolds(breach func(string, ...any)) {
	for _, n := range c.told {
		o := n.occasion
		decided := map[string]bool{}
		for _, s := range n.settled {
			p := n.party(s)
			if p == nil {
				continue
			}
			k := s.Verdict.Contact
			decided[s.Person+" "+string(k.Channel)] = true
			if !slices.ContainsFunc(p.used(), func(one stakeholders.Contact) bool { return addressOf(one) == addressOf(k) }) {
				breach("notice %d: %s is told at %s, which is not the first of its channel", n.id, s.Person, k.Address)
			}
			if want := p.owes(c.policy, o, o.Event, k, readBy(o)); !reflect.DeepEqual(want, s.Verdict.Own) {
				breach("notice %d, %s at %s: %s %s gets %s, and is owed %s", n.id, o.Event, o.Impact, s.Person, k.Address, timing(s.Verdict.Own), timing(want))
			}
			var late *stakeholders.Timing
			if o.Raised && o.Event.Row() != stakeholders.Opened && !o.Event.Ends() {
				late = p.owes(c.policy, o, stakeholders.Opened, k, o.Impact)
			}
			if !reflect.DeepEqual(late, s.Verdict.CatchUp) {
				breach("notice %d, %s raised to %s: %s %s is caught up by %s, and is owed %s", n.id, o.Event, o.Impact, s.Person, k.Address, timing(s.Verdict.CatchUp), timing(late))
			}
		}
		for _, p := range n.people.parties() {
			who := "stakeholder:"
			if p.alone != nil {
				who = "subscriber:" + p.alone.ID
			} else {
				who += p.entries[0].ID
			}
			for _, k := range p.used() {
				if !decided[who+" "+string(k.Channel)] {
					breach("notice %d: nothing is decided for %s at %s", n.id, who, k.Address)
				}
			}
		}
	}
}

func (c *company) consentWins(breach func(string, ...any)) {
	for _, l := range c.letters {
		if at, left := c.leftAt[l.to]; left && l.claimed.After(at) {
			breach("%v left at %s and is written to at %s", l.to, at, l.claimed)
		}
	}
}

func (c *company) endsAreOwed(breach func(string, ...any)) {
	for _, n := range c.told {
		if n.occasion.Event.Ends() {
			c.owed(n, n.knew, breach)
		}
	}
}

func (c *company) delaysEnd(breach func(string, ...any)) {
	for _, n := range c.told {
		if n.occasion.Event != stakeholders.MaintenanceCompleted {
			continue
		}
		delayed := map[address]bool{}
		for a, before := range n.before {
			delayed[a] = before.Delayed
		}
		c.owed(n, delayed, breach)
	}
}

// owed checks that an end reached who it is owed to; a later message about the
// matter, which says that it is over or open again, is as good.
func (c *company) owed(n *notice, to map[address]bool, breach func(string, ...any)) {
	for a, owed := range to {
		if !owed || c.gone(a) {
			continue
		}
		ends, later, heard := 0, 0, false // what was on its way may not have arrived
		for _, l := range c.sent(n.matter, a) {
			heard = heard || !l.claimed.After(n.at) && !l.carries(n)
			if l.carries(n) {
				ends++
			} else if l.said(n.matter) >= n.id {
				later++
			}
		}
		if ends > 1 || heard && ends+later == 0 {
			breach("%v is told the end, notice %d (%s), %d times", a, n.id, n.occasion.Event, ends)
		}
	}
}

func (c *company) oneMessage(breach func(string, ...any)) {
	for _, n := range c.told {
		to := map[string]int{}
		for _, l := range c.letters {
			if !l.carries(n) {
				continue
			}
			to[fmt.Sprint(l.to)]++
			if s := n.people.leading(l.to); len(s) == 1 && slices.ContainsFunc(s[0].used(), func(k stakeholders.Contact) bool { return addressOf(k) == l.to }) {
				to[fmt.Sprintf("%p %s", s[0].contacts, l.to.channel)]++
			}
		}
		for who, times := range to {
			if times > 1 {
				breach("%s is sent notice %d %d times", who, n.id, times)
			}
		}
	}
}

func (c *company) orderHolds(breach func(string, ...any)) {
	heard := map[line]int{}
	for _, l := range c.letters {
		for _, i := range l.items {
			k := line{i.matter, l.to}
			lasting := slices.ContainsFunc(i.rows, func(r *row) bool { return r.notice.occasion.Event.Lasting() })
			if before := heard[k]; i.said <= before && !lasting {
				breach("%v hears of notice %d after %d", l.to, i.said, before)
			}
			heard[k] = max(heard[k], i.said)
		}
	}
}

// looksBack are the events that nobody is woken for, however bad it was.
var looksBack = []stakeholders.Event{stakeholders.Retrospective, stakeholders.ActionDone, stakeholders.MaintenanceAnnounced, stakeholders.MaintenanceMoved,
	stakeholders.MaintenanceCancelled, stakeholders.MaintenanceIn24h}

func (c *company) quietIsKept(breach func(string, ...any)) {
	for _, l := range c.letters {
		for _, i := range l.items {
			for _, r := range i.rows {
				quiet, zone := r.notice.people.hours(l.to)
				if !covers(quiet, zone, l.claimed) || !covers(quiet, zone, l.due) {
					continue // a server that was slow, or refused
				}
				o := r.notice.occasion
				best := r.notice.people.leading(l.to)[0].quadrant
				read := readBy(o)
				if r.settled.Outcome.Rule == stakeholders.RuleRaised {
					read = o.Impact // the row "opened" of the new impact
				}
				woken := read == status.ImpactCritical && (best == stakeholders.ManageClosely || best == stakeholders.KeepInformed) && !slices.Contains(looksBack, o.Event)
				if !woken || r.gather == stakeholders.GatherDay {
					breach("%v with quiet hours %s is written to at %s of notice %d (%s, %s)", l.to, quiet, l.claimed.In(zone), r.notice.id, o.Event, o.Impact)
				}
			}
		}
	}
}

func (c *company) summaryIsWhole(breach func(string, ...any)) {
	for _, m := range c.moments {
		for matter, s := range m.about {
			promised, allowed := false, false
			for _, r := range s.rows {
				e := r.notice.occasion.Event
				sayable := !s.withdrawn || e.Ends()
				waits := r.ifOpen && s.lapsed
				promised = promised || sayable && !waits && (s.open || s.critical && !s.withdrawn || s.owed || e.Lasting())
				allowed = allowed || sayable && (s.open || s.critical && !s.withdrawn || s.owed || e.Lasting())
			}
			said := slices.ContainsFunc(c.letters, func(l *letter) bool {
				return l.to == m.to && slices.ContainsFunc(l.items, func(i item) bool {
					return i.matter == matter && slices.ContainsFunc(s.rows, func(r *row) bool { return slices.Contains(i.rows, r) })
				})
			})
			later := slices.ContainsFunc(c.sent(matter, m.to), func(l *letter) bool { return !l.claimed.Before(m.at) })
			if promised && !said && !s.knows && !later && !c.gone(m.to) && !c.troubled[m.to] {
				breach("%v is not told at %s of matter %d, which is open %v, critical %v", m.to, m.at, matter, s.open, s.critical)
			}
			if said && !allowed {
				breach("%v is told at %s of matter %d, which was over, not critical, and owed no end", m.to, m.at, matter)
			}
		}
	}
}

// limitsHold is "at most one message of any kind about this incident on that
// channel" in the period of a limited cell: what such a cell gives keeps its
// distance to whatever was said before. What it takes the place of was due by
// then (rule 6); ends, digests, and what was decided while the message before
// was on its way, keep none.
func (c *company) limitsHold(breach func(string, ...any)) {
	last := map[line]time.Time{}
	for _, l := range c.letters {
		for _, i := range l.items {
			k := line{i.matter, l.to}
			before := last[k]
			last[k] = latest(before, l.lands)
			if l.event != "" || len(i.rows) != 1 || before.IsZero() {
				continue
			}
			r := i.rows[0]
			own, o := r.settled.Verdict.Own, r.notice.occasion
			if own == nil || own.Limit == 0 || r.put || o.Event.Closes() || r.settled.Outcome.Gather == stakeholders.GatherDay ||
				r.settled.Outcome.Rule == stakeholders.RuleRaised || r.settled.Outcome.Rule == stakeholders.RuleClosure || !before.Before(r.notice.at) {
				continue
			}
			if gap := l.claimed.Sub(before); gap < own.Limit {
				breach("%v is told of notice %d %s after the message before; the limit is %s", l.to, r.notice.id, gap, own.Limit)
			}
		}
	}
}

func (c *company) conditionsHold(breach func(string, ...any)) {
	for _, l := range c.letters {
		for _, i := range l.items {
			if i.lapsed && !slices.ContainsFunc(i.rows, func(r *row) bool { return !r.ifOpen }) {
				breach("%v is told of notice %d, which was to go only if open", l.to, i.rows[0].notice.id)
			}
		}
	}
	for _, r := range c.rows {
		own := r.settled.Verdict.Own
		if r.settled.Outcome.Action == stakeholders.Hold && r.settled.Outcome.Rule == stakeholders.RuleTable && own != nil && own.StillOpen > 0 &&
			r.notice.before[r.to].WaitingDue.IsZero() && !r.settled.Outcome.OnlyIfOpen {
			breach("%v: notice %d waits on no condition", r.to, r.notice.id)
		}
	}
}

// gaveWay says whether something newer took the place of a row, and was dropped
// because the matter was over by then: other rules look at such drops.
func (c *company) gaveWay(r *row) bool {
	heir := slices.IndexFunc(c.rows, func(x *row) bool {
		return x.to == r.to && x.notice.matter == r.notice.matter && x.notice.id > r.notice.id && x.state != "superseded"
	})
	return heir >= 0 && c.rows[heir].state == "dropped"
}

func (c *company) digestsCome(breach func(string, ...any)) {
	days := map[string]*letter{}
	for _, r := range c.rows {
		if r.gather == stakeholders.GatherDay && r.state == "superseded" && !c.gone(r.to) && !c.gaveWay(r) &&
			!slices.ContainsFunc(c.sent(r.notice.matter, r.to), func(l *letter) bool { return l.said(r.notice.matter) >= r.notice.id }) {
			breach("%v: what the digest held, notice %d, was superseded by nothing", r.to, r.notice.id)
		}
		if r.notice.before[r.to].Quiet && r.notice.occasion.Event == stakeholders.Resolved {
			continue // what was critical, held before they asked for a digest
		}
		if p := r.notice.party(r.settled); p != nil && p.alone != nil && p.alone.Preferences.DailyDigest && r.state != "dropped" && r.settled.Outcome.Gather != stakeholders.GatherDay {
			breach("%v asked for a digest, and notice %d goes by itself", r.to, r.notice.id)
		}
	}
	for _, l := range c.letters {
		for _, i := range l.items {
			for _, r := range i.rows {
				if r.settled.Outcome.Gather != stakeholders.GatherDay {
					continue
				}
				p := r.notice.party(r.settled)
				quiet, _ := r.notice.people.hours(l.to)
				zone := p.location()
				due := r.first.In(zone)
				nine := time.Date(due.Year(), due.Month(), due.Day(), 9, 0, 0, 0, zone)
				if covers(quiet, zone, nine) {
					if covers(quiet, zone, due) {
						breach("%v: the digest of notice %d is due at %s, in quiet hours", l.to, r.notice.id, due)
					}
				} else if due.Format("15:04") != "09:00" || due.Sub(r.notice.at) > 26*time.Hour {
					breach("%v: the digest of notice %d, posted at %s, is due at %s", l.to, r.notice.id, r.notice.at.In(zone), due)
				}
				day := fmt.Sprint(l.to, zone, quiet, due.Format("2006-01-02"))
				if other := days[day]; other != nil && other != l {
					breach("%v is sent two digests on %s: at %s and at %s", l.to, day, other.claimed, l.claimed)
				}
				days[day] = l
			}
		}
	}
}

func (c *company) nothingStarves(breach func(string, ...any)) {
	for _, r := range c.rows {
		if r.state != "superseded" || r.ifOpen || r.settled.Outcome.Gather == stakeholders.GatherDay || c.troubled[r.to] {
			continue
		}
		var soonest time.Time
		for _, l := range c.sent(r.notice.matter, r.to) {
			if l.said(r.notice.matter) >= r.notice.id && (soonest.IsZero() || l.claimed.Before(soonest)) {
				soonest = l.claimed
			}
		}
		if c.gone(r.to) || !soonest.IsZero() && !soonest.After(r.first) {
			continue
		}
		excused := slices.ContainsFunc(c.rows, func(x *row) bool {
			if x.to != r.to || x.notice.matter != r.notice.matter || x.notice.id <= r.notice.id {
				return false
			}
			quiet, zone := x.notice.people.hours(x.to) // the newer one is held by them
			by := latest(r.first, x.notice.at)
			return x.state == "dropped" || x.settled.Outcome.Gather == stakeholders.GatherQuiet && (covers(quiet, zone, by) || twice(zone, by))
		})
		if !excused {
			breach("%v was to hear of matter %d at %s (notice %d), and hears at %s", r.to, r.notice.matter, r.first, r.notice.id, soonest)
		}
	}
}

func (c *company) startAndEndDrop(breach func(string, ...any)) {
	for _, n := range c.told {
		if !n.occasion.Event.Ends() {
			continue
		}
		for a, before := range n.before {
			critical := before.Quiet && n.occasion.Event == stakeholders.Resolved && n.occasion.Highest == status.ImpactCritical
			if n.knew[a] || !before.Held || critical {
				continue
			}
			for _, l := range c.sent(n.matter, a) {
				day := slices.ContainsFunc(l.items, func(i item) bool {
					return slices.ContainsFunc(i.rows, func(r *row) bool { return r.notice == n && r.settled.Outcome.Gather == stakeholders.GatherDay })
				})
				if l.carries(n) && !day {
					breach("%v is told of the end, notice %d, of what it never heard", a, n.id)
				}
			}
		}
	}
}

func (c *company) raisesCatchUp(breach func(string, ...any)) {
	for _, n := range c.told {
		for _, s := range n.settled {
			a, out := addressOf(s.Verdict.Contact), s.Outcome
			before := n.before[a]
			queued := !before.WaitingDue.IsZero() && !before.Held
			told := out.Action == stakeholders.Send || out.Action == stakeholders.Hold
			if told && out.Rule == stakeholders.RuleRaised && (n.knew[a] || queued) {
				breach("%v is caught up with by notice %d, and knew", a, n.id)
			}
			late := s.Verdict.CatchUp
			if late == nil || n.knew[a] || queued || late.Told || late.Delayed || out.Rule == stakeholders.RuleOnePerson {
				continue
			}
			if !told {
				breach("%v is not caught up with by notice %d", a, n.id)
			}
			if by := n.at.Add(late.Hold + late.StillOpen); !late.Digest && out.Gather == "" && out.Action == stakeholders.Hold && out.DueAt.After(by) {
				breach("%v is caught up with at %s by notice %d, not at %s", a, out.DueAt, n.id, by)
			}
		}
	}
}

func (c *company) withdrawnIsSilent(breach func(string, ...any)) {
	for _, l := range c.letters {
		for _, i := range l.items {
			for _, n := range c.told {
				if n.matter != i.matter || !n.occasion.Event.Ends() || n.occasion.Event == stakeholders.Resolved || !n.at.Before(l.claimed) {
					continue
				}
				// It may be published again, without a notice.
				again := slices.ContainsFunc(c.told, func(x *notice) bool { return x.matter == i.matter && x.id > n.id && !x.at.After(l.claimed) }) ||
					slices.ContainsFunc(c.matters[i.matter].shown, func(r reappearance) bool { return r.newest >= n.id && !r.at.After(l.claimed) })
				if i.said < n.id && !again && !c.troubled[l.to] {
					breach("%v is told at %s of notice %d, which was withdrawn at %s", l.to, l.claimed, i.said, n.at)
				}
			}
		}
	}
}

func (c *company) formsArePrivate(breach func(string, ...any)) {
	for _, n := range c.told {
		for _, s := range n.settled {
			p, form := n.party(s), s.Verdict.Form
			switch {
			case p == nil:
			case form == stakeholders.FormNote && (p.alone != nil || p.quadrant != stakeholders.ManageClosely || !s.Verdict.Contact.Private),
				form == stakeholders.FormAnswer && (p.alone != nil || p.quadrant != stakeholders.KeepInformed):
				breach("%s, %s, is shown the form %s", s.Person, p.quadrant, form)
			case form != stakeholders.FormShort && p.quadrant == stakeholders.KeepSatisfied && !p.every(s.Verdict.Contact.Channel):
				breach("%s is kept satisfied with the form %s", s.Person, form)
			}
		}
	}
}

func (c *company) ledgerIsWhole(breach func(string, ...any)) {
	for _, n := range c.told {
		for _, s := range n.settled {
			if s.Outcome.Rule == "" || s.Outcome.Reason == "" {
				breach("notice %d: %s without rule or reason", n.id, s.Verdict.Contact.Address)
			}
		}
	}
	for _, r := range c.rows {
		if r.state == "held" || r.state == "pending" || r.state == "sending" {
			breach("%v: notice %d is %s for ever", r.to, r.notice.id, r.state)
		}
	}
}

func TestEveryLifeKeepsTheRules(t *testing.T) { checkLives(t) }
