package notify

import (
	"strings"
	"unicode"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/stakeholders"
)

// Letter is what is said to one person by name, and not about an incident to an
// audience: about a subscription, about an entry of the register to its owner,
// or to remind who has a role.
type Letter struct {
	Subject string // without the page's name
	Title   string
	Text    string
	// Act is what the link in the letter does; empty: there is no link. Fine is
	// what to know of it.
	Act  string
	Fine string
}

// LetterOf finds the words of a letter; false for every other notice.
func LetterOf(t Text) (Letter, bool) {
	tag, c := t.Tag(), t.Content
	switch c.Event {
	case stakeholders.SubscriptionConfirm:
		return subscriptionLetter(tag, "letter.confirm", c), true
	case stakeholders.SubscriptionKnown:
		return subscriptionLetter(tag, "letter.known", c), true
	case stakeholders.SubscriptionQuarantined:
		return receiverLetter(tag, "letter.quarantined", c), true
	case stakeholders.ReviewDue:
		return entryLetter(tag, "letter.review", c), true
	case stakeholders.ContractualLeft:
		return entryLetter(tag, "letter.left", c), true
	case stakeholders.UpdateReminder:
		return reminderLetter(tag, c), true
	case stakeholders.FirstPostReminder:
		return firstPostLetter(tag, c), true
	default:
		return Letter{}, false
	}
}

func subscriptionLetter(tag, key string, c Content) Letter {
	name := markup.Line(c.PageName)
	switch r := c.Receiver; {
	case r == nil:
	case r.Channel == stakeholders.Webhook:
		return receiverLetter(tag, key+"_webhook", c)
	default:
		key += "_chat"
	}
	return Letter{
		Subject: lang.Text(tag, key+"_subject"), Title: lang.Text(tag, key+"_title", name), Text: lang.Text(tag, key, name),
		Act: lang.Text(tag, key+"_act"), Fine: lang.Text(tag, key+"_fine"),
	}
}

// receiverLetter is about a webhook, to its owner.
func receiverLetter(tag, key string, c Content) Letter {
	r, page := c.Receiver, markup.Line(c.PageName)
	if r == nil {
		r = &Receiver{}
	}
	host, words := markup.Line(r.Host), []any{markup.Line(r.Host), page}
	if !r.PurgeAt.IsZero() {
		words = append(words, lang.Date(tag, r.PurgeAt.In(c.Location())))
	}
	return Letter{
		Subject: lang.Text(tag, key+"_subject", host), Title: lang.Text(tag, key+"_title", host, page), Text: lang.Text(tag, key, words...),
		Act: lang.Text(tag, key+"_act"), Fine: lang.Text(tag, key+"_fine"),
	}
}

// entryLetter is about an entry of the register.
func entryLetter(tag, key string, c Content) Letter {
	entry, page := c.RegisterEntry, markup.Line(c.PageName)
	if entry == nil {
		entry = &RegisterEntry{}
	}
	name := markup.Line(entry.Name)
	l := Letter{Subject: lang.Text(tag, key+"_subject"), Title: lang.Text(tag, key+"_title", name), Fine: lang.Text(tag, key+"_fine")}
	if !entry.LastAt.IsZero() {
		l.Text = lang.Text(tag, key, name, page, lang.Date(tag, entry.LastAt.In(c.Location())))
		if entry.Review != "" {
			l.Fine += " " + lang.Text(tag, key+"_how", "allclear stakeholders reviewed "+entry.argument(), "POST "+entry.Review)
		}
	} else {
		l.Text = lang.Text(tag, key, markup.Line(entry.Contact), name, page, markup.Line(entry.Basis))
	}
	return l
}

// argument is how a command line names the entry: by its name where no shell
// reads anything into it, else by its id.
func (e RegisterEntry) argument() string {
	plain := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._@+", r) }
	words := strings.Split(e.Name, " ")
	for _, word := range words {
		if word == "" || strings.ContainsFunc(word, func(r rune) bool { return r != '-' && !plain(r) }) || strings.HasPrefix(word, "-") {
			return e.ID
		}
	}
	if len(words) > 1 {
		return `"` + e.Name + `"`
	}
	return e.Name
}

// reminderLetter says that an update is due, and how to say that there is no
// news.
func reminderLetter(tag string, c Content) Letter {
	when := "_before"
	if c.PostedAt.After(c.NextUpdateDueAt) {
		when = "_after"
	}
	due := lang.Since(tag, c.NextUpdateDueAt.In(c.Location()), c.PostedAt)
	return Letter{
		Subject: lang.Text(tag, "letter.reminder_subject"+when, c.Reference, due), Title: markup.Line(c.Title),
		Text: lang.Text(tag, "letter.reminder"+when, c.Reference, due) + " " + asRole(tag, c) + " " + lang.Text(tag, "letter.reminder"),
		Act:  lang.Text(tag, "letter.reminder_act"), Fine: lang.Text(tag, "letter.reminder_fine"),
	}
}

// firstPostLetter says that a draft waits to be published.
func firstPostLetter(tag string, c Content) Letter {
	began := lang.Since(tag, c.StartedAt.In(c.Location()), c.PostedAt)
	due := lang.Since(tag, c.NextUpdateDueAt.In(c.Location()), c.PostedAt)
	return Letter{
		Subject: lang.Text(tag, "letter.first_post_subject", c.Reference), Title: markup.Line(c.Title),
		Text: lang.Text(tag, "letter.first_post", c.Reference, began, due) + " " + asRole(tag, c),
	}
}

func asRole(tag string, c Content) string {
	return lang.Text(tag, "letter.reminder_role", lang.Text(tag, "role."+string(c.Role)))
}
