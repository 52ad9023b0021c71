package markup

import (
	"bytes"
	"html/template"
	"regexp"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// linkRel goes on every link: the page does not vouch for what it links to,
// and hands the other side nothing.
const linkRel = "nofollow noopener"

// HTML renders the text of an update. The result holds only p, br, strong, em,
// code, a (http, https, mailto), ul, ol, li and blockquote; single line breaks
// are kept.
func HTML(markdown string) template.HTML {
	var out bytes.Buffer
	if err := converter().Convert([]byte(StripXML(markdown)), &out); err != nil {
		// A buffer does not fail; if the renderer ever does, show the text.
		return template.HTML("<p>" + template.HTMLEscapeString(markdown) + "</p>")
	}
	return template.HTML(policy().SanitizeBytes(bytes.TrimSpace(out.Bytes())))
}

// converter parses without the rules for raw HTML, so that "<b>" is text.
var converter = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(
				util.Prioritized(parser.NewSetextHeadingParser(), 100),
				util.Prioritized(parser.NewThematicBreakParser(), 200),
				util.Prioritized(parser.NewListParser(), 300),
				util.Prioritized(parser.NewListItemParser(), 400),
				util.Prioritized(parser.NewCodeBlockParser(), 500),
				util.Prioritized(parser.NewATXHeadingParser(), 600),
				util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
				util.Prioritized(parser.NewBlockquoteParser(), 800),
				util.Prioritized(parser.NewParagraphParser(), 1000),
			),
			parser.WithInlineParsers(
				util.Prioritized(parser.NewCodeSpanParser(), 100),
				util.Prioritized(parser.NewLinkParser(), 200),
				util.Prioritized(parser.NewAutoLinkParser(), 300),
				util.Prioritized(parser.NewEmphasisParser(), 500),
			),
			parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
		)),
		goldmark.WithExtensions(extension.NewLinkify(
			extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"}),
		)),
		goldmark.WithRendererOptions(
			html.WithHardWraps(),
			renderer.WithNodeRenderers(util.Prioritized(plainer{}, 100)),
		),
	)
})

// policy is the second layer, and the list of what a reader may be sent.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "code", "ul", "ol", "li", "blockquote")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("rel").Matching(regexp.MustCompile("^" + linkRel + "$")).OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(false)
	p.RequireNoFollowOnLinks(true)
	return p
})

// plainer renders the parts of Markdown that an update does not have as the
// nearest thing that it has: a heading is a strong paragraph, an image its
// description, a code block a paragraph of code, a rule nothing.
type plainer struct{}

// RegisterFuncs names what plainer renders.
func (plainer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindHeading, heading)
	r.Register(ast.KindImage, image)
	r.Register(ast.KindCodeBlock, codeBlock)
	r.Register(ast.KindFencedCodeBlock, codeBlock)
	r.Register(ast.KindThematicBreak, nothing)
	r.Register(ast.KindLink, link)
	r.Register(ast.KindAutoLink, autoLink)
}

func heading(w util.BufWriter, _ []byte, _ ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString("<p><strong>")
	} else {
		_, _ = w.WriteString("</strong></p>\n")
	}
	return ast.WalkContinue, nil
}

// image writes nothing of its own: its children are the description.
func image(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) {
	return ast.WalkContinue, nil
}

func nothing(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) {
	return ast.WalkSkipChildren, nil
}

func codeBlock(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	text := bytes.TrimRight(n.Lines().Value(source), "\n")
	_, _ = w.WriteString("<p><code>")
	_, _ = w.Write(bytes.ReplaceAll(util.EscapeHTML(text), []byte("\n"), []byte("<br>\n")))
	_, _ = w.WriteString("</code></p>\n")
	return ast.WalkSkipChildren, nil
}

func link(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		_, _ = w.WriteString("</a>")
		return ast.WalkContinue, nil
	}
	openLink(w, n.(*ast.Link).Destination)
	return ast.WalkContinue, nil
}

func autoLink(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	openLink(w, autoLinkURL(n.(*ast.AutoLink), source))
	_, _ = w.Write(util.EscapeHTML(n.(*ast.AutoLink).Label(source)))
	_, _ = w.WriteString("</a>")
	return ast.WalkContinue, nil
}

func autoLinkURL(n *ast.AutoLink, source []byte) []byte {
	url := n.URL(source)
	if n.AutoLinkType == ast.AutoLinkEmail && !bytes.HasPrefix(bytes.ToLower(url), []byte("mailto:")) {
		url = append([]byte("mailto:"), url...)
	}
	return url
}

// openLink starts a link. Addresses that a browser would run are left to the
// sanitiser as well, but never written in the first place.
func openLink(w util.BufWriter, destination []byte) {
	_, _ = w.WriteString("<a")
	if !html.IsDangerousURL(destination) {
		_, _ = w.WriteString(` href="`)
		_, _ = w.Write(util.EscapeHTML(util.URLEscape(destination, true)))
		_, _ = w.WriteString(`"`)
	}
	_, _ = w.WriteString(` rel="` + linkRel + `">`)
}
