package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/allclear-status/allclear/bench"
)

const (
	// classes is how many different wishes the subscribers have.
	classes = 20
	// past is how many incidents the page shows that are over.
	past = 14
)

// page is a server whose page has components, a past and a register.
type page struct {
	server      *bench.Server
	component   string   // that all incidents touch
	subscribers []string // one of each class
}

// seed makes the page through the doors that operators use.
func seed(ctx context.Context, p plan, setup bench.Setup, server *bench.Server) (*page, error) {
	at := &page{server: server}
	components := make([]string, classes)
	for i := range components {
		var err error
		if components[i], err = at.create(ctx, "/components", object{"component": object{"name": fmt.Sprintf("Service %d", i+1), "showcase": true}}); err != nil {
			return nil, err
		}
	}
	at.component = components[0]
	for i := range past {
		if err := at.trouble(ctx, i); err != nil {
			return nil, err
		}
	}
	for i, component := range components {
		follows := []string{at.component, component} // each class other ones, and all the one that fails
		if i == 0 {
			follows = nil
		}
		id, err := at.create(ctx, "/subscribers", object{"subscriber": object{
			"email": fmt.Sprintf("reader%d@example.com", i), "component_ids": follows, "skip_confirmation_notification": true}})
		if err != nil {
			return nil, err
		}
		at.subscribers = append(at.subscribers, id)
	}
	return at, importRegister(ctx, setup, filepath.Join(p.folder, "stakeholders.yaml"), p.entries)
}

// trouble makes an incident that is over; nobody is told.
func (at *page) trouble(ctx context.Context, number int) error {
	id, err := at.create(ctx, "/incidents", object{"incident": object{"name": fmt.Sprintf("Orders of group %d are late", number),
		"body": "Orders are late for some customers. We are looking for the cause.", "deliver_notifications": false}})
	if err != nil {
		return err
	}
	for _, state := range []string{"identified", "monitoring", "resolved"} {
		if err := at.update(ctx, id, object{"status": state, "body": "Orders are on their way again. There is nothing you need to do.", "deliver_notifications": false}); err != nil {
			return err
		}
	}
	return nil
}

// importRegister fills all four quadrants, and names a subscriber, too.
func importRegister(ctx context.Context, setup bench.Setup, file string, entries int) error {
	var text strings.Builder
	text.WriteString("stakeholders:\n  - {name: Customers, kind: segment, power: high, interest: low}\n")
	for i := range entries {
		power, interest := "low", "low"
		switch i % 20 {
		case 0:
			power, interest = "high", "high"
		case 1, 2:
			power = "high"
		case 3, 4, 5, 6, 7, 8:
			interest = "high"
		}
		email := fmt.Sprintf("person%d@acme.example", i)
		if i == 0 {
			email = "reader0@example.com"
		}
		fmt.Fprintf(&text, "  - {name: Person %d, power: %s, interest: %s, contacts: [{email: %s}]}\n", i, power, interest, email)
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, setup.Binary, "stakeholders", "import", file)
	cmd.Env = append(cmd.Environ(), setup.Environ()...)
	_, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return fmt.Errorf("import the register: %w: %s", err, failed.Stderr)
	}
	return err
}

// crowd makes n subscribers of those of each class.
func (at *page) crowd(ctx context.Context, database *bench.Database, n int) error {
	for i, id := range at.subscribers {
		members := n / classes
		if i < n%classes {
			members++
		}
		if err := database.CopySubscriber(ctx, id, members-1); err != nil {
			return err
		}
	}
	_, err := database.ExecContext(ctx, `ANALYZE`)
	return err
}

type object map[string]any

// create posts something and returns its id.
func (at *page) create(ctx context.Context, path string, in object) (string, error) {
	var made struct {
		ID string `json:"id"`
	}
	if err := at.server.Manage(ctx, http.MethodPost, path, in, &made); err != nil {
		return "", err
	}
	if made.ID == "" {
		return "", fmt.Errorf("POST %s answered without an id", path)
	}
	return made.ID, nil
}

// update posts an update of an incident.
func (at *page) update(ctx context.Context, id string, of object) error {
	return at.server.Manage(ctx, http.MethodPatch, "/incidents/"+id, object{"incident": of}, nil)
}
