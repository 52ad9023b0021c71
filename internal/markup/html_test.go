package markup

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

func TestHTMLKeepsTheSubsetAndNothingElse(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"paragraphs and line breaks", "One\ntwo\n\nThree", "<p>One<br>\ntwo</p>\n<p>Three</p>"},
		{"emphasis", "**strong** and *soft* and `code`", "<p><strong>strong</strong> and <em>soft</em> and <code>code</code></p>"},
		{"lists", "- a\n- b\n\n1. c", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol>\n<li>c</li>\n</ol>"},
		{"quotation", "> said", "<blockquote>\n<p>said</p>\n</blockquote>"},
		{"link", "[help](https://example.com/a?b=1&c=2)", `<p><a href="https://example.com/a?b=1&amp;c=2" rel="nofollow noopener">help</a></p>`},
		{"bare link", "See https://example.com/x.", `<p>See <a href="https://example.com/x" rel="nofollow noopener">https://example.com/x</a>.</p>`},
		{"mail", "[write](mailto:help@example.com)", `<p><a href="mailto:help@example.com" rel="nofollow noopener">write</a></p>`},
		{"heading becomes a paragraph", "# Big\n\ntext", "<p><strong>Big</strong></p>\n<p>text</p>"},
		{"image becomes its description", "![a cat](https://example.com/cat.png)", "<p>a cat</p>"},
		{"code block becomes code", "```\na\nb\n```", "<p><code>a<br>\nb</code></p>"},
		{"rule disappears", "a\n\n---\n\nb", "<p>a</p>\n<p>b</p>"},
		{"HTML is shown as typed", "a <b>b</b>", "<p>a &lt;b&gt;b&lt;/b&gt;</p>"},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(HTML(tt.in)); got != tt.want {
				t.Errorf("HTML(%q)\n got %q\nwant %q", tt.in, got, tt.want)
			}
		})
	}
}

// hostile is text that has got through one renderer or another.
func hostile() []string {
	return []string{
		"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "<iframe src=javascript:alert(1)>",
		"[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](javascript&colon;alert(1))", "[x](java\tscript:alert(1))",
		"[x](&#106;avascript:alert(1))", "[x](data:text/html;base64,PHNjcmlwdD4=)", "[x](vbscript:msgbox)", "<javascript:alert(1)>",
		"![x](javascript:alert(1))", "![x](https://e.example/p.png\" onerror=\"alert(1))", "[x](https://e.example \"t\" onclick=alert(1))",
		"[x]: javascript:alert(1)\n\n[x]", "[x](//evil.example)", "[x](/relative)", "[x](file:///etc/passwd)", "`<script>`",
		"```html\n<script>alert(1)</script>\n```", "<a href=\"https://e.example\" style=\"position:fixed\">x</a>", "<style>*{}</style>",
		"<!-- <script> -->", "<![CDATA[<script>]]>", "<?php ?>", "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;",
		"[x](https://e.example/\"><script>alert(1)</script>)", "http://e.example/<script>", "a\x00b<scr\x00ipt>", "\xff\xfe<script>",
		"<a\x0bhref=x>", "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>", strings.Repeat("[", 5000), strings.Repeat("*a ", 3000),
		"<a href=https://e.example target=_top>x</a>", "{{.}}", "${alert(1)}", "[x](https://user:pw@e.example)", "- <script>\n  1. [y](javascript:1)",
	}
}

func TestHTMLIsHarmlessForHostileText(t *testing.T) {
	for _, text := range hostile() {
		checkHarmless(t, text)
	}
}

func FuzzHTML(f *testing.F) {
	for _, text := range hostile() {
		f.Add(text)
	}
	f.Fuzz(checkHarmless)
}

// checkHarmless parses what HTML makes of text as a browser does.
func checkHarmless(t *testing.T, text string) {
	nodes, err := html.ParseFragment(strings.NewReader(string(HTML(text))), &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		t.Fatalf("HTML(%q) does not parse: %v", text, err)
	}
	for _, n := range nodes {
		checkNode(t, text, n)
	}
}

func checkNode(t *testing.T, text string, n *html.Node) {
	allowed := []string{"p", "br", "strong", "em", "code", "a", "ul", "ol", "li", "blockquote"}
	switch n.Type {
	case html.TextNode:
	case html.ElementNode:
		if !slices.Contains(allowed, n.Data) {
			t.Errorf("HTML(%q) holds <%s>", text, n.Data)
		}
		for _, a := range n.Attr {
			checkAttribute(t, text, n.Data, a)
		}
	default:
		t.Errorf("HTML(%q) holds a node of type %d: %q", text, n.Type, n.Data)
	}
	for child := range n.ChildNodes() {
		checkNode(t, text, child)
	}
}

func checkAttribute(t *testing.T, text, element string, a html.Attribute) {
	if element != "a" || a.Key != "href" && a.Key != "rel" {
		t.Errorf("HTML(%q) holds the attribute %s on <%s>", text, a.Key, element)
		return
	}
	if a.Key == "rel" && a.Val != "nofollow noopener" {
		t.Errorf("HTML(%q) holds rel=%q", text, a.Val)
	}
	if a.Key == "href" {
		address, err := url.Parse(a.Val)
		if err != nil || !slices.Contains([]string{"http", "https", "mailto"}, address.Scheme) {
			t.Errorf("HTML(%q) links to %q", text, a.Val)
		}
	}
}

func TestTextReadsWellWithoutMarks(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"paragraphs", "One\ntwo\n\nThree", "One\ntwo\n\nThree"},
		{"emphasis goes", "**Bank transfer** works; `code` and *soft* too", "Bank transfer works; code and soft too"},
		{"link keeps its address", "[Help](https://example.com/a)", "Help (https://example.com/a)"},
		{"bare link stays", "See https://example.com/a.", "See https://example.com/a."},
		{"lists", "Steps:\n\n- a\n- b\n\n3. c\n4. d", "Steps:\n\n- a\n- b\n\n3. c\n4. d"},
		{"nested list", "- a\n  - b", "- a\n  - b"},
		{"heading and image", "# Title\n\n![a cat](x.png)", "Title\n\na cat"},
		{"quotation", "> one\n> two", "> one\n> two"},
		{"HTML stays as typed", "<b>x</b>", "<b>x</b>"},
		{"entities and escapes", "A&amp;B \\*x\\*", "A&B *x*"},
		{"code block", "```\na  b\n```", "a  b"},
		{"empty", "  \n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Text(tt.in); got != tt.want {
				t.Errorf("Text(%q)\n got %q\nwant %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestStripXMLLeavesOnlyWhatXMLAllows(t *testing.T) {
	tests := []struct{ in, want string }{
		{"plain ü 漢 😀\t\r\n", "plain ü 漢 😀\t\r\n"},
		{"a\x0bb\x00c\x1fd", "abcd"},
		{"a\uFFFEb\uFFFFc", "abc"},
		{"a\xffb\xed\xa0\x80c", "abc"},
		{"kept \uFFFD", "kept \uFFFD"},
	}
	for _, tt := range tests {
		if got := StripXML(tt.in); got != tt.want {
			t.Errorf("StripXML(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}
