package chat

import (
	"html"
	"strings"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/notify"
)

// Dialect is how a service marks up text.
type Dialect struct {
	Bold, Italic, Code [2]string // what stands before and after
	Bullet             string
	Quote              string // before each line of a quotation
	// Escape takes its meaning from what would be a mark; Literal does so
	// inside code.
	Escape, Literal func(string) string
	// Link leads from words, escaped already, to a plain web address.
	Link func(address, words string) string
	// Bare shows an address that is its own words.
	Bare func(address string) string
}

// Markdown is the dialect of services that read Markdown.
var Markdown = Dialect{
	Bold: [2]string{"**", "**"}, Italic: [2]string{"*", "*"}, Code: [2]string{"`", "`"}, Bullet: "- ", Quote: "> ",
	Escape:  func(text string) string { return markdownEscaper.Replace(Calm(text)) },
	Literal: strings.NewReplacer("`", "'", "\n", " ").Replace,
	Link:    func(address, words string) string { return "[" + words + "](" + markdownAddress.Replace(address) + ")" },
	Bare:    func(address string) string { return "<" + markdownAddress.Replace(address) + ">" },
}

var markdownEscaper = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `_`, `\_`, `~`, `\~`, "`", "\\`", `|`, `\|`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `>`, `\>`, `#`, `\#`)

// markdownAddress writes what would end a link's address early, or call
// somebody, in the way that addresses have for it.
var markdownAddress = strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", `\`, "%5C", "@", "%40", "*", "%2A", "`", "%60", "|", "%7C", " ", "%20")

// HTML is the dialect of services that read a few HTML tags.
var HTML = Dialect{
	Bold: [2]string{"<b>", "</b>"}, Italic: [2]string{"<i>", "</i>"}, Bullet: "• ", Quote: "│ ",
	Escape: escapeHTML, Literal: escapeHTML,
	Link: func(address, words string) string {
		return `<a href="` + html.EscapeString(address) + `">` + words + "</a>"
	},
	Bare: func(address string) string {
		return `<a href="` + html.EscapeString(address) + `">` + html.EscapeString(address) + "</a>"
	},
}

func escapeHTML(text string) string { return html.EscapeString(Calm(text)) }

// Strong is a plain text in bold.
func (d Dialect) Strong(text string) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return d.Bold[0] + d.Escape(text) + d.Bold[1]
}

// Fact is a fact on one line.
func (d Dialect) Fact(tag string, f notify.Fact) string {
	return lang.Pair(tag, d.Strong(f.Name), d.Escape(f.Value))
}

// To is a link in words, or the words where there is no address.
func (d Dialect) To(address, words string) string {
	if address == "" {
		return d.Escape(words)
	}
	return d.Link(address, d.Escape(words))
}

// Entry is one incident of a digest, a line each.
func (d Dialect) Entry(tag string, e Entry) string {
	lines := []string{d.Strong(e.Title)}
	add := func(line string) {
		if line != "" {
			lines = append(lines, line)
		}
	}
	add(d.Escape(e.State))
	for _, f := range e.Facts {
		add(d.Fact(tag, f))
	}
	add(d.Escape(e.Words))
	if e.Do != nil {
		add(d.Fact(tag, *e.Do))
	}
	add(d.Strong(e.Next))
	if e.URL != "" {
		add(d.To(e.URL, e.Open))
	}
	return strings.Join(lines, "\n")
}

// Digest is the incidents of a digest that fit, and how many more there are.
func (d Dialect) Digest(n Notice, room int) string {
	var kept []string
	room -= size(d.To(n.URL, n.MoreWords(len(n.Entries)))) + 2
	for _, e := range n.Entries {
		entry := d.Entry(n.Tag, e)
		if room -= size(entry) + 2; room < 0 {
			break
		}
		kept = append(kept, entry)
	}
	if more := n.MoreWords(len(n.Entries) - len(kept)); more != "" {
		kept = append(kept, d.To(n.URL, more))
	}
	return strings.Join(kept, "\n\n")
}

// Letter is the words of a letter.
func (d Dialect) Letter(n Notice, room int) string {
	lead := d.Strong(excerpt(n.Lead, MaxTitle))
	return strings.TrimSpace(lead + "\n" + d.Short(n.Words, room-size(lead)-1))
}

// Small is what stands in small print: what to know of a link, and where to
// choose what to get.
func (d Dialect) Small(n Notice, room int) string {
	if n.Change == "" {
		return d.Short(n.Fine, room)
	}
	return Join(d.Short(n.Fine, room), d.To(n.Change, n.ChangeWords()))
}

// Short is a plain text of at most so many characters once it is escaped.
func (d Dialect) Short(text string, room int) string {
	escaped := d.Escape(text)
	for limit := room; size(escaped) > room && limit > 0; limit = limit * 3 / 4 {
		escaped = d.Escape(excerpt(text, limit))
	}
	return escaped
}

// Join puts one text below another, where there are both.
func Join(above, below string) string {
	if above == "" || below == "" {
		return above + below
	}
	return above + "\n\n" + below
}
