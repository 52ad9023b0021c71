package statuspage

import "time"

// timeLayout always has three fractional digits: strict clients refuse both
// none and Go's own shortened ones.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

// FormatTime writes a time as the interface does: RFC 3339 with exactly three
// fractional digits, in the page's zone.
func FormatTime(t time.Time, loc *time.Location) string {
	return t.In(loc).Format(timeLayout)
}

// optionalTime is a time, or null when it never came.
func optionalTime(t time.Time, loc *time.Location) *string {
	if t.IsZero() {
		return nil
	}
	text := FormatTime(t, loc)
	return &text
}

// OptionalTime is FormatTime, or null for a time that never came.
func OptionalTime(t time.Time, loc *time.Location) *string { return optionalTime(t, loc) }

// optional is a text, or null when it is empty.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
