package statuspage

import (
	"time"

	"github.com/allclear-status/allclear/status"
)

// History is the body of /history.json, which is documented nowhere but read
// by many: three months a page, newest first; no months end it.
type History struct {
	Months []HistoryMonth `json:"months"`
}

// HistoryMonth is one month. Its name is English, since programs look it up.
type HistoryMonth struct {
	Name      string            `json:"name"`
	Year      int               `json:"year"`
	StartsOn  int               `json:"starts_on"` // the weekday of its first, from Sunday
	Days      int               `json:"days"`
	Incidents []HistoryIncident `json:"incidents"`
}

// HistoryIncident is one incident or maintenance of a month.
type HistoryIncident struct {
	Code      string `json:"code"` // its id
	Name      string `json:"name"`
	Message   string `json:"message"` // the latest, as HTML
	Impact    string `json:"impact"`
	Timestamp string `json:"timestamp"` // HTML; without an end while it is open
}

// NewHistoryMonth is the month that begins at start, without incidents.
func NewHistoryMonth(start time.Time) HistoryMonth {
	return HistoryMonth{
		Name: start.Month().String(), Year: start.Year(), StartsOn: int(start.Weekday()),
		Days: start.AddDate(0, 1, -1).Day(), Incidents: []HistoryIncident{},
	}
}

// ImpactOf is an incident's impact in the interface's words; never empty, since
// clients lower-case it.
func ImpactOf(i status.Incident) string { return impact(i) }
