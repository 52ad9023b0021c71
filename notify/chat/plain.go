package chat

import (
	"regexp"
	"strings"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/notify"
)

// everybody finds the words by which a text can call everybody.
var everybody = regexp.MustCompile(`(?i)@(channel|here|everyone|all)`)

// Calm takes the call out of words such as @channel; addresses of mail stay as
// they are.
func Calm(text string) string {
	var out strings.Builder
	last := 0
	for _, at := range everybody.FindAllStringIndex(text, -1) {
		if at[0] > 0 && wordByte(text[at[0]-1]) {
			continue
		}
		out.WriteString(text[last:at[0]+1] + "\u200b")
		last = at[0] + 1
	}
	return out.String() + text[last:]
}

func wordByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// Plain is the whole message without marks, at most limit characters: what is
// too long is cut at a word, and the address of the rest stays.
func (n Notice) Plain(limit int) string {
	text := Calm(markup.StripXML(strings.TrimSpace(strings.Join(n.plainLines(), "\n"))))
	if size(text) > limit-size(n.URL) {
		text = excerpt(text, limit-size(n.URL)-1)
	}
	if n.URL != "" {
		text += "\n" + n.URL
	}
	return text
}

func (n Notice) plainLines() []string {
	lines := []string{n.Headline}
	add := func(text string) {
		if text != "" {
			lines = append(lines, text)
		}
	}
	fact := func(f notify.Fact) { add(lang.Pair(n.Tag, f.Name, f.Value)) }
	for _, f := range n.Facts {
		fact(f)
	}
	add(n.Lead)
	add(n.Words)
	if body := markup.Text(n.Body); body != "" {
		lines = append(lines, "", body, "")
	}
	if n.Do != nil {
		fact(*n.Do)
	}
	if n.Part != nil {
		lines = append(lines, "", n.Part.Heading+":", markup.Text(n.Part.Body), "")
	}
	for _, e := range n.Entries {
		lines = append(lines, "", lang.Pair(n.Tag, e.State, e.Title))
		for _, f := range e.Facts {
			fact(f)
		}
		add(e.Words)
		if e.Do != nil {
			fact(*e.Do)
		}
		add(e.Next)
		add(e.URL)
	}
	if more := n.MoreWords(0); more != "" {
		lines = append(lines, "", more)
	}
	add(n.Next)
	if n.Fine != "" {
		add(n.Open + ": " + n.Fine)
	}
	return lines
}

// Preview renders a chat message without sending it, as a service that shows
// no marks would.
func Preview(text notify.Text) (notify.Preview, error) {
	return notify.Preview{Text: Of(text).Plain(maxPreview)}, nil
}

const maxPreview = 8000
