package api_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"

	"github.com/allclear-status/allclear/auth"
)

// fuzzer makes requests out of the document's schemas, and spoils many of them.
type fuzzer struct {
	*rapid.T
	world *world
	ids   []string // that exist
	codes map[int]int

	update string // the id of an update of INC-1
}

// TestAnyRequestIsAnsweredToSpec sends requests that fit the document, nearly
// fit it and do not fit it at all: no answer is a 5xx, each is JSON, each is
// as the document says. More of them: go test -run ToSpec -rapid.checks=10000.
func TestAnyRequestIsAnsweredToSpec(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ids, codes := w.furnish(), map[int]int{}
		update := w.updateOf("INC-1")
		paths := document(t).Paths.Map()
		answered := []int{http.StatusOK, http.StatusCreated, http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity}
		missing := func(code int) bool { return codes[code] == 0 }
		// Some answers come to one request in a hundred only: where chance left one
		// out, it is tried again.
		for round := 0; round == 0 || round < 20 && !t.Failed() && slices.ContainsFunc(answered, missing); round++ {
			rapid.Check(t, func(r *rapid.T) {
				f := &fuzzer{r, w, ids, codes, update}
				for range 5 {
					path := f.pick("path", slices.Sorted(maps.Keys(paths)))
					operations := paths[path].Operations()
					method := f.pick("method", slices.Sorted(maps.Keys(operations)))
					f.send(method, path, paths[path].Parameters, operations[method])
				}
			})
		}
		for _, code := range answered {
			if missing(code) {
				t.Errorf("no request was answered %d: %v", code, codes)
			}
		}
	})
}

// furnish makes one of everything and returns the ids.
func (w *world) furnish() []string {
	w.t.Helper()
	ids := []string{w.payments.ID, w.search.ID, "INC-1"}
	for path, body := range map[string]string{
		"component-groups": `{"component_group":{"name":"Shop"}}`,
		"incidents":        `{"incident":{"name":"Search is slow"}}`,
		"subscribers":      `{"subscriber":{"email":"ana@acme.example"}}`,
	} {
		ids = append(ids, decode[struct{ ID string }](w.t, w.want(http.StatusCreated, call{method: "POST", path: "%p/" + path, scope: auth.ScopeManage, body: body})).ID)
	}
	return ids
}

// updateOf is the id of an incident's first update.
func (w *world) updateOf(name string) string {
	w.t.Helper()
	got := decode[incident](w.t, w.want(http.StatusOK, call{method: "GET", path: "%p/incidents/" + name, scope: auth.ScopeRead}))
	return got.IncidentUpdates[len(got.IncidentUpdates)-1].ID
}

func (f *fuzzer) send(method, path string, parameters openapi3.Parameters, operation *openapi3.Operation) {
	if method == http.MethodDelete && f.chance(9) { // or there would soon be nothing left
		return
	}
	path = strings.ReplaceAll(path, "{page}", f.one("page", f.world.page.ID))
	path = strings.ReplaceAll(path, "{id}", f.one("id", f.pick("id", f.ids)))
	path = strings.ReplaceAll(path, "{update_id}", f.one("update", f.update))
	query := url.Values{}
	for _, p := range slices.Concat(parameters, operation.Parameters) {
		if p.Value.In == openapi3.ParameterInQuery && f.chance(5) {
			value := fmt.Sprint(f.value(p.Value.Name, p.Value.Schema.Value))
			query.Set(p.Value.Name, f.one(p.Value.Name, value[:min(len(value), 500)]))
		}
	}
	c := call{method: method, path: "/v1" + path + "?" + query.Encode(), scope: auth.ScopeManage}
	if operation.RequestBody != nil {
		c.body = f.body(operation.RequestBody.Value.Content)
	}
	f.Logf("%s %s %.200q", c.method, c.path, c.body)
	request := f.world.request(c)
	got := f.world.send(request)
	f.codes[got.code]++
	if got.code >= http.StatusInternalServerError {
		f.Fatalf("%s %s %s\nanswers %d; the log says:\n%s", c.method, c.path, c.body, got.code, f.world.log)
	}
	if err := checkAnswer(document(f.world.t), request, got); err != nil {
		f.Fatalf("%s %s %s\nanswers %d %s\n%v", c.method, c.path, c.body, got.code, got.body, err)
	}
}

// chance is true n times of ten.
func (f *fuzzer) chance(n int) bool { return rapid.IntRange(1, 10).Draw(f.T, "chance") <= n }

func (f *fuzzer) pick(label string, from []string) string {
	return rapid.SampledFrom(from).Draw(f.T, label)
}

// one is a part of an address: mostly the right one.
func (f *fuzzer) one(label, right string) string {
	if f.chance(8) {
		return right
	}
	return url.PathEscape(f.pick(label, []string{"", "x", "000000000000", "INC-7", "\x00", "\xff", "%", "99999999999999999999", "-1", strings.Repeat("é", 100), "true"}))
}

// body is JSON by the schema, or a form of it, or either with bytes spoiled.
func (f *fuzzer) body(content openapi3.Content) string {
	text := content["application/yaml"] // the register
	if text != nil {
		return f.spoil(f.pick("register", []string{sampleRegister, "stakeholders: []", "stakeholders: {}", "- x", ""}))
	}
	if content["text/plain"] != nil {
		return f.spoil(f.pick("glossary", []string{"falcon => Card payments\nallow: ZQX", "", "nonsense", "=> x", "readers: developer"}))
	}
	value := f.value("", content["application/json"].Schema.Value)
	if f.chance(2) {
		form := url.Values{}
		flatten(form, "", value)
		return f.spoil(form.Encode())
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		f.Fatal(err)
	}
	return f.spoil(string(encoded))
}

// spoil changes a byte, now and then.
func (f *fuzzer) spoil(body string) string {
	if f.chance(9) || body == "" {
		return body
	}
	at := rapid.IntRange(0, len(body)-1).Draw(f.T, "at")
	return body[:at] + f.pick("byte", []string{"", "\x00", "\xff", "{", "]", `"`, `\`, "9", "\n"}) + body[at+1:]
}

// good are texts that the fields of these names take; of others, any words.
var good = map[string]string{
	"email": "ana@acme.example", "time_zone": "Europe/Madrid", "start_date": "2026-01-31", "next_update_due_at": "2099-01-31T10:59:00Z",
	"group_id": "", "incident": "INC-1", "estimated_end_at": "2099-01-31T10:59:00Z", "scheduled_for": "2099-01-31T10:00:00Z",
	"scheduled_until": "2099-01-31T11:00:00Z", "backfill_date": "2026-01-31", "person": "ana",
}

// value is a value for a field by its schema, or now and then anything.
func (f *fuzzer) value(field string, s *openapi3.Schema) any {
	if rapid.IntRange(1, 30).Draw(f.T, "anything") == 30 {
		return f.pickAny()
	}
	switch {
	case len(s.Enum) > 0:
		return rapid.SampledFrom(s.Enum).Draw(f.T, "enum")
	case s.Type.Includes("object"):
		object := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			if slices.Contains(s.Required, name) || name == "name" || f.chance(3) {
				object[name] = f.value(name, s.Properties[name].Value)
			}
		}
		if s.AdditionalProperties.Schema != nil {
			object[f.pick("key", f.ids)] = f.value("", s.AdditionalProperties.Schema.Value)
		}
		return object
	case s.Type.Includes("array"):
		return []any{f.value(field, s.Items.Value)}
	case s.Type.Includes("integer"):
		return rapid.IntRange(-1, 200).Draw(f.T, "integer")
	case s.Type.Includes("boolean"):
		return rapid.Bool().Draw(f.T, "boolean")
	case s.Type.Includes("null") && !s.Type.Includes("string"):
		return nil
	case strings.HasSuffix(field, "components") || strings.HasSuffix(field, "_ids"):
		return f.pick("id", f.ids)
	case f.chance(7):
		return cmp.Or(good[field], "Search is slow")
	case f.chance(3):
		return rapid.String().Draw(f.T, "text")
	default:
		return f.pick("text", []string{"", "\x00", "a\r\nb", "db-prod-03 is down",
			"<script>", strings.Repeat("é", 256), strings.Repeat("long ", 6000), "null", "\u2028", "10.0.0.1"})
	}
}

func (f *fuzzer) pickAny() any {
	return rapid.SampledFrom([]any{nil, true, 7, -1.5, 1e300, "x", []any{}, []any{nil}, map[string]any{}, map[string]any{"": "x"}, "\x00"}).Draw(f.T, "any")
}

// flatten writes a value as a form.
func flatten(form url.Values, name string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			if name != "" {
				key = name + "[" + key + "]"
			}
			flatten(form, key, inner)
		}
	case []any:
		for _, inner := range value {
			form.Add(name+"[]", fmt.Sprint(inner))
		}
	default:
		form.Set(name, fmt.Sprint(value))
	}
}
