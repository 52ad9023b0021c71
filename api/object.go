package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/allclear-status/allclear/status"
)

// object is the fields of a body, or of an object in it. They are read by
// name; each that is not what it must be is noted in bad, and what nobody asks
// for is ignored, unless the object is ours alone (see only). A field that is null counts as absent, unless a reader says
// otherwise.
type object struct {
	path   string
	fields map[string]json.RawMessage
	names  []string
	form   bool // every value is a text
	bad    *status.Invalid
}

// at is the path of a field, as the sender writes it.
func (o *object) at(name string) string {
	if o.path == "" {
		return name
	}
	return o.path + "." + name
}

func (o *object) wrong(name string, raw json.RawMessage, right string) {
	o.bad.Add(o.at(name), "is %s; it must be %s", describeJSON(raw), right)
}

// given is the value of a field that is there and not null.
func (o *object) given(name string) (json.RawMessage, bool) {
	raw, ok := o.fields[name]
	return raw, ok && raw[0] != 'n'
}

// isNull says whether a field is there and null.
func (o *object) isNull(name string) bool {
	raw, ok := o.fields[name]
	return ok && raw[0] == 'n'
}

// text reads a text; nil when absent.
func (o *object) text(name string) *string {
	raw, ok := o.given(name)
	if !ok {
		return nil
	}
	text, ok := unquote(raw)
	if !ok {
		o.wrong(name, raw, "a text in quotation marks")
		return nil
	}
	return &text
}

// words reads a text; empty when absent.
func (o *object) words(name string) string {
	if text := o.text(name); text != nil {
		return *text
	}
	return ""
}

func unquote(raw json.RawMessage) (text string, ok bool) {
	return text, len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &text) == nil
}

// truth reads true or false; nil when absent. Forms may also say t, f, 1 or 0.
func (o *object) truth(name string) *bool {
	raw, ok := o.given(name)
	if !ok || o.form && string(raw) == `""` {
		return nil
	}
	text, truths := string(raw), map[string]bool{"true": true, "false": false}
	if o.form {
		text, _ = unquote(raw)
		text, truths = strings.ToLower(text), map[string]bool{"true": true, "t": true, "1": true, "false": false, "f": false, "0": false}
	}
	value, known := truths[text]
	if !known {
		o.wrong(name, raw, "true or false")
		return nil
	}
	return &value
}

// number reads a whole number; nil when absent.
func (o *object) number(name string) *int {
	raw, ok := o.given(name)
	if !ok {
		return nil
	}
	text := string(raw)
	if o.form {
		text, _ = unquote(raw)
	}
	value, err := strconv.Atoi(text)
	if err != nil && describeJSON(raw) == "a number" {
		o.bad.Add(o.at(name), "is %s; it must be a whole number", shorten(text))
		return nil
	}
	if err != nil {
		o.wrong(name, raw, "a whole number")
		return nil
	}
	return &value
}

// texts reads a list of texts; nil when absent, never when it is empty.
func (o *object) texts(name, what string) []string {
	raw, ok := o.given(name)
	if !ok {
		return nil
	}
	if raw[0] != '[' {
		o.wrong(name, raw, "a list of "+what)
		return nil
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		o.wrong(name, raw, "a list of "+what)
		return nil
	}
	texts := make([]string, 0, len(items))
	for i, item := range items {
		text, ok := unquote(item)
		if !ok {
			o.wrong(fmt.Sprintf("%s[%d]", name, i), item, "a text in quotation marks")
			continue
		}
		texts = append(texts, text)
	}
	return texts
}

// object reads an object; nil when absent.
func (o *object) object(name, what string) *object {
	raw, ok := o.given(name)
	if !ok {
		return nil
	}
	inner := &object{path: o.at(name), form: o.form, bad: o.bad}
	if raw[0] != '{' || inner.fill(raw) != nil {
		o.wrong(name, raw, what)
		return nil
	}
	return inner
}

// envelope reads the object in which a body's fields stand. When it is
// missing, that is noted and an empty one returned.
func (o *object) envelope(name, example string) *object {
	if inner := o.object(name, "an object such as "+example); inner != nil {
		return inner
	}
	if len(o.bad.Fields) == 0 {
		o.bad.Add(name, `is missing; send {%q: %s}`, name, example)
	}
	return &object{path: name, bad: o.bad}
}

// allclear reads the object in which our own fields stand.
func (o *object) allclear() *object {
	if inner := o.object("allclear", "an object"); inner != nil {
		return inner
	}
	return &object{path: o.at("allclear"), bad: o.bad}
}

// only refuses fields that nobody reads, in an object of our own: mistyped, what
// was meant by them would be missing, and nothing would say so. Those that only
// answers have may come back. Statuspage's own objects are not read so strictly:
// their clients send fields that mean nothing here.
func (o *object) only(known, answered []string) {
	for _, name := range o.names {
		if !slices.Contains(known, name) && !slices.Contains(answered, name) {
			o.bad.Add(o.at(cut(name, 100)), "is not known; it must be one of %s", strings.Join(known, ", "))
		}
	}
}

// moment reads a time; zero when absent or empty.
func (o *object) moment(name string) time.Time {
	text := o.words(name)
	at, err := time.Parse(time.RFC3339, text)
	if text != "" && (err != nil || at.IsZero()) {
		o.bad.Add(o.at(name), "is %q; it must be a time with its zone, such as 2026-01-31T10:59:00Z", cut(text, 100))
	}
	return at.UTC()
}

// optionalMoment reads a time; nil when absent or empty.
func (o *object) optionalMoment(name string) *time.Time {
	if at := o.moment(name); !at.IsZero() {
		return &at
	}
	return nil
}

// day reads a time, or a date, which is its first moment in a zone; zero when
// absent or empty.
func (o *object) day(name string, zone *time.Location) time.Time {
	text := o.words(name)
	at, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		at, err = time.Parse(time.RFC3339, text)
	}
	if text != "" && (err != nil || at.IsZero()) {
		o.bad.Add(o.at(name), "is %q; it must be a date such as 2026-01-31, or a time with its zone, such as 2026-01-31T10:59:00Z", cut(text, 100))
	}
	return at.UTC()
}

// empty says whether a field is absent, null or an empty text.
func (o *object) empty(name string) bool {
	raw, ok := o.given(name)
	return !ok || string(raw) == `""`
}
