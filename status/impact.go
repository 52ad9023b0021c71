package status

import "slices"

// Impact is how users are affected; the only grade there is.
type Impact string

// The grades. A maintenance shows ImpactMaintenance and has an expected
// impact besides.
const (
	ImpactNone        Impact = "none"
	ImpactMinor       Impact = "minor"
	ImpactMajor       Impact = "major"
	ImpactCritical    Impact = "critical"
	ImpactMaintenance Impact = "maintenance"
)

var grades = []Impact{ImpactNone, ImpactMinor, ImpactMajor, ImpactCritical}

// Grades returns the four grades of an incident, from least to worst.
func Grades() []Impact { return slices.Clone(grades) }

// ValidGrade says whether i is one of the four grades of an incident.
func (i Impact) ValidGrade() bool { return slices.Contains(grades, i) }

// Level orders grades: none 0, minor 1, major 2, critical 3. A maintenance has
// level 0.
func (i Impact) Level() int { return max(0, slices.Index(grades, i)) }

// Worse returns the worse of two grades.
func (i Impact) Worse(other Impact) Impact {
	if other.Level() > i.Level() {
		return other
	}
	return i
}
