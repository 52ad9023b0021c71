package status

import "time"

// Page is the one public page of this server. It exists from the first start.
type Page struct {
	ID       string
	Name     string
	URL      string // absolute, without a trailing slash
	TimeZone string // IANA name; times are shown and serialised in it
	Language string // BCP 47 tag of the page's own words
	// UndoTime is how long people are not told yet of what the page shows; 0:
	// they are told at once.
	UndoTime time.Duration

	// Version is bumped by every write that the public can see, in the
	// write's own transaction.
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Location is the page's time zone; UTC when the stored name is unknown here.
func (p Page) Location() *time.Location {
	if loc, err := time.LoadLocation(p.TimeZone); err == nil {
		return loc
	}
	return time.UTC
}
