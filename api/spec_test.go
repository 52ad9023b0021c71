package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/api"
)

// spec is the document, read once: everything that the door answers in a test
// is held against it.
var spec = sync.OnceValues(func() (*openapi3.T, error) {
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	return openapi3.NewLoader().LoadFromData(text)
})

func document(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := spec()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestDocumentIsValid(t *testing.T) {
	if err := document(t).Validate(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaPatternValidation()); err != nil {
		t.Error(err)
	}
}

func TestDocumentIsServedToEverybody(t *testing.T) {
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got := alone(t).want(http.StatusOK, call{method: "GET", path: "/v1/openapi.yaml"})
	if got.body != string(text) || got.header.Get("Content-Type") != "application/yaml; charset=utf-8" {
		t.Errorf("served as %s, %d bytes", got.header.Get("Content-Type"), len(got.body))
	}
}

func TestEveryRouteIsInTheDocumentAndTheReverse(t *testing.T) {
	var served, written []string
	alias := map[string]string{"HEAD": "GET", "PUT": "PATCH"}
	parameter := regexp.MustCompile(`:(\w+)`)
	for _, r := range api.New(api.Options{}).GetRoutes(true) {
		method := r.Method
		if other, ok := alias[method]; ok {
			method = other
		}
		path := strings.ReplaceAll(parameter.ReplaceAllString(r.Path, "{$1}"), "component_groups", "component-groups")
		served = append(served, method+" "+path)
	}
	for path, item := range document(t).Paths.Map() {
		for method := range item.Operations() {
			written = append(written, method+" "+path)
		}
	}
	slices.Sort(served)
	slices.Sort(written)
	if served = slices.Compact(served); !slices.Equal(served, written) {
		t.Errorf("served  %q\nwritten %q", served, written)
	}
}

// checkSpec holds an answer against the document.
func (w *world) checkSpec(r *http.Request, got answer) {
	w.t.Helper()
	if r.Method == http.MethodHead {
		if got.body != "" {
			w.t.Errorf("HEAD %s has a body", r.URL.Path)
		}
		return
	}
	if id := got.header.Get("X-Request-Id"); id == "" {
		w.t.Errorf("%s %s has no X-Request-Id", r.Method, r.URL.Path)
	}
	if err := checkAnswer(document(w.t), r, got); err != nil {
		w.t.Errorf("%s %s answers %d %s\n%v", r.Method, r.URL.Path, got.code, got.body, err)
	}
}

func checkAnswer(doc *openapi3.T, r *http.Request, got answer) error {
	problem := doc.Components.Schemas["Problem"]
	schema := problem
	if operation := find(doc, r.Method, r.URL.Path); operation != nil {
		response := operation.Responses.Status(got.code)
		if response == nil && got.code < http.StatusInternalServerError {
			return fmt.Errorf("the document has no such answer")
		}
		if response == nil {
			response = operation.Responses.Default()
		}
		kind, _, _ := strings.Cut(got.header.Get("Content-Type"), ";")
		if len(response.Value.Content) == 0 || kind != fiber.MIMEApplicationJSON && response.Value.Content[kind] != nil { // a document
			if len(response.Value.Content) == 0 && got.body != "" {
				return fmt.Errorf("the body must be empty")
			}
			return nil
		}
		schema = response.Value.Content["application/json"].Schema
	}
	if kind := got.header.Get("Content-Type"); kind != fiber.MIMEApplicationJSONCharsetUTF8 {
		return fmt.Errorf("the Content-Type is %q", kind)
	}
	var value any
	if err := json.Unmarshal([]byte(got.body), &value); err != nil {
		return err
	}
	if err := schema.Value.VisitJSON(value, openapi3.EnableJSONSchema2020()); err != nil {
		return err
	}
	if problem := value; got.code >= http.StatusBadRequest {
		if said := problem.(map[string]any)["status"]; said != float64(got.code) {
			return fmt.Errorf("the body says status %v", said)
		}
	}
	return undocumented("", schema, value)
}

// find is the operation that answers a request; nil when there is none.
func find(doc *openapi3.T, method, path string) *openapi3.Operation {
	path = strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(path, "/v1"), "/"), ".json")
	path = strings.Replace(path, "component_groups", "component-groups", 1)
	if method == http.MethodPut {
		method = http.MethodPatch
	}
	if item := doc.Paths.Value(path); item != nil {
		return item.GetOperation(method)
	}
	var best *openapi3.Operation
	fewest := len(path)
	for template, item := range doc.Paths.Map() {
		pattern := regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(template), `[^/]+`)
		operation, parameters := item.GetOperation(method), strings.Count(template, "{")
		if operation != nil && parameters < fewest && regexp.MustCompile(`^`+pattern+`$`).MatchString(path) { // /incidents/unresolved is no /incidents/{id}
			best, fewest = operation, parameters
		}
	}
	return best
}

// undocumented finds members that the schema does not name: an answer says
// nothing that the document does not.
func undocumented(path string, schema *openapi3.SchemaRef, value any) error {
	switch value := value.(type) {
	case map[string]any:
		properties := map[string]*openapi3.SchemaRef{}
		collect(schema, properties)
		if len(properties) == 0 {
			return nil
		}
		for name, member := range value {
			inner, ok := properties[name]
			if !ok {
				return fmt.Errorf("%s.%s is not in the document", path, name)
			}
			if err := undocumented(path+"."+name, inner, member); err != nil {
				return err
			}
		}
	case []any:
		for i, item := range value {
			if err := undocumented(fmt.Sprintf("%s[%d]", path, i), schema.Value.Items, item); err != nil {
				return err
			}
		}
	}
	return nil
}

// collect gathers the properties of a schema; of those with one name the first
// counts, which is the fuller one.
func collect(schema *openapi3.SchemaRef, into map[string]*openapi3.SchemaRef) {
	for _, part := range schema.Value.AllOf {
		collect(part, into)
	}
	for name, property := range schema.Value.Properties {
		if _, ok := into[name]; !ok {
			into[name] = property
		}
	}
}
