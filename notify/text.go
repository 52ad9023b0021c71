package notify

import (
	"cmp"
	"time"
)

// NewText is a content as one group of recipients is told it. What is added for
// others is taken out here, so that no channel is ever handed a part that it
// must not send. An empty language is the content's own.
func NewText(c Content, form Form, language string, pace time.Duration) Text {
	form = c.FormLeft(form)
	if form != FormNote {
		c.InternalNote = ""
	}
	if form != FormAnswer {
		c.CustomerAnswer = ""
	}
	return Text{Content: c, Form: form, Language: cmp.Or(language, c.Language), Pace: pace}
}

// FormLeft is what is left of a form: one that adds what this content has not
// got is the full text.
func (c Content) FormLeft(f Form) Form {
	if f == FormNote && c.InternalNote == "" || f == FormAnswer && c.CustomerAnswer == "" {
		return FormFull
	}
	return f
}
