package slack

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/allclear-status/allclear/internal/markup"
)

// escaper writes the three characters that mean something to Slack wherever
// they stand: with them escaped, no text can mention anybody or make a link.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// mrkdwn turns the Markdown of an update into Slack's own marks, by way of the
// safe HTML that the page shows, so that both read the text alike.
func mrkdwn(markdown string) string {
	m := &marks{}
	tokens := html.NewTokenizer(strings.NewReader(string(markup.HTML(markdown))))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			return m.text()
		}
		token := tokens.Token()
		switch kind {
		case html.TextToken:
			m.words(token.Data)
		case html.StartTagToken, html.SelfClosingTagToken:
			m.open(token)
		case html.EndTagToken:
			m.close(token.DataAtom)
		}
	}
}

// marks writes mrkdwn while reading HTML.
type marks struct {
	out   strings.Builder
	lists []int    // the next number of each list we are in; -1: a bullet
	links int      // links that are open
	outer []string // what was written before each quotation we are in
}

// text is what was written, with one blank line at most between paragraphs.
func (m *marks) text() string {
	kept := []string{}
	for line := range strings.SplitSeq(strings.TrimSpace(m.out.String()), "\n") {
		line = strings.TrimRight(line, " ")
		if line != "" || (len(kept) > 0 && kept[len(kept)-1] != "") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

func (m *marks) words(text string) {
	if strings.TrimSpace(text) == "" && strings.Contains(text, "\n") {
		return // the line break between two elements
	}
	text = strings.ReplaceAll(text, "\n", " ")
	if strings.HasSuffix(m.out.String(), "\n") {
		text = strings.TrimLeft(text, " ") // what stands after a <br>
	}
	m.out.WriteString(escaper.Replace(text))
}

func (m *marks) line(blank bool) {
	m.out.WriteString("\n")
	if blank && len(m.lists) == 0 {
		m.out.WriteString("\n")
	}
}

// quote starts a quotation; unquote ends it, with a mark before every line.
func (m *marks) quote() {
	m.outer = append(m.outer, m.out.String())
	m.out.Reset()
}

func (m *marks) unquote() {
	if len(m.outer) == 0 {
		return
	}
	quoted := "> " + strings.ReplaceAll(m.text(), "\n", "\n> ")
	last := len(m.outer) - 1
	before := m.outer[last]
	m.outer = m.outer[:last]
	m.out.Reset()
	m.out.WriteString(before + quoted)
	m.line(true)
}

func (m *marks) open(token html.Token) {
	switch token.DataAtom {
	case atom.Strong:
		m.out.WriteString("*")
	case atom.Em:
		m.out.WriteString("_")
	case atom.Code:
		m.out.WriteString("`")
	case atom.Br:
		m.line(false)
	case atom.A:
		m.link(token)
	case atom.Ul, atom.Ol:
		m.list(token.DataAtom)
	case atom.Li:
		m.item()
	case atom.Blockquote:
		m.quote()
	}
}

func (m *marks) close(tag atom.Atom) {
	switch tag {
	case atom.Strong:
		m.out.WriteString("*")
	case atom.Em:
		m.out.WriteString("_")
	case atom.Code:
		m.out.WriteString("`")
	case atom.A:
		if m.links > 0 {
			m.links--
			m.out.WriteString(">")
		}
	case atom.P:
		m.line(true)
	case atom.Ul, atom.Ol:
		if len(m.lists) > 0 {
			m.lists = m.lists[:len(m.lists)-1]
		}
		if len(m.lists) == 0 {
			m.line(true)
		}
	case atom.Blockquote:
		m.unquote()
	}
}

// link opens <address|words>. A bar or an angle bracket in the address would
// end it early, so such an address is left out and its words stay.
func (m *marks) link(token html.Token) {
	for _, a := range token.Attr {
		if a.Key == "href" && a.Val != "" && !strings.ContainsAny(a.Val, "|<> \n") {
			m.links++
			m.out.WriteString("<" + strings.ReplaceAll(a.Val, "&", "&amp;") + "|")
			return
		}
	}
}

func (m *marks) list(tag atom.Atom) {
	next := -1
	if tag == atom.Ol {
		next = 1
	}
	m.lists = append(m.lists, next)
}

// maxIndent bounds what a list inside lists inside lists costs.
const maxIndent = 4

func (m *marks) item() {
	if len(m.lists) == 0 {
		return
	}
	depth := len(m.lists) - 1
	m.out.WriteString("\n" + strings.Repeat("    ", min(depth, maxIndent)))
	if m.lists[depth] < 0 {
		m.out.WriteString("• ")
		return
	}
	m.out.WriteString(strconv.Itoa(m.lists[depth]) + ". ")
	m.lists[depth]++
}
