package markup

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// Text is the text of an update as plain text, for mail and chat: marks are
// gone, paragraphs are a blank line apart, list items begin with "- " or their
// number, and a link is followed by its address.
func Text(markdown string) string {
	source := []byte(StripXML(markdown))
	t := &plainText{source: source}
	doc := converter().Parser().Parse(text.NewReader(source))
	return strings.Join(t.blocks(doc), "\n\n")
}

type plainText struct {
	source []byte
}

// blocks is the text of each block below n.
func (t *plainText) blocks(n ast.Node) []string {
	all := []string{}
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		if block := t.block(child); block != "" {
			all = append(all, block)
		}
	}
	return all
}

func (t *plainText) block(n ast.Node) string {
	switch n := n.(type) {
	case *ast.List:
		return t.list(n)
	case *ast.Blockquote:
		return indent(strings.Join(t.blocks(n), "\n\n"), "> ", "> ")
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		return strings.TrimRight(string(n.Lines().Value(t.source)), "\n")
	case *ast.ThematicBreak:
		return ""
	default:
		var out bytes.Buffer
		t.inline(&out, n)
		return strings.TrimSpace(out.String())
	}
}

func (t *plainText) list(n *ast.List) string {
	items, number := []string{}, n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "- "
		if n.IsOrdered() {
			mark = fmt.Sprintf("%d. ", number)
			number++
		}
		body := strings.Join(t.blocks(item), "\n")
		items = append(items, indent(body, mark, strings.Repeat(" ", len(mark))))
	}
	return strings.Join(items, "\n")
}

// inline writes the text of everything inside a paragraph.
func (t *plainText) inline(out *bytes.Buffer, n ast.Node) {
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		switch c := child.(type) {
		case *ast.Text:
			out.Write(readable(c.Segment.Value(t.source), c.IsRaw()))
			if c.SoftLineBreak() || c.HardLineBreak() {
				out.WriteByte('\n')
			}
		case *ast.String:
			out.Write(c.Value)
		case *ast.AutoLink:
			out.Write(c.Label(t.source))
		case *ast.Link:
			t.link(out, c)
		default:
			t.inline(out, c)
		}
	}
}

func (t *plainText) link(out *bytes.Buffer, n *ast.Link) {
	var label bytes.Buffer
	t.inline(&label, n)
	out.Write(label.Bytes())
	address := string(n.Destination)
	if strings.TrimPrefix(address, "mailto:") != label.String() {
		fmt.Fprintf(out, " (%s)", address)
	}
}

func indent(text, first, rest string) string {
	return first + strings.ReplaceAll(text, "\n", "\n"+rest)
}
