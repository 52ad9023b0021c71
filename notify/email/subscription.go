package email

import (
	"html/template"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/notify"
)

// newLetterView is the view of a letter about a subscription, of which the
// page's name is all that people wrote, or about an entry of the register.
func newLetterView(text notify.Text, key, personal string) view {
	c, tag := text.Content, text.Tag()
	name := markup.Line(c.PageName)
	v := view{Language: tag, Subject: notify.Subject(text), PageName: name, PageURL: c.PageURL, Tone: toneInfo, Letter: true, Personal: personal}
	if c.RegisterEntry != nil {
		v.Title, v.Text = lang.Text(tag, key+"_title", markup.Line(c.RegisterEntry.Name)), entryText(c, tag, key)
	} else {
		v.Title, v.Text = lang.Text(tag, key+"_title", name), lang.Text(tag, key, name)
	}
	v.HTML = styled(template.HTML("<p>" + template.HTMLEscapeString(markup.StripXML(v.Text)) + "</p>"))
	v.Preview = preview(v.Text, "", nil)
	return v
}

// entryText is what a letter to the owner of an entry says.
func entryText(c notify.Content, tag, key string) string {
	name, page := markup.Line(c.RegisterEntry.Name), markup.Line(c.PageName)
	if !c.RegisterEntry.LastAt.IsZero() {
		return lang.Text(tag, key, name, page, lang.Date(tag, c.RegisterEntry.LastAt.In(c.Location())))
	}
	return lang.Text(tag, key, markup.Line(c.RegisterEntry.Contact), name, page, markup.Line(c.RegisterEntry.Basis))
}

// acts says whether a letter has something to follow.
func acts(key string) bool { return key != "" && lang.Known(key+"_act") }

// words are those of one recipient.
type words struct {
	Why, Ask                                      string
	ActURL, ActWords, Fine                        string
	PreferencesURL, Preferences, PreferencesWords string
	LeaveURL, Leave, LeaveWords                   string
}

// newWords puts the words of one recipient together.
func (l *letter) newWords(to notify.Recipient) words {
	w := words{
		Why: markup.Line(to.Why), Ask: markup.Line(to.Ask), ActURL: to.ActURL, PreferencesURL: to.PreferencesURL, LeaveURL: to.LeaveURL,
		PreferencesWords: lang.Text(l.language, "notice.preferences"), LeaveWords: lang.Text(l.language, "notice.leave"),
	}
	if l.key != "" {
		w.Fine = lang.Text(l.language, l.key+"_fine")
	}
	if acts(l.key) {
		w.ActWords = lang.Text(l.language, l.key+"_act")
	} else {
		w.ActURL = ""
	}
	if to.PreferencesURL != "" {
		w.Preferences = lang.Text(l.language, "notice.preferences_at", to.PreferencesURL)
	}
	if to.LeaveURL != "" {
		w.Leave = lang.Text(l.language, "notice.leave_at", to.LeaveURL)
	}
	return w
}

// personalDesign names the template of what is personal.
func (l *letter) personalDesign() string {
	if l.key != "" {
		return "letter"
	}
	return "personal"
}
