package stakeholders

import (
	"bytes"

	"github.com/allclear-status/allclear/status"
)

type registerFile struct {
	// ReviewAfter is for entries that say nothing else.
	ReviewAfter  string          `yaml:"review_after,omitempty"`
	Stakeholders []registerEntry `yaml:"stakeholders"`
}

type registerEntry struct {
	Name        text              `yaml:"name"`
	Kind        string            `yaml:"kind,omitempty"`
	Power       string            `yaml:"power"`
	Interest    string            `yaml:"interest"`
	Contacts    []registerContact `yaml:"contacts,omitempty"`
	Components  []text            `yaml:"components,omitempty"`
	Language    text              `yaml:"language,omitempty"`
	TimeZone    text              `yaml:"time_zone,omitempty"`
	QuietHours  text              `yaml:"quiet_hours,omitempty"`
	Owner       text              `yaml:"owner,omitempty"`
	ReviewAfter string            `yaml:"review_after,omitempty"`
	Notes       text              `yaml:"notes,omitempty"`
}

type registerContact struct {
	Email       text      `yaml:"email,omitempty"`
	Slack       text      `yaml:"slack,omitempty"`
	Discord     text      `yaml:"discord,omitempty"`
	Teams       text      `yaml:"teams,omitempty"`
	GoogleChat  text      `yaml:"google_chat,omitempty"`
	Mattermost  text      `yaml:"mattermost,omitempty"`
	SMS         text      `yaml:"sms,omitempty"`
	Label       text      `yaml:"label,omitempty"`
	Private     bool      `yaml:"private,omitempty"`
	OptedIn     bool      `yaml:"opted_in,omitempty"`
	Contractual *contract `yaml:"contractual,omitempty"`
}

// contract is why a contact must be told.
type contract struct {
	Basis text `yaml:"basis"`
}

// address is where the address of a channel stands.
func (c *registerContact) address(channel Channel) *text {
	switch channel {
	case Slack:
		return &c.Slack
	case Discord:
		return &c.Discord
	case Teams:
		return &c.Teams
	case GoogleChat:
		return &c.GoogleChat
	case Mattermost:
		return &c.Mattermost
	case SMS:
		return &c.SMS
	default:
		return &c.Email
	}
}

// draft is the contact with the one channel that it names.
func (c registerContact) draft() DraftContact {
	d := DraftContact{Label: string(c.Label), Private: c.Private, OptedIn: c.OptedIn}
	named := 0
	for _, channel := range ContactChannels() {
		if address := *c.address(channel); address != "" {
			d.Channel, d.Address = channel, string(address)
			named++
		}
	}
	if named != 1 {
		d.Channel = ""
	}
	if c.Contractual != nil {
		d.Contract = (*string)(&c.Contractual.Basis)
	}
	return d
}

func (e registerEntry) draft() Draft {
	d := Draft{Name: string(e.Name), Kind: e.Kind, Power: e.Power, Interest: e.Interest, Language: string(e.Language), TimeZone: string(e.TimeZone),
		QuietHours: string(e.QuietHours), Owner: string(e.Owner), Notes: string(e.Notes), ReviewAfter: e.ReviewAfter}
	for _, c := range e.Contacts {
		d.Contacts = append(d.Contacts, c.draft())
	}
	for _, name := range e.Components {
		d.Components = append(d.Components, string(name))
	}
	return d
}

func parseYAML(document []byte, components []status.Component) (RegisterFile, error) {
	if len(bytes.TrimSpace(document)) == 0 {
		return RegisterFile{}, status.NewInvalid(registerField, "the file is empty; it must have a list named stakeholders")
	}
	file, tree, err := readTree(registerField, document)
	if err != nil {
		return RegisterFile{}, err
	}
	if !file.checkShape(tree, registerShape()) {
		return RegisterFile{}, file.err()
	}
	var in registerFile
	if file, err = readDocument(registerField, document, &in); err != nil {
		return RegisterFile{}, err
	}
	if len(in.Stakeholders) == 0 {
		return RegisterFile{}, status.NewInvalid(registerField, "the file has no list named stakeholders, or the list is empty")
	}
	if err := tooMany(len(in.Stakeholders)); err != nil {
		return RegisterFile{}, err
	}
	r := registerReader{components: components, names: map[string]int{}}
	for i, entry := range in.Stakeholders {
		d, line := entry.draft(), file.line("stakeholders", i)
		if d.ReviewAfter == "" {
			d.ReviewAfter = in.ReviewAfter
		}
		r.read(d, line, func(at []any, subject, words string) {
			file.fault(append([]any{"stakeholders", i}, at...), "%s", sentence(subject, words))
		})
	}
	return r.result(file.err())
}
