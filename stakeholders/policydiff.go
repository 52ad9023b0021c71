package stakeholders

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/allclear-status/allclear/status"
)

// PolicyChange is one difference between two policies. Of the table it is the
// change of one channel at one place, for the impacts that change alike.
type PolicyChange struct {
	Event    Event    // empty: not in the table
	Quadrant Quadrant // empty: not in the table
	Impacts  []status.Impact
	// Subject is what changes: a channel of the cell, or a setting.
	Subject string
	From    string
	To      string
}

// String is the change as a manager reads it.
func (c PolicyChange) String() string {
	if c.Event == "" {
		return fmt.Sprintf("%s: %s → %s", c.Subject, c.From, c.To)
	}
	return fmt.Sprintf("%s, %s, %s: %s %s → %s", c.Event, c.Quadrant, impactWords(c.Impacts), c.Subject, c.From, c.To)
}

// impactWords lists impacts for a sentence.
func impactWords(impacts []status.Impact) string {
	if len(impacts) == len(columns) {
		return "every impact"
	}
	names := make([]string, len(impacts))
	for i, impact := range impacts {
		names[i] = string(impact)
	}
	return strings.Join(names, " and ")
}

// ComparePolicies lists what changes from one policy to another: first the
// settings, then the table in its own order.
func ComparePolicies(from, to *Policy) []PolicyChange {
	changes := compareSettings(from, to)
	for _, row := range rows {
		for _, q := range []Quadrant{ManageClosely, KeepSatisfied, KeepInformed, Monitor} {
			changes = append(changes, compareCells(from, to, row, q)...)
		}
	}
	return changes
}

// compareCells compares one place of the table.
func compareCells(from, to *Policy, row Event, q Quadrant) []PolicyChange {
	var changes []PolicyChange
	for _, impact := range columns {
		before, _ := from.Cell(row, q, impact)
		after, _ := to.Cell(row, q, impact)
		old, new := from.given(before), to.given(after)
		for _, subject := range subjects(old, new) {
			change := PolicyChange{Event: row, Quadrant: q, Impacts: []status.Impact{impact}, Subject: subject, From: old.timing(subject), To: new.timing(subject)}
			if change.From == change.To {
				continue
			}
			same := slices.IndexFunc(changes, func(c PolicyChange) bool {
				return c.Subject == subject && c.From == change.From && c.To == change.To
			})
			if same >= 0 {
				changes[same].Impacts = append(changes[same].Impacts, impact)
			} else {
				changes = append(changes, change)
			}
		}
	}
	return changes
}

// given is a cell in words: when each channel is told, in the cell's order.
type given []struct{ subject, timing string }

func (p *Policy) given(c Cell) (all given) {
	for _, e := range c.Entries {
		if len(e.Classes) == 0 {
			all = append(all, struct{ subject, timing string }{"every channel used before", e.words()})
		}
		for _, class := range e.Classes {
			all = append(all, struct{ subject, timing string }{p.ClassWords(class), e.words()})
		}
	}
	return all
}

func (g given) timing(subject string) string {
	for _, one := range g {
		if one.subject == subject {
			return one.timing
		}
	}
	return "nothing"
}

// subjects are those of two cells, each once.
func subjects(old, new given) (all []string) {
	for _, one := range slices.Concat(old, new) {
		if !slices.Contains(all, one.subject) {
			all = append(all, one.subject)
		}
	}
	return all
}

// ClassWords is what people call a letter of the table: the channels that the
// policy gives it, or else its usual name.
func (p *Policy) ClassWords(class Class) string {
	own := p.ChannelsOf(class)
	if strings.IndexByte(tableLetters, byte(class)) >= 0 || len(own) == 0 {
		return class.Label()
	}
	names := make([]string, len(own))
	for i, channel := range own {
		names[i] = string(channel)
	}
	return strings.Join(names, " and ")
}

// words says when an entry tells, and whom.
func (e Entry) words() string {
	words := e.Timing.Words()
	if e.Calendar {
		words += ", with a calendar file"
	}
	return words
}

// Words is the timing as a manager reads it.
func (t Timing) Words() string {
	var words []string
	for _, part := range []struct {
		set  bool
		word string
	}{
		{t.Immediate(), "at once"}, {t.Digest, "in the daily digest"},
		{t.Hold > 0, "after " + minuteWords(t.Hold)}, {t.Limit > 0, "every " + minuteWords(t.Limit)},
		{t.StillOpen > 0, "if still open after " + minuteWords(t.StillOpen)},
		{t.Told, "to those told before"}, {t.Delayed, "to those told of a delay"},
	} {
		if part.set {
			words = append(words, part.word)
		}
	}
	return strings.Join(words, ", ")
}

func minuteWords(d time.Duration) string { return fmt.Sprintf("%d min", int(d.Minutes())) }

// compareSettings compares what is not in the table.
func compareSettings(from, to *Policy) []PolicyChange {
	old, new := from.settings(), to.settings()
	var changes []PolicyChange
	for i := range old {
		if old[i].To != new[i].To {
			changes = append(changes, PolicyChange{Subject: old[i].Subject, From: old[i].To, To: new[i].To})
		}
	}
	for _, channel := range Channels() {
		if a, b := from.Class(channel), to.Class(channel); a != b {
			changes = append(changes, PolicyChange{Subject: fmt.Sprintf("letter of %s", channel), From: string(a), To: string(b)})
		}
	}
	return changes
}

// settings are the values outside the table, in words and always in the same
// order.
func (p *Policy) settings() []PolicyChange {
	all := []PolicyChange{{Subject: "name", To: fmt.Sprintf("%q", p.Name)}}
	add := func(subject, format string, args ...any) {
		all = append(all, PolicyChange{Subject: subject, To: fmt.Sprintf(format, args...)})
	}
	for _, impact := range columns {
		add("next update, "+string(impact), "%s", orNothing(p.NextUpdate(impact)))
	}
	for _, impact := range columns {
		add("first update, "+string(impact), "%s", orNothing(p.FirstPost(impact)))
	}
	after, every := p.LongIncident()
	add("long incident", "after %s, every %s", lengthWords(after), lengthWords(every))
	r := p.Reminders()
	add("reminders", "%s before, manager %s after, deputy %s after", lengthWords(r.Before), lengthWords(r.ManagerAfter), lengthWords(r.DeputyAfter))
	hour, minute := p.DigestAt()
	add("daily digest", "at %02d:%02d", hour, minute)
	for _, impact := range columns {
		words := "not defined"
		if g, ok := p.Grade(impact); ok {
			words = fmt.Sprintf("%s (%s): %s", g.Name, g.Display, g.Means)
		}
		add("grade for "+string(impact), "%s", words)
	}
	shown := "not shown"
	if p.showGrades {
		shown = "shown"
	}
	add("grades on the page", "%s", shown)
	return all
}

func orNothing(d time.Duration) string {
	if d == 0 {
		return "not promised"
	}
	return "within " + lengthWords(d)
}
