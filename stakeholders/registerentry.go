package stakeholders

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/status"
)

// Draft is an entry of the register as somebody wrote it, in a file or over the
// API. Both are checked here, so that both take and refuse the same.
type Draft struct {
	Name, Kind, Power, Interest    string
	Contacts                       []DraftContact
	Components                     []string // ids or names; none: all
	Language, TimeZone, QuietHours string
	Owner, Notes, ReviewAfter      string
	// KeptComponents are ids that the entry names already; they stay, also when
	// the page has lost them: a scope must not turn into "all".
	KeptComponents []string
}

// DraftContact is a contact as somebody wrote it.
type DraftContact struct {
	Channel  Channel // empty: none was named, or several
	Address  string
	Field    string // in which the address stands; empty: the channel's name
	Label    string
	Private  bool
	OptedIn  bool
	Contract *string // the basis of a contractual contact; nil: it is none
	// Kept is the normalised address of a contact that the entry has already,
	// whose secret was not given again.
	Kept string
}

// faults notes what is wrong at a place in a draft: the names and, in lists, the
// numbers that lead there. Subject and words make one sentence together.
type faults func(at []any, subject, words string)

// Entry checks a draft that came by itself. The error is *status.Invalid and
// names each field at fault, such as stakeholder.contacts[1].email.
func (d Draft) Entry(components []status.Component) (Stakeholder, error) {
	bad := &status.Invalid{}
	s := d.check(components, func(at []any, _, words string) { bad.Add("stakeholder"+pathWords(at), "%s", words) })
	return s, bad.Err()
}

// pathWords writes a place as those who send JSON know it.
func pathWords(at []any) string {
	var b strings.Builder
	for _, step := range at {
		if n, ok := step.(int); ok {
			fmt.Fprintf(&b, "[%d]", n)
		} else {
			fmt.Fprintf(&b, ".%s", step)
		}
	}
	return b.String()
}

// Draft writes an entry as a draft, which a change then edits.
func (s Stakeholder) Draft() Draft {
	d := Draft{Name: s.Name, Kind: string(s.Kind), Power: string(s.Power), Interest: string(s.Interest), KeptComponents: slices.Clone(s.Components),
		Language: s.Language, TimeZone: s.TimeZone, QuietHours: s.QuietHours, Owner: s.Owner, Notes: s.Notes, ReviewAfter: s.ReviewAfter}
	for _, c := range s.Contacts {
		draft := DraftContact{Channel: c.Channel, Address: c.Address, Label: c.Label, Private: c.Private, OptedIn: c.OptedIn, Kept: c.Address}
		if c.Contractual != "" {
			draft.Contract = &c.Contractual
		}
		d.Contacts = append(d.Contacts, draft)
	}
	return d
}

// check turns a draft into an entry without an id, and notes every fault.
func (d Draft) check(components []status.Component, note faults) Stakeholder {
	s := Stakeholder{
		Name: tidied(d.Name), Kind: Kind(d.Kind), Power: Level(d.Power), Interest: Level(d.Interest),
		Contacts: []Contact{}, Components: []string{}, Language: strings.TrimSpace(d.Language), TimeZone: strings.TrimSpace(d.TimeZone),
		Owner: tidied(d.Owner), Notes: lineBreaks.Replace(norm.NFC.String(d.Notes)), ReviewAfter: strings.TrimSpace(d.ReviewAfter),
	}
	if s.Kind == "" {
		s.Kind = Person
	}
	if s.Name == "" {
		note([]any{"name"}, "name", "is missing")
	}
	if s.Kind != Person && s.Kind != Team && s.Kind != Segment {
		note([]any{"kind"}, "kind", fmt.Sprintf("is %q; it must be person, team or segment", d.Kind))
	}
	if !s.Power.Valid() {
		note([]any{"power"}, "power", written(d.Power)+"; it must be high or low")
	}
	if !s.Interest.Valid() {
		note([]any{"interest"}, "interest", written(d.Interest)+"; it must be high or low")
	}
	if _, err := time.LoadLocation(s.TimeZone); err != nil || s.TimeZone == "Local" {
		note([]any{"time_zone"}, "time_zone", fmt.Sprintf("is %q; it must be a name such as Europe/Madrid", s.TimeZone))
	}
	var ok bool
	if s.QuietHours, ok = readQuietHours(d.QuietHours); !ok {
		note([]any{"quiet_hours"}, "quiet_hours", fmt.Sprintf("is %q; it must be two times such as 22:00-07:00", d.QuietHours))
	}
	d.checkContacts(&s, note)
	d.checkComponents(components, &s, note)
	s.checkTexts(note)
	return s
}

// written says what was written in a field that must not be empty.
func written(text string) string {
	if text == "" {
		return "is missing"
	}
	return fmt.Sprintf("is %q", text)
}

// lineBreaks writes the ends of lines in one way, whichever program wrote them.
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// called is the entry in a sentence.
func (s Stakeholder) called() string {
	if s.Name == "" {
		return "the entry"
	}
	return strconv.Quote(s.Name)
}

func (d Draft) checkContacts(s *Stakeholder, note faults) {
	if s.Kind == Segment && len(d.Contacts) > 0 {
		note([]any{"contacts"}, "", fmt.Sprintf("%q is a segment, whose subscribers are told; it has no contacts of its own", s.Name))
	}
	if s.Kind != Segment && len(d.Contacts) == 0 {
		note([]any{"contacts"}, "", fmt.Sprintf("%s has no contacts; give at least one, such as \"- email: ana@example.com\"", s.called()))
	}
	for n, c := range d.Contacts {
		at := func(field string) []any { return []any{"contacts", n, field} }
		contact, ok := c.read(note, at)
		if !ok {
			continue
		}
		if slices.ContainsFunc(s.Contacts, func(have Contact) bool { return have.Channel == contact.Channel && have.Address == contact.Address }) {
			note(at(c.field()), "", fmt.Sprintf("the same %s address stands twice", contact.Channel))
			continue
		}
		s.Contacts = append(s.Contacts, contact)
	}
}

// field is where the address of the contact stands.
func (c DraftContact) field() string {
	if c.Field != "" {
		return c.Field
	}
	return string(c.Channel)
}

// read checks one contact; false when a fault was noted.
func (c DraftContact) read(note faults, at func(string) []any) (Contact, bool) {
	contact := Contact{Channel: c.Channel, Address: c.Kept, Label: tidied(c.Label), Private: c.Private, OptedIn: c.OptedIn}
	switch c.Channel {
	case "":
		note(at("")[:2], "", "a contact must name exactly one of "+List(ContactChannels()))
		return contact, false
	default:
		if !slices.Contains(ContactChannels(), c.Channel) {
			note(at("channel"), "channel", fmt.Sprintf("is %q; it must be %s", c.Channel, List(ContactChannels())))
			return contact, false
		}
	}
	if c.Kept == "" {
		var err error
		if contact.Address, err = NormalizeAddress(c.Channel, c.Address); err != nil {
			note(at(c.field()), string(c.Channel), contactWords(c.Channel, c.Address, err))
			return contact, false
		}
		if c.Channel.Secret() {
			contact.Endpoint = strings.TrimSpace(c.Address)
		}
	}
	if words := textWords(contact.Label, status.MaxNameLength, true); words != "" {
		note(at("label"), "label", words)
		return contact, false
	}
	if c.Contract == nil {
		return contact, true
	}
	contact.Contractual = tidied(*c.Contract)
	words := textWords(contact.Contractual, status.MaxNameLength, true)
	if _, answer := truths[strings.ToLower(contact.Contractual)]; answer || contact.Contractual == "" {
		words = "has no basis; write down why this contact must be told, such as \"Contract of 2026-03-01, section 4\""
	}
	if words != "" {
		note(at("contractual"), "contractual", words)
	}
	return contact, words == ""
}

// contactWords says what is wrong with an address; a secret is not repeated.
func contactWords(channel Channel, raw string, err error) string {
	if channel.Secret() {
		return err.Error()
	}
	return strconv.QuoteToASCII(raw) + " " + err.Error()
}

func (d Draft) checkComponents(components []status.Component, s *Stakeholder, note faults) {
	s.Components = append(s.Components, d.KeptComponents...)
	for n, name := range d.Components {
		found := componentsNamed(components, strings.TrimSpace(name))
		switch {
		case len(found) == 0:
			note([]any{"components", n}, "component", fmt.Sprintf("%q is not on the page", name))
		case len(found) > 1:
			note([]any{"components", n}, "component", fmt.Sprintf("%q stands for %d components; name it by its id", name, len(found)))
		case !slices.Contains(s.Components, found[0]):
			s.Components = append(s.Components, found[0])
		}
	}
	slices.Sort(s.Components)
}

// componentsNamed finds the ids that an id or a name stands for.
func componentsNamed(components []status.Component, name string) []string {
	var found []string
	for _, c := range components {
		if c.ID == name || SameName(c.Name, name) {
			found = append(found, c.ID)
		}
	}
	return found
}

// checkTexts refuses texts that are too long or hold control characters, and
// what must be one of a few.
func (s Stakeholder) checkTexts(note faults) {
	say := func(field, words string) {
		if words != "" {
			note([]any{field}, field, words)
		}
	}
	say("name", textWords(s.Name, status.MaxNameLength, true))
	say("owner", textWords(s.Owner, status.MaxNameLength, true))
	if s.Language != "" && !slices.Contains(lang.Tags(), s.Language) {
		say("language", fmt.Sprintf("is %q; it must be one of %s", s.Language, strings.Join(lang.Tags(), ", ")))
	}
	say("notes", textWords(s.Notes, status.MaxDescriptionLength, false))
	if !validReviewAfter(s.ReviewAfter) {
		say("review_after", fmt.Sprintf("is %q; it must be a number of days such as 180d, a date such as 2027-01-31, or never", s.ReviewAfter))
	}
}

// textFault says what is wrong with a text, after its field; empty: nothing.
func textFault(field, text string, limit int, singleLine bool) string {
	if words := textWords(text, limit, singleLine); words != "" {
		return field + ": " + words
	}
	return ""
}

// textWords says what is wrong with a text; empty: nothing.
func textWords(text string, limit int, singleLine bool) string {
	bad := &status.Invalid{}
	if status.CheckText(bad, "", text, limit, singleLine); len(bad.Fields) > 0 {
		return bad.Fields[0].Message
	}
	return ""
}

// readQuietHours reads two times of day, "22:00-07:00", however the line
// between them is drawn.
func readQuietHours(text string) (string, bool) {
	text = strings.TrimSpace(strings.NewReplacer("–", "-", "—", "-").Replace(text))
	if text == "" {
		return "", true
	}
	q, ok := parseQuietHours(text)
	if !ok {
		return text, false
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", q.From/60, q.From%60, q.To/60, q.To%60), true
}
