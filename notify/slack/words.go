package slack

import (
	"fmt"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/status"
)

// english holds the words that the catalogues of internal/lang may not have.
var english = map[string]string{
	"incident.affects":                   "Affects",
	"incident.affected_then":             "Affected",
	"incident.since":                     "Since",
	"incident.started":                   "Started",
	"incident.resolved_at":               "Resolved",
	"incident.next_by":                   "Next update by %s",
	"notice.state":                       "State",
	"notice.reference":                   "Reference",
	"notice.label.critical":              "Critical",
	"notice.label.major":                 "Major",
	"notice.label.minor":                 "Minor",
	"notice.label.none":                  "Incident",
	"notice.label.update":                "Update",
	"notice.label.reopened":              "Reopened",
	"notice.label.withdrawn":             "Withdrawn",
	"notice.label.retrospective":         "Retrospective",
	"notice.label.action_done":           "Improvement done",
	"notice.label.maintenance_announced": "Maintenance planned",
	"notice.label.maintenance_moved":     "Maintenance moved",
	"notice.label.maintenance_cancelled": "Maintenance cancelled",
	"notice.label.maintenance_in_24h":    "Maintenance in 24 hours",
	"notice.label.maintenance_in_1h":     "Maintenance in one hour",
	"notice.label.maintenance_started":   "Maintenance started",
	"notice.label.maintenance_overruns":  "Maintenance takes longer",
	"notice.label.maintenance_extended":  "Maintenance extended",
	"notice.label.maintenance_completed": "Maintenance completed",
	"notice.more":                        "The rest is on the status page.",
	"notice.all":                         "All details and updates",
}

// label is what a notice is, in a word or two that stand before its title: for
// a start how bad it is, else what happened.
func label(tag string, c notify.Content) string {
	key := "notice.label." + string(c.Event)
	switch {
	case c.Event == "opened":
		return say(tag, "notice.label."+grade(c.Impact))
	case c.Event == "identified", c.Event == "monitoring", c.Event == "resolved":
		return lang.Text(tag, "incident."+string(c.Event))
	case english[key] == "":
		return say(tag, "notice.label.update")
	default:
		return say(tag, key)
	}
}

func grade(impact status.Impact) string {
	if !impact.ValidGrade() {
		return string(status.ImpactNone)
	}
	return string(impact)
}

// say is a sentence in the reader's language, or in English while the
// catalogues lack it.
func say(tag, key string, args ...any) string {
	switch {
	case lang.Known(key):
		return lang.Text(tag, key, args...)
	case len(args) == 0:
		return english[key]
	default:
		return fmt.Sprintf(english[key], args...)
	}
}
