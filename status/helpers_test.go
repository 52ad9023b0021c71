package status_test

import (
	"errors"
	"testing"
	"time"

	"github.com/allclear-status/allclear/status"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// site is a page's components by id: payments and search, and a blog that is
// not core.
func site() map[string]status.Component {
	return map[string]status.Component{
		"payments": {ID: "payments", Name: "Card payments", Status: status.Operational},
		"search":   {ID: "search", Name: "Search", Status: status.Operational},
		"blog":     {ID: "blog", Name: "Blog", Status: status.Operational, NotCore: true},
	}
}

// story is an incident to which posts are made, a minute apart.
type story struct {
	t          *testing.T
	now        time.Time
	components map[string]status.Component
	incident   status.Incident
	last       status.Change
}

func newStory(t *testing.T) *story { return &story{t: t, now: noon, components: site()} }

func (s *story) open(p status.Post) *story {
	if p.Name == "" {
		p.Name = "Card payments fail"
	}
	return s.post(p, true)
}

func (s *story) then(p status.Post) *story { return s.post(p, false) }

func (s *story) post(p status.Post, opening bool) *story {
	s.t.Helper()
	s.now = s.now.Add(time.Minute)
	change, err := s.incident.Apply(p, s.components, s.now, "u", opening)
	if err != nil {
		s.t.Fatalf("%+v: %v", p, err)
	}
	for _, c := range change.Components {
		component := s.components[c.ComponentID]
		component.Status = c.New
		s.components[c.ComponentID] = component
	}
	s.last = change
	return s
}

// says is a post that only moves the incident to a state.
func says(state status.IncidentStatus) status.Post { return status.Post{Status: state} }

// gives is a post that gives one component a state.
func gives(state status.IncidentStatus, id string, component status.ComponentStatus) status.Post {
	return status.Post{Status: state, Components: []status.ComponentState{{ComponentID: id, Status: component}}}
}

func override(i status.Impact) status.Post { return status.Post{ImpactOverride: &i} }

// fields are the fields that an error refuses.
func fields(t *testing.T, err error) []string {
	t.Helper()
	var invalid *status.Invalid
	if !errors.As(err, &invalid) {
		t.Fatalf("error %v, want *status.Invalid", err)
	}
	names := make([]string, len(invalid.Fields))
	for i, f := range invalid.Fields {
		names[i] = f.Field
	}
	return names
}
