package stakeholders

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/allclear-status/allclear/status"
)

// FormatRegister writes a register as a YAML file that ParseRegister reads back
// to the same. Components are named by name where that is enough. Contacts whose
// address is a secret must carry it in Endpoint.
func FormatRegister(register []Stakeholder, components []status.Component) ([]byte, error) {
	names := uniqueNames(components)
	file := registerFile{Stakeholders: make([]registerEntry, len(register))}
	for i, s := range register {
		e := registerEntry{Name: text(s.Name), Kind: string(s.Kind), Power: string(s.Power), Interest: string(s.Interest),
			Language: text(s.Language), TimeZone: text(s.TimeZone), QuietHours: text(s.QuietHours), Owner: text(s.Owner),
			ReviewAfter: s.ReviewAfter, Notes: text(s.Notes)}
		for _, id := range s.Components {
			e.Components = append(e.Components, text(cmp.Or(names[id], id)))
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

// uniqueNames are the names by which components are understood, by id; one whose
// name another has too is left out.
func uniqueNames(components []status.Component) map[string]string {
	names, count := map[string]string{}, map[string]int{}
	for _, c := range components {
		count[strings.ToLower(c.Name)]++
	}
	for _, c := range components {
		if count[strings.ToLower(c.Name)] == 1 && c.Name == strings.TrimSpace(c.Name) {
			names[c.ID] = c.Name
		}
	}
	return names
}

func fileContact(c Contact) registerContact {
	out := registerContact{Label: text(c.Label), Private: c.Private, OptedIn: c.OptedIn}
	*out.address(c.Channel) = text(c.Address)
	if c.Channel.Secret() {
		*out.address(c.Channel) = text(c.Endpoint)
	}
	if c.Contractual != "" {
		out.Contractual = &contract{text(c.Contractual)}
	}
	return out
}
