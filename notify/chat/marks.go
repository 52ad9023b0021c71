package chat

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/allclear-status/allclear/internal/markup"
)

// Text turns the Markdown of an update into a service's own marks, by way of
// the safe HTML that the page shows, so that all read the text alike. What is
// longer than room is cut at a word, never inside a mark, and more follows on a
// line of its own.
func (d Dialect) Text(markdown string, room int, more string) string {
	m := &marks{Dialect: d}
	tokens := html.NewTokenizer(strings.NewReader(string(markup.HTML(markdown))))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			return fit(m.text(), room, more)
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

// What stands between these two is not cut apart. No text holds them: what XML
// does not allow was taken out. A style is opened by opens, its mark, shuts and
// the mark that closes it, then done; it is closed by closes, its mark, done.
const (
	begins = '\x01'
	ends   = '\x02'
	opens  = '\x03'
	shuts  = '\x04'
	closes = '\x05'
	done   = '\x06'
)

// marks writes a dialect while reading HTML.
type marks struct {
	Dialect
	out   strings.Builder
	lists []int    // the next number of each list we are in; -1: a bullet
	outer []string // what was written before each quotation we are in
	code  int
	// A link in hand: its address, its words, and what was written before.
	linked  bool
	address string
	before  string
	plain   strings.Builder
}

// text is what was written, with one blank line at most between paragraphs.
func (m *marks) text() string {
	m.endLink()
	kept := []string{}
	for line := range strings.SplitSeq(strings.TrimSpace(m.out.String()), "\n") {
		line = strings.TrimRight(line, " ")
		if line != "" || (len(kept) > 0 && kept[len(kept)-1] != "") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

var oneLine = strings.NewReplacer("\n", " ", "\u2028", " ", "\u2029", " ")

func (m *marks) words(text string) {
	if strings.TrimSpace(text) == "" && strings.Contains(text, "\n") {
		return // the line break between two elements
	}
	text = markup.StripXML(oneLine.Replace(text))
	if strings.HasSuffix(m.out.String(), "\n") {
		text = strings.TrimLeft(text, " ") // what stands after a <br>
	}
	m.plain.WriteString(text)
	if m.code > 0 {
		m.whole(m.Literal(Calm(text)))
		return
	}
	for _, r := range Calm(text) {
		sign := string(r)
		if escaped := m.Escape(sign); escaped != sign {
			m.whole(escaped) // half an escape would be a mark again
		} else {
			m.out.WriteRune(r)
		}
	}
}

// whole writes what is not to be cut apart.
func (m *marks) whole(text string) {
	m.out.WriteRune(begins)
	m.out.WriteString(text)
	m.out.WriteRune(ends)
}

func (m *marks) start(style [2]string) {
	if style[0] != "" {
		m.out.WriteString(string(opens) + style[0] + string(shuts) + style[1] + string(done))
	}
}

func (m *marks) stop(style [2]string) {
	if style[0] != "" {
		m.out.WriteString(string(closes) + style[1] + string(done))
	}
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
	quoted := m.Quote + strings.ReplaceAll(m.text(), "\n", "\n"+m.Quote)
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
		m.start(m.Bold)
	case atom.Em:
		m.start(m.Italic)
	case atom.Code:
		m.start(m.Code)
		m.code++
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
		m.stop(m.Bold)
	case atom.Em:
		m.stop(m.Italic)
	case atom.Code:
		m.stop(m.Code)
		m.code = max(0, m.code-1)
	case atom.A:
		m.endLink()
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

// link begins a link; endLink writes it. Where its address is no plain one of
// the web, the words stay.
func (m *marks) link(token html.Token) {
	m.endLink()
	for _, a := range token.Attr {
		if a.Key == "href" && webAddress(a.Val) != "" {
			m.linked, m.address, m.before = true, a.Val, m.out.String()
			m.out.Reset()
			m.plain.Reset()
		}
	}
}

func (m *marks) endLink() {
	if !m.linked {
		return
	}
	words := bare(m.out.String())
	m.out.Reset()
	m.out.WriteString(m.before)
	m.linked = false
	switch {
	case strings.TrimSpace(words) == "":
	case strings.TrimSpace(m.plain.String()) == m.address:
		m.whole(m.Bare(m.address))
	default:
		m.whole(m.Link(m.address, words))
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
		m.out.WriteString(m.Bullet)
		return
	}
	m.out.WriteString(strconv.Itoa(m.lists[depth]) + ". ")
	m.lists[depth]++
}
