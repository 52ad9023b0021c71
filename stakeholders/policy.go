package stakeholders

import (
	_ "embed"
	"slices"
	"sync"
	"time"

	"github.com/allclear-status/allclear/status"
)

//go:embed default_policy.yaml
var defaultPolicy []byte

//go:embed policy.schema.json
var policySchema []byte

// PolicySchema is the JSON Schema of a policy's document, with which editors
// complete and check it. It tells most faults; ParsePolicy tells all.
func PolicySchema() []byte { return slices.Clone(policySchema) }

// Policy is what each quadrant is owed for each event, and the rhythm of
// promises. It is data: one YAML document, versioned in the store.
type Policy struct {
	Version  int64
	Name     string
	document []byte
	rhythm   rhythm
	table    map[Event]map[Quadrant]map[status.Impact]Cell
	// classes are the letters that the policy gives to channels itself.
	classes    map[Channel]Class
	grades     []Grade // the worst first
	showGrades bool
	zones      sync.Map // of people, by name: reading one takes longer than deciding
}

// DefaultPolicyDocument is the policy that a new page starts with, as YAML.
func DefaultPolicyDocument() []byte { return slices.Clone(defaultPolicy) }

// Document is the policy as it was written.
func (p *Policy) Document() []byte { return slices.Clone(p.document) }

// zone finds a time zone; one that is not known is UTC.
func (p *Policy) zone(name string) *time.Location {
	if known, ok := p.zones.Load(name); ok {
		return known.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		zone = time.UTC
	}
	p.zones.Store(name, zone)
	return zone
}

// Cell finds the place in the table. Impact none has no cell.
func (p *Policy) Cell(event Event, q Quadrant, impact status.Impact) (Cell, bool) {
	cell, ok := p.table[event.Row()][q][impact]
	return cell, ok
}
