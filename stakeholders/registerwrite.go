package stakeholders

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/allclear-status/allclear/status"
)

// FormatRegister writes a register as a file that ParseRegister reads back to
// the same. Components are named by name where that is enough. Contacts whose
// address is a secret must carry it in Endpoint.
func FormatRegister(register []Stakeholder, components []status.Component) ([]byte, error) {
	names, count := map[string]string{}, map[string]int{}
	for _, c := range components {
		names[c.ID] = c.Name
		count[strings.ToLower(c.Name)]++
	}
	file := registerFile{Stakeholders: make([]registerEntry, len(register))}
	for i, s := range register {
		e := registerEntry{Name: text(s.Name), Kind: string(s.Kind), Power: string(s.Power), Interest: string(s.Interest),
			Language: text(s.Language), TimeZone: text(s.TimeZone), QuietHours: text(s.QuietHours), Owner: text(s.Owner), Notes: text(s.Notes)}
		for _, id := range s.Components {
			if name := names[id]; name != "" && count[strings.ToLower(name)] == 1 {
				id = name
			}
			e.Components = append(e.Components, text(id))
		}
		for _, c := range s.Contacts {
			e.Contacts = append(e.Contacts, fileContact(c))
		}
		file.Stakeholders[i] = e
	}
	document, err := yaml.Marshal(file)
	if err != nil {
		return nil, fmt.Errorf("format register: %w", err)
	}
	return document, nil
}

func fileContact(c Contact) registerContact {
	out := registerContact{Label: text(c.Label), Private: c.Private, OptedIn: c.OptedIn}
	switch c.Channel {
	case Slack:
		out.Slack = text(c.Endpoint)
	case SMS:
		out.SMS = text(c.Address)
	default:
		out.Email = text(c.Address)
	}
	return out
}
