package stakeholders

import (
	"fmt"
	"slices"
	"strings"

	"github.com/allclear-status/allclear/status"
)

// PolicyWarnings says in sentences what of a policy cannot come true with this
// register and these channels: what an operator should know before the night
// on which it matters. None of it is a fault of the file.
func PolicyWarnings(p *Policy, register []Stakeholder, configured []Channel) []string {
	w := warner{policy: p, register: register, configured: configured}
	w.missingChannels()
	w.night()
	w.silentQuadrants()
	w.unreachable()
	return w.sentences
}

type warner struct {
	policy     *Policy
	register   []Stakeholder
	configured []Channel
	sentences  []string
}

func (w *warner) say(format string, args ...any) {
	w.sentences = append(w.sentences, fmt.Sprintf(format, args...))
}

// set says whether any channel of a letter is configured.
func (w *warner) set(class Class) bool {
	if class == ClassPreferred {
		return len(w.configured) > 0
	}
	return slices.ContainsFunc(w.configured, func(c Channel) bool { return w.policy.Class(c) == class })
}

// missingChannels finds letters of the table behind which nothing stands.
func (w *warner) missingChannels() {
	for _, letter := range w.policy.letters() {
		class := Class(letter)
		if w.set(class) {
			continue
		}
		var places, instead []string
		for _, q := range quadrants {
			if at := w.named(class, q); len(at) > 0 {
				places = append(places, fmt.Sprintf("%s (%s)", q, someOf(at)))
				instead = append(instead, w.reachedInstead(q, class)...)
			}
		}
		if len(places) == 0 {
			continue
		}
		words := ""
		if len(instead) > 0 {
			words = ": " + someOf(instead)
		}
		w.say("%s is not set up, but the policy gives it to %s%s.", upperFirst(w.policy.ClassWords(class)), strings.Join(places, ", "), words)
	}
}

// named are the places of a column that name a letter.
func (w *warner) named(class Class, q Quadrant) (at []string) {
	for _, row := range rows {
		var impacts []status.Impact
		for _, impact := range columns {
			cell, _ := w.policy.Cell(row, q, impact)
			if slices.ContainsFunc(cell.Entries, func(e Entry) bool { return slices.Contains(e.Classes, class) }) {
				impacts = append(impacts, impact)
			}
		}
		if len(impacts) > 0 {
			at = append(at, fmt.Sprintf("%s, %s", row, impactWords(impacts)))
		}
	}
	return at
}

// reachedInstead says how those of a quadrant who have such a contact are
// reached without it.
func (w *warner) reachedInstead(q Quadrant, class Class) (parts []string) {
	for _, s := range w.register {
		if s.Quadrant() != q || !slices.ContainsFunc(s.Contacts, func(c Contact) bool { return w.policy.Class(c.Channel) == class }) {
			continue
		}
		parts = append(parts, s.Name+" is reached "+w.ways(s))
	}
	return parts
}

// ways says by which channels an entry can be reached.
func (w *warner) ways(s Stakeholder) string {
	names := []string{}
	for _, c := range s.Contacts {
		if name := string(c.Channel); slices.Contains(w.configured, c.Channel) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	switch len(names) {
	case 0:
		return "by nothing at all"
	case 1:
		return "by " + names[0] + " only"
	default:
		return "by " + strings.Join(names, " and ")
	}
}

// night asks who of manage_closely wakes up when something critical begins.
func (w *warner) night() {
	cell, _ := w.policy.Cell(Opened, ManageClosely, status.ImpactCritical)
	var names []string
	byMail := false
	for _, s := range w.register {
		if s.Quadrant() != ManageClosely || s.Kind == Segment {
			continue
		}
		for _, c := range w.usable(s) {
			if !w.atOnce(cell, s, c) {
				continue
			}
			if c.Channel != Email {
				return
			}
			byMail = true
		}
		names = append(names, s.Name)
	}
	switch {
	case len(names) == 0:
	case byMail:
		w.say("Nobody in manage_closely (%s) can be reached at 03:00 except by email; a critical incident at night may wait until somebody reads it.", someOf(names))
	default:
		w.say("Nobody in manage_closely (%s) is told at once when a critical incident is opened.", someOf(names))
	}
}

// usable are the contacts of an entry whose channel is set up.
func (w *warner) usable(s Stakeholder) []Contact {
	var usable []Contact
	for _, c := range s.Contacts {
		if slices.Contains(w.configured, c.Channel) {
			usable = append(usable, c)
		}
	}
	return usable
}

// atOnce says whether a cell tells a contact of an entry at once.
func (w *warner) atOnce(cell Cell, s Stakeholder, c Contact) bool {
	return slices.ContainsFunc(cell.Entries, func(e Entry) bool {
		return e.Timing.Immediate() && !e.Timing.Told && !e.Timing.Delayed && w.speaks(e, s, c)
	})
}

// speaks says whether an entry of a cell speaks to a contact.
func (w *warner) speaks(e Entry, s Stakeholder, c Contact) bool {
	preferred := s.Contacts[0].Channel == c.Channel
	return slices.Contains(e.Classes, w.policy.Class(c.Channel)) || preferred && slices.Contains(e.Classes, ClassPreferred)
}

// silentQuadrants finds columns in which no cell can reach anybody.
func (w *warner) silentQuadrants() {
	for _, q := range quadrants {
		reaches := false
		w.entries(q, func(e Entry) { reaches = reaches || slices.ContainsFunc(e.Classes, w.set) })
		if !reaches {
			w.say("Nobody in %s is ever told: no cell of its column names a channel that is set up.", q)
		}
	}
}

// entries walks a column.
func (w *warner) entries(q Quadrant, do func(Entry)) {
	for _, row := range rows {
		for _, impact := range columns {
			cell, _ := w.policy.Cell(row, q, impact)
			for _, e := range cell.Entries {
				do(e)
			}
		}
	}
}

// unreachable finds entries that no message can get to.
func (w *warner) unreachable() {
	for _, s := range w.register {
		if s.Kind == Segment {
			continue
		}
		usable := w.usable(s)
		if len(usable) == 0 {
			w.say("%s has no contact that can be used: %s is not set up.", s.Name, channelsOf(s))
			continue
		}
		spoken := false
		w.entries(s.Quadrant(), func(e Entry) {
			spoken = spoken || slices.ContainsFunc(usable, func(c Contact) bool { return w.speaks(e, s, c) })
		})
		if !spoken {
			w.say("%s is never told: no cell of %s names %s.", s.Name, s.Quadrant(), channelsOf(s))
		}
	}
}

// channelsOf names the channels of an entry's contacts, each once.
func channelsOf(s Stakeholder) string {
	var names []string
	for _, c := range s.Contacts {
		if !slices.Contains(names, string(c.Channel)) {
			names = append(names, string(c.Channel))
		}
	}
	return listed(names)
}

// someOf lists the first few of many.
func someOf(all []string) string {
	const few = 3
	if len(all) <= few {
		return strings.Join(all, "; ")
	}
	return fmt.Sprintf("%s; and %d more", strings.Join(all[:few], "; "), len(all)-few)
}

func upperFirst(text string) string {
	if text == "sms" {
		return "SMS"
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
