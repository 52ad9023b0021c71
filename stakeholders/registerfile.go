package stakeholders

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/allclear-status/allclear/status"
)

// registerField is the field that faults of a register file are reported on.
const registerField = "register"

type registerFile struct {
	Stakeholders []registerEntry `yaml:"stakeholders"`
}

type registerEntry struct {
	Name       text              `yaml:"name"`
	Kind       string            `yaml:"kind,omitempty"`
	Power      string            `yaml:"power"`
	Interest   string            `yaml:"interest"`
	Contacts   []registerContact `yaml:"contacts,omitempty"`
	Components []text            `yaml:"components,omitempty"`
	Language   text              `yaml:"language,omitempty"`
	TimeZone   text              `yaml:"time_zone,omitempty"`
	QuietHours text              `yaml:"quiet_hours,omitempty"`
	Owner      text              `yaml:"owner,omitempty"`
	Notes      text              `yaml:"notes,omitempty"`
}

type registerContact struct {
	Email   text `yaml:"email,omitempty"`
	Slack   text `yaml:"slack,omitempty"`
	SMS     text `yaml:"sms,omitempty"`
	Label   text `yaml:"label,omitempty"`
	Private bool `yaml:"private,omitempty"`
	OptedIn bool `yaml:"opted_in,omitempty"`
}

// given is the one channel and address of the contact.
func (c registerContact) given() (Channel, string, bool) {
	var channel Channel
	var address text
	n := 0
	for _, one := range []struct {
		channel Channel
		address text
	}{{Email, c.Email}, {Slack, c.Slack}, {SMS, c.SMS}} {
		if one.address != "" {
			channel, address = one.channel, one.address
			n++
		}
	}
	return channel, string(address), n == 1
}

// ParseRegister reads a register file (YAML). components are the page's, by
// which names are understood. The error is *status.Invalid and names the line
// of every fault; nothing of a faulty file is returned. Entries have no ids.
func ParseRegister(document []byte, components []status.Component) ([]Stakeholder, error) {
	if len(bytes.TrimSpace(document)) == 0 {
		return nil, status.NewInvalid(registerField, "the file is empty; it must have a list named stakeholders")
	}
	var in registerFile
	file, err := readDocument(registerField, document, &in)
	if err != nil {
		return nil, err
	}
	if len(in.Stakeholders) == 0 {
		return nil, status.NewInvalid(registerField, "the file has no list named stakeholders, or the list is empty")
	}
	r := registerReader{file: file, components: components, names: map[string]int{}}
	register := make([]Stakeholder, len(in.Stakeholders))
	for i, entry := range in.Stakeholders {
		register[i] = r.read(i, entry)
	}
	if err := file.bad.Err(); err != nil {
		return nil, err
	}
	return register, nil
}

// registerReader turns entries of a file into stakeholders.
type registerReader struct {
	file       *document
	components []status.Component
	names      map[string]int // of entries, with the lines on which they stand
}

// fault notes what is wrong in a field of an entry, or in one of its items.
func (r *registerReader) fault(entry int, field string, format string, args ...any) {
	r.file.fault([]any{"stakeholders", entry, field}, format, args...)
}

func (r *registerReader) faultIn(entry int, field string, item int, format string, args ...any) {
	r.file.fault([]any{"stakeholders", entry, field, item}, format, args...)
}

func (r *registerReader) read(i int, in registerEntry) Stakeholder {
	s := Stakeholder{
		Name: strings.TrimSpace(string(in.Name)), Kind: Kind(in.Kind), Power: Level(in.Power), Interest: Level(in.Interest),
		Contacts: []Contact{}, Components: []string{}, Language: string(in.Language), TimeZone: string(in.TimeZone), QuietHours: string(in.QuietHours),
		Owner: string(in.Owner), Notes: string(in.Notes),
	}
	if s.Kind == "" {
		s.Kind = Person
	}
	r.checkName(i, s.Name)
	if s.Kind != Person && s.Kind != Team && s.Kind != Segment {
		r.fault(i, "kind", "kind is %q; it must be person, team or segment", in.Kind)
	}
	if !s.Power.Valid() {
		r.fault(i, "power", "power is %q; it must be high or low", in.Power)
	}
	if !s.Interest.Valid() {
		r.fault(i, "interest", "interest is %q; it must be high or low", in.Interest)
	}
	if _, err := time.LoadLocation(s.TimeZone); err != nil || s.TimeZone == "Local" {
		r.fault(i, "time_zone", "time_zone is %q; it must be a name such as Europe/Madrid", s.TimeZone)
	}
	if _, ok := parseQuietHours(s.QuietHours); s.QuietHours != "" && !ok {
		r.fault(i, "quiet_hours", "quiet_hours is %q; it must be two times such as 22:00-07:00", s.QuietHours)
	}
	r.readContacts(i, in, &s)
	r.readComponents(i, in, &s)
	r.checkTexts(i, s)
	return s
}

func (r *registerReader) checkName(i int, name string) {
	if name == "" {
		r.fault(i, "name", "name is missing")
		return
	}
	if first, ok := r.names[name]; ok {
		r.fault(i, "name", "name %q stands twice, first on line %d; names must differ", name, first)
		return
	}
	r.names[name] = r.file.line("stakeholders", i, "name")
}

func (r *registerReader) readContacts(i int, in registerEntry, s *Stakeholder) {
	if s.Kind == Segment && len(in.Contacts) > 0 {
		r.fault(i, "contacts", "%q is a segment, whose subscribers are told; it has no contacts of its own", s.Name)
	}
	if s.Kind != Segment && len(in.Contacts) == 0 {
		r.fault(i, "name", "%q has no contacts; give at least one, such as \"- email: ana@example.com\"", s.Name)
	}
	for n, c := range in.Contacts {
		channel, raw, ok := c.given()
		if !ok {
			r.faultIn(i, "contacts", n, "a contact must name exactly one of email, slack, sms")
			continue
		}
		address, err := NormalizeAddress(channel, raw)
		if err != nil {
			r.faultIn(i, "contacts", n, "%s %s", channel, contactWords(channel, raw, err))
			continue
		}
		if words := textFault("label", string(c.Label), status.MaxNameLength, true); words != "" {
			r.file.fault([]any{"stakeholders", i, "contacts", n, "label"}, "%s", words)
			continue
		}
		contact := Contact{Channel: channel, Address: address, Label: string(c.Label), Private: c.Private, OptedIn: c.OptedIn}
		if channel.Secret() {
			contact.Endpoint = strings.TrimSpace(raw)
		}
		if slices.ContainsFunc(s.Contacts, func(have Contact) bool { return have.Channel == channel && have.Address == address }) {
			r.faultIn(i, "contacts", n, "the same %s address stands twice", channel)
			continue
		}
		s.Contacts = append(s.Contacts, contact)
	}
}

// contactWords says what is wrong with an address; a secret is not repeated.
func contactWords(channel Channel, raw string, err error) string {
	if channel.Secret() {
		return err.Error()
	}
	return strconv.QuoteToASCII(raw) + " " + err.Error()
}

func (r *registerReader) readComponents(i int, in registerEntry, s *Stakeholder) {
	for n, component := range in.Components {
		name := string(component)
		var found []string
		for _, c := range r.components {
			if c.ID == name || strings.EqualFold(c.Name, name) {
				found = append(found, c.ID)
			}
		}
		switch {
		case len(found) == 0:
			r.faultIn(i, "components", n, "component %q is not on the page", name)
		case len(found) > 1:
			r.faultIn(i, "components", n, "component %q stands for %d components; name it by its id", name, len(found))
		case !slices.Contains(s.Components, found[0]):
			s.Components = append(s.Components, found[0])
		}
	}
	slices.Sort(s.Components)
}

// checkTexts refuses texts that are too long or hold control characters.
func (r *registerReader) checkTexts(i int, s Stakeholder) {
	for _, f := range []struct {
		field, text string
		limit       int
	}{
		{"name", s.Name, status.MaxNameLength}, {"owner", s.Owner, status.MaxNameLength},
		{"language", s.Language, status.MaxNameLength}, {"notes", s.Notes, status.MaxDescriptionLength},
	} {
		if words := textFault(f.field, f.text, f.limit, f.field != "notes"); words != "" {
			r.fault(i, f.field, "%s", words)
		}
	}
}

// textFault says what is wrong with a text; empty: nothing.
func textFault(field, text string, limit int, singleLine bool) string {
	bad := &status.Invalid{}
	if status.CheckText(bad, field, text, limit, singleLine); len(bad.Fields) > 0 {
		return bad.Error()
	}
	return ""
}
