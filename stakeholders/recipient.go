package stakeholders

import (
	"cmp"
	"slices"
)

// Recipient is one person as the rules see it: a register entry with its
// contacts, several entries of the same person joined, or a subscriber (or a
// class of subscribers with equal preferences).
type Recipient struct {
	Kind RecipientKind
	ID   string // of the first register entry, or of the subscriber
	Name string
	// Quadrant is the first of manage_closely, keep_informed, keep_satisfied,
	// monitor among the places that lead here (rule 4).
	Quadrant Quadrant
	// Team says that several people share the contacts: nobody's quiet hours
	// hold what goes there.
	Team bool
	// Contacts in order; of several on one channel the first is used.
	Contacts []Contact
	// Components that this person cares about, as ids; none: all.
	Components []string
	// Preferences narrow or widen; they count only for whom no register entry
	// leads here (rule 4).
	Preferences Preferences
}

// RecipientKind says which list a recipient comes from.
type RecipientKind string

// The two lists.
const (
	FromRegister     RecipientKind = "stakeholder"
	FromSubscription RecipientKind = "subscriber"
)

// Recipients turns the register into recipients: entries of persons that share
// an email address are one person (rule 4), segments are left out (their
// subscribers stand for them). Subscriptions of addresses that stand in the
// register join those entries: they give their segment's place and what they
// follow too, and say that the address asked to be told. The order is that of
// sending, then of the register.
func Recipients(register []Stakeholder, subscriptions []Subscriber) []Recipient {
	people := []Recipient{}
	at := map[int]int{} // where in people the person is whose first entry this is
	first := samePerson(register)
	for i, entry := range register {
		if entry.Kind == Segment {
			continue
		}
		if known, ok := at[first[i]]; ok {
			people[known].join(entry)
			continue
		}
		at[i] = len(people)
		people = append(people, fromEntry(entry))
	}
	for i := range people {
		people[i].subscribed(register, subscriptions)
	}
	markShared(people)
	slices.SortStableFunc(people, func(a, b Recipient) int { return a.Quadrant.Rank() - b.Quadrant.Rank() })
	return people
}

// markShared marks the contacts that lead to a team or to several people.
func markShared(people []Recipient) {
	readers := map[inbox]int{}
	for _, r := range people {
		for _, c := range r.Contacts {
			readers[inboxOf(c)]++
		}
	}
	for _, r := range people {
		for i, c := range r.Contacts {
			r.Contacts[i].Shared = r.Team || readers[inboxOf(c)] > 1
		}
	}
}

// samePerson gives, for every entry, the first entry of the same person: those
// that share an email address, directly or through a third entry.
func samePerson(register []Stakeholder) []int {
	first := make([]int, len(register))
	find := func(i int) int {
		for first[i] != i {
			i = first[i]
		}
		return i
	}
	byEmail := map[string]int{}
	for i, entry := range register {
		first[i] = i
		if entry.Kind != Person {
			continue
		}
		for _, c := range entry.Contacts {
			if c.Channel != Email {
				continue
			}
			if other, ok := byEmail[c.Address]; ok {
				a, b := find(i), find(other)
				first[max(a, b)] = min(a, b)
			}
			byEmail[c.Address] = i
		}
	}
	for i := range first {
		first[i] = find(i)
	}
	return first
}

func fromEntry(s Stakeholder) Recipient {
	return Recipient{
		Kind: FromRegister, ID: s.ID, Name: s.Name, Quadrant: s.Quadrant(), Team: s.Kind == Team,
		Contacts: slices.Clone(s.Contacts), Components: slices.Clone(s.Components),
		Preferences: Preferences{Language: s.Language, TimeZone: s.TimeZone, QuietHours: s.QuietHours},
	}
}

// join adds another entry of the same person: the better place, all contacts,
// and the wider scope.
func (r *Recipient) join(s Stakeholder) {
	if s.Quadrant().Rank() < r.Quadrant.Rank() {
		r.Quadrant = s.Quadrant()
	}
	for _, c := range s.Contacts {
		if !slices.ContainsFunc(r.Contacts, func(have Contact) bool { return have.Channel == c.Channel && have.Address == c.Address }) {
			r.Contacts = append(r.Contacts, c)
		}
	}
	r.follow(s.Components)
	own := &r.Preferences
	own.Language, own.TimeZone, own.QuietHours = cmp.Or(own.Language, s.Language), cmp.Or(own.TimeZone, s.TimeZone), cmp.Or(own.QuietHours, s.QuietHours)
}

// follow widens what the person follows; naming no component follows all.
func (r *Recipient) follow(components []string) {
	if len(r.Components) == 0 || len(components) == 0 {
		r.Components = nil
		return
	}
	for _, id := range components {
		if !slices.Contains(r.Components, id) {
			r.Components = append(r.Components, id)
		}
	}
}

// subscribed joins the subscriptions of this person's addresses. What they
// narrow counts no more (rule 4); what they ask for besides does.
func (r *Recipient) subscribed(register []Stakeholder, subscriptions []Subscriber) {
	for i, c := range r.Contacts {
		for _, s := range subscriptions {
			if s.Contact.Channel != c.Channel || s.Contact.Address != c.Address {
				continue
			}
			r.Contacts[i].OptedIn = true
			r.Contacts[i].EveryUpdate = r.Contacts[i].EveryUpdate || s.Preferences.EveryUpdate
			r.follow(s.Preferences.Components)
			if q := SegmentQuadrant(register, s.Segment); q.Rank() < r.Quadrant.Rank() {
				r.Quadrant = q
			}
		}
	}
}

// SubscriberRecipient is a subscriber as the rules see it, in the quadrant of
// its segment.
func SubscriberRecipient(id string, contact Contact, segment Quadrant, prefs Preferences) Recipient {
	contact.OptedIn = true // who subscribed asked to be told
	contact.EveryUpdate = prefs.EveryUpdate
	return Recipient{
		Kind: FromSubscription, ID: id, Name: contact.Shown(), Quadrant: segment,
		Contacts: []Contact{contact}, Components: prefs.Components, Preferences: prefs,
	}
}

// SegmentQuadrant finds the place of a segment in the register; subscribers of
// a segment that the register does not name are kept satisfied.
func SegmentQuadrant(register []Stakeholder, segment string) Quadrant {
	for _, entry := range register {
		if entry.Kind == Segment && entry.Name == segment {
			return entry.Quadrant()
		}
	}
	return KeepSatisfied
}
