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
		e := registerEntry{Name: s.Name, Kind: string(s.Kind), Power: string(s.Power), Interest: string(s.Interest),
			Language: s.Language, TimeZone: s.TimeZone, QuietHours: s.QuietHours, Owner: s.Owner, Notes: s.Notes}
		for _, id := range s.Components {
			if name := names[id]; name != "" && count[strings.ToLower(name)] == 1 {
				id = name
			}
			e.Components = append(e.Components, id)
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
	out := registerContact{Label: c.Label, Private: c.Private, OptedIn: c.OptedIn}
	switch c.Channel {
	case Slack:
		out.Slack = c.Endpoint
	case SMS:
		out.SMS = c.Address
	default:
		out.Email = c.Address
	}
	return out
}
