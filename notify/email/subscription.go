package email

import (
	"html/template"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/notify"
)

// newLetterView is the view of a letter to one person.
func newLetterView(text notify.Text, words notify.Letter, personal string) view {
	c := text.Content
	v := view{
		Language: text.Tag(), Subject: notify.Subject(text), PageName: markup.Line(c.PageName), PageURL: c.PageURL, Tone: toneInfo,
		Title: words.Title, Text: words.Text, Letter: true, Personal: personal,
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

// newWords puts the words around one recipient's values together.
func (l *letter) newWords(v values) words {
	w := words{
		Why: v[fieldWhy], Ask: v[fieldAsk], ActURL: v[fieldAct], PreferencesURL: v[fieldPreferences], LeaveURL: v[fieldLeave],
		PreferencesWords: lang.Text(l.language, "notice.preferences"), LeaveWords: lang.Text(l.language, "notice.leave"),
	}
	if l.letter {
		w.ActWords, w.Fine = l.words.Act, l.words.Fine
	}
	if w.PreferencesURL != "" {
		w.Preferences = lang.Text(l.language, "notice.preferences_at", w.PreferencesURL)
	}
	if w.LeaveURL != "" {
		w.Leave = lang.Text(l.language, "notice.leave_at", w.LeaveURL)
	}
	return w
}

// personalDesign names the template of what is personal.
func (l *letter) personalDesign() string {
	if l.letter {
		return "letter"
	}
	return "personal"
}
