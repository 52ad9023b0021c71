package stakeholders

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/allclear-status/allclear/status"
)

// document is a YAML file that remembers where its values stand, so that every
// fault can name its line.
type document struct {
	field string // on which faults are reported
	root  ast.Node
	bad   *status.Invalid
}

// readDocument reads a YAML file into a struct, and refuses what that does not
// know. The error is *status.Invalid.
func readDocument(field string, text []byte, into any) (*document, error) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, status.NewInvalid(field, "%s", yamlWords(err))
	}
	if len(file.Docs) > 1 {
		return nil, status.NewInvalid(field, "line %d: a second document begins here; put everything into one", file.Docs[1].Start.Position.Line)
	}
	if err := yaml.UnmarshalWithOptions(text, into, yaml.DisallowUnknownField()); err != nil {
		return nil, status.NewInvalid(field, "%s", yamlWords(err))
	}
	d := &document{field: field, bad: &status.Invalid{}}
	if len(file.Docs) > 0 {
		d.root = file.Docs[0].Body
	}
	return d, nil
}

// yamlWords is the YAML library's complaint, "[line:column] words", as a
// sentence without the excerpt of the file.
func yamlWords(err error) string {
	first, _, _ := strings.Cut(yaml.FormatError(err, false, false), "\n")
	place, words, ok := strings.Cut(strings.TrimPrefix(first, "["), "] ")
	if !ok {
		return first
	}
	var kind *yaml.TypeError
	if errors.As(err, &kind) {
		words = "this " + belongs(kind.DstType)
	}
	row, column, _ := strings.Cut(place, ":")
	return fmt.Sprintf("line %s, column %s: %s", row, column, words)
}

// belongs says what a value of a type must be, in YAML's words.
func belongs(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "must be true or false"
	case reflect.Slice:
		return "must be a list"
	case reflect.Struct, reflect.Map:
		return "must be names with values"
	default:
		return "must be a plain text"
	}
}

// fault notes what is wrong at a place in the document: the names and, in
// lists, the numbers that lead there.
func (d *document) fault(path []any, format string, args ...any) {
	words := fmt.Sprintf(format, args...)
	if line := d.line(path...); line > 0 {
		words = fmt.Sprintf("line %d: %s", line, words)
	}
	d.bad.Add(d.field, "%s", words)
}

// line finds where a value stands; of one that is missing, the nearest that
// would hold it; 0 when there is none.
func (d *document) line(path ...any) int {
	line, node := 0, d.root
	for _, step := range path {
		var at int
		if at, node = child(node, step); at == 0 {
			break
		}
		line = at
	}
	return line
}

// child finds a value by its name or its number, and the line on which it
// begins.
func child(node ast.Node, step any) (int, ast.Node) {
	switch node := node.(type) {
	case *ast.AnchorNode:
		return child(node.Value, step)
	case *ast.TagNode:
		return child(node.Value, step)
	case *ast.MappingNode:
		for _, pair := range node.Values {
			if key := pair.Key.GetToken(); key != nil && key.Value == step {
				return key.Position.Line, pair.Value
			}
		}
	case *ast.MappingValueNode:
		if key := node.Key.GetToken(); key != nil && key.Value == step {
			return key.Position.Line, node.Value
		}
	case *ast.SequenceNode:
		if n, ok := step.(int); ok && n < len(node.Values) {
			return firstLine(node.Values[n]), node.Values[n]
		}
	}
	return 0, nil
}

// firstLine is where a value begins.
func firstLine(node ast.Node) int {
	if m, ok := node.(*ast.MappingNode); ok && len(m.Values) > 0 {
		node = m.Values[0].Key
	}
	if m, ok := node.(*ast.MappingValueNode); ok {
		node = m.Key
	}
	if node == nil || node.GetToken() == nil {
		return 0
	}
	return node.GetToken().Position.Line
}
