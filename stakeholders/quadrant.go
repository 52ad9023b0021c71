package stakeholders

import "slices"

// Level is a stakeholder's power or interest.
type Level string

// The two levels.
const (
	High Level = "high"
	Low  Level = "low"
)

// Valid says whether l is high or low.
func (l Level) Valid() bool { return l == High || l == Low }

// Quadrant is a place in the power/interest matrix (Mendelow, 1991).
type Quadrant string

// The quadrants.
const (
	ManageClosely Quadrant = "manage_closely"
	KeepSatisfied Quadrant = "keep_satisfied"
	KeepInformed  Quadrant = "keep_informed"
	Monitor       Quadrant = "monitor"
)

// quadrants in the order of sending, which is also the order in which one is
// chosen for a person with several places: support hears before a hundred
// thousand customers call.
var quadrants = []Quadrant{ManageClosely, KeepInformed, KeepSatisfied, Monitor}

// Quadrants returns the quadrants in the order of sending.
func Quadrants() []Quadrant { return slices.Clone(quadrants) }

// Valid says whether q is one of the four quadrants.
func (q Quadrant) Valid() bool { return slices.Contains(quadrants, q) }

// Rank is the quadrant's place in the order of sending, from 0.
func (q Quadrant) Rank() int { return slices.Index(quadrants, q) }

// Place finds the quadrant of a power and an interest.
func Place(power, interest Level) Quadrant {
	switch {
	case power == High && interest == High:
		return ManageClosely
	case power == High:
		return KeepSatisfied
	case interest == High:
		return KeepInformed
	default:
		return Monitor
	}
}
