package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/status"
)

// maxDepth is how deep objects and lists may be nested.
const maxDepth = 32

// readBody reads the fields of a request's body. A body that begins with { is
// JSON whatever its Content-Type says, or when it has none; others are forms.
func readBody(c *fiber.Ctx) (*object, error) {
	body := bytes.TrimSpace(bytes.TrimPrefix(c.BodyRaw(), []byte("\uFEFF")))
	kind := strings.ToLower(c.Get(fiber.HeaderContentType))
	if !utf8.Valid(body) {
		return nil, malformed("The body is not valid UTF-8; send text in UTF-8.")
	}
	o := &object{bad: &status.Invalid{}}
	switch {
	case bytes.HasPrefix(body, []byte("{")), strings.Contains(kind, "json") && len(body) > 0:
		if err := checkJSON(body); err != nil {
			return nil, err
		}
	case strings.HasPrefix(kind, "multipart/"):
		return nil, &fault{fiber.StatusUnsupportedMediaType, "", "The body is multipart; send JSON or an urlencoded form."}
	default:
		form, err := parseForm(string(body))
		if err != nil {
			return nil, err
		}
		body, o.form = form, true
	}
	return o, o.fill(body)
}

// checkJSON refuses what is not one JSON object, saying where it stops to be one.
func checkJSON(body []byte) error {
	if err := scan(body); err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	var whole json.RawMessage
	err := decoder.Decode(&whole)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return malformed("The body is not valid JSON: %s at %s.", syntax, place(body, int(syntax.Offset)-1))
	case err != nil:
		return malformed("The body is not valid JSON: it ends too early, at %s.", place(body, len(body)))
	case whole[0] != '{':
		return malformed("The body is %s; it must be a JSON object.", describeJSON(whole))
	}
	end := int(decoder.InputOffset())
	if rest := bytes.TrimSpace(body[end:]); len(rest) > 0 {
		return malformed("The body goes on after its JSON object, at %s; send one object.", place(body, len(body)-len(rest)))
	}
	return nil
}

// scan refuses nesting that is too deep, and halves of characters (\ud83d
// alone), which the decoder would replace in silence.
func scan(body []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			skip, whole := escape(body[i:])
			if !whole {
				return malformed("The body holds half a character, %.6q, at %s; send text in UTF-8.", body[i:], place(body, i))
			}
			i += skip
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return malformed("The body is nested too deeply at %s; at most %d levels are taken.", place(body, i), maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// escape measures the escape sequence at the start of s, without its first
// byte, and says whether it makes whole characters.
func escape(s []byte) (skip int, whole bool) {
	unit, ok := utf16Unit(s)
	switch {
	case !ok:
		return 1, true
	case unit >= 0xDC00 && unit < 0xE000:
		return 5, false
	case unit < 0xD800 || unit >= 0xE000:
		return 5, true
	}
	low, ok := utf16Unit(s[6:])
	return 11, ok && low >= 0xDC00 && low < 0xE000
}

// utf16Unit reads \uXXXX.
func utf16Unit(s []byte) (unit rune, ok bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	_, err := fmt.Sscanf(string(s[2:6]), "%04x", &unit)
	return unit, err == nil
}

// place is where a byte stands, as an editor shows it.
func place(body []byte, offset int) string {
	before := body[:max(0, min(offset, len(body)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("line %d, column %d", line, column)
}

// describeJSON names the kind of a value.
func describeJSON(raw json.RawMessage) string {
	switch {
	case len(raw) == 0 || raw[0] == 'n':
		return "null"
	case raw[0] == '{':
		return "an object"
	case raw[0] == '[':
		return "a list"
	case raw[0] == '"':
		return "a text"
	case raw[0] == 't' || raw[0] == 'f':
		return string(raw)
	default:
		return "a number"
	}
}

// fill reads the members of a valid JSON object, in their order; of two with
// one name the last counts.
func (o *object) fill(raw json.RawMessage) error {
	o.fields = map[string]json.RawMessage{}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if _, err := decoder.Token(); err != nil {
		return fmt.Errorf("read body: %w", err)
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return fmt.Errorf("read body: %w", err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read body: %w", err)
		}
		name := key.(string)
		if _, again := o.fields[name]; !again {
			o.names = append(o.names, name)
		}
		o.fields[name] = value
	}
	return nil
}
