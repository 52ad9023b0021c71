package clock

import "time"

// Steady is a clock that nobody can put forward or back: it begins with the
// machine's time and from then on only counts. Leases are measured with it.
type Steady struct{ began time.Time }

// NewSteady makes a clock that begins now.
func NewSteady() Steady { return Steady{time.Now()} }

// Now is the beginning and what has passed since.
func (s Steady) Now() time.Time {
	return s.began.Add(time.Since(s.began)).UTC().Truncate(time.Microsecond)
}
