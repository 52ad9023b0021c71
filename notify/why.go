package notify

import (
	"slices"
	"strings"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/stakeholders"
)

// Why says to a person, in their language, why they get this message.
func Why(t Text, o Outgoing) string {
	tag := t.Tag()
	if o.Rule == stakeholders.RuleClosure {
		return lang.Text(tag, "why.closure")
	}
	words := reason(t, o)
	switch {
	case o.Rule == stakeholders.RuleRaised:
		words += " " + lang.Text(tag, "why.raised")
	case o.Event == stakeholders.CatchUp:
		words += " " + lang.Text(tag, "why.late")
	}
	return words
}

// reason names the list on which the person stands, and what they follow where
// that is why.
func reason(t Text, o Outgoing) string {
	tag, about := t.Tag(), []any{}
	key := "why.other"
	switch {
	case subscribed(o):
		key = "why.subscribed"
	case strings.HasPrefix(o.Person, string(stakeholders.FromManager)+":"):
		return lang.Text(tag, "why.manager")
	case o.Entry != "":
		key, about = "why.listed", append(about, markup.Line(o.Entry))
		if o.Quadrant == stakeholders.Monitor {
			key = "why.asked"
		}
	default:
		return lang.Text(tag, key)
	}
	if names := followed(t.Content, o.Follows); len(names) > 0 {
		key, about = key+"_for", append(about, lang.List(tag, names))
	}
	return lang.Text(tag, key, about...)
}

// followed are the components by which the message reached who follows some: an
// incident that touches none of them reached them another way.
func followed(c Content, follows []string) []string {
	var touched []string
	for _, a := range affectedIn(c) {
		if slices.Contains(follows, a.Name) {
			touched = append(touched, markup.Line(a.Name))
		}
	}
	if len(touched) == 0 {
		return nil
	}
	var names []string
	for _, name := range follows {
		names = append(names, markup.Line(name))
	}
	return shorter(names, touched)
}

// maxNames is how many components one sentence names.
const maxNames = 5

// shorter is all names, or those that matter here when they are too many.
func shorter(all, touched []string) []string {
	if len(all) <= maxNames {
		return all
	}
	return touched[:min(len(touched), maxNames)]
}

func affectedIn(c Content) []AffectedComponent {
	all := slices.Clone(c.Affected)
	for _, item := range c.Items {
		all = append(all, item.Affected...)
	}
	return all
}

// Ask says whom to ask for a change; empty for who can make it alone.
func Ask(t Text, o Outgoing) string {
	tag, c := t.Tag(), t.Content
	switch {
	case subscribed(o):
		return ""
	case o.Owner != "":
		return lang.Text(tag, "why.ask", markup.Line(o.Owner))
	case c.PageURL != "":
		return lang.Text(tag, "why.ask_page", c.PageURL)
	default:
		return ""
	}
}

func subscribed(o Outgoing) bool {
	return strings.HasPrefix(o.Person, string(stakeholders.FromSubscription)+":")
}
