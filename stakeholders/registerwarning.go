package stakeholders

import (
	"fmt"
	"slices"
	"strings"
)

// Warnings says what a register may not mean: several entries that lead to one
// address, and so to one message (rule 4), and which of their places counts.
// where names an entry and where it stands.
func Warnings(register []Stakeholder, where func(i int) string) []string {
	type place struct {
		channel Channel
		address string
	}
	var order []place
	leading := map[place][]int{}
	for i, s := range register {
		if s.Kind == Segment {
			continue
		}
		for _, c := range s.Contacts {
			p := place{c.Channel, c.Address}
			if leading[p] = append(leading[p], i); len(leading[p]) == 2 {
				order = append(order, p)
			}
		}
	}
	warnings := []string{}
	for _, p := range order {
		warnings = append(warnings, sharedWords(register, leading[p], Contact{Channel: p.channel, Address: p.address}, where))
	}
	return warnings
}

// sharedWords is about entries that lead to one address.
func sharedWords(register []Stakeholder, entries []int, shared Contact, where func(i int) string) string {
	persons, first := shared.Channel == Email, entries[0]
	standing := make([]string, len(entries))
	for n, i := range entries {
		standing[n] = where(i)
		persons = persons && register[i].Kind == Person
		if register[i].Quadrant().Rank() < register[first].Quadrant().Rank() {
			first = i
		}
	}
	if c := slices.IndexFunc(register[entries[0]].Contacts, func(c Contact) bool { return c.Channel == shared.Channel && c.Address == shared.Address }); c >= 0 {
		shared = register[entries[0]].Contacts[c] // with its label
	}
	place := string(shared.Channel) + " " + shared.Shown()
	if shared.Channel.Secret() && shared.Label == "" {
		place = "one " + shared.Shown()
	}
	words := fmt.Sprintf("%s: all lead to %s", strings.Join(standing, "; "), place)
	if persons {
		words += ", so they count as one person, who gets one message"
	} else {
		words += ", which gets one message for all of them"
	}
	return fmt.Sprintf("%s; the place that counts is %s (%s)", words, register[first].Quadrant(), register[first].Name)
}
