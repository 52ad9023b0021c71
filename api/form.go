package api

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxFormFields is how many fields a form may have.
const maxFormFields = 1000

// parseForm turns an urlencoded form into the JSON object that it stands for:
// incident[components][ID]=major_outage is a member of a member,
// incident[component_ids][]=ID one more element of a list. Every value is text.
func parseForm(body string) (json.RawMessage, error) {
	root := &branch{}
	pairs := strings.Split(body, "&")
	if len(pairs) > maxFormFields {
		return nil, malformed("The form has %d fields; at most %d are taken.", len(pairs), maxFormFields)
	}
	for _, pair := range pairs {
		if pair == "" {
			continue
		}
		rawKey, rawValue, _ := strings.Cut(pair, "=")
		key, keyErr := url.QueryUnescape(rawKey)
		value, valueErr := url.QueryUnescape(rawValue)
		if keyErr != nil || valueErr != nil || !utf8.ValidString(key) || !utf8.ValidString(value) {
			return nil, malformed("The form field %q is not encoded as UTF-8 with %%XX.", cut(rawKey, 100))
		}
		path, ok := formPath(key)
		if !ok || !root.put(path, value) {
			return nil, malformed("The form field %q cannot be read: it must look like incident[name], and name either one value, a list [] or members [name].", cut(key, 100))
		}
	}
	return root.json(), nil
}

// formPath takes incident[components][ID] apart.
func formPath(key string) ([]string, bool) {
	name, rest, nested := strings.Cut(key, "[")
	path := []string{name}
	for nested {
		part, after, closed := strings.Cut(rest, "]")
		if !closed {
			return nil, false
		}
		path = append(path, part)
		if after == "" {
			break
		}
		if rest, nested = strings.CutPrefix(after, "["); !nested {
			return nil, false
		}
	}
	return path, name != "" && len(path) <= maxDepth
}

// branch is a value, a list or an object in the making.
type branch struct {
	text    *string
	list    []string
	names   []string
	members map[string]*branch
}

// put adds a value at a path; false when the path leads through something
// that is not of that kind.
func (b *branch) put(path []string, value string) bool {
	switch {
	case len(path) == 0:
		if b.list != nil || b.members != nil {
			return false
		}
		b.text = &value
		return true
	case b.text != nil:
		return false
	case path[0] == "" && len(path) == 1:
		if b.members != nil {
			return false
		}
		if b.list == nil {
			b.list = []string{}
		}
		if value != "" { // how forms say that a list is empty
			b.list = append(b.list, value)
		}
		return true
	case b.list != nil || path[0] == "" && b.names != nil:
		return false
	}
	if b.members == nil {
		b.members = map[string]*branch{}
	}
	if !slices.Contains(b.names, path[0]) {
		b.names = append(b.names, path[0])
		b.members[path[0]] = &branch{}
	}
	return b.members[path[0]].put(path[1:], value)
}

func (b *branch) json() json.RawMessage {
	switch {
	case b.text != nil:
		return quote(*b.text)
	case b.list != nil:
		parts := make([]string, len(b.list))
		for i, text := range b.list {
			parts[i] = string(quote(text))
		}
		return json.RawMessage("[" + strings.Join(parts, ",") + "]")
	default:
		parts := make([]string, len(b.names))
		for i, name := range b.names {
			parts[i] = string(quote(name)) + ":" + string(b.members[name].json())
		}
		return json.RawMessage("{" + strings.Join(parts, ",") + "}")
	}
}

// quote is a text in JSON; valid UTF-8 always encodes.
func quote(text string) json.RawMessage {
	raw, _ := json.Marshal(text)
	return raw
}
