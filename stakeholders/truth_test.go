package stakeholders_test

import (
	"slices"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// world is who there was at one moment. What it says of them is read from
// ROUTING.md alone, so that the rules are measured by something else.
type world struct {
	register      []stakeholders.Stakeholder
	subscriptions []stakeholders.Subscriber
	zone          string
}

func (c *company) world() world {
	return world{slices.Clone(c.register), slices.Clone(c.subscriptions), c.zone}
}

// party is a person or a team: the register entries that are one (rule 4), or
// somebody who subscribed alone.
type party struct {
	entries  []stakeholders.Stakeholder
	alone    *stakeholders.Subscriber
	joined   []stakeholders.Subscriber
	quadrant stakeholders.Quadrant
	contacts []stakeholders.Contact
	quiet    string
	zone     string
}

// order of the quadrants when several lead to one person (rule 4).
var order = []stakeholders.Quadrant{stakeholders.ManageClosely, stakeholders.KeepInformed, stakeholders.KeepSatisfied, stakeholders.Monitor}

func better(a, b stakeholders.Quadrant) stakeholders.Quadrant {
	if a == "" || slices.Index(order, b) < slices.Index(order, a) {
		return b
	}
	return a
}

func (w world) segment(name string) stakeholders.Quadrant {
	for _, s := range w.register {
		if s.Kind == stakeholders.Segment && s.Name == name {
			return s.Quadrant()
		}
	}
	return stakeholders.KeepSatisfied
}

// parties lists everybody.
func (w world) parties() (all []*party) {
	for _, s := range w.register {
		if s.Kind == stakeholders.Segment {
			continue
		}
		p := &party{entries: []stakeholders.Stakeholder{s}}
		var rest []*party
		for _, other := range all { // whoever shares a mailbox with this one
			if s.Kind == stakeholders.Person && other.entries[0].Kind == stakeholders.Person && other.mails(s) {
				p.entries = append(slices.Clone(other.entries), p.entries...)
			} else {
				rest = append(rest, other)
			}
		}
		all = append(rest, p)
	}
	known := map[address]bool{}
	for _, p := range all {
		slices.SortFunc(p.entries, func(a, b stakeholders.Stakeholder) int { return w.place(a) - w.place(b) })
		for _, s := range p.entries {
			p.quadrant = better(p.quadrant, s.Quadrant())
			for _, k := range s.Contacts {
				known[addressOf(k)] = true
				if !slices.ContainsFunc(p.contacts, func(have stakeholders.Contact) bool { return addressOf(have) == addressOf(k) }) {
					p.contacts = append(p.contacts, k)
				}
			}
			p.quiet, p.zone = first(p.quiet, s.QuietHours), first(p.zone, s.TimeZone)
		}
		if p.entries[0].Kind == stakeholders.Team {
			p.quiet = ""
		}
	}
	for n, s := range w.subscriptions {
		if !known[addressOf(s.Contact)] {
			all = append(all, &party{alone: &w.subscriptions[n], quadrant: w.segment(s.Segment), contacts: []stakeholders.Contact{s.Contact},
				quiet: s.Preferences.QuietHours, zone: s.Preferences.TimeZone})
		}
		for _, p := range all {
			if p.alone == nil && p.has(addressOf(s.Contact)) {
				p.joined, p.quadrant = append(p.joined, s), better(p.quadrant, w.segment(s.Segment))
			}
		}
	}
	for _, p := range all {
		p.zone = first(p.zone, w.zone)
	}
	return all
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func (w world) place(s stakeholders.Stakeholder) int {
	return slices.IndexFunc(w.register, func(one stakeholders.Stakeholder) bool { return one.ID == s.ID })
}

func (p *party) mails(s stakeholders.Stakeholder) bool {
	return slices.ContainsFunc(s.Contacts, func(k stakeholders.Contact) bool {
		return k.Channel == stakeholders.Email && slices.ContainsFunc(p.entries, func(e stakeholders.Stakeholder) bool {
			return slices.ContainsFunc(e.Contacts, func(have stakeholders.Contact) bool { return addressOf(have) == addressOf(k) })
		})
	})
}

func (p *party) has(a address) bool {
	return slices.ContainsFunc(p.contacts, func(k stakeholders.Contact) bool { return addressOf(k) == a })
}

// leading are the parties that an address leads to.
func (w world) leading(a address) (to []*party) {
	for _, p := range w.parties() {
		if p.has(a) {
			to = append(to, p)
		}
	}
	return to
}

// hours are the quiet hours of whoever reads an address: none, where a team or
// several people do.
func (w world) hours(a address) (quiet string, zone *time.Location) {
	to := w.leading(a)
	if len(to) != 1 {
		return "", time.UTC
	}
	return to[0].quiet, to[0].location()
}

func (p *party) location() *time.Location {
	zone, err := time.LoadLocation(p.zone)
	if err != nil {
		panic(err)
	}
	return zone
}

// asked says whether somebody asked to be told on this contact.
func (p *party) asked(k stakeholders.Contact) bool {
	return p.alone != nil || k.OptedIn || slices.ContainsFunc(p.joined, func(s stakeholders.Subscriber) bool { return addressOf(s.Contact) == addressOf(k) })
}

// used is the contact of each channel that is told.
func (p *party) used() (used []stakeholders.Contact) {
	for _, channel := range []stakeholders.Channel{stakeholders.Email, stakeholders.Slack, stakeholders.SMS} {
		var on []stakeholders.Contact
		for _, k := range p.contacts {
			if k.Channel == channel {
				on = append(on, k)
			}
		}
		if len(on) == 0 {
			continue
		}
		at := 0
		if p.quadrant == stakeholders.Monitor {
			at = max(0, slices.IndexFunc(on, p.asked))
		}
		used = append(used, on[at])
	}
	slices.SortFunc(used, func(a, b stakeholders.Contact) int { return p.rank(a.Channel) - p.rank(b.Channel) })
	return used
}

// rank orders channels as the person listed them.
func (p *party) rank(channel stakeholders.Channel) int {
	return slices.IndexFunc(p.contacts, func(k stakeholders.Contact) bool { return k.Channel == channel })
}

// every says whether somebody asked for every public update on a channel.
func (p *party) every(channel stakeholders.Channel) bool {
	if p.alone != nil {
		return p.alone.Preferences.EveryUpdate
	}
	return slices.ContainsFunc(p.joined, func(s stakeholders.Subscriber) bool { return s.Contact.Channel == channel && s.Preferences.EveryUpdate })
}

// follows is what the party cares about; nil: everything.
func (p *party) follows() (named []string) {
	if p.alone != nil {
		return p.alone.Preferences.Components
	}
	for _, s := range p.entries {
		if len(s.Components) == 0 {
			return nil
		}
		named = append(named, s.Components...)
	}
	for _, s := range p.joined {
		if len(s.Preferences.Components) == 0 {
			return nil
		}
		named = append(named, s.Preferences.Components...)
	}
	return named
}

// owes is what the table gives a contact for an event, by rules 3 and 8; nil:
// nothing.
func (p *party) owes(policy *stakeholders.Policy, o stakeholders.Occasion, row stakeholders.Event, k stakeholders.Contact, impact status.Impact) *stakeholders.Timing {
	follows := p.follows()
	if o.ClosureOnly || len(follows) > 0 && !slices.ContainsFunc(follows, func(id string) bool { return slices.Contains(o.Components, id) }) {
		return nil
	}
	if p.alone != nil {
		own := p.alone.Preferences
		if own.LeastImpact != "" && max(o.Impact.Level(), o.ImpactBefore.Level()) < status.Impact(own.LeastImpact).Level() {
			return nil
		}
		starts := row.Row() == stakeholders.Opened || row.Row() == stakeholders.MaintenanceAnnounced
		if own.StartAndEndOnly && !starts && !row.Ends() {
			return nil
		}
	}
	var listening []stakeholders.Contact
	for _, one := range p.used() {
		if p.quadrant != stakeholders.Monitor || p.asked(one) || p.every(one.Channel) {
			listening = append(listening, one)
		}
	}
	if !slices.ContainsFunc(listening, func(one stakeholders.Contact) bool { return addressOf(one) == addressOf(k) }) {
		return nil
	}
	if p.every(k.Channel) {
		cell, _ := policy.Cell(row, stakeholders.KeepInformed, impact.Worse(status.ImpactMinor))
		if len(cell.Entries) > 0 {
			entry := &cell.Entries[0]
			if own := entryOf(cell, k.Channel, listening[0].Channel); own != nil {
				entry = own
			}
			return &stakeholders.Timing{Told: entry.Timing.Told, Delayed: entry.Timing.Delayed}
		}
	}
	if impact == status.ImpactNone {
		return nil
	}
	grades := []status.Impact{status.ImpactMinor, status.ImpactMajor, status.ImpactCritical}
	for n, grade := range grades[slices.Index(grades, impact):] {
		cell, _ := policy.Cell(row, p.quadrant, grade)
		if n == 0 && len(cell.Entries) == 0 {
			return nil
		}
		if entry := entryOf(cell, k.Channel, listening[0].Channel); entry != nil {
			timing := entry.Timing
			return &timing
		}
		if slices.ContainsFunc(listening, func(one stakeholders.Contact) bool { return entryOf(cell, one.Channel, listening[0].Channel) != nil }) {
			return nil
		}
	}
	return nil
}

// entryOf finds what a cell says of a channel; P is the chosen one, and no
// channel is all.
func entryOf(cell stakeholders.Cell, channel, chosen stakeholders.Channel) *stakeholders.Entry {
	letter := map[stakeholders.Channel]stakeholders.Class{stakeholders.Email: 'E', stakeholders.Slack: 'C', stakeholders.SMS: 'S'}[channel]
	for n, e := range cell.Entries {
		if len(e.Classes) == 0 || slices.Contains(e.Classes, letter) || channel == chosen && slices.Contains(e.Classes, 'P') {
			return &cell.Entries[n]
		}
	}
	return nil
}

// twice says whether the clocks show a moment's hour a second time.
func twice(zone *time.Location, at time.Time) bool {
	return slices.ContainsFunc([]time.Duration{-time.Hour, time.Hour, -30 * time.Minute, 30 * time.Minute}, func(by time.Duration) bool {
		return at.Add(by).In(zone).Format("15:04") == at.In(zone).Format("15:04")
	})
}

// covers says whether quiet hours cover a moment, as a clock on the wall shows
// it. In the hour that clocks show twice it says no.
func covers(quiet string, zone *time.Location, at time.Time) bool {
	if quiet == "" {
		return false
	}
	from, _ := time.Parse("15:04", quiet[:5])
	to, _ := time.Parse("15:04", quiet[6:])
	local := at.In(zone)
	if twice(zone, at) {
		return false
	}
	minutes := func(t time.Time) int { return t.Hour()*60 + t.Minute() }
	if minutes(from) < minutes(to) {
		return minutes(local) >= minutes(from) && minutes(local) < minutes(to)
	}
	return minutes(local) >= minutes(from) || minutes(local) < minutes(to)
}
