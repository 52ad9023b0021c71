package notify

import (
	"cmp"
	"slices"
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

// AsOf is the text as it is true at the time of sending: what was held, or had to
// be tried again, may leave when the update that it promises was due. Texts of
// one group are the same until a promise passes, and then again.
func (t Text) AsOf(now time.Time) Text {
	past := func(due time.Time) bool { return !due.IsZero() && !due.After(now) }
	t.Late = past(t.Content.NextUpdateDueAt)
	if slices.ContainsFunc(t.Content.Items, func(i Item) bool { return past(i.NextUpdateDueAt) }) {
		t.Content.Items = slices.Clone(t.Content.Items) // others read them, too
		for i := range t.Content.Items {
			if item := &t.Content.Items[i]; past(item.NextUpdateDueAt) {
				item.NextUpdateDueAt = time.Time{}
			}
		}
	}
	return t
}

// FormLeft is what is left of a form: one that adds what this content has not
// got is the full text.
func (c Content) FormLeft(f Form) Form {
	if f == FormNote && c.InternalNote == "" || f == FormAnswer && c.CustomerAnswer == "" {
		return FormFull
	}
	return f
}
