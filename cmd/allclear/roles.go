package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"
)

type rolesCommand struct {
	remote   `embed:""`
	Incident string   `name:"incident" short:"i" help:"Incident, such as INC-2; left out, the page's defaults."`
	Give     []string `arg:"" optional:"" help:"A role and who gets it, such as \"communication_lead=Ana Lima\" (from the register), \"deputy=Bo <bo@acme.example>\", or \"deputy=\" for nobody."`
}

// Run shows who has which role, or gives roles.
func (c *rolesCommand) Run(ctx context.Context, s *streams) error {
	given, err := readGiven(c.Give)
	if err != nil {
		return err
	}
	server, err := c.connect(ctx)
	if err != nil {
		return err
	}
	path := server.path("roles")
	if c.Incident != "" {
		path = server.path("incidents", c.Incident, "roles")
	}
	method, body := http.MethodGet, any(nil)
	if len(given) > 0 {
		method, body = http.MethodPatch, map[string]any{"roles": given}
	}
	var answer struct {
		Roles map[string]*struct {
			Name     string
			From     string
			Contacts []struct{ Channel, Address string }
		}
	}
	if err := server.call(ctx, method, path, body, &answer); err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, role := range []string{"communication_lead", "incident_manager", "deputy", "resolution_lead"} {
		line := role + "\tnobody"
		if d := answer.Roles[role]; d != nil {
			var ways []string
			for _, contact := range d.Contacts {
				ways = append(ways, contact.Channel+" "+contact.Address)
			}
			line = fmt.Sprintf("%s\t%s\t%s\t(%s)", role, d.Name, strings.Join(ways, ", "), d.From)
		}
		_, _ = fmt.Fprintln(w, line) // Flush reports what failed
	}
	return w.Flush()
}

// readGiven reads "deputy=Bo <bo@acme.example>".
func readGiven(words []string) (map[string]any, error) {
	given := map[string]any{}
	for _, one := range words {
		role, who, ok := strings.Cut(one, "=")
		if !ok {
			return nil, misuse{fmt.Errorf("%q is not a role and a person such as \"communication_lead=Ana Lima\"", one)}
		}
		who = strings.TrimSpace(who)
		name, address, named := strings.Cut(who, "<")
		switch {
		case who == "":
			given[role] = nil
		case named && strings.HasSuffix(address, ">"):
			given[role] = map[string]string{"name": strings.TrimSpace(name), "email": strings.TrimSuffix(address, ">")}
		default:
			given[role] = who
		}
	}
	return given, nil
}
