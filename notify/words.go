package notify

import (
	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// Label is what a notice is, in a word or two that stand before its title: for
// a start how bad it is, else what happened.
func Label(tag string, c Content) string {
	switch c.Event {
	case stakeholders.Opened:
		return lang.Text(tag, "notice.label."+grade(c.Impact))
	case stakeholders.Identified, stakeholders.Monitoring, stakeholders.Resolved:
		return lang.Text(tag, "incident."+string(c.Event))
	}
	if key := "notice.label." + string(c.Event); lang.Known(key) {
		return lang.Text(tag, key)
	}
	return lang.Text(tag, "notice.label.update")
}

func grade(impact status.Impact) string {
	if !impact.ValidGrade() {
		return string(status.ImpactNone)
	}
	return string(impact)
}

// LetterKey is where the words of a letter about one person's subscription
// stand; empty for every other notice.
func LetterKey(c Content) string {
	switch c.Event {
	case stakeholders.SubscriptionConfirm:
		return "letter.confirm"
	case stakeholders.SubscriptionKnown:
		return "letter.known"
	default:
		return ""
	}
}
