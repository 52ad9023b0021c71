package notify

import (
	"strings"

	"github.com/allclear-status/allclear/internal/lang"
)

// Part is what is added to the public text for some, and never public.
type Part struct {
	Heading string
	Body    string // Markdown
	// Internal says that it may not be passed on.
	Internal bool
}

// Added is the part that the text's form adds; false when it adds none.
func Added(t Text) (Part, bool) {
	part := Part{}
	switch t.Form {
	case FormNote:
		part = Part{lang.Text(t.Tag(), "notice.note"), t.Content.InternalNote, true}
	case FormAnswer:
		part = Part{lang.Text(t.Tag(), "notice.answer"), t.Content.CustomerAnswer, false}
	}
	part.Body = strings.TrimSpace(strings.ReplaceAll(part.Body, "\r\n", "\n"))
	return part, part.Body != ""
}
