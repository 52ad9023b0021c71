package stakeholders

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/allclear-status/allclear/status"
)

// document is a YAML file that remembers where its values stand, so that every
// fault can name its line.
type document struct {
	field  string // on which faults are reported
	root   ast.Node
	bad    *status.Invalid
	places []position // of the faults
}

// position is where something stands in a file, from 1; 0 where nowhere.
type position struct{ line, column int }

// readDocument reads a YAML file into a struct, and refuses what that does not
// know. The error is *status.Invalid.
func readDocument(field string, text []byte, into any) (*document, error) {
	d, err := parseDocument(field, text)
	if err != nil {
		return nil, err
	}
	if err := yaml.UnmarshalWithOptions(text, into, yaml.DisallowUnknownField()); err != nil {
		return nil, status.NewInvalid(field, "%s", yamlWords(err))
	}
	return d, nil
}

// readTree reads a YAML file as names, lists and plain values, whatever they
// are: for a reader that reports every fault itself, and not the first only.
func readTree(field string, text []byte) (d *document, tree any, err error) {
	if d, err = parseDocument(field, text); err != nil {
		return nil, nil, err
	}
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return nil, nil, status.NewInvalid(field, "%s", yamlWords(err))
	}
	return d, tree, nil
}

func parseDocument(field string, text []byte) (*document, error) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, status.NewInvalid(field, "%s", yamlWords(err))
	}
	if len(file.Docs) > 1 {
		start := file.Docs[1].Start.Position
		return nil, status.NewInvalid(field, "line %d, column %d: a second document begins here; put everything into one", start.Line, start.Column)
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
	d.faultAt(d.position(path...), format, args...)
}

// faultAt notes what is wrong at a position.
func (d *document) faultAt(at position, format string, args ...any) {
	words := fmt.Sprintf(format, args...)
	if at.line > 0 {
		words = fmt.Sprintf("line %d, column %d: %s", at.line, at.column, words)
	}
	d.bad.Add(d.field, "%s", words)
	d.places = append(d.places, at)
}

// err returns every fault in the order of the file, or nil.
func (d *document) err() error {
	order := make([]int, len(d.places))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(d.places[a].line, d.places[b].line), cmp.Compare(d.places[a].column, d.places[b].column))
	})
	sorted := &status.Invalid{}
	for _, i := range order {
		sorted.Fields = append(sorted.Fields, d.bad.Fields[i])
	}
	return sorted.Err()
}

// line finds the line on which a value stands, as position does.
func (d *document) line(path ...any) int { return d.position(path...).line }

// position finds where a value's name stands; of one that is missing, the
// nearest that would hold it.
func (d *document) position(path ...any) (at position) {
	node := d.root
	for _, step := range path {
		var found position
		if found, node = child(node, step); found.line == 0 {
			break
		}
		at = found
	}
	return at
}

// wordAt finds where a byte of a plain text stands: exactly, where the text is
// written on one line as it is meant, or else where its name stands.
func (d *document) wordAt(text string, n int, path ...any) position {
	node := d.root
	for _, step := range path {
		if _, node = child(node, step); node == nil {
			return d.position(path...)
		}
	}
	scalar, ok := node.(*ast.StringNode)
	if !ok || scalar.Token == nil || n > len(text) {
		return d.position(path...)
	}
	at := position{scalar.Token.Position.Line, scalar.Token.Position.Column + utf8.RuneCountInString(text[:n])}
	switch scalar.Token.Type {
	case token.StringType:
	case token.SingleQuoteType, token.DoubleQuoteType:
		at.column++
	default:
		return d.position(path...)
	}
	if origin := strings.TrimSpace(scalar.Token.Origin); !strings.Contains(origin, text) {
		return d.position(path...)
	}
	return at
}

// child finds a value by its name or its number, and where it begins.
func child(node ast.Node, step any) (position, ast.Node) {
	switch node := node.(type) {
	case *ast.AnchorNode:
		return child(node.Value, step)
	case *ast.TagNode:
		return child(node.Value, step)
	case *ast.MappingNode:
		for _, pair := range node.Values {
			if key := pair.Key.GetToken(); key != nil && key.Value == step {
				return position{key.Position.Line, key.Position.Column}, pair.Value
			}
		}
	case *ast.MappingValueNode:
		if key := node.Key.GetToken(); key != nil && key.Value == step {
			return position{key.Position.Line, key.Position.Column}, node.Value
		}
	case *ast.SequenceNode:
		if n, ok := step.(int); ok && n < len(node.Values) {
			return begin(node.Values[n]), node.Values[n]
		}
	}
	return position{}, nil
}

// begin is where a value begins.
func begin(node ast.Node) position {
	if m, ok := node.(*ast.MappingNode); ok && len(m.Values) > 0 {
		node = m.Values[0].Key
	}
	if m, ok := node.(*ast.MappingValueNode); ok {
		node = m.Key
	}
	if node == nil || node.GetToken() == nil {
		return position{}
	}
	return position{node.GetToken().Position.Line, node.GetToken().Position.Column}
}
