package notify

import (
	"strings"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/stakeholders"
)

// Subject is the line by which a message is found again. What changes from one
// message to the next stands in brackets, which mail programs that thread by
// subject leave out (RFC 5256, 2.1); after it every message about one incident
// is called alike.
func Subject(t Text) string {
	if letter, ok := LetterOf(t); ok {
		return withPage(letter.Subject, t.Content)
	}
	if len(t.Content.Items) > 0 {
		return withPage(lang.Pair(t.Tag(), Label(t), strings.Join(Tally(t), ", ")), t.Content)
	}
	return "[" + strings.Join(glance(t), " · ") + "] " + Topic(t.Content)
}

// Topic is the part of the subject that is the same for every message about one
// incident: the component that it began with, the title and the reference.
func Topic(c Content) string {
	title := markup.Line(c.Title)
	if len(c.Affected) > 0 {
		if name := markup.Line(c.Affected[0].Name); name != "" && !strings.Contains(strings.ToLower(title), strings.ToLower(name)) {
			title = name + ": " + title
		}
	}
	if reference := markup.Line(c.Reference); reference != "" {
		title += " (" + reference + ")"
	}
	return withPage(title, c)
}

// glance is what happened, how bad it is and how far the work is, each unless
// said already.
func glance(t Text) []string {
	tag, c := t.Tag(), t.Content
	words := []string{Label(t)}
	add := func(word string) {
		if word != "" && word != words[0] {
			words = append(words, word)
		}
	}
	switch event := t.event(); {
	case (event == stakeholders.MaintenanceAnnounced || event == stakeholders.MaintenanceMoved) && !c.ScheduledFor.IsZero():
		add(lang.Moment(tag, c.ScheduledFor.In(c.Location())))
	case event.Ends(), event == stakeholders.Retrospective, event == stakeholders.ActionDone, c.Status.Over(), c.Status.ForMaintenance():
	default:
		if c.Impact.Level() > 0 {
			add(lang.Text(tag, "notice.label."+grade(c.Impact)))
		}
		if c.Status != "" {
			add(lang.Text(tag, "incident."+string(c.Status)))
		}
	}
	return words
}

func withPage(words string, c Content) string {
	if name := markup.Line(c.PageName); name != "" {
		return words + " – " + name
	}
	return words
}
