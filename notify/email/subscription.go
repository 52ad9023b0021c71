package email

import (
	"html/template"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/notify"
)

// newLetterView is the view of a letter about a subscription. The page's name
// is all of it that people wrote.
func newLetterView(text notify.Text, key, personal string) view {
	c, tag := text.Content, text.Tag()
	name := markup.Line(c.PageName)
	v := view{
		Language: tag, Subject: notify.Subject(text), PageName: name, PageURL: c.PageURL, Tone: toneInfo,
		Title: lang.Text(tag, key+"_title", name), Text: lang.Text(tag, key, name), Letter: true, Personal: personal,
	}
	v.HTML = styled(template.HTML("<p>" + template.HTMLEscapeString(markup.StripXML(v.Text)) + "</p>"))
	v.Preview = preview(v.Text, "", nil)
	return v
}

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
		w.ActWords, w.Fine = lang.Text(l.language, l.key+"_act"), lang.Text(l.language, l.key+"_fine")
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
